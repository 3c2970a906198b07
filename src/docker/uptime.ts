/** How long a container is up, in the words of the Engine's list (`HumanDuration` of docker/go-units): "Up 7 seconds", "Up 2 hours". Pure. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** Hours are rounded, and what is counted in more than hours is made of these. */
const half = hour / 2;

/** From so many seconds on, until so many. */
type Span = readonly [number, number];

const words: Readonly<Record<string, Span>> = {
  'Less than a second': [0, 1],
  'About a minute': [minute, 2 * minute],
  'About an hour': [hour, hour + half],
};
const units: Readonly<Record<string, (n: number) => Span>> = {
  second: (n) => [n, n + 1],
  minute: (n) => [n * minute, (n + 1) * minute],
  hour: (n) => [n * hour - half, n * hour + half],
  day: (n) => [n * day - half, (n + 1) * day - half],
  week: (n) => [7 * n * day - half, 7 * (n + 1) * day - half],
  month: (n) => [30 * n * day - half, 30 * (n + 1) * day - half],
  year: (n) => [365 * n * day, 365 * (n + 1) * day],
};

const pattern =
  /^Up (?:(Less than a second|About a minute|About an hour)|(\d+) (second|minute|hour|day|week|month|year)s?)(?= |$)/;

/** What is left out of a time in ms, in seconds. */
const roundingSeconds = 0.01;

/**
 * Whether what was listed as `status` can have been up since `startedAt`. The times are wall times in ms: the list was made between `from`
 * and `to`. null: that cannot be told (it is not up, or another Engine says it in other words).
 */
export function isUpSince(status: string, startedAt: number, from: number, to: number): boolean | null {
  const [, word = '', number = '', unit = ''] = pattern.exec(status) ?? [];
  const span = words[word] ?? units[unit]?.(Number(number));
  if (span === undefined) return null;
  const [least, most] = span;
  return (
    (to - startedAt) / 1000 + roundingSeconds >= least && (from - startedAt) / 1000 - roundingSeconds < most
  );
}
