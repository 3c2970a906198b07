/** What the bench is told on its command line. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Names of figures; empty: all. */
  readonly only: readonly string[];
  readonly containers: number;
  /** Plain programs of the figure `plain`. */
  readonly programs: number;
  readonly quick: boolean;
  /** How often the whole fleet is brought up under each manager, and how many of these times it is left at rest for the window. */
  readonly rounds: number;
  readonly windows: number;
  /** How long a fleet is watched at rest, in ms. */
  readonly windowMs: number;
  /** The same for plain programs. */
  readonly idleMs: number;
  /** How long it may come to rest before that, in ms. */
  readonly settleMs: number;
  readonly crashes: number;
  /** How long a container lives before it is killed, in ms: Docker's own policy doubles its pause for one that lived under 10 s. */
  readonly lifeMs: number;
  readonly floods: number;
  readonly floodBytes: number;
  /** How long anything may take that is waited for, in ms: `Stage` has why. */
  readonly limitMs: number;
  /** Where the table is written besides stdout; null: nowhere. */
  readonly table: string | null;
}

export const usage = `usage: npm run bench -- [--only NAME]... [--containers N] [--rounds N] [--window SECONDS] [--quick] [--no-table]
  --only NAME      only this figure: memory, cpu, crash, fleet, flood, death, plain (may be given again)
  --containers N   how many containers the fleet has (100)
  --rounds N       how often the fleet is brought up and stopped under each manager (3)
  --window SECONDS how long a fleet is watched at rest (60)
  --quick          10 containers and short times: whether the bench works, not how fast anything is
  --no-table       do not write bench/TABLE.md
`;

/** Throws an Error whose message is for the person who typed it. */
export function parseOptions(argv: readonly string[], figures: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true },
      containers: { type: 'string' },
      rounds: { type: 'string' },
      window: { type: 'string' },
      quick: { type: 'boolean' },
      'no-table': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const quick = values.quick === true;
  const only = values.only ?? [];
  const unknown = only.find((name) => !figures.includes(name));
  if (unknown !== undefined)
    throw new Error(`there is no figure "${unknown}"; there are: ${figures.join(', ')}`);
  const rounds = count('--rounds', values.rounds, quick ? 1 : 3);
  // A table of a part, or of a trial, must not take the place of the whole one.
  const whole = only.length === 0 && !quick && values['no-table'] !== true;
  return {
    only,
    quick,
    containers: count('--containers', values.containers, quick ? 10 : 100),
    programs: quick ? 20 : 1000,
    rounds,
    windows: Math.min(rounds, 2),
    idleMs: quick ? 1000 : 60_000,
    windowMs: quick ? 1000 : 1000 * count('--window', values.window, 60),
    settleMs: quick ? 500 : 20_000,
    crashes: quick ? 1 : 3 * Math.min(rounds, 4),
    lifeMs: quick ? 1200 : 10_500,
    floods: quick ? 1 : Math.min(rounds, 3),
    floodBytes: quick ? 8_000_000 : 500_000_000,
    limitMs: quick ? 40_000 : 180_000,
    table: whole ? 'bench/TABLE.md' : null,
  };
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${name} wants a number from 1 to 9999, not "${text}"`);
  return Number(text);
}
