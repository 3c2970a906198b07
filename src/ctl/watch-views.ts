/** The three ways to show what `status --watch` sees: a screen that is drawn anew, lines of what changed, JSON documents. */
import { exitCodes, type CtlOutput, type Session } from './session.ts';

/** What one look has brought. */
export interface Seen {
  /** As `status` prints them. */
  readonly lines: readonly string[];
  /** As `status --json` prints it; null: without `--json`, or the daemon could not be asked. */
  readonly document: unknown;
  readonly exitStatus: number;
}

export type View = (seen: Seen) => Promise<void>;

export function createView(session: Session): View {
  if (session.json) return jsonView(session);
  return session.output.screen() === null ? changesView(session.output) : screenView(session.output);
}

function jsonView(session: Session): View {
  return async ({ lines, document }) => {
    for (const line of lines) session.output.error(`${line}\n`);
    if (document !== null) await session.printLine(document);
  };
}

function changesView(output: CtlOutput): View {
  let known = new Map<string, string>();
  let trouble = '';
  return async ({ lines, exitStatus }) => {
    let news: readonly string[];
    if (isWhole(exitStatus)) {
      const now = new Map(lines.map((line) => [firstWord(line), withoutUptime(line)]));
      const changed = lines.filter((line) => known.get(firstWord(line)) !== withoutUptime(line));
      const gone = [...known.keys()].filter((name) => !now.has(name));
      news = [...changed, ...gone.map((name) => `${name}: removed`)];
      known = now;
      trouble = '';
    } else {
      news = lines.join() === trouble ? [] : lines;
      // Once the daemon can be asked again, everything is news.
      known = new Map();
      trouble = lines.join();
    }
    if (news.length > 0) await output.write(news.map((line) => `${line}\n`).join(''));
  };
}

const home = '\x1b[H';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';
const clearAll = '\x1b[2J';

function screenView(output: CtlOutput): View {
  let start = clearAll;
  return async ({ lines }) => {
    const { columns, rows } = output.screen() ?? { columns: 80, rows: 24 };
    // The last row is left to the cursor: what reaches beyond the screen would scroll it away.
    const fits =
      lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more`];
    const drawn = fits.map((line) => `${[...line].slice(0, columns).join('')}${clearLine}\n`);
    await output.write(`${start}${home}${drawn.join('')}${clearBelow}`);
    start = '';
  };
}

/** Else the daemon could not be asked, or not about all that was named. */
const isWhole = (exitStatus: number): boolean =>
  exitStatus === exitCodes.ok || exitStatus === exitCodes.somethingDown;

const firstWord = (line: string): string => /^\S*/.exec(line)?.[0] ?? '';

/** The time that goes on by itself, and the width of columns, are no change. */
function withoutUptime(text: string): string {
  return text.replace(/uptime (\d+ days?, )?\d+:\d\d:\d\d/, 'uptime').replace(/\s+/g, ' ');
}
