/** What containers have said, line by line, against what reached the logs of the program: nothing twice, nothing out of order, nothing lost. */
import type { HostileEngine } from './hostile-engine.ts';

export interface LineLedger {
  /** Output of one program as its logs get it; with `redirect_stderr` the one log of both channels. */
  take(program: string, channel: string, text: string): void;
  /** Another runner of the program begins, to whom nobody has left anything: it goes on wherever it finds a container. */
  beginAnew(program: string): void;
  /** The life has ended, and its run is over: what it said last must be there. */
  close(program: string, life: number): void;
}

/** Of a life that somebody else started, or that a daemon found running, the lines before that are nobody's. */
const mayBeginLate = (engine: HostileEngine, life: number): boolean => !engine.launchedLives.has(life);

/** One that was cut off has its last lines read when somebody can: that is not when it ends. */
const mayEndLater = (engine: HostileEngine, life: number): boolean => engine.cutLives.has(life);

export function createLineLedger(engine: HostileEngine, complain: (text: string) => void): LineLedger {
  const rests = new Map<string, string>();
  const last = new Map<string, number>();
  /** Lives of which a former runner has taken lines, and its successor may miss some. */
  const interrupted = new Set<string>();

  function line(program: string, text: string): void {
    const match = /^(\d+):(e?)(\d+)$/.exec(text);
    if (match === null) {
      complain(`${program}: the log has a line that nobody said: ${JSON.stringify(text)}`);
      return;
    }
    const [life, number] = [Number(match[1]), Number(match[3])];
    const key = `${program} ${String(life)}${match[2] ?? ''}`;
    const before = last.get(key) ?? null;
    if (before !== null && number <= before)
      complain(`${program}: line ${text} is doubled (after ${String(before)})`);
    const isGap = number !== (before ?? 0) + 1;
    if (isGap && !interrupted.has(key) && !(before === null && mayBeginLate(engine, life)))
      complain(`${program}: lines before ${text} are lost (after ${String(before ?? 0)})`);
    interrupted.delete(key);
    last.set(key, number);
  }

  return {
    take(program, channel, text) {
      const log = `${program} ${channel}`;
      const lines = ((rests.get(log) ?? '') + text).split('\n');
      rests.set(log, lines.pop() ?? '');
      for (const each of lines) line(program, each);
    },
    beginAnew(program) {
      for (const key of last.keys()) {
        if (!key.startsWith(`${program} `)) continue;
        // The other channel may have said nothing so far.
        const life = key.replace(/e$/, '');
        interrupted.add(life).add(`${life}e`);
      }
    },
    close(program, life) {
      // Of one that nobody adopted in time, what was read of it was the end of its forerunner's log.
      if (mayEndLater(engine, life) || mayBeginLate(engine, life)) return;
      for (const of of [String(life), `${String(life)}e`]) {
        if (interrupted.has(`${program} ${of}`)) continue;
        const said = engine.fake.said.get(of) ?? 0;
        const written = last.get(`${program} ${of}`) ?? 0;
        if (written !== said)
          complain(
            `${program}: of life ${of} the last ${String(said - written)} of ${String(said)} lines are lost`,
          );
      }
    },
  };
}
