import type { Log } from '../../src/log/activity-log.ts';

const nothing = (): void => undefined;
export const quietLog: Log = {
  critical: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  blather: nothing,
};
