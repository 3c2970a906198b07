/** A host for the doctor: an Engine, a manager with programs, and the doctor's own command. */
import { createDocker } from '../support/docker.ts';
import type { Docker } from '../support/docker.ts';
import { createManager } from '../support/manager.ts';
import type { Manager, ManagerKind } from '../support/manager.ts';
import { ourCommands } from '../support/our-commands.ts';
import type { OurCommands } from '../support/our-commands.ts';
import { until } from '../support/until.ts';
import type { DoctorReport, ProgramReport } from '../../src/doctor/report.ts';

export interface Patient {
  readonly docker: Docker;
  readonly manager: Manager;
  readonly commands: OurCommands;
  readonly config: string;
  diagnose(...options: string[]): Promise<{ readonly code: number; readonly report: DoctorReport }>;
  untilSays(name: string, ...states: string[]): Promise<void>;
  untilRuns(name: string): Promise<void>;
  destroy(): Promise<void>;
}

export interface PatientOptions {
  readonly engine: { readonly host: string; readonly socket: string; readonly image: string };
  readonly dockvisord: string;
  readonly kind: ManagerKind;
  readonly programs: string;
  /** Names of containers, which are removed at the end, and the words of `docker create` after the name. */
  readonly containers: Readonly<Record<string, readonly string[]>>;
}

const patienceMs = 30_000;

export async function admit({
  engine,
  dockvisord,
  kind,
  programs,
  containers,
}: PatientOptions): Promise<Patient> {
  const docker = createDocker(engine, 20_000);
  const commands = ourCommands(dockvisord);
  const manager = createManager({ kind, dockvisord, dockerHost: engine.host, programs });
  const config = `${manager.directory}/supervisord.conf`;
  for (const [name, words] of Object.entries(containers))
    await docker.run('create', '--name', name, ...words);
  await manager.start();
  return {
    docker,
    manager,
    commands,
    config,
    async diagnose(...options) {
      const { code, stdout, stderr } = await commands.dockvisor('doctor', '-c', config, '--json', ...options);
      if (stdout === '') throw new Error(`the doctor said nothing (exit ${String(code)}): ${stderr}`);
      return { code, report: JSON.parse(stdout) as DoctorReport };
    },
    async untilSays(name, ...states) {
      await until(
        () => `${name} is ${states.join(' or ')}\n${manager.log()}`,
        patienceMs,
        async () => {
          const says = (await manager.processes()).find((one) => one.name === name);
          return says !== undefined && states.includes(says.state) ? true : null;
        },
      );
    },
    async untilRuns(name) {
      await until(`${name} runs`, patienceMs, async () =>
        (await docker.inspect(name))?.status === 'running' ? true : null,
      );
    },
    async destroy() {
      await manager.destroy();
      await docker.removeAll(Object.keys(containers));
      docker.close();
      commands.remove();
    },
  };
}

export function programOf(report: DoctorReport, name: string): ProgramReport {
  const found = report.programs.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the report has no ${name}: ${JSON.stringify(report, null, 2)}`);
  return found;
}

export const kindsOf = (found: readonly { readonly kind: string }[]): readonly string[] =>
  found.map(({ kind }) => kind);
