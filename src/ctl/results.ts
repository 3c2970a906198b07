/** The lines that start, stop, signal and clear print for each process, from supervisord's status codes. */
import { formatName } from '../core/names.ts';
import { faults } from './faults.ts';
import type { XmlRpcStruct } from '../rpc/xml.ts';
import { FaultReply } from '../rpc/client.ts';
import { exitCodes, textOf, type Session } from './session.ts';

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
    [faults.badName, 'no such process'],
    [faults.noFile, 'no such file'],
    [faults.notExecutable, 'file is not executable'],
    [faults.alreadyStarted, 'already started'],
    [faults.spawnError, 'spawn error'],
    [faults.abnormalTermination, 'abnormal termination'],
  ]),
  harmless: faults.alreadyStarted,
};

export const noRetry = 'a supervisord has no retry: stop and start it';

/** It is told when the try is under way, not what comes of it. */
export const retryLines: ResultLines = {
  ...startLines,
  done: 'tried again',
  refused: new Map([...startLines.refused, [faults.unknownMethod, noRetry]]),
};

const signalRefusals = new Map<number, string | null>([
  [faults.badName, 'no such process'],
  [faults.badSignal, 'bad signal name'],
  [faults.notRunning, 'not running'],
  [faults.failed, null],
]);
export const signalLines: ResultLines = { done: 'signalled', refused: signalRefusals, harmless: null };
export const stopLines: ResultLines = {
  done: 'stopped',
  refused: signalRefusals,
  harmless: faults.notRunning,
};
export const clearLines: ResultLines = {
  done: 'cleared',
  refused: new Map([
    [faults.badName, 'no such process'],
    [faults.failed, 'failed'],
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

/** What a dockvisord says beyond the name, which is all that a supervisord says; a name has no space in it. */
function sentenceIn(fault: string): string | null {
  const text = fault.replace(/^\w+: /, '');
  return text.includes(' ') ? text : null;
}

function sayOne(
  session: Session,
  lines: ResultLines,
  name: string,
  { code, text }: { readonly code: number; readonly text: string },
): void {
  if (code === faults.success) {
    session.say(`${name}: ${lines.done}`);
    return;
  }
  const why = lines.refused.get(code);
  const told = code === faults.abnormalTermination ? sentenceIn(text) : null;
  if (why !== undefined) {
    session.say(why === null ? text : `${name}: ERROR (${told ?? why})`);
  } else if (code === faults.failed) {
    // Ours. supervisorctl shows a Python error here and forgets the other names; supervisord hardly ever answers so, but an
    // Engine that cannot be reached does.
    session.say(`${name}: ERROR (${text.replace(/^FAILED: /, '')})`);
  } else {
    throw new UnknownResult(`Unknown result code ${code} for ${name}`);
  }
  if (code === lines.harmless) return;
  const isDead =
    code === faults.spawnError || code === faults.abnormalTermination || code === faults.notRunning;
  session.exitStatus = isDead ? exitCodes.notRunning : exitCodes.generic;
}
