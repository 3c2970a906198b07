/** supervisord's event notifications as a listener reads them (supervisord.md 7.2): a header line of `key:value` tokens, then the payload. */

export interface ManagerEvent {
  /** `PROCESS_STATE_STOPPING`, `TICK_5`, … */
  readonly name: string;
  /** supervisord's counter of all events. */
  readonly serial: number;
  /** The payload's first line, taken apart: `processname`, `groupname`, `from_state`, `pid`, … */
  readonly tokens: ReadonlyMap<string, string>;
}

/** What came is no event notification: whoever writes to us is no supervisord, or we have lost our place. */
export class EventSyntaxError extends Error {
  override readonly name = 'EventSyntaxError';
}

/** Longest header and payload that are taken, in code points: supervisord's own are below 300. */
const longestHeader = 8192;
const longestPayload = 16 * 1024 * 1024;

/** `len` counts code points of the payload, not bytes. The reader throws EventSyntaxError, and is of no use after that. */
export function createEventReader(): (chunk: Uint8Array) => readonly ManagerEvent[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';

  function next(): ManagerEvent | null {
    const end = rest.indexOf('\n');
    if (end > longestHeader || (end < 0 && rest.length > longestHeader))
      throw new EventSyntaxError('a header line without an end');
    if (end < 0) return null;
    const header = tokensOf(rest.slice(0, end));
    const name = header.get('eventname') ?? '';
    const length = wholeNumber(header.get('len'));
    if (name === '' || length === null || length > longestPayload)
      throw new EventSyntaxError(`no event header: ${JSON.stringify(rest.slice(0, Math.min(end, 200)))}`);
    const payload = cutCodePoints(rest, end + 1, length);
    if (payload === null) return null;
    rest = rest.slice(end + 1 + payload.length);
    const [line = ''] = payload.split('\n', 1);
    return { name, serial: wholeNumber(header.get('serial')) ?? 0, tokens: tokensOf(line) };
  }

  return (chunk) => {
    rest += decoder.decode(chunk, { stream: true });
    const events: ManagerEvent[] = [];
    for (let event = next(); event !== null; event = next()) events.push(event);
    return events;
  };
}

/** null: they are not all there yet. */
function cutCodePoints(text: string, from: number, count: number): string | null {
  // A code point is one or two units: where there are fewer units than points, no counting is needed.
  if (text.length - from < count) return null;
  let index = from;
  for (let left = count; left > 0; left--) {
    if (index >= text.length) return null;
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(from, index);
}

function tokensOf(line: string): ReadonlyMap<string, string> {
  return new Map(
    line.split(' ').flatMap((token): [string, string][] => {
      const colon = token.indexOf(':');
      return colon < 0 ? [] : [[token.slice(0, colon), token.slice(colon + 1)]];
    }),
  );
}

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
