/** The box with an image in its Engine, and the few things that every scenario does in it. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { image, importImage } from '../../tools/private-engine.ts';
import { createSystemdBox } from '../../tools/systemd-box.ts';
import type { SystemdBox } from '../../tools/systemd-box.ts';
import { runCommand } from '../support/run-command.ts';
import type { CommandResult } from '../support/run-command.ts';
import { until } from '../support/until.ts';

export interface Stage {
  readonly box: SystemdBox;
  /** A command in the box; a code other than 0 is an answer. */
  run(...words: string[]): Promise<CommandResult>;
  /** Its stdout, trimmed; a code other than 0 is an error. */
  ok(...words: string[]): Promise<string>;
  docker(...words: string[]): Promise<string>;
  /** Makes a container that does not run yet. */
  create(name: string, options: readonly string[], script: string): Promise<string>;
  /** Files of units, by name; read by systemd before this resolves. */
  units(texts: Readonly<Record<string, string>>): Promise<void>;
  /** `systemctl show` of one property. */
  show(unit: string, property: string): Promise<string>;
  /** Resolves when the property is as wanted. */
  untilShown(unit: string, property: string, wanted: string | RegExp): Promise<void>;
  journal(unit: string): Promise<string>;
  untilInJournal(unit: string, wanted: string | RegExp): Promise<void>;
  /** Of this boot, whoever wrote it, as `who: message`. */
  untilInJournalOf(wanted: RegExp): Promise<void>;
  destroy(): Promise<void>;
}

const waitMs = 30_000;

export async function openStage(): Promise<Stage> {
  const box = await createSystemdBox(join(import.meta.dirname, '..', '..'));

  const run: Stage['run'] = (...words) => {
    const [file = '', ...args] = box.enter();
    return runCommand(file, [...args, ...words]);
  };
  const ok: Stage['ok'] = async (...words) => {
    const { code, stdout, stderr } = await run(...words);
    if (code !== 0) throw new Error(`${words.join(' ')}: exit status ${code}: ${stderr}${stdout}`);
    return stdout.trim();
  };
  const show: Stage['show'] = (unit, property) => ok('systemctl', 'show', '--value', '-p', property, unit);
  const journal: Stage['journal'] = async (unit) =>
    (await run('journalctl', '--no-pager', '-q', '-o', 'cat', '-u', unit)).stdout;
  const matches = (text: string, wanted: string | RegExp): boolean =>
    typeof wanted === 'string' ? text === wanted : wanted.test(text);

  const stage: Stage = {
    box,
    run,
    ok,
    docker: (...words) => ok('docker', ...words),
    create: (name, options, script) =>
      ok('docker', 'create', '--name', name, ...options, image, 'sh', '-c', script),
    async units(texts) {
      for (const [name, text] of Object.entries(texts)) {
        const path = join(box.root, 'etc/systemd/system', name);
        rmSync(path, { force: true });
        writeFileSync(path, text);
      }
      await ok('systemctl', 'daemon-reload');
    },
    show,
    async untilShown(unit, property, wanted) {
      let last = '';
      await until(
        () => `${property} of ${unit} is ${String(wanted)}, was "${last}"`,
        waitMs,
        async () => {
          last = await show(unit, property);
          return matches(last, wanted) ? true : null;
        },
      );
    },
    journal,
    async untilInJournal(unit, wanted) {
      let last = '';
      await until(
        () => `${String(wanted)} in the journal of ${unit}, which is:\n${last}`,
        waitMs,
        async () => {
          last = await journal(unit);
          return (typeof wanted === 'string' ? last.includes(wanted) : wanted.test(last)) ? true : null;
        },
      );
    },
    async untilInJournalOf(wanted) {
      let last = '';
      await until(
        () => `${String(wanted)} in the journal, which ends with:\n${last.slice(-4000)}`,
        waitMs,
        async () => {
          last = (await run('journalctl', '--no-pager', '-q', '-b', '-o', 'short')).stdout;
          return wanted.test(last) ? true : null;
        },
      );
    },
    destroy: () => box.destroy(),
  };
  try {
    await box.boot();
    await ok('systemctl', 'is-active', 'docker.service');
    const socket = box.inside('/run/docker.sock');
    importImage({ directory: box.directory, host: `unix://${socket}`, image });
    return stage;
  } catch (error) {
    await box.destroy();
    throw error;
  }
}

/** A unit of `dockvisor wrap`. `lines`: further ones of its [Service]. */
export const wrapUnit = (words: string, ...lines: string[]): string => `[Unit]
After=docker.service
[Service]
Type=notify
NotifyAccess=main
KillMode=mixed
ExecStart=/usr/local/bin/dockvisor wrap ${words}
${lines.join('\n')}
`;
export { image };
