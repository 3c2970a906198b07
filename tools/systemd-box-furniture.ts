/** What is different in the box: no services of this machine but docker's, no devices, a journal that stays, short paths to our programs. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** They look for hardware, for people or for the network; there is none. */
const masked = [
  'systemd-udevd.service',
  'systemd-udev-trigger.service',
  'systemd-udevd-control.socket',
  'systemd-udevd-kernel.socket',
  'systemd-logind.service',
  'systemd-timesyncd.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'console-getty.service',
  'getty@.service',
  'getty.target',
  'systemd-firstboot.service',
  'systemd-update-utmp.service',
  'systemd-sysctl.service',
  'systemd-modules-load.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
];

/** nspawn mounts the controllers read-only; a plain remount is busy, this one is not. */
const writableControllers =
  "/bin/sh -c 'for d in /sys/fs/cgroup/*; do mountpoint -q $d && mount -o remount,bind,rw $d; done; true'";

export function furnish(root: string): void {
  const units = join(root, 'etc/systemd/system');
  for (const name of readdirSync(units).filter((one) => /\.(wants|requires)$/.test(one)))
    rmSync(join(units, name), { recursive: true });
  for (const unit of masked) link('/dev/null', join(units, unit));
  link('/lib/systemd/system/multi-user.target', join(units, 'default.target'));
  link('/lib/systemd/system/docker.service', join(units, 'multi-user.target.wants/docker.service'));
  const put = (path: string, text: string): void => write(join(root, path), text);
  put('etc/fstab', '');
  put('etc/default/docker', '');
  put('etc/docker/daemon.json', '{"bridge":"none","iptables":false,"ip-masq":false}\n');
  put(
    'etc/systemd/system/docker.service.d/box.conf',
    `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStartPre=${writableControllers}\n`,
  );
  // Its groups would be made in this machine's hierarchies, and nobody here needs the numbers.
  put(
    'etc/systemd/system.conf.d/box.conf',
    '[Manager]\nDefaultTasksAccounting=no\nDefaultMemoryAccounting=no\n',
  );
  put(
    'etc/systemd/journald.conf.d/box.conf',
    '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nSyncIntervalSec=1s\n',
  );
  rmSync(join(root, 'var/log/journal'), { recursive: true, force: true });
  mkdirSync(join(root, 'var/log/journal'), { recursive: true });
  for (const [name, file] of [
    ['dockvisor', 'dockvisor'],
    ['dockvisord', 'dockvisord'],
    ['dockvisorctl', 'dockvisorctl'],
  ] as const)
    put(`usr/local/bin/${name}`, `#!/bin/sh\nexec /opt/node /opt/dockvisor/dist/${file}.js "$@"\n`);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // Through a link of this machine's the file would be looked for on this machine.
  if (existsSync(path)) rmSync(path);
  writeFileSync(path, text, { mode: path.includes('/bin/') ? 0o755 : 0o644 });
}
