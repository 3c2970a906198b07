/**
 * How fast output comes into the log: one container that writes lines of 100 bytes, 40 at a time, as fast as it can; every byte is
 * compared afterwards. The contenders take turns, another one first each time.
 */
import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { until } from '../../integration/support/until.ts';
import { readProcesses } from '../../integration/support/rpc.ts';
import type { BenchOptions } from '../options.ts';
import { cpuSecondsOf, forgetPeak, memoryOf, peakMb, treeOf } from '../proc.ts';
import type { Figure, Row } from '../row.ts';
import { programsFor } from '../containers.ts';
import { stackOf } from '../stacks.ts';
import type { Managed, Stage } from '../stage.ts';
import { floodRows } from './flood-rows.ts';

export const contenders = ['classic-20', 'api', 'cli'] as const;
export type Contender = (typeof contenders)[number];
export const drivers = ['json-file', 'none'] as const;
export type Driver = (typeof drivers)[number];

export interface Flood {
  readonly mbPerSecond: number;
  /** Of manager and proxy. */
  readonly cpuSeconds: number;
  readonly lostBytes: number;
  /** Of the manager alone, above its rest before the first flood. */
  readonly peakAboveRestMb: number;
}

/** What is written again and again: 40,000 numbered lines. */
const blockBytes = 4_000_000;
const lineBytes = 100;
const writeBytes = 4000;
const pollMs = 5;

export const flood: Figure = {
  name: 'flood',
  answersTo: ['flood'],
  async measure(stage, options): Promise<readonly Row[]> {
    const block = blockOf();
    const directory = join(stage.engine.directory, 'flood');
    mkdirSync(directory);
    writeFileSync(join(directory, 'block'), block);
    const found = new Map<string, Flood[]>();
    const hosts: Host[] = [];
    for (const name of contenders) {
      const stack = stackOf(name);
      const lines = ['autostart=false', 'autorestart=false', 'startsecs=0', 'stdout_logfile_maxbytes=0'];
      const programs = drivers.map((driver) =>
        programsFor(stack, [nameOf(name, driver)], [...lines, `stdout_logfile=%DIR%/${driver}.log`]),
      );
      const managed = await stage.manage(stack, programs.join('\n'));
      await sleep(Math.min(2000, options.settleMs));
      hosts.push({ name, managed, restMb: memoryOf([managed.pid]).rssMb });
    }
    for (let repetition = 0; repetition < options.floods; repetition++) {
      for (const driver of drivers) {
        for (const { name, managed, restMb } of rotated(hosts, repetition)) {
          const one = { stage, name: nameOf(name, driver), driver, directory, block };
          const made = await measureOne(one, managed, restMb, options);
          const key = `${name} ${driver}`;
          found.set(key, [...(found.get(key) ?? []), made]);
          stage.say(`  ${key}: ${JSON.stringify(made)}`);
        }
      }
    }
    return floodRows((name, driver) => found.get(`${name} ${driver}`) ?? [], options);
  },
};

const rotated = <T>(all: readonly T[], by: number): readonly T[] => [
  ...all.slice(by % all.length),
  ...all.slice(0, by % all.length),
];

interface Host {
  readonly name: Contender;
  readonly managed: Managed;
  readonly restMb: number;
}

interface Target {
  readonly stage: Stage;
  readonly name: string;
  readonly driver: Driver;
  readonly directory: string;
  readonly block: Buffer;
}

async function measureOne(
  target: Target,
  managed: Managed,
  restMb: number,
  options: BenchOptions,
): Promise<Flood> {
  const { stage, name, driver, directory, block } = target;
  const times = options.floodBytes / blockBytes;
  const script = `i=0; while [ $i -lt ${String(times)} ]; do dd if=/flood/block bs=${String(writeBytes)} 2>/dev/null; i=$((i+1)); done`;
  await stage.create([name], ['sh', '-c', script], ['--log-driver', driver, '-v', `${directory}:/flood:ro`]);
  const log = join(managed.manager.directory, `${driver}.log`);
  // What the one before has left for the kernel to write is not this one's.
  await promisify(execFile)('sync', { timeout: stage.limitMs });
  const cpuBefore = cpuSecondsOf(treeOf(managed.pid), true);
  forgetPeak(managed.pid);
  await managed.call('supervisor.startProcess', [name, false]);
  const limit = Date.now() + stage.limitMs;
  while (sizeOf(log) < options.floodBytes && Date.now() < limit) await sleep(pollMs);
  const endedAt = Date.now();
  // Only when it has waited for the proxy does supervisord's own account hold that one's time.
  await until(`${name} has EXITED`, stage.limitMs, async () => {
    const all = await readProcesses(join(managed.manager.directory, 'sock'));
    return all.find((one) => one.name === name)?.state === 'EXITED' ? true : null;
  });
  const cpuSeconds = cpuSecondsOf(treeOf(managed.pid), true) - cpuBefore;
  const peakAboveRestMb = peakMb(managed.pid) - restMb;
  const { startedAt } = (await stage.docker.inspect(name)) ?? { startedAt: '' };
  const lostBytes = differenceOf(log, block, options.floodBytes);
  await managed.call('supervisor.clearProcessLogs', [name]);
  rmSync(log, { force: true });
  await managed.manager.processes();
  await stage.docker.run('rm', '-f', name);
  const seconds = (endedAt - Date.parse(startedAt)) / 1000;
  return { mbPerSecond: options.floodBytes / 1e6 / seconds, cpuSeconds, lostBytes, peakAboveRestMb };
}

const nameOf = (contender: Contender, driver: Driver): string => `flood-${contender}-${driver}`;

function blockOf(): Buffer {
  const line = (index: number): string =>
    `${String(index).padStart(8, '0')} `.padEnd(lineBytes - 1, 'x') + '\n';
  return Buffer.from(Array.from({ length: blockBytes / lineBytes }, (_, index) => line(index)).join(''));
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** How many bytes of the log are not what was written, those that are missing or too many among them. */
function differenceOf(file: string, block: Buffer, wanted: number): number {
  const size = sizeOf(file);
  let wrong = Math.abs(size - wanted);
  const fd = openSync(file, 'r');
  const piece = Buffer.alloc(blockBytes);
  try {
    for (let at = 0; at < Math.min(size, wanted); at += blockBytes) {
      const got = readSync(fd, piece, 0, blockBytes, at);
      if (piece.compare(block, 0, got, 0, got) !== 0) wrong += got;
    }
  } finally {
    closeSync(fd);
  }
  return wrong;
}
