/**
 * tail -f of several programs at once, which supervisorctl does not have: each line after the name that it is of, or as a JSON
 * object. A log is followed by its daemon, through rotations and restarts of the program; if the daemon goes, the tail ends.
 */
import { formatName } from '../core/names.ts';
import { chooseProcesses } from './choose.ts';
import { errorLine } from './errors.ts';
import { readLog, untilInterrupted, type LogEnd } from './follow.ts';
import { createLineCutter } from './lines.ts';
import { exitCodes, structsOf, textOf, type Session } from './session.ts';

/** Bytes; what is longer comes in pieces. */
const longestLine = 64 * 1024;
const colours = [36, 33, 32, 35, 34, 31];

/** Who a line is of; group and name as the daemon has them, null for the daemon's own log. */
export interface LogOf {
  readonly group: string | null;
  readonly name: string | null;
  readonly channel: 'stdout' | 'stderr' | null;
  readonly path: string;
}

export async function followMany(
  session: Session,
  names: readonly string[],
  channel: 'stdout' | 'stderr',
): Promise<void> {
  const all = structsOf(await session.call('getAllProcessInfo'));
  const chosen = chooseProcesses(all, names, (why) => {
    session.output.error(`${why}\n`);
    session.exitStatus = exitCodes.generic;
  });
  const logs = [...new Set(chosen)].map((info): LogOf => {
    const [group, name] = [textOf(info['group']), textOf(info['name'])];
    return { group, name, channel, path: `/logtail/${group}:${name}/${channel}` };
  });
  if (logs.length > 0) await followLogs(session, logs);
}

export async function followLogs(session: Session, logs: readonly LogOf[]): Promise<void> {
  if (!session.json) session.say('==> Press Ctrl-C to exit <==');
  const width = Math.max(...logs.map((log) => nameOf(log).length));
  const ends: LogEnd[] = [];
  await untilInterrupted(session, (signal) =>
    Promise.all(
      logs.map(async (log, number) => {
        const end = await followOne(session, log, lineWriter(session, log, number, width), signal);
        ends.push(end);
        sayEnd(session, log, end);
      }),
    ),
  );
  if (ends.some(({ end }) => end === 'closed')) {
    session.output.error(`${session.serverUrl} ended the tail: the daemon has stopped or restarted\n`);
    session.exitStatus = exitCodes.notRunning;
  }
}

type WriteLines = (lines: readonly Buffer[]) => Promise<void>;

async function followOne(
  session: Session,
  log: LogOf,
  write: WriteLines,
  signal: AbortSignal,
): Promise<LogEnd> {
  const cutter = createLineCutter(longestLine);
  const end = await readLog(session, log.path, signal, (chunk) => write(cutter.push(chunk)));
  const rest = cutter.rest();
  if (rest !== null) await write([rest]);
  return end;
}

function sayEnd(session: Session, log: LogOf, ended: LogEnd): void {
  if (ended.end === 'refused') {
    const why = ended.status === 404 ? 'no log file' : `status code ${ended.status}`;
    session.output.error(`${nameOf(log)}: ERROR (${why})\n`);
    session.exitStatus = exitCodes.generic;
  } else if (ended.end === 'failed') {
    session.output.error(`${errorLine(ended.error)}\n`);
    session.exitStatus = exitCodes.generic;
  }
}

/** The lines of one chunk go out together, so that those of two programs never mix within a line. */
function lineWriter(session: Session, log: LogOf, number: number, width: number): WriteLines {
  const { group, name, channel } = log;
  if (session.json) {
    const who = name === null ? {} : { name, group, channel };
    const document = (line: Buffer) => JSON.stringify({ ...who, line: line.toString('utf8') });
    return (lines) => session.output.write(lines.map((line) => `${document(line)}\n`).join(''));
  }
  const plain = `${nameOf(log).padEnd(width)} | `;
  const colour = colours[number % colours.length] ?? 0;
  const prefix = Buffer.from(session.hasColour ? `\x1b[${colour}m${plain}\x1b[0m` : plain);
  const end = Buffer.from('\n');
  return (lines) => session.output.write(Buffer.concat(lines.flatMap((line) => [prefix, line, end])));
}

function nameOf({ group, name }: LogOf): string {
  return group === null || name === null ? 'supervisord' : formatName(group, name);
}
