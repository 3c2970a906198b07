/** Linux signals as supervisord 4.2.5 takes them: what Python's `signal` module names (supervisord.md 1.6). */
import type { SignalSpec } from './model.ts';
import { pyInt, pyRepr, strip } from './python-text.ts';
import type { Parsed } from './values.ts';

/** Names in the order of their numbers from 1. */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

const byName = new Map<string, number>([
  ...NAMES.map((name, index): [string, number] => [name, index + 1]),
  ['RTMIN', 34],
  ['RTMAX', 64],
]);
const byNumber = new Map([...byName].map(([name, number]) => [number, name]));
/** Second names, and the constants of Python's module that slip through because they start with SIG. */
const aliases = new Map<string, number>([
  ['IOT', 6],
  ['CLD', 17],
  ['POLL', 29],
  ['_DFL', 0],
  ['_IGN', 1],
  ['_BLOCK', 0],
  ['_UNBLOCK', 1],
  ['_SETMASK', 2],
]);

/** A name with or without `SIG`, in any case, or a number. Number 0 is accepted, as supervisord does; its name is `0`. */
export function parseSignal(text: string): Parsed<SignalSpec> {
  const asNumber = pyInt(text);
  const name = strip(text).toUpperCase().replace(/^SIG/, '');
  const number = asNumber ?? byName.get(name) ?? aliases.get(name);
  if (number === undefined) {
    return {
      error: `value ${pyRepr(text)} is not a valid signal name`,
      hint: 'for example TERM, INT, QUIT, HUP, USR1, KILL',
    };
  }
  const known = number === 0 ? '0' : byNumber.get(number);
  if (known === undefined) return { error: `value ${pyRepr(text)} is not a valid signal number`, hint: null };
  return { value: { name: known, number } };
}
