/** The client's process between a manager and a container: which container its command line names, and which client it is. */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { recognizeContainer } from '../core/config/container-command.ts';
import type { ProcessView } from '../core/view.ts';
import type { ManagerSeen, ProxySeen } from '../doctor/evidence.ts';
import { descendantsOf, linkOf, seeProcess } from '../system/process-table.ts';

export interface ProxyLooks {
  /** null: there is none, or it is not this machine's. */
  look(says: ProcessView, manager: ManagerSeen): Promise<ProxySeen | null>;
}

const versionMs = 5000;

export function createProxyLooks(): ProxyLooks {
  const versions = new Map<string, Promise<string | null>>();

  function versionOf(program: string): Promise<string | null> {
    const known = versions.get(program);
    if (known !== undefined) return known;
    const asked = new Promise<string | null>((resolve) => {
      execFile(program, ['--version'], { timeout: versionMs, killSignal: 'SIGKILL' }, (error, stdout) => {
        resolve(error === null ? (/(\d+\.\d+\S*?),?(?:\s|$)/.exec(stdout)?.[1] ?? null) : null);
      });
    });
    versions.set(program, asked);
    return asked;
  }

  return {
    async look(says, manager) {
      const pid = manager.kind === 'dockvisord' ? (says.proxy?.pid ?? 0) : says.pid;
      const process = manager.local && pid > 0 ? seeProcess(pid) : null;
      if (process === null) return null;
      const recognition = recognizeContainer(process.words);
      const target = recognition.kind === 'container' ? recognition.invocation.target : null;
      const ref = target?.by === 'name' ? target.name : null;
      // A shell or sudo may stand before the client itself.
      const client = [pid, ...descendantsOf(pid).map((one) => one.pid)]
        .map((one) => linkOf(one, 'exe'))
        .find((exe) => exe !== null && ['docker', 'podman'].includes(basename(exe)));
      const clientVersion = client == null || manager.kind === 'dockvisord' ? null : await versionOf(client);
      return { pid, ref, clientVersion };
    },
  };
}
