import { faults, isFault } from './faults.ts';
import { systemCode } from './errors.ts';
import { exitCodes, textOf, type Session } from './session.ts';

const apiVersion = '3.0';
/** Whether there is a server that we understand; says so if not. What it does not expect it throws, with exit code 1. */
export async function upcheck(session: Session): Promise<boolean> {
  try {
    const api = textOf(await session.call('getVersion'));
    if (api === apiVersion) return true;
    session.say(
      'Sorry, this version of supervisorctl expects to talk to a server with API version ' +
        `${apiVersion}, but the remote version is ${api}.`,
    );
    session.exitStatus = exitCodes.notInstalled;
    return false;
  } catch (error) {
    if (isFault(error, faults.unknownMethod)) {
      session.say(
        'Sorry, supervisord responded but did not recognize the supervisor namespace commands that ' +
          'supervisorctl uses to control it.  Please check that the [rpcinterface:supervisor] section is ' +
          'enabled in the configuration file (see sample.conf).',
      );
      session.exitStatus = exitCodes.unimplemented;
      return false;
    }
    switch (systemCode(error)) {
      case 'ECONNREFUSED':
        session.say(`${session.serverUrl} refused connection`);
        session.exitStatus = exitCodes.refused;
        return false;
      case 'ENOENT':
        session.say(`${session.serverUrl} no such file`);
        session.exitStatus = exitCodes.notRunning;
        return false;
      default:
        session.exitStatus = exitCodes.generic;
        throw error;
    }
  }
}
