import { resolve } from 'node:path';
import type { ServerSpec } from '../core/config/model.ts';

/** SUPERVISOR_SERVER_URL for AUTO: the first unix server, else the last inet one (supervisord.md 2.5); null: there is no server. */
export function serverUrlOf(servers: readonly ServerSpec[]): string | null {
  const unix = servers.find((server) => server.kind === 'unix');
  if (unix !== undefined) return `unix://${resolve(unix.path)}`;
  const inet = servers.filter((server) => server.kind === 'inet').at(-1);
  if (inet === undefined) return null;
  return `http://${inet.host === '' ? 'localhost' : inet.host}:${String(inet.port)}`;
}
