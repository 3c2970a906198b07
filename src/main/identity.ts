/** Who the daemon is and where: user, umask, directory. */
import type { Config } from '../core/config/model.ts';
import type { Log } from '../log/activity-log.ts';
import { StartError } from './start-error.ts';

/** Becomes the user of `[supervisord] user`; says so in supervisord's words. Throws StartError. */
export function dropPrivileges(
  config: Config,
): readonly { readonly level: 'info' | 'critical'; readonly text: string }[] {
  const { user } = config.daemon;
  const self = process.getuid?.() ?? 0;
  if (user === null) {
    return self !== 0
      ? []
      : [
          {
            level: 'critical',
            text: 'Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.',
          },
        ];
  }
  if (self !== 0 && self !== user.uid) throw new StartError("Can't drop privilege as nonroot user");
  if (self === 0 && user.uid !== 0) {
    initgroups(user.name, user.gid);
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
  }
  return [{ level: 'info', text: `Set uid to user ${String(user.uid)} succeeded` }];
}

/** Documented, and missing from the types. */
const initgroups = (user: string, group: number): void => {
  (process as unknown as { initgroups(user: string, group: number): void }).initgroups(user, group);
};

/** supervisord does this only in the background; what is written in the file holds for both here (docs/compat.md). */
export function applyUmaskAndDirectory(config: Config, log: Log): void {
  process.umask(config.daemon.umask);
  if (config.daemon.directory === null) return;
  try {
    process.chdir(config.daemon.directory);
    log.info(`set current directory: '${config.daemon.directory}'`);
  } catch (error) {
    log.critical(`can't chdir into '${config.daemon.directory}': ${String(error)}`);
  }
}
