/** Where the socket of a program with `docker_notify` is: the same for each of its launches, so that a container that exists finds it again. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessSpec } from '../core/config/model.ts';
import type { Endpoint } from '../docker/endpoint.ts';
import { openNotifySocket } from '../docker/notify-socket.ts';
import type { NotifySocket } from '../docker/notify-socket.ts';

/** Rejects with a sentence when it cannot be had. */
export function notifySocketOf(
  configFile: string,
  spec: ProcessSpec,
  endpoint: Endpoint,
): Promise<NotifySocket> {
  if (endpoint.kind !== 'unix') {
    return Promise.reject(
      new Error(`Cannot use docker_notify: ${endpoint.name} is on another machine, and a socket is not`),
    );
  }
  // Names may hold anything, and a path of a socket is short.
  const id = createHash('sha256')
    .update([configFile, spec.group, spec.name].join('\0'))
    .digest('hex')
    .slice(0, 16);
  return openNotifySocket(join(directory(), `${id}.sock`));
}

/** Ours alone; on another user's, or a shared, one the mode cannot be set, and it is refused. */
function directory(): string {
  if (process.getuid?.() === 0) return '/run/dockvisor/notify';
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return runtime === undefined || runtime === ''
    ? join(tmpdir(), `dockvisor-notify-${String(process.getuid?.() ?? 0)}`)
    : join(runtime, 'dockvisor', 'notify');
}
