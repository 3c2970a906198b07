/**
 * The daemon's own log: pino, printed either as supervisord's lines (`2026-11-21 02:46:27,123 INFO message`) or as JSON.
 */
import { pino } from 'pino';
import type { LogLevel } from '../core/config/model.ts';
import { everyLevel } from './every-level.ts';

/** supervisord's levels, low to high (`critical` 50). */
const levels = { blather: 3, trace: 5, debug: 10, info: 20, warn: 30, error: 40, critical: 50 } as const;
const labels: Readonly<Record<number, string>> = {
  3: 'BLAT',
  5: 'TRAC',
  10: 'DEBG',
  20: 'INFO',
  30: 'WARN',
  40: 'ERRO',
  50: 'CRIT',
};

/** `fields` are data beside the sentence: kept in JSON, left out of supervisord's lines. Never a secret. */
export type Log = Readonly<
  Record<LogLevel, (message: string, fields?: Readonly<Record<string, unknown>>) => void>
>;

/** What is below the level is left out from then on. */
export type ActivityLog = Log & { setLevel(level: LogLevel): void };

export type LogFormat = 'supervisord' | 'json';

/** `write` gets whole lines with their newline. */
export function createActivityLog(
  level: LogLevel,
  format: LogFormat,
  write: (line: string) => void,
): ActivityLog {
  const logger = pino(
    {
      customLevels: levels,
      useOnlyCustomLevels: true,
      level,
      base: null,
      timestamp: format === 'json' ? pino.stdTimeFunctions.isoTime : pino.stdTimeFunctions.epochTime,
      ...(format === 'json' ? { formatters: { level: (label: string) => ({ level: label }) } } : {}),
    },
    {
      write:
        format === 'json'
          ? write
          : (json: string) => {
              write(toSupervisordLine(json));
            },
    },
  );
  return {
    ...everyLevel((name) => (message, fields = {}) => {
      logger[name](fields, message);
    }),
    setLevel(next) {
      logger.level = next;
    },
  };
}

function toSupervisordLine(json: string): string {
  // pino wrote it: level and time are numbers, msg a string.
  const { level, time, msg } = JSON.parse(json) as { level: number; time: number; msg: string };
  return `${formatLocalTime(new Date(time))} ${labels[level] ?? 'INFO'} ${msg}\n`;
}

/** `YYYY-MM-DD HH:MM:SS,mmm`, local. */
export function formatLocalTime(date: Date): string {
  const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())},${pad(date.getMilliseconds(), 3)}`;
}
