/** Plain programs: the contract, and every option of `[program:x]` that the child can see. Real processes, no mocks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessSpec } from '../../src/core/config/model.ts';
import { createPipeMaker } from '../../src/process/pipes.ts';
import type { PipeMaker } from '../../src/process/pipes.ts';
import { createProcessRunner } from '../../src/process/process-runner.ts';
import type { RunnerReport } from '../../src/supervisor/runner.ts';
import { systemClock } from '../../src/system/clock.ts';
import { runnerContract } from '../contract/runner.ts';
import { commandFor } from '../support/behaviour.ts';
import { specWith } from '../support/specs.ts';

let pipes: PipeMaker;
let directory: string;
beforeAll(() => {
  pipes = createPipeMaker();
  directory = mkdtempSync(join(tmpdir(), 'dockvisor-test-'));
});
afterAll(() => {
  pipes.close();
  rmSync(directory, { recursive: true, force: true });
});

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const environment = { PATH: process.env['PATH'] ?? '' };

runnerContract('the process runner', (behaviour) => {
  const spec = specWith({
    name: 'zoo',
    command: commandFor(behaviour).map(quote).join(' '),
    stopAsGroup: true,
    killAsGroup: true,
  });
  const runner = createProcessRunner(spec, { clock: systemClock, pipes, environment: () => environment });
  let pid = 0;
  const watched: typeof runner = {
    ...runner,
    launch: (tell) =>
      runner.launch((report) => {
        if (report.type === 'spawned') pid = report.pid;
        tell(report);
      }),
  };
  const isUp = (): boolean => {
    try {
      process.kill(pid, 0);
      return pid > 0;
    } catch {
      return false;
    }
  };
  return Promise.resolve({
    runner: watched,
    isUp: () => Promise.resolve(isUp()),
    close: () => {
      if (isUp()) process.kill(-pid, 'SIGKILL');
      return Promise.resolve();
    },
  });
});

/** Runs a shell line to its end; what it wrote and how it ended. */
async function run(script: string, change: Partial<ProcessSpec> = {}) {
  const spec = specWith({ name: 'one', command: `sh -c ${quote(script)}`, ...change });
  const runner = createProcessRunner(spec, {
    clock: systemClock,
    pipes,
    environment: () => ({ ...environment, ...spec.environment }),
  });
  let out = '';
  let err = '';
  const reports: RunnerReport[] = [];
  await new Promise<void>((resolve) => {
    const made = runner.launch((report) => {
      reports.push(report);
      if (report.type === 'exited' || report.type === 'spawnFailed') resolve();
    });
    void made.output.stdout.readBy((chunk) => {
      out += Buffer.from(chunk).toString();
      return null;
    });
    void made.output.stderr?.readBy((chunk) => {
      err += Buffer.from(chunk).toString();
      return null;
    });
  });
  return { out, err, last: reports.at(-1)! };
}

describe('a child process', () => {
  it('can open /dev/stdout and /dev/stderr, as most images and nginx do', async () => {
    const { out, err } = await run('echo to-out > /dev/stdout; echo to-err > /dev/stderr');
    expect([out, err]).toEqual(['to-out\n', 'to-err\n']);
  });

  it('writes both to one pipe with redirect_stderr, in order', async () => {
    const { out } = await run('echo 1; echo 2 >&2; echo 3', { redirectStderr: true });
    expect(out).toBe('1\n2\n3\n');
  });

  it('runs in its directory, with its umask and its environment', async () => {
    const { out } = await run('pwd; umask; echo "$GREETING"', {
      directory,
      umask: 0o077,
      environment: { GREETING: 'hello' },
    });
    expect(out).toBe(`${directory}\n0077\nhello\n`);
  });

  it('leaves the umask of the daemon alone', async () => {
    const umask = (): string | undefined => /^Umask:.*/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0];
    const before = umask();
    await run('true', { umask: 0o077 });
    expect(umask()).toBe(before);
  });

  it('has a stdin that stays open', async () => {
    const { out } = await run('timeout 0.2 cat; echo $?');
    expect(out).toBe('124\n');
  });

  it('leads a process group, so that a stop can reach its children', async () => {
    const { out } = await run('cut -d" " -f1,5 /proc/$$/stat');
    const [pid, group] = out.trim().split(' ');
    expect(pid).toBe(group);
  });

  it('inherits no descriptor of ours but its three', async () => {
    // Without a pipe and without a look into the directory: the shell would hold descriptors of its own for them.
    const { out } = await run(
      'n=3; while [ $n -lt 200 ]; do [ -e /proc/$$/fd/$n ] && echo $n; n=$((n + 1)); done; echo none',
    );
    expect(out).toBe('none\n');
  });

  it('says by which signal it ended', async () => {
    expect((await run('kill -KILL $$')).last).toMatchObject({ exit: { kind: 'signal', signal: 'SIGKILL' } });
  });

  it('is not waited for beyond its own end when a grandchild holds its output', async () => {
    const { out } = await run('sleep 3600 & echo $!');
    const grandchild = Number(out);
    // Fails if it has ended, and so would have been waited for.
    expect(process.kill(grandchild, 'SIGKILL')).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "runs as its user, with that user's groups, and can open /dev/stdout",
    async () => {
      const user = { name: 'nobody', uid: 65534, gid: 65534 };
      const { out, err } = await run('id -un; echo opened > /dev/stdout', { user });
      expect([out, err]).toEqual(['nobody\nopened\n', '']);
    },
  );
});

describe('a launch that cannot work', () => {
  const failure = async (change: Partial<ProcessSpec>): Promise<unknown> => (await run('true', change)).last;

  it.each([
    ['a directory that is not there', { directory: '/no/such' }, "couldn't chdir to /no/such: ENOENT"],
    ['a command that is not there', { command: '/no/such' }, "can't find command '/no/such'"],
    ['a name that is in no PATH', { command: 'no-such-command' }, "can't find command 'no-such-command'"],
    ['a directory for a command', { command: '/tmp' }, "command at '/tmp' is a directory"],
    [
      'a file that cannot be executed',
      { command: '/etc/passwd' },
      "command at '/etc/passwd' is not executable",
    ],
    [
      'quotes that do not close',
      { command: 'echo "a' },
      "can't parse command 'echo \"a': No closing quotation",
    ],
    ['no command at all', { command: '' }, 'command is empty'],
  ])('%s', async (_name, change, message) => {
    expect(await failure(change)).toEqual({ type: 'spawnFailed', message });
  });
});
