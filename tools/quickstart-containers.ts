/** The containers of the quick start: one for each habit that a supervisor meets. Known again, and removed, by a label that says whose they are. */
import { outcomeOf, outputOf } from './quickstart-command.ts';

/** What `examples/quickstart/supervisord.conf` starts. */
interface Recipe {
  readonly name: string;
  readonly options?: readonly string[];
  readonly script: string;
}

const ticking = 'n=0; while :; do n=$((n+1)); echo "tick $n"; sleep 2 & wait $!; done';

const recipes: readonly Recipe[] = [
  { name: 'quickstart-web', script: `trap "echo bye; exit 0" TERM; ${ticking}` },
  {
    name: 'quickstart-health',
    options: ['--health-cmd', 'test -e /tmp/healthy', '--health-interval', '2s', '--health-retries', '1'],
    script: `touch /tmp/healthy; trap "exit 0" TERM; ${ticking}`,
  },
  { name: 'quickstart-deaf', script: `trap "" TERM; ${ticking}` },
  { name: 'quickstart-crash', script: 'echo "up for two seconds"; sleep 2; echo "out of luck" >&2; exit 3' },
  { name: 'quickstart-queue', script: `trap "exit 0" TERM; ${ticking}` },
  { name: 'quickstart-cache', script: `trap "exit 0" TERM; ${ticking}` },
];

/** Of a container or image that the quick start of this copy of the project made. */
export const labelOf = (project: string): string => `dockvisor.quickstart=${project}`;

/** Throws an Error when a name is taken by somebody else's container. */
export async function createContainers(host: string, image: string, label: string): Promise<void> {
  for (const { name, options = [], script } of recipes) {
    const words = ['create', '--name', name, '--label', label, '--network', 'none', ...options];
    const { code, stderr } = await outcomeOf('docker', ['-H', host, ...words, image, 'sh', '-c', script]);
    if (code === 0) continue;
    if (stderr.includes('is already in use')) {
      throw new Error(
        `there is a container "${name}" on ${host}, and it is not of this copy of the project: ` +
          `end the other quick start, or see to it that the name is free (docker -H ${host} inspect ${name})`,
      );
    }
    throw new Error(`docker create ${name}: ${stderr.trim()}`);
  }
}

/** All with the label, whatever their state. Resolves with how many there were. */
export async function removeContainers(host: string, label: string): Promise<number> {
  const list = await outputOf('docker', [
    '-H',
    host,
    'ps',
    '-aq',
    '--no-trunc',
    '--filter',
    `label=${label}`,
  ]);
  const ids = list.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await outputOf('docker', ['-H', host, 'rm', '--force', '--volumes', ...ids]);
  return ids.length;
}
