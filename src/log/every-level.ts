/** A log made of one function for each level. */
import type { LogLevel } from '../core/config/model.ts';
import type { Log } from './activity-log.ts';

export const everyLevel = (at: (level: LogLevel) => Log[LogLevel]): Log => ({
  critical: at('critical'),
  error: at('error'),
  warn: at('warn'),
  info: at('info'),
  debug: at('debug'),
  trace: at('trace'),
  blather: at('blather'),
});

/** What it is told is for nobody here. */
export const silentLog: Log = everyLevel(() => () => undefined);
