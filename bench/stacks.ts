/** What is compared: a manager, and the client that its programs are started with. */
import { existsSync } from 'node:fs';

export interface Stack {
  readonly name: 'classic-20' | 'classic-28' | 'cli' | 'api';
  readonly label: string;
  readonly kind: 'supervisord' | 'cli' | 'api';
  readonly client: string;
}

const debian = '/usr/bin/docker';
const current = '/usr/local/bin/docker';

const all: readonly Stack[] = [
  { name: 'api', label: 'dockvisord (api)', kind: 'api', client: debian },
  { name: 'classic-20', label: "supervisord, Debian's CLI", kind: 'supervisord', client: debian },
  { name: 'classic-28', label: 'supervisord, current CLI', kind: 'supervisord', client: current },
  { name: 'cli', label: 'dockvisord (cli)', kind: 'cli', client: debian },
];

/** Without a second, newer client there are three. */
export const stacks: readonly Stack[] = all.filter(({ client }) => existsSync(client));

export function stackOf(name: Stack['name']): Stack {
  const found = stacks.find((stack) => stack.name === name);
  if (found === undefined) throw new Error(`the client of "${name}" is not on this machine`);
  return found;
}
