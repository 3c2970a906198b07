/** Gathers what a plan is made of: the doctor's evidence, and how the old daemon was started. */
import { createServer } from 'node:net';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { connectSupervisor } from '../rpc/remote-supervisor.ts';
import type { Config, ServerSpec } from '../core/config/model.ts';
import { fileOf, optionsOf, originalOf, withFile } from '../migrate/hand-over.ts';
import type { Facts, OldFacts } from '../migrate/facts.ts';
import { environmentOf, linkOf, seeProcess, text } from '../system/process-table.ts';
import type { DoctorExamination } from './doctor.ts';

export async function factsOf(
  examination: DoctorExamination,
  options: { readonly file: string },
): Promise<Facts> {
  const { manager, config, problems, sections, judged } = examination;
  if (manager === null || config === null) throw new Error('nothing to make a plan of');
  return {
    ...options,
    path: config.file,
    manager: manager.seen,
    old: manager.seen.local ? oldFacts(manager.seen.pid) : null,
    candidates: judged,
    sections,
    problems: problems.filter(({ severity }) => severity === 'warning'),
    takenAddresses: await takenAddresses(config, manager.seen.pid),
    hasServer: config.servers.length > 0,
    isRoot: process.getuid?.() === 0,
  };
}

function oldFacts(pid: number): OldFacts | null {
  const seen = seeProcess(pid);
  const environment = environmentOf(pid);
  const cwd = linkOf(pid, 'cwd');
  if (seen === null || environment === null || cwd === null) return null;
  const status = text(pid, 'status') ?? '';
  const id = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const unit = unitOf(text(pid, 'cgroup') ?? '');
  const named = fileOf(optionsOf(seen.words));
  const file = named === null ? null : resolve(cwd, named);
  // After an undo it may run with a file of ours, which stands for the user's.
  const original = file === null ? null : originalOf(textOf(file));
  const words = original === null ? seen.words : withFile(seen.words, original);
  const parent = seen.parent > 1 ? seeProcess(seen.parent) : null;
  return {
    launched: {
      pid,
      startTicks: seen.startTicks,
      words,
      environment,
      cwd,
      uid: id('Uid'),
      gid: id('Gid'),
    },
    file: original ?? file,
    unit,
    unitMasked: unit !== null && isMasked(unit),
    parent: parent === null ? null : basename(parent.words[0] ?? ''),
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The service of a control group; a login's session, and what is started by a user's own manager, is no service of the machine. */
export function unitOf(cgroup: string): string | null {
  for (const line of cgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || (controllers !== '' && controllers !== 'name=systemd')) continue;
    const unit = path.split('/').findLast((part) => part.endsWith('.service'));
    if (unit !== undefined && !/^(user@|docker\.|containerd\.)/.test(unit)) return unit;
  }
  return null;
}

function isMasked(unit: string): boolean {
  return ['/etc/systemd/system', '/run/systemd/system'].some((directory) => {
    try {
      return (
        readlinkSync(`${directory}/${unit}`) === '/dev/null' ||
        readFileSync(`${directory}/${unit}`).length === 0
      );
    } catch {
      return false;
    }
  });
}

/** Addresses that are taken, and not by the old manager: the new daemon could not listen there. */
async function takenAddresses({ servers }: Config, pid: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const server of servers) {
    if (server.kind !== 'inet' || isHashed(server) || !(await isTaken(server.host, server.port))) continue;
    if ((await pidAt(server)) !== pid)
      found.push(`${server.host === '' ? '*' : server.host}:${String(server.port)}`);
  }
  return found;
}

/** With a hash nobody can be asked who he is: taken for the old manager. */
const isHashed = ({ credentials }: ServerSpec): boolean => credentials?.password.startsWith('{SHA}') === true;

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => {
      done(true);
    });
    server.listen({ port, host: host === '' ? '0.0.0.0' : host, exclusive: true }, () => {
      server.close(() => {
        done(false);
      });
    });
  });
}

/** Who answers there; null: nobody who would tell. */
async function pidAt({
  host,
  port,
  credentials,
}: Extract<ServerSpec, { kind: 'inet' }>): Promise<number | null> {
  const supervisor = connectSupervisor({
    serverUrl: `http://${host === '' || host === '0.0.0.0' ? '127.0.0.1' : host}:${String(port)}`,
    username: credentials?.username ?? null,
    password: credentials?.password ?? null,
  });
  try {
    return await supervisor.pid();
  } catch {
    return null;
  } finally {
    supervisor.close();
  }
}
