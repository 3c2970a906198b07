/** What containers have said, line by line, against what reached the logs of the program: nothing twice, nothing out of order, nothing lost. */
import type { HostileEngine } from './hostile-engine.ts';

export interface LineLedger {
  /** Output of one program as its log gets it. */
  take(program: string, text: string): void;
  /** The life has ended, and its run is over: what it said last must be there. */
  close(program: string, life: number): void;
}

/**
 * THE ALLOWANCE: a life whose output was cut off (its socket was cut, the Engine went, the daemon was killed) may lack the lines that it
 * said before somebody listened again. When the log is taken up from the last position, this function says `false`, or goes.
 */
const mayHaveGaps = (engine: HostileEngine, life: number): boolean => engine.cutLives.has(life);

/** Of a life that somebody else started, or that a daemon found running, the lines before that are nobody's. */
const mayBeginLate = (engine: HostileEngine, life: number): boolean => !engine.launchedLives.has(life);

export function createLineLedger(engine: HostileEngine, complain: (text: string) => void): LineLedger {
  const rests = new Map<string, string>();
  const last = new Map<string, number>();

  function line(program: string, text: string): void {
    const match = /^(\d+):(\d+)$/.exec(text);
    if (match === null) {
      complain(`${program}: the log has a line that nobody said: ${JSON.stringify(text)}`);
      return;
    }
    const [life, number] = [Number(match[1]), Number(match[2])];
    const key = `${program} ${String(life)}`;
    const before = last.get(key) ?? null;
    if (before !== null && number <= before)
      complain(`${program}: line ${text} is doubled (after ${String(before)})`);
    const isGap = number !== (before ?? 0) + 1;
    if (isGap && !mayHaveGaps(engine, life) && !(before === null && mayBeginLate(engine, life)))
      complain(`${program}: lines before ${text} are lost (after ${String(before ?? 0)})`);
    last.set(key, number);
  }

  return {
    take(program, text) {
      const lines = ((rests.get(program) ?? '') + text).split('\n');
      rests.set(program, lines.pop() ?? '');
      for (const each of lines) line(program, each);
    },
    close(program, life) {
      const said = engine.fake.said.get(life) ?? 0;
      const written = last.get(`${program} ${String(life)}`) ?? null;
      if (mayHaveGaps(engine, life) || (written === null && mayBeginLate(engine, life))) return;
      if ((written ?? 0) !== said)
        complain(
          `${program}: of life ${String(life)} the last ${String(said - (written ?? 0))} of ${String(said)} lines are lost`,
        );
    },
  };
}
