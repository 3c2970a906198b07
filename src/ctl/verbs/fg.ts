/** fg: a process's output as it comes, and our input to its stdin (supervisord.md 6.3). */
import { wireStates } from '../../core/unit/states.ts';
import { FaultReply } from '../../rpc/client.ts';
import { copyLog, onInterrupt } from '../follow.ts';
import { sayHelp } from '../help.ts';
import { pythonRepr } from '../python-repr.ts';
import { exitCodes, structOf, wordsOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';

const faults = { badName: 10, notRunning: 70 } as const;

export async function fg(session: Session, arg: string): Promise<void> {
  if (!(await upcheck(session))) return;
  const [name, ...more] = wordsOf(arg);
  if (name === undefined) {
    complain(session, 'ERROR: no process name supplied');
    sayHelp(session, 'fg');
    return;
  }
  if (more.length > 0) {
    complain(session, 'ERROR: too many process names supplied');
    return;
  }
  try {
    if (!(await isUp(session, name))) {
      complain(session, 'ERROR: process not running');
      return;
    }
  } catch (error) {
    if (!(error instanceof FaultReply)) throw error;
    if (error.code === faults.badName) {
      complain(session, 'ERROR: bad process name supplied');
      return;
    }
    session.say(`ERROR: ${faultText(error)}`);
    return;
  }

  session.say('==> Press Ctrl-C to exit <==');
  const stopped = new AbortController();
  const forget = onInterrupt(() => stopped.abort());
  const copies = ['stdout', 'stderr'].map((channel) =>
    copyLog(session, `/logtail/${name}/${channel}`, stopped.signal),
  );
  try {
    await feed(session, name, stopped.signal);
  } finally {
    forget();
    stopped.abort();
    await Promise.all(copies);
    session.say('Exiting foreground');
  }
}

/** Until the input ends, the user interrupts, or the process is no more. */
async function feed(session: Session, name: string, stopped: AbortSignal): Promise<void> {
  for await (const line of (await session.input.open()).lines(stopped)) {
    try {
      await session.call('sendProcessStdin', name, `${line}\n`);
    } catch (error) {
      if (!(error instanceof FaultReply)) throw error;
      session.say(error.code === faults.notRunning ? 'Process got killed' : `ERROR: ${faultText(error)}`);
      return;
    }
    if (!(await isUp(session, name))) {
      session.say('Process got killed');
      return;
    }
  }
}

async function isUp(session: Session, name: string): Promise<boolean> {
  return structOf(await session.call('getProcessInfo', name))['state'] === wireStates.RUNNING;
}

function faultText({ code, text }: FaultReply): string {
  return `<Fault ${code}: ${pythonRepr(text)}>`;
}

function complain(session: Session, line: string): void {
  session.say(line);
  session.exitStatus = exitCodes.generic;
}
