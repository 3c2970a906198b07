/** `[eventlistener:x]`: what makes a group a pool of listeners (supervisord.md 2.8). Its processes are read as a program's. */
import { isSubscription, subscribable } from '../events/names.ts';
import type { Subscription } from '../events/names.ts';
import type { PoolSpec } from './model.ts';
import { nearest } from './nearest.ts';
import type { FormatNames } from './percent-format.ts';
import type { SectionReader } from './section-reader.ts';
import { parseBoolean, parseInteger, parseWords } from './values.ts';

const DEFAULT_HANDLER = 'supervisor.dispatchers:default_handler';

export function readPool(reader: SectionReader, names: FormatNames): PoolSpec {
  const { section } = reader;
  const bufferSize = reader.value('buffer_size', names, parseInteger, 10);
  if (bufferSize < 1)
    reader.error(`[${section}] section sets invalid buffer_size (${String(bufferSize)})`, 'buffer_size');
  const handler = reader.text('result_handler', names) ?? DEFAULT_HANDLER;
  if (handler !== DEFAULT_HANDLER) {
    const message = `Python result handler ${handler} cannot be loaded: every result of this listener counts as OK`;
    reader.warn(message, 'result_handler');
  }
  const written = [
    ...new Set(parseWords(reader.text('events', names) ?? '').map((name) => name.toUpperCase())),
  ];
  if (written.length === 0) reader.error(`[${section}] section requires an "events" line`, 'events');
  const events: Subscription[] = [];
  for (const name of written) {
    if (isSubscription(name)) events.push(name);
    else
      reader.error(
        `Unknown event type ${name} in [${section}] events`,
        'events',
        nearest(name, subscribable),
      );
  }
  if (reader.value('redirect_stderr', names, parseBoolean, false)) {
    const message =
      `[${section}] section sets redirect_stderr=true but this is not allowed ` +
      'because it will interfere with the eventlistener protocol';
    reader.error(message, 'redirect_stderr');
  }
  return { events: events.sort(), bufferSize, results: handler === DEFAULT_HANDLER ? 'ok' : 'any' };
}
