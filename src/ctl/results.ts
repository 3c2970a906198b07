/** The lines that start, stop, signal and clear print for each process, from supervisord's status codes. */
import { formatName } from '../core/names.ts';
import { faults } from './changes.ts';
import type { XmlRpcStruct } from '../rpc/xml.ts';
import { FaultReply } from '../rpc/client.ts';
import { exitCodes, textOf, type Session } from './session.ts';

const status = {
  badName: 10,
  badSignal: 11,
  noFile: 20,
  notExecutable: 21,
  failed: 30,
  abnormalTermination: 40,
  spawnError: 50,
  alreadyStarted: 60,
  notRunning: 70,
  success: 80,
} as const;

export interface ResultLines {
  /** What is said of success. */
  readonly done: string;
  /** What is said of each refusal; the whole fault string where `null`. */
  readonly refused: ReadonlyMap<number, string | null>;
  /** A refusal that leaves the exit code alone. */
  readonly harmless: number | null;
}

export const startLines: ResultLines = {
  done: 'started',
  refused: new Map([
    [status.badName, 'no such process'],
    [status.noFile, 'no such file'],
    [status.notExecutable, 'file is not executable'],
    [status.alreadyStarted, 'already started'],
    [status.spawnError, 'spawn error'],
    [status.abnormalTermination, 'abnormal termination'],
  ]),
  harmless: status.alreadyStarted,
};

/** It is told when the try is under way, not what comes of it. */
export const retryLines: ResultLines = {
  ...startLines,
  done: 'tried again',
  refused: new Map([
    ...startLines.refused,
    [faults.unknownMethod, 'a supervisord has no retry: stop and start it'],
  ]),
};

const signalRefusals = new Map<number, string | null>([
  [status.badName, 'no such process'],
  [status.badSignal, 'bad signal name'],
  [status.notRunning, 'not running'],
  [status.failed, null],
]);
export const signalLines: ResultLines = { done: 'signalled', refused: signalRefusals, harmless: null };
export const stopLines: ResultLines = {
  done: 'stopped',
  refused: signalRefusals,
  harmless: status.notRunning,
};
export const clearLines: ResultLines = {
  done: 'cleared',
  refused: new Map([
    [status.badName, 'no such process'],
    [status.failed, 'failed'],
  ]),
  harmless: null,
};

/** Python's ValueError for a status that the verb does not know. */
class UnknownResult extends Error {
  override readonly name = 'ValueError';
}

export function sayResult(session: Session, lines: ResultLines, result: XmlRpcStruct): void {
  const group = textOf(result['group']);
  const process = textOf(result['name']);
  sayOne(session, lines, formatName(group, process), {
    code: Number(result['status']),
    text: textOf(result['description']),
  });
}

/** For a call about one process, which fails with a fault. Anything else is thrown on. */
export async function sayCall(
  session: Session,
  lines: ResultLines,
  name: string,
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof FaultReply)) throw error;
    sayOne(session, lines, name, error);
    return;
  }
  session.say(`${name}: ${lines.done}`);
}

function sayOne(
  session: Session,
  lines: ResultLines,
  name: string,
  { code, text }: { readonly code: number; readonly text: string },
): void {
  if (code === status.success) {
    session.say(`${name}: ${lines.done}`);
    return;
  }
  const why = lines.refused.get(code);
  if (why !== undefined) {
    session.say(why === null ? text : `${name}: ERROR (${why})`);
  } else if (code === status.failed) {
    // Ours. supervisorctl shows a Python error here and forgets the other names; supervisord hardly ever answers so, but an
    // Engine that cannot be reached does.
    session.say(`${name}: ERROR (${text.replace(/^FAILED: /, '')})`);
  } else {
    throw new UnknownResult(`Unknown result code ${code} for ${name}`);
  }
  if (code === lines.harmless) return;
  const isDead =
    code === status.spawnError || code === status.abnormalTermination || code === status.notRunning;
  session.exitStatus = isDead ? exitCodes.notRunning : exitCodes.generic;
}
