/** The real parts that tests and the quick start need, and how they come to a bare Debian: Engine, supervisord, static busybox, systemd. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

export interface Part {
  readonly file: string;
  readonly debianPackage: string;
}

const parts: readonly Part[] = [
  { file: '/usr/sbin/dockerd', debianPackage: 'docker.io' },
  { file: '/usr/bin/supervisord', debianPackage: 'supervisor' },
  { file: '/bin/busybox', debianPackage: 'busybox-static' },
  { file: '/sbin/ip', debianPackage: 'iproute2' },
  // For a container that is dead: a file of its own that nobody can remove.
  { file: '/usr/bin/chattr', debianPackage: 'e2fsprogs' },
];

/** For `integration/systemd` alone: a systemd to boot in a box, and what it is asked with. */
export const systemdParts: readonly Part[] = [
  { file: '/usr/bin/systemd-nspawn', debianPackage: 'systemd-container' },
  { file: '/lib/systemd/systemd', debianPackage: 'systemd' },
  { file: '/usr/bin/dbus-daemon', debianPackage: 'dbus' },
  { file: '/usr/bin/setpriv', debianPackage: 'util-linux' },
];

const policyFile = '/usr/sbin/policy-rc.d';

/** Installs what is missing of `parts` and of `more`. Throws an Error that names what is needed and cannot be had. */
export function ensureRealParts(say: (message: string) => void, more: readonly Part[] = []): void {
  if (process.getuid?.() !== 0) throw new Error('the private Engine needs root: run this as root');
  if (!existsSync('/sys/fs/cgroup'))
    throw new Error('the private Engine needs control groups: /sys/fs/cgroup is not there');
  const missing = [...parts, ...more]
    .filter(({ file }) => !existsSync(file))
    .map(({ debianPackage }) => debianPackage);
  if (missing.length === 0) return;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Error(`these are missing and there is no apt-get to install them: ${missing.join(' ')}`);
  }
  say(`installing ${missing.join(' ')} (apt-get, about a minute)`);
  // Packages must not start services of their own on this machine: invoke-rc.d asks this file.
  const ours = !existsSync(policyFile);
  if (ours) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  } finally {
    if (ours) rmSync(policyFile, { force: true });
  }
}

function apt(args: readonly string[]): void {
  try {
    execFileSync('apt-get', [...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 10 * 60_000,
    });
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`apt-get ${args[0] ?? ''} failed: ${words}`, { cause: error });
  }
}
