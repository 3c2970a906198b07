/** The contract of every Runner (DESIGN section 6, R1 to R8). Run on: processes, containers over the fake Engine, containers over a real one. */
import { afterEach, describe, expect, it } from 'vitest';
import type { OutputChannel, Run, Runner, RunnerReport } from '../../src/supervisor/runner.ts';
import type { Behaviour } from '../support/behaviour.ts';

export interface RunnerWorld {
  readonly runner: Runner;
  /** Whether what the last launch started runs, asked of the kernel or the Engine and not of the runner. */
  isUp(): Promise<boolean>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Longest that anything here may take. */
const limitMs = 15_000;

class Recorded {
  readonly reports: RunnerReport[] = [];
  stdout = '';
  stderr = '';
  #wake: () => void = () => undefined;
  run!: Run;
  /** What had been read when the end was told. */
  stdoutAtEnd: number | null = null;

  start(runner: Runner): this {
    this.run = runner.launch((report) => {
      this.reports.push(report);
      if (report.type === 'exited') this.stdoutAtEnd = this.stdout.length;
      this.#wake();
    });
    this.#read(this.run.output.stdout, 'stdout');
    if (this.run.output.stderr !== null) this.#read(this.run.output.stderr, 'stderr');
    return this;
  }

  #read(output: OutputChannel, to: 'stdout' | 'stderr'): void {
    void output.readBy((chunk) => {
      this[to] += Buffer.from(chunk).toString('utf8');
      this.#wake();
      return null;
    });
  }

  /** It has said `ready`: its traps are set. */
  async ready(): Promise<void> {
    await this.#until('ready', () => this.stdout.includes('ready'));
  }

  async until(type: RunnerReport['type']): Promise<RunnerReport> {
    await this.#until(type, () => this.reports.some((report) => report.type === type));
    return this.reports.find((report) => report.type === type)!;
  }

  async #until(what: string, come: () => boolean): Promise<void> {
    const limit = Date.now() + limitMs;
    while (!come()) {
      if (Date.now() > limit)
        throw new Error(`no ${what} within ${limitMs} ms; told: ${JSON.stringify(this.reports)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  types(): string[] {
    return this.reports.map((report) => report.type);
  }
}

export function runnerContract(name: string, make: (behaviour: Behaviour) => Promise<RunnerWorld>): void {
  describe(`${name} keeps the runner's contract`, () => {
    let world: RunnerWorld | null = null;
    const launch = async (behaviour: Behaviour): Promise<Recorded> => {
      world = await make(behaviour);
      return new Recorded().start(world.runner);
    };
    const isUp = (): Promise<boolean> => world!.isUp();
    afterEach(async () => {
      await world?.close();
      world = null;
    });
    const stopNow = { signal: null, graceMs: 5000 };

    it('R1, R2: a run that ends by itself is spawned, then exited with its code, and nothing follows', async () => {
      const run = await launch({ kind: 'exits', code: 7, afterMs: 300, stdout: 'out', stderr: 'err' });
      expect(await run.until('exited')).toMatchObject({ exit: { kind: 'code', code: 7 } });
      run.run.stop(stopNow);
      run.run.kill();
      expect(run.types()).toEqual(['spawned', 'exited']);
    });

    it('R2: also when it ends at once', async () => {
      const run = await launch({ kind: 'exits', code: 3, afterMs: 0, stdout: '', stderr: '' });
      expect(await run.until('exited')).toMatchObject({ exit: { kind: 'code', code: 3 } });
      expect(run.types()).toEqual(['spawned', 'exited']);
    });

    it('R3: exited comes after all output, and none of it is lost', async () => {
      const run = await launch({
        kind: 'exits',
        code: 0,
        afterMs: 0,
        stdout: 'first and last',
        stderr: 'to stderr',
      });
      await run.until('exited');
      expect(run.stdoutAtEnd).toBe('first and last'.length);
      expect([run.stdout, run.stderr]).toEqual(['first and last', 'to stderr']);
    });

    it('R3: also when there is much of it', async () => {
      const run = await launch({ kind: 'loud', lines: 40_000 });
      await run.until('exited');
      expect(run.stdoutAtEnd).toBe(4_000_000);
    });

    it('a stop ends a well-behaved one, and its end is told as exited', async () => {
      const run = await launch({ kind: 'well-behaved' });
      await run.until('spawned');
      await run.ready();
      expect(await isUp()).toBe(true);
      run.run.stop(stopNow);
      await run.until('exited');
      expect(await isUp()).toBe(false);
      expect(run.types()).toEqual(['spawned', 'exited']);
    });

    it('R4: a signal to what has gone is no failure', async () => {
      const run = await launch({ kind: 'exits', code: 0, afterMs: 0, stdout: '', stderr: '' });
      await run.until('exited');
      run.run.signal('TERM');
      run.run.kill();
      expect(run.types()).toEqual(['spawned', 'exited']);
    });

    it('R5: a launch that is called back leaves nothing running', async () => {
      const run = await launch({ kind: 'well-behaved' });
      run.run.cancel();
      const first = await Promise.race([run.until('spawned'), run.until('spawnFailed'), run.until('exited')]);
      if (first.type === 'spawned') {
        run.run.stop(stopNow);
        await run.until('exited');
      }
      expect(await isUp()).toBe(false);
    });

    it('R6: a launch that cannot work says why', async () => {
      const run = await launch({ kind: 'missing' });
      const told = await Promise.race([run.until('spawnFailed'), run.until('exited')]);
      expect(told.type).toBe('spawnFailed');
      expect(told).toHaveProperty('message', expect.stringContaining('/no/such/program'));
      expect(run.types()).toEqual(['spawnFailed']);
    });

    it('R8: a deaf one is exited only after it was killed, and then it does not run', async () => {
      const run = await launch({ kind: 'deaf' });
      await run.until('spawned');
      await run.ready();
      const graceMs = 1500;
      const asked = performance.now();
      run.run.stop({ signal: null, graceMs });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const seen = { told: run.types(), isUp: await isUp() };
      // An Engine kills by itself when the grace is over: what is seen after that, on a machine that stood still meanwhile, says nothing.
      if (performance.now() - asked < graceMs) expect(seen).toEqual({ told: ['spawned'], isUp: true });
      run.run.kill();
      await run.until('exited');
      expect(await isUp()).toBe(false);
    });
  });
}
