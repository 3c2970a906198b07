/** How times, ends and counts are said. */
import type { End } from '../history/entry.ts';

/** Local time, and how long ago. */
export function when(ms: number, now: number): string {
  return `${localTime(ms)} (${ago(now - ms)})`;
}

function localTime(ms: number): string {
  const date = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 120) return `${String(seconds)} seconds ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${String(minutes)} minutes ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} hours ago` : `${String(Math.floor(hours / 24))} days ago`;
}

export const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${String(n)} times`);
export const count = (n: number, thing: string, many: string): string =>
  `${String(n)} ${n === 1 ? thing : many}`;

/** What a shell's 128 + n stands for, of those that end things. */
const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/** To stand after "it ended": `with exit code 1`. */
export function endWords(end: End): string {
  if (end.oom_killed)
    return `with ${end.code === null ? 'a kill' : codeWords(end.code)}, killed for want of memory (OOM)`;
  if (end.code !== null) return `with ${codeWords(end.code)}`;
  if (end.signal !== null) return `by ${end.signal}`;
  return 'unseen: its exit status is not known';
}

function codeWords(code: number): string {
  const signal = signals[code - 128];
  return `exit code ${String(code)}${signal === undefined ? '' : ` (128 + ${String(code - 128)}: ${signal})`}`;
}

/** `by an order`, `because it has autostart=true`. */
export const because = (why: string): string =>
  why.startsWith('an order')
    ? `by ${why}`
    : `because ${why === '' ? 'of something that was not noted' : why}`;

/** A sentence with one full stop. */
export function sentence(text: string): string {
  const bare = text.trim().replace(/[.;,\s]+$/, '');
  return bare === '' ? '' : `${bare.charAt(0).toUpperCase()}${bare.slice(1)}.`;
}
