/** `dockvisor doctor`: asks the manager, the Engine and the kernel about every program, and has `doctor/` judge. */
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../core/message-of.ts';
import type { Config, Problem, ProcessSpec, ReadResult } from '../core/config/model.ts';
import { readConfig } from '../core/config/read.ts';
import { readSections } from '../core/config/read-sections.ts';
import type { RawSection } from '../core/config/read-sections.ts';
import type { ProcessView } from '../core/view.ts';
import { commandsFor } from '../doctor/commands.ts';
import type { Evidence } from '../doctor/evidence.ts';
import { examine, keyOf } from '../doctor/examine.ts';
import type { Judged, Look } from '../doctor/examine.ts';
import type { Trouble } from '../doctor/findings.ts';
import { remedy } from '../doctor/findings.ts';
import { isPlugIn, makeReport } from '../doctor/report.ts';
import type { DoctorReport } from '../doctor/report.ts';
import { createConfigWorld } from '../system/config-world.ts';
import { seeProcess } from '../system/process-table.ts';
import { createContainerLooks } from './container-looks.ts';
import type { ContainerLooks } from './container-looks.ts';
import { findManager } from './manager-at-hand.ts';
import type { ManagerAtHand, ManagerSearch } from './manager-at-hand.ts';
import { createProxyLooks } from './proxy-looks.ts';

export interface DoctorQuestion {
  readonly file: string;
  /** Where the manager is; null: as the file says. */
  readonly url: string | null;
}

/** What was found, and what it was found in: the migration goes on with it. Its looks and its manager are the taker's to close. */
export interface DoctorExamination {
  readonly report: DoctorReport;
  readonly judged: readonly Judged[];
  readonly manager: ManagerAtHand | null;
  readonly config: Config | null;
  readonly problems: readonly Problem[];
  readonly sections: readonly RawSection[];
  readonly looks: ContainerLooks;
  close(): void;
}

/** Never rejects for what it finds: what cannot be looked at is told. */
export async function runDoctor(question: DoctorQuestion): Promise<DoctorReport> {
  const { report, close } = await examineHost(question);
  close();
  return report;
}

export async function examineHost({ file, url }: DoctorQuestion): Promise<DoctorExamination> {
  const search = await findManager(file, url);
  const { manager } = search;
  // The file is read with the manager's own eyes: its environment may be in the values, and names the Engine.
  const environment = manager?.environment ?? ownEnvironment();
  const cwd = manager?.cwd ?? process.cwd();
  const world = createConfigWorld({ environment, cwd });
  const read = readConfig(resolve(file), world, {}, 'others');
  const looks = createContainerLooks({ environment, cwd });
  const close = (): void => {
    looks.close();
    manager?.supervisor.close();
  };
  try {
    const { look, failure } = createLook(file, read.config, search, looks);
    const judged = await examine(look, manager?.seen ?? null, pause);
    const failed = failure();
    const unheard = failed === null || manager === null ? null : { url: manager.seen.url, why: failed };
    const troubles = [
      ...configTroubles(read, file),
      ...(manager === null || unheard !== null
        ? managerTroubles(unheard === null ? search : { ...search, failed: [unheard] }, file)
        : []),
      ...engineTroubles(judged),
    ];
    const sections = readSections(resolve(file), world);
    const hasPlugIn = sections.some(isPlugIn);
    const heard = unheard === null ? (manager?.seen ?? null) : null;
    const report = makeReport({ file, manager: heard, judged, troubles, hasPlugIn });
    return { report, judged, manager, config: read.config, problems: read.problems, sections, looks, close };
  } catch (error) {
    close();
    throw error;
  }
}

const ownEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

/** `failure`: why the manager could not be asked for its processes at the last look; null: it could. */
function createLook(
  file: string,
  config: Config | null,
  { manager, fileUrl }: ManagerSearch,
  looks: ContainerLooks,
): { readonly look: Look; readonly failure: () => string | null } {
  const specs = new Map(
    (config?.groups ?? []).flatMap((group) =>
      group.processes.map((spec) => [keyOf({ group: spec.group, process: spec.name }), spec] as const),
    ),
  );
  const proxies = createProxyLooks();
  let failed: string | null = null;

  async function evidenceOf(spec: ProcessSpec | null, says: ProcessView | null): Promise<Evidence> {
    const docker = spec?.docker ?? null;
    const commands = commandsFor({
      manager: manager?.seen.kind ?? 'supervisord',
      file,
      fileUrl,
      url: manager?.seen.url ?? null,
      dockerOptions: spec === null || docker === null ? [] : looks.clientOptions(spec, docker),
    });
    const names = { group: spec?.group ?? says?.group ?? '', process: spec?.name ?? says?.name ?? '' };
    const bare = { ...names, spec, says, commands };
    if (spec === null || docker === null) {
      const looked = manager?.seen.local === true && says !== null && says.pid > 0;
      return {
        ...bare,
        container: null,
        wantedId: null,
        proxy: null,
        pidAlive: looked ? seeProcess(says.pid) !== null : null,
      };
    }
    const proxy = says === null || manager === null ? null : await proxies.look(says, manager.seen);
    const made = docker.target.by === 'cidfile' ? (says?.container?.id ?? null) : null;
    const wanted = await looks.look(spec, docker, made);
    const wantedId = wanted.facts?.id ?? null;
    const live = proxy?.ref ?? null;
    const elsewhere =
      live !== null &&
      docker.target.by === 'name' &&
      live !== docker.target.name &&
      wantedId?.startsWith(live) !== true;
    // What is said is said about what runs, whatever the file says by now.
    const { seen } = elsewhere ? await looks.look(spec, docker, live) : wanted;
    return { ...bare, container: seen, wantedId, proxy, pidAlive: null };
  }

  const look: Look = async (only) => {
    let views: readonly ProcessView[] = [];
    try {
      views = (await manager?.supervisor.processes()) ?? [];
    } catch (error) {
      failed = messageOf(error);
    }
    const said = new Map(views.map((view) => [keyOf({ group: view.group, process: view.name }), view]));
    const keys = [...new Set([...specs.keys(), ...said.keys()])]
      .filter((key) => only?.has(key) ?? true)
      .sort();
    return Promise.all(keys.map((key) => evidenceOf(specs.get(key) ?? null, said.get(key) ?? null)));
  };
  return { look, failure: () => failed };
}

function configTroubles(read: ReadResult, file: string): readonly Trouble[] {
  const errors = read.config === null ? read.problems.filter(({ severity }) => severity === 'error') : [];
  return errors.map(({ message, place, hint }) => ({
    kind: 'configuration',
    text: `${place?.file ?? file}${place === null || place.line === 0 ? '' : `:${String(place.line)}`}: ${message}`,
    ...remedy([`dockvisor check -c ${file}`], hint),
  }));
}

function managerTroubles({ failed }: ManagerSearch, file: string): readonly Trouble[] {
  if (failed.length === 0) {
    const text = 'the file names no address of its manager: what it says of its programs cannot be asked';
    return [
      {
        kind: 'manager',
        text,
        ...remedy([], 'add [unix_http_server] and [supervisorctl], or say where it is: -s URL'),
      },
    ];
  }
  return failed.map(({ url, why }) => ({
    kind: 'manager',
    text: `the manager at ${url} cannot be asked what it says of its programs: ${why}`,
    ...remedy(
      [`supervisord -c ${file}`, `dockvisord -c ${file}`],
      'start the one that it is, or say where it is: -s URL',
    ),
  }));
}

/** Each Engine once. */
function engineTroubles(judged: readonly Judged[]): readonly Trouble[] {
  const found = new Map<string, Trouble>();
  for (const { evidence } of judged) {
    const view = evidence.container?.view;
    const target = evidence.spec?.docker?.target;
    if (view?.state !== 'unknown' || target?.by === 'cidfile') continue;
    found.set(view.engine, {
      kind: 'engine',
      text: `the Engine ${view.engine} cannot be asked about container ${view.name}: ${view.error}`,
      ...remedy(
        [evidence.commands.docker('version')],
        'start it (systemctl start docker), or mend docker_host or DOCKER_HOST',
      ),
    });
  }
  return [...found.values()];
}
