/** Lines with the time and the name of their program, so that several programs can share one log. */
import type { LineFormat, ProcessSpec } from '../core/config/model.ts';
import { formatName } from '../core/names.ts';

export interface LineFormatter {
  /** Whole lines, each ending in a newline; what has no end yet is held back. */
  write(chunk: Uint8Array): Uint8Array;
  /** The stream has ended: what was held back. */
  end(): Uint8Array;
}

export interface LineSource {
  /** As supervisorctl writes it: `web`, `workers:w1`. */
  readonly program: string;
  readonly channel: 'stdout' | 'stderr';
}

export const sourceOf = (
  { group, name }: Pick<ProcessSpec, 'group' | 'name'>,
  channel: LineSource['channel'],
): LineSource => ({ program: formatName(group, name), channel });

/** A longer line is cut there, in bytes: what is held back must have a bound. */
const longestLine = 64 * 1024;
const newline = 0x0a;
const nothing = new Uint8Array(0);

/** null: lines are written as they come. `now`: wall time in ms, at which a line was complete. */
export function createLineFormatter(
  format: LineFormat,
  source: LineSource,
  now: () => number,
): LineFormatter | null {
  if (format === 'plain') return null;
  const dress = format === 'prefix' ? prefixed(source) : asJson(source);
  let held: Uint8Array = nothing;

  function take(data: Uint8Array, isEnd: boolean): Uint8Array {
    const time = new Date(now()).toISOString();
    const out: Uint8Array[] = [];
    let from = 0;
    while (from < data.length) {
      const at = data.indexOf(newline, from);
      const end = Math.min(at < 0 ? data.length : at, from + longestLine);
      if (end === data.length && !isEnd && end - from < longestLine) break;
      out.push(dress(data.subarray(from, end), time));
      from = end === at ? end + 1 : end;
    }
    held = data.subarray(from);
    return Buffer.concat(out);
  }

  return {
    write: (chunk) => take(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false),
    end: () => take(held, true),
  };
}

type Dress = (line: Uint8Array, time: string) => Uint8Array;

/** `2026-11-28T21:14:08.123Z web | line`, the bytes of the line as they are. */
const prefixed =
  ({ program }: LineSource): Dress =>
  (line, time) =>
    Buffer.concat([Buffer.from(`${time} ${program} | `), line, Buffer.of(newline)]);

/** Bytes that are no UTF-8 become U+FFFD; a carriage return at the end, as a terminal sends it, is left out. */
const asJson =
  ({ program, channel }: LineSource): Dress =>
  (line, time) => {
    const text = Buffer.from(line).toString('utf8').replace(/\r$/, '');
    return Buffer.from(`${JSON.stringify({ time, program, channel, line: text })}\n`);
  };

/**
 * What a program said, of a line of a log that several may share. null: it is another's. `isCut`: the rest of the same line comes next. What
 * was never dressed is taken for its own.
 */
export function undress(
  format: LineFormat,
  line: string,
  { program, channel }: LineSource,
): { readonly text: string; readonly isCut: boolean } | null {
  if (format === 'plain') return own(line);
  if (format === 'prefix') {
    const dress = /^\S+ (\S+) \| /.exec(line);
    if (dress === null) return own(line);
    return dress[1] === program ? own(line.slice(dress[0].length)) : null;
  }
  try {
    const of = JSON.parse(line) as {
      readonly line?: unknown;
      readonly program?: unknown;
      readonly channel?: unknown;
    };
    if (typeof of.line !== 'string') return own(line);
    return of.program === program && of.channel === channel ? own(of.line) : null;
  } catch {
    return own(line);
  }
}

const own = (text: string) => ({ text, isCut: Buffer.byteLength(text) >= longestLine });
