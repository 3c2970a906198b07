/**
 * A private Engine: dockerd in a folder of its own, in namespaces of its own for network and mounts, so that it can neither meet nor
 * disturb an Engine that the machine has. Everything it started ends with it.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  copyFileSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PrivateEngine {
  readonly directory: string;
  readonly socket: string;
  /** `unix://…`, for DOCKER_HOST. */
  readonly host: string;
  readonly image: string;
  /** Process id of dockerd now. */
  pid(): number;
  /** Starts dockerd (again). Resolves when it answers. */
  up(): Promise<void>;
  /** TERM to dockerd, and waits for its end. */
  down(): Promise<void>;
  /** KILL to dockerd. */
  kill(): Promise<void>;
  /** Ends everything and removes the folder. */
  destroy(): Promise<void>;
}

/** Name of the image that is made: nothing can be pulled. */
export const image = 'dockvisor/busybox:1';
const upMs = 60_000;
/** An Engine that was killed in the middle of its work may hang when it comes up. That is its own doing, and said on stderr. */
const upTries = 3;
const endMs = 30_000;
const prefix = 'dv-';

export interface PrivateEngineOptions {
  /** In process groups of its own: then Ctrl-C on the terminal is for us alone, and we end the Engine when its users have gone. */
  readonly detached?: boolean;
  /** Its data root is a disk of its own, of so many bytes, which can be full. */
  readonly dataBytes?: number;
}

/** `args`: further options of dockerd, for example `--live-restore`. */
export async function startPrivateEngine(
  args: readonly string[] = [],
  { detached = false, dataBytes }: PrivateEngineOptions = {},
): Promise<PrivateEngine> {
  sweep();
  const directory = mkdtempSync(join('/tmp', prefix));
  writeFileSync(join(directory, 'owner'), String(process.pid));
  const socket = join(directory, 'docker.sock');
  const host = `unix://${socket}`;
  // Holds the namespaces, so that a dockerd that is started again finds its containers' mounts and networks where they were. It reads
  // from us: should we be killed, that ends, and it does too.
  const holder = spawn('unshare', ['--net', '--mount', '--', 'sh', '-c', 'ip link set lo up; exec cat'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached,
  });
  let dockerd: ChildProcess | null = null;

  async function up(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const child = startDockerd();
      dockerd = child;
      const limit = Date.now() + upMs;
      while (child.exitCode === null && Date.now() < limit) {
        if (await answers(socket)) return;
        await sleep(50);
      }
      const tail = readFileSync(join(directory, 'dockerd.log'), 'utf8').split('\n').slice(-8).join('\n');
      const what = `the private Engine did not come up within ${String(upMs / 1000)} s; the end of its log:\n${tail}`;
      if (tries === upTries) throw new Error(what);
      process.stderr.write(`${what}\nIt is killed, and started again.\n`);
      await end('SIGKILL');
    }
  }

  function startDockerd(): ChildProcess {
    const log = openSync(join(directory, 'dockerd.log'), 'a');
    const words = [
      '--target',
      String(holder.pid),
      '--net',
      '--mount',
      '--',
      'dockerd',
      '--data-root',
      join(directory, 'data'),
      '--exec-root',
      join(directory, 'exec'),
      '--pidfile',
      join(directory, 'docker.pid'),
      '--host',
      host,
      '--bip',
      '172.30.99.1/24',
      '--iptables=false',
      '--ip-masq=false',
      ...args,
    ];
    const child = spawn('nsenter', words, {
      stdio: ['ignore', log, log],
      detached,
      env: { ...process.env, DOCKER_HOST: '' },
    });
    closeSync(log);
    return child;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = dockerd;
    dockerd = null;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      if (!(await exitsWithin(child, endMs))) child.kill('SIGKILL');
      if (!(await exitsWithin(child, endMs)))
        throw new Error(`dockerd (pid ${String(child.pid)}) does not end, not even after KILL`);
    }
    await containerdEnds(directory);
  }

  const engine: PrivateEngine = {
    directory,
    socket,
    host,
    image,
    pid: () => dockerd?.pid ?? 0,
    up,
    down: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async destroy() {
      await end('SIGTERM');
      await endLeftovers(directory);
      holder.kill('SIGKILL');
      await removeDirectory(directory);
    },
  };
  try {
    await waitForNamespaces(holder);
    if (dataBytes !== undefined) mountDisk(holder, join(directory, 'data'), dataBytes);
    await up();
    importImage(engine);
  } catch (error) {
    await engine.destroy();
    throw error;
  }
  return engine;
}

async function exitsWithin(child: ChildProcess, ms: number): Promise<boolean> {
  const limit = Date.now() + ms;
  while (child.exitCode === null && child.signalCode === null) {
    if (Date.now() > limit) return false;
    await sleep(10);
  }
  return true;
}

/**
 * containerd dies with its dockerd, but a moment later: a dockerd that is started within that moment takes the dying one for its own and
 * waits for it in vain. One that does not die is killed. Its pid file goes last: the kernel says of a zombie, too, that it is there, and
 * somebody else's init may be slow to take it away.
 */
async function containerdEnds(directory: string): Promise<void> {
  const killAt = Date.now() + 5000;
  for (let pid = containerdOf(directory); pid !== null; pid = containerdOf(directory)) {
    if (Date.now() > killAt + endMs)
      throw new Error(`containerd (pid ${String(pid)}) does not end, not even after KILL`);
    if (Date.now() > killAt) process.kill(pid, 'SIGKILL');
    await sleep(10);
  }
  rmSync(containerdPidFile(directory), { force: true });
}

const containerdPidFile = (directory: string): string =>
  join(directory, 'exec', 'containerd', 'containerd.pid');

/** null: it has ended (a zombie has no command line), or its pid is somebody else's by now. */
function containerdOf(directory: string): number | null {
  try {
    const pid = Number(readFileSync(containerdPidFile(directory), 'utf8').trim());
    const words = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
    const isOurs =
      /(^|\/)containerd$/.test(words[0] ?? '') && words.some((word) => word.includes(`${directory}/`));
    return isOurs ? pid : null;
  } catch {
    return null;
  }
}

/** The namespaces are there when the holder's network is no longer ours. */
async function waitForNamespaces(holder: ChildProcess): Promise<void> {
  const limit = Date.now() + 5000;
  while (Date.now() < limit) {
    if (holder.exitCode !== null)
      throw new Error(
        'unshare failed: namespaces for network and mounts are needed (root with CAP_SYS_ADMIN)',
      );
    try {
      const words = readFileSync(`/proc/${String(holder.pid)}/cmdline`, 'utf8');
      if (words.startsWith('cat')) return;
    } catch {
      // Not there yet.
    }
    await sleep(10);
  }
  throw new Error('unshare did not make its namespaces within 5 s');
}

/** In the namespace of the holder: it goes with it. */
function mountDisk(holder: ChildProcess, at: string, bytes: number): void {
  mkdirSync(at);
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${String(bytes)}`, 'tmpfs', at];
  execFileSync('nsenter', ['--target', String(holder.pid), '--mount', '--', ...mount]);
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = request({ socketPath: socket, path: '/_ping', timeout: 1000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ask.on('error', () => {
      resolve(false);
    });
    ask.on('timeout', () => {
      ask.destroy();
    });
    ask.end();
  });
}

/**
 * An image of the static busybox with links for its applets: nothing can be pulled here. `directory`: for what is needed on the way;
 * `changes`: further lines of a Dockerfile, as `docker import --change` takes them.
 */
export function importImage(
  engine: Pick<PrivateEngine, 'directory' | 'host' | 'image'>,
  changes: readonly string[] = [],
): void {
  const root = join(engine.directory, 'image');
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const name of ['tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, name));
  copyFileSync('/bin/busybox', join(root, 'bin', 'busybox'));
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  for (const library of librariesOf('/bin/busybox')) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  const tar = join(engine.directory, 'image.tar');
  execFileSync('tar', ['-C', root, '-cf', tar, '.']);
  const words = ['ENV PATH=/bin', ...changes].flatMap((change) => ['--change', change]);
  execFileSync('docker', ['import', ...words, tar, engine.image], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  rmSync(root, { recursive: true });
  rmSync(tar);
}

/** None for a static program. An installed Debian has a busybox that is not, for its initramfs, and it is not ours to replace. */
function librariesOf(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return [...stdout.matchAll(/(?:^|\s)(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []);
}

/** Ends what dockerd left behind (containerd, shims and what runs under them), found by our own folder in their command lines. */
async function endLeftovers(directory: string): Promise<void> {
  const limit = Date.now() + 10_000;
  while (Date.now() < limit) {
    const left = [...processesOf(directory)];
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    await sleep(50);
  }
}

function* processesOf(directory: string): Iterable<number> {
  const shims = new Set<number>();
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      const isEngine = /(^|\/)(dockerd|containerd|containerd-shim[^/]*|docker-proxy|runc)$/.test(
        words[0] ?? '',
      );
      if (isEngine && words.some((word) => word.includes(`${directory}/`))) shims.add(Number(name));
    } catch {
      // It ended while we looked.
    }
  }
  yield* shims;
  // What runs under a shim is a container of this Engine.
  for (const [pid, parent] of parents) if (shims.has(parent) && !shims.has(pid)) yield pid;
}

async function removeDirectory(directory: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      rmSync(directory, { recursive: true, force: true });
      return;
    } catch {
      // Mounts go with the last process of their namespace, which may take a moment.
      await sleep(100);
    }
  }
}

/** Takes away what a run that was killed could not. */
function sweep(): void {
  for (const name of readdirSync('/tmp').filter((one) => one.startsWith(prefix))) {
    const directory = join('/tmp', name);
    const owner = join(directory, 'owner');
    if (!existsSync(owner) || existsSync(`/proc/${readFileSync(owner, 'utf8').trim()}`)) continue;
    for (const pid of processesOf(directory)) process.kill(pid, 'SIGKILL');
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Still mounted somewhere: the next run tries again.
    }
  }
}
