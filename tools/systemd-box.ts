/**
 * A real systemd for tests: a box booted by systemd-nspawn from an overlay over this very machine, so that everything installed here
 * (dockerd, supervisord, node) is there at once, and nothing that is done there stays. A dockerd of its own runs inside.
 *
 * All mounts are made in a mount namespace of our own, and all control groups below one of our own: this machine's are as before when
 * the box has gone, and that is checked. Should we be killed, the box ends with us.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { furnish } from './systemd-box-furniture.ts';

export interface SystemdBox {
  readonly directory: string;
  /** The box's root, as seen from here. Good before the boot and after the poweroff too. */
  readonly root: string;
  /** Starts systemd (again). Resolves when the box is up. */
  boot(): Promise<void>;
  /** `systemctl poweroff`, and waits for its end. */
  poweroff(): Promise<void>;
  /** Where a process inside is to be found: `nsenter` words that go before a command. Throws when the box is down. */
  enter(): readonly string[];
  /** Host path of a file in the running box, /run and the like included. */
  inside(path: string): string;
  /** What the console said: for messages of failed tests. */
  console(): string;
  /** Ends everything, removes the folder, and checks that this machine is as before. */
  destroy(): Promise<void>;
}

const prefix = 'dvbox-';
const bootMs = 60_000;
const offMs = 60_000;
const cgroups = '/sys/fs/cgroup';

/** `project`: what is bound read-only to /opt/dockvisor. */
export async function createSystemdBox(project: string): Promise<SystemdBox> {
  sweep();
  const before = cgroupMounts();
  const directory = mkdtempSync(join('/tmp', prefix));
  writeFileSync(join(directory, 'owner'), String(process.pid));
  for (const name of ['tmpfs', 'root', 'docker']) mkdirSync(join(directory, name));
  const holder = holdMounts(directory);
  const root = `/proc/${String(holder.pid)}/root${join(directory, 'root')}`;
  let nspawn: ChildProcess | null = null;
  let console = '';

  const isOver = (): boolean => nspawn === null || nspawn.exitCode !== null || nspawn.signalCode !== null;
  /** The box's process 1, as this machine numbers it; null: none yet, or none any more. */
  const init = (): number | null => {
    if (nspawn?.pid === undefined || isOver()) return null;
    const pid = Number(
      readText(`/proc/${String(nspawn.pid)}/task/${String(nspawn.pid)}/children`).split(' ')[0],
    );
    // nspawn's first child only prepares the second, which becomes systemd.
    return pid > 0 && readText(`/proc/${String(pid)}/cmdline`).includes('systemd') ? pid : null;
  };

  async function boot(): Promise<void> {
    enterCgroups(directory);
    const words = [
      '--pdeathsig',
      'KILL',
      'sh',
      '-c',
      // The shell goes into the control groups of the box, and becomes nspawn there.
      `for d in ${cgroupFolders(directory).join(' ')}; do echo $$ > "$d/cgroup.procs"; done; exec "$@"`,
      'sh',
      'nsenter',
      '--target',
      String(holder.pid),
      '--mount',
      '--',
      ...nspawnWords(directory, project),
    ];
    const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    nspawn = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        console = (console + text).slice(-20_000);
      });
    }
    await until('the box is up', bootMs, () => {
      if (isOver()) throw new Error(`systemd-nspawn ended with ${String(child.exitCode)}:\n${console}`);
      const pid = init();
      if (pid === null) return false;
      const { stdout } = spawnSync('nsenter', [...nsenterWords(pid), 'systemctl', 'is-system-running'], {
        encoding: 'utf8',
      });
      // Degraded: something of this machine's that does not fit into a box, which is not what is tested.
      return /^(running|degraded)/.test(stdout);
    });
  }

  function enter(): readonly string[] {
    const pid = init();
    if (pid === null) throw new Error(`the box is down; its console:\n${console}`);
    return ['nsenter', ...nsenterWords(pid)];
  }

  async function ended(): Promise<void> {
    await until('the box is off', offMs, isOver);
    nspawn = null;
  }

  const box: SystemdBox = {
    directory,
    root,
    boot,
    enter,
    inside: (path) => `/proc/${String(init() ?? 0)}/root${path}`,
    console: () => console,
    async poweroff() {
      const [file = '', ...args] = enter();
      execFileSync(file, [...args, 'systemctl', 'poweroff'], { stdio: 'ignore' });
      await ended();
    },
    async destroy() {
      // nspawn's end is not the end of its payload.
      await until('nothing is left in the control groups of the box', offMs, () => leaveCgroups(directory));
      if (nspawn !== null) await ended();
      holder.kill('SIGKILL');
      await until('the folder of the box can be removed', offMs, () => remove(directory));
      if (cgroupMounts() !== before) throw new Error(`the mounts of ${cgroups} are not as they were`);
    },
  };
  try {
    await until('the mounts of the box are there', bootMs, () => {
      if (holder.exitCode !== null)
        throw new Error(
          'cannot mount tmpfs and overlay: root with CAP_SYS_ADMIN and a kernel with overlay are needed',
        );
      return existsSync(join(root, 'etc'));
    });
    furnish(root);
  } catch (error) {
    await box.destroy();
    throw error;
  }
  return box;
}

/** An overlay refuses an upper directory that is part of its own lower one: that is why there is a tmpfs between. */
function holdMounts(directory: string): ChildProcess {
  const script = `set -e
    mount -t tmpfs tmpfs "$1/tmpfs"; mkdir "$1/tmpfs/upper" "$1/tmpfs/work"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/tmpfs/upper,workdir=$1/tmpfs/work" "$1/root"
    cat
    find ${cgroups} -path "*/\${1##*/}/*" -name cgroup.procs -exec cat {} + | sort -u | xargs -r kill -9`;
  // It reads from us: should we be killed, that ends, and it ends the box and takes the mounts with it.
  return spawn(
    'unshare',
    ['--mount', '--propagation', 'private', '--', 'sh', '-c', script, 'sh', directory],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
}

function nspawnWords(directory: string, project: string): readonly string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${join(directory, 'root')}`,
    `--machine=${basename(directory)}`,
    '--register=no',
    '--keep-unit',
    '--private-network',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--capability=all',
    '--system-call-filter=@keyring bpf @mount @privileged @module',
    // overlay2 cannot sit on an overlay.
    `--bind=${join(directory, 'docker')}:/var/lib/docker`,
    `--bind-ro=${project}:/opt/dockvisor`,
    `--bind-ro=${process.execPath}:/opt/node`,
    '--console=pipe',
    '--boot',
    ...(isUnified() ? [] : ['systemd.unified_cgroup_hierarchy=0']),
  ];
}

const nsenterWords = (pid: number): readonly string[] => [
  '--target',
  String(pid),
  '--mount',
  '--pid',
  '--net',
  '--ipc',
  '--uts',
  '--cgroup',
  '--',
];

const isUnified = (): boolean => existsSync(join(cgroups, 'cgroup.controllers'));

/** One below each hierarchy that this machine has. */
const cgroupFolders = (directory: string): readonly string[] =>
  (isUnified()
    ? [cgroups]
    : readdirSync(cgroups)
        .map((name) => join(cgroups, name))
        .filter((path) => existsSync(join(path, 'cgroup.procs')))
  ).map((path) => join(path, basename(directory)));

function enterCgroups(directory: string): void {
  for (const folder of cgroupFolders(directory)) {
    mkdirSync(folder, { recursive: true });
    // In a new cpuset nothing may run before it is told where.
    for (const name of ['cpuset.cpus', 'cpuset.mems']) {
      const file = join(folder, name);
      if (existsSync(file) && readText(file).trim() === '')
        writeFileSync(file, readText(join(folder, '..', name)));
    }
  }
}

/** Ends whoever is in them: these control groups are ours. True: they are gone. */
function leaveCgroups(directory: string): boolean {
  const folders = cgroupFolders(directory);
  for (const pid of new Set(folders.flatMap(processesIn))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  return folders.map(removeCgroup).every((gone) => gone);
}

/** Paused containers are thawed on the way: what is frozen does not die. */
function processesIn(folder: string): readonly number[] {
  if (!existsSync(folder)) return [];
  for (const [name, thawed] of [
    ['freezer.state', 'THAWED'],
    ['cgroup.freeze', '0'],
  ] as const)
    if (existsSync(join(folder, name))) writeFileSync(join(folder, name), thawed);
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => processesIn(join(folder, entry.name)));
  return [...readText(join(folder, 'cgroup.procs')).trim().split('\n').map(Number), ...below].filter(
    (pid) => pid > 0,
  );
}

function removeCgroup(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
    rmdirSync(folder);
  } catch {
    // Somebody is still in it, or it is gone.
  }
  return !existsSync(folder);
}

function cgroupMounts(): string {
  const lines = readText('/proc/self/mounts')
    .split('\n')
    .filter((line) => line.includes(cgroups));
  return createHash('md5').update(lines.join('\n')).digest('hex');
}

function remove(directory: string): boolean {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Mounts go with the last process of their namespace, which may take a moment.
  }
  return !existsSync(directory);
}

/** Takes away what a run that was killed could not. */
function sweep(): void {
  for (const name of readdirSync('/tmp').filter((one) => one.startsWith(prefix))) {
    const directory = join('/tmp', name);
    const owner = readText(join(directory, 'owner')).trim();
    if (owner === '' || existsSync(`/proc/${owner}`)) continue;
    if (leaveCgroups(directory)) remove(directory);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function until(what: string, limitMs: number, look: () => boolean): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!look()) {
    if (performance.now() > limit) throw new Error(`not within ${String(limitMs / 1000)} s: ${what}`);
    await sleep(25);
  }
}
