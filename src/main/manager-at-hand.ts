/** The manager that a configuration belongs to, real or ours: found by the addresses that the file names, with its credentials. */
import { basename } from 'node:path';
import { messageOf } from '../core/message-of.ts';
import type { ServerSpec } from '../core/config/model.ts';
import { readCtlConfig } from '../core/config/read-ctl.ts';
import { readConfig } from '../core/config/read.ts';
import type { ManagerSeen } from '../doctor/evidence.ts';
import { HttpStatusError } from '../rpc/client.ts';
import type { ServerAccess } from '../rpc/client.ts';
import { connectSupervisor } from '../rpc/remote-supervisor.ts';
import type { RemoteSupervisor } from '../rpc/remote-supervisor.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { environmentOf, linkOf, seeProcess } from '../system/process-table.ts';
import { serverUrlOf } from './server-url.ts';

export interface ManagerAtHand {
  readonly supervisor: RemoteSupervisor;
  readonly seen: ManagerSeen;
  /** As the manager was started with; null: it is not on this machine, or not ours to read. */
  readonly environment: Readonly<Record<string, string>> | null;
  readonly cwd: string | null;
}

export interface ManagerSearch {
  /** null: none answered. */
  readonly manager: ManagerAtHand | null;
  /** Where the file leads its own client; null: nowhere. */
  readonly fileUrl: string | null;
  /** Addresses that were asked in vain, and why. */
  readonly failed: readonly { readonly url: string; readonly why: string }[];
}

export interface Addresses {
  readonly fileUrl: string | null;
  readonly candidates: readonly ServerAccess[];
}

/** Where the manager of a file may be found, in the order in which it is asked. `url` null: as the file says. */
export function addressesOf(file: string, url: string | null): Addresses {
  const world = createConfigWorld();
  const { config: client, problems } = readCtlConfig(file, world);
  const hasClient = client !== null && problems.length === 0;
  const servers = readConfig(file, world, {}, 'others').config?.servers ?? [];
  const login = { username: client?.username ?? null, password: client?.password ?? null };
  const fileUrl = hasClient ? client.serverUrl : null;
  if (url !== null)
    return { fileUrl, candidates: [{ serverUrl: url, ...(hasClient ? login : loginOf(servers)) }] };
  const all = [...(fileUrl === null ? [] : [{ serverUrl: fileUrl, ...login }]), ...servers.map(accessOf)];
  return {
    fileUrl,
    candidates: all.filter(
      (one, index) => all.findIndex(({ serverUrl }) => serverUrl === one.serverUrl) === index,
    ),
  };
}

/** The first address that answers counts. */
export async function findManager(file: string, url: string | null): Promise<ManagerSearch> {
  const { fileUrl, candidates } = addressesOf(file, url);
  const failed: { url: string; why: string }[] = [];
  for (const access of candidates) {
    const supervisor = connectSupervisor(access);
    try {
      return { manager: await look(supervisor), fileUrl, failed };
    } catch (error) {
      supervisor.close();
      failed.push({ url: access.serverUrl, why: whyOf(error) });
    }
  }
  return { manager: null, fileUrl, failed };
}

async function look(supervisor: RemoteSupervisor): Promise<ManagerAtHand> {
  const pid = await supervisor.pid();
  const { url } = supervisor;
  const near = url.startsWith('unix://') || /^http:\/\/(localhost|127\.|\[::1\])/.test(url);
  const process = near ? seeProcess(pid) : null;
  const named = process === null ? null : kindOf(process.words);
  const kind =
    named ??
    ((await supervisor.processes()).some(({ container }) => container !== null)
      ? 'dockvisord'
      : 'supervisord');
  return {
    supervisor,
    seen: { kind, url, pid, local: named !== null },
    environment: named === null ? null : environmentOf(pid),
    cwd: named === null ? null : linkOf(pid, 'cwd'),
  };
}

/** By its command line (an interpreter and a script, or the script alone); null: neither. */
export function kindOf(words: readonly string[]): 'dockvisord' | 'supervisord' | null {
  const names = words.slice(0, 3).map((word) => basename(word).replace(/\.(js|mjs|py)$/, ''));
  if (names.includes('dockvisord') || (names.includes('dockvisor') && names.includes('daemon')))
    return 'dockvisord';
  return names.includes('supervisord') ? 'supervisord' : null;
}

function accessOf(server: ServerSpec): ServerAccess {
  // A hash is for the server to compare with; it opens no door.
  const usable = server.credentials !== null && !server.credentials.password.startsWith('{SHA}');
  const login = usable ? server.credentials : { username: null, password: null };
  return { serverUrl: serverUrlOf([server]) ?? '', ...login };
}

const loginOf = (servers: readonly ServerSpec[]): Omit<ServerAccess, 'serverUrl'> => {
  const { username, password } = servers.map(accessOf).find((one) => one.username !== null) ?? {
    username: null,
    password: null,
  };
  return { username, password };
};

function whyOf(error: unknown): string {
  if (error instanceof HttpStatusError && error.status === 401)
    return 'it wants another user name and password';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such socket';
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  return messageOf(error);
}
