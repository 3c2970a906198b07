/** Where it was measured: without that, figures say nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { stacks } from './stacks.ts';

export function describeMachine(): readonly string[] {
  const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(readText('/etc/os-release'))?.[1] ?? 'Linux';
  const clients = [...new Set(stacks.map(({ client }) => client))];
  return [
    `${String(cpus().length)} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${distribution}, kernel ${release()}`,
    `Node ${process.version}, dockerd ${version('dockerd', /version ([^\s,]+)/)}, supervisord ${version('/usr/bin/supervisord', /([\d.]+)/)}, docker CLI ${clients.map((client) => `${version(client, /version ([^\s,]+)/)} (${client})`).join(' and ')}`,
  ];
}

export const loadNow = (): string =>
  loadavg()
    .map((load) => load.toFixed(2))
    .join(' ');

function version(program: string, pattern: RegExp): string {
  const text = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return pattern.exec(text)?.[1] ?? 'unknown';
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
