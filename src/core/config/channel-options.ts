/** `stdout_*` and `stderr_*` of a process (supervisord.md 2.5), with supervisord's warnings about them (1.8). */
import { expand } from './expand.ts';
import { parseLineFormat } from './dockvisor-section.ts';
import type { ChannelSpec, ConfigWorld, LineFormat } from './model.ts';
import type { FormatNames } from './percent-format.ts';
import type { SectionReader } from './section-reader.ts';
import { parseBoolean, parseByteSize, parseExistingDirPath, parseInteger } from './values.ts';
import type { Parsed } from './values.ts';

type Target = ChannelSpec['target'] | { readonly kind: 'syslog' };

function parseTarget(text: string, world: ConfigWorld): Parsed<Target> {
  const word = text.toLowerCase();
  if (word === 'none' || word === 'off' || word === '') return { value: { kind: 'none' } };
  if (word === 'auto') return { value: { kind: 'auto' } };
  if (word === 'syslog') return { value: { kind: 'syslog' } };
  const path = parseExistingDirPath(text, world);
  return 'value' in path ? { value: { kind: 'file', path: path.value } } : path;
}

/**
 * @param early names known once for the section, @param each also those of one process. The path is expanded twice, as supervisord does;
 * a relative one stays relative: it is opened from wherever the daemon then stands.
 */
export function readChannel(
  reader: SectionReader,
  channel: 'stdout' | 'stderr',
  early: FormatNames,
  each: FormatNames,
  world: ConfigWorld,
  defaultFormat: LineFormat,
): ChannelSpec {
  const key = `${channel}_logfile`;
  const captureMaxBytes = reader.value(`${channel}_capture_maxbytes`, early, parseByteSize, 0);
  const eventsEnabled = reader.value(`${channel}_events_enabled`, early, parseBoolean, false);
  const target = reader.value<Target>(
    key,
    each,
    (text) => {
      const again = expand(text, each, key);
      return 'value' in again ? parseTarget(again.value, world) : again;
    },
    { kind: 'auto' },
  );
  const backups = reader.value(`${key}_backups`, each, parseInteger, 10);
  const maxBytes = reader.value(`${key}_maxbytes`, each, parseByteSize, 50 * 1024 ** 2);
  const syslog = reader.value(`${channel}_syslog`, each, parseBoolean, false);
  const format = reader.value(`${channel}_log_format`, each, parseLineFormat(channel), defaultFormat);
  // Written out, and not spread: each spread made a shape of its own, which with many programs is most of what a specification weighs.
  const channelTo = (to: ChannelSpec['target'], isSyslog: boolean): ChannelSpec => ({
    target: to,
    maxBytes,
    backups,
    captureMaxBytes,
    eventsEnabled,
    format,
    syslog: isSyslog,
  });
  if (target.kind === 'syslog') {
    const message =
      `For [${reader.section}], ${key}=syslog but this is deprecated and will be removed.  ` +
      `Use ${channel}_syslog=true to enable syslog instead.`;
    reader.warn(message, key);
    return channelTo({ kind: 'none' }, true);
  }
  if (target.kind === 'auto' && maxBytes === 0) {
    const message =
      `For [${reader.section}], AUTO logging used for ${key} without rollover, ` +
      'set maxbytes > 0 to avoid filling up filesystem unintentionally';
    reader.warn(message, `${key}_maxbytes`);
  }
  return channelTo(target, syslog);
}

/** `redirect_stderr=true`: there is never a stderr log, and a written one is warned about. */
export function redirectedStderr(reader: SectionReader, stderr: ChannelSpec): ChannelSpec {
  if (stderr.target.kind === 'file') {
    const message =
      `For [${reader.section}], redirect_stderr=true but stderr_logfile has also been set to a filename, ` +
      'the filename has been ignored';
    reader.warn(message, 'stderr_logfile');
  }
  return { ...stderr, target: { kind: 'none' } };
}
