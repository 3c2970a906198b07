/** The Engine's event stream: text in, container events out. */
import { isRecord } from '../core/is-record.ts';

export interface ContainerEvent {
  /** `start`, `die`, `pause`, `health_status: healthy`, … (docker.md section 3). */
  readonly action: string;
  readonly id: string;
  /** The container's name at that time, without slash. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a `die`: the exit code; else null. */
  readonly exitCode: number | null;
  /** Engine's clock, `SECONDS.NANOS`: what `since` takes. Taken from the text, because the number is no safe integer. */
  readonly time: string;
}

/** null for what is no event of a container. */
export function parseEvent(line: string): ContainerEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(value) || value['Type'] !== 'container' || typeof value['Action'] !== 'string') return null;
  const actor = isRecord(value['Actor']) ? value['Actor'] : {};
  const labels: Record<string, string> = {};
  for (const [key, text] of Object.entries(isRecord(actor['Attributes']) ? actor['Attributes'] : {})) {
    if (typeof text === 'string') labels[key] = text;
  }
  const code = labels['exitCode'];
  return {
    action: value['Action'],
    id: typeof actor['ID'] === 'string' ? actor['ID'] : '',
    name: labels['name'] ?? '',
    labels,
    exitCode: code === undefined || !/^\d+$/.test(code) ? null : Number(code),
    time: timeOf(line),
  };
}

function timeOf(line: string): string {
  const digits = /"timeNano":(\d{10,})/.exec(line)?.[1];
  return digits === undefined ? '' : `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** Longest line that is taken for an event; labels make lines long, but not this long. */
const longestLine = 1024 * 1024;

/** Cuts a stream of bytes into lines; a line that is too long is dropped whole. */
export function createLineCutter(): (chunk: Uint8Array) => string[] {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) rest = '';
    return lines.filter((line) => line.trim() !== '');
  };
}
