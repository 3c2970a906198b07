/** shutdown, reload, version, open (supervisord.md 6.3). */
import { systemCode } from '../errors.ts';
import { faults, isFault } from '../faults.ts';
import { refusesArguments } from '../refuses-arguments.ts';
import { exitCodes, textOf, type Session } from '../session.ts';
import { upcheck } from '../upcheck.ts';
import { status } from './status.ts';

export async function shutdown(session: Session, arg: string): Promise<void> {
  const keep = arg.trim() === '--keep';
  if (!keep && refusesArguments(session, 'shutdown', arg)) return;
  if (!(await isSure(session, 'Really shut the remote supervisord process down y/N? '))) return;
  try {
    if (keep) await session.client().call('dockvisor.shutdownKeepingContainers', []);
    else await session.call('shutdown');
  } catch (error) {
    if (isFault(error, faults.unknownMethod)) {
      session.say('ERROR: a supervisord stops what it runs: shutdown without --keep');
      session.exitStatus = exitCodes.generic;
      return;
    }
    if (isFault(error, faults.shutdownState)) {
      session.say('ERROR: already shutting down');
      return;
    }
    session.exitStatus = exitCodes.generic;
    const code = systemCode(error);
    if (code === 'ECONNREFUSED') {
      session.say(`ERROR: ${session.serverUrl} refused connection (already shut down?)`);
    } else if (code === 'ENOENT') {
      session.say(`ERROR: ${session.serverUrl} no such file (already shut down?)`);
    } else throw error;
    return;
  }
  session.say('Shut down');
}

export async function reload(session: Session, arg: string): Promise<void> {
  if (refusesArguments(session, 'reload', arg)) return;
  if (!(await isSure(session, 'Really restart the remote supervisord process y/N? '))) return;
  try {
    await session.call('restart');
  } catch (error) {
    session.exitStatus = exitCodes.generic;
    if (!isFault(error, faults.shutdownState)) throw error;
    session.say('ERROR: already shutting down');
    return;
  }
  session.say('Restarted supervisord');
}

export async function version(session: Session, arg: string): Promise<void> {
  if (refusesArguments(session, 'version', arg)) return;
  if (!(await upcheck(session))) return;
  const text = textOf(await session.call('getSupervisorVersion'));
  if (session.json) session.print({ version: text });
  else session.say(text);
}

export async function open(session: Session, arg: string): Promise<void> {
  const url = arg.trim();
  if (!/^(unix|http):/i.test(url)) {
    session.say('ERROR: url must be http:// or unix://');
    session.exitStatus = exitCodes.generic;
    return;
  }
  session.hangUp();
  session.serverUrl = url;
  session.place = ['-s', url];
  const before = session.exitStatus;
  await status(session, '');
  session.exitStatus = before;
}

async function isSure(session: Session, question: string): Promise<boolean> {
  if (!session.isInteractive) return true;
  const answer = await (await session.input.open()).ask(question, 'shown');
  return answer.toLowerCase().startsWith('y');
}
