/** Containers that end by themselves, or never come up. */
import { readFileSync } from 'node:fs';
import type { Context, Situation } from '../situation.ts';

const lines = ['autorestart=false'];
const untilItEnds = ({ untilEngine }: Context): Promise<void> =>
  untilEngine('exited', (facts) => facts?.status === 'exited');
const lineCount = 2000;

export const endSituations: readonly Situation[] = [
  {
    name: 'exit 0',
    create: { command: ['sh', '-c', 'sleep 2; exit 0'] },
    act: untilItEnds,
    wanted: { state: 'EXITED', engine: 'exited', description: /exited 0/ },
  },
  {
    name: 'exit 3',
    create: { command: ['sh', '-c', 'sleep 2; exit 3'] },
    act: untilItEnds,
    lines,
    wanted: { state: 'EXITED', engine: 'exited', description: /exited 3/ },
  },
  {
    name: 'exit 3 at once, tries used up',
    create: { command: ['sh', '-c', 'exit 3'] },
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'exited', description: /exited 3/ },
  },
  {
    name: 'killed for memory (OOM)',
    create: {
      options: ['--memory', '16m', '--memory-swap', '16m'],
      command: ['sh', '-c', 'sleep 2; exec tail /dev/zero'],
    },
    act: untilItEnds,
    lines,
    wanted: { state: 'EXITED', engine: 'exited', description: /exited 137 \(OOM killed\)/ },
  },
  {
    name: 'exit 127: the binary is missing',
    create: { command: ['no-such-binary'] },
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'created', description: /no-such-binary/ },
  },
  {
    name: 'exit 126: the file is not executable',
    create: { command: ['/etc/passwd'] },
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'created', description: /permission denied/i },
  },
  {
    name: "the image's own command is bad",
    create: null,
    async prepare({ docker, image, name }) {
      await docker.run('create', '--name', `${name}-base`, image, 'true');
      await docker.run(
        'commit',
        '--change',
        'CMD ["/no/such/program"]',
        `${name}-base`,
        `dockvisor/${name}:bad`,
      );
      await docker.run('rm', `${name}-base`);
      await docker.run('create', '--name', name, `dockvisor/${name}:bad`);
    },
    ready: 'settled',
    wanted: { state: 'FATAL', engine: 'created', description: /\/no\/such\/program/ },
  },
  {
    name: 'a fast exit with output: nothing is lost',
    create: {
      command: ['sh', '-c', `i=0; while [ $i -lt ${String(lineCount)} ]; do echo line $i; i=$((i+1)); done`],
    },
    lines: ['startsecs=0', 'autorestart=false'],
    ready: 'settled',
    wanted: { state: 'EXITED', engine: 'exited', description: /exited 0/, check: allLinesAreThere },
  },
];

function allLinesAreThere({ says }: Context): Promise<string | null> {
  const found = readFileSync(says().stdoutLogfile, 'utf8').trimEnd().split('\n');
  const wanted = Array.from({ length: lineCount }, (_, index) => `line ${String(index)}`);
  if (found.length === wanted.length && found.every((line, index) => line === wanted[index])) {
    return Promise.resolve(null);
  }
  return Promise.resolve(`${String(found.length)} lines of output were logged, wanted ${String(lineCount)}`);
}
