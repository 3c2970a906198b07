/** Why it does not run: STOPPED, EXITED, FATAL; and why that cannot be known: UNKNOWN. */
import { isAgain } from './policy.ts';
import { because, count, endWords, when } from './words.ts';
import { ctl, docker, doctor, output } from './told.ts';
import type { Case, Told } from './told.ts';

/** How a rest ends. */
function untilStarted({ rules }: Case): string {
  if (rules === null) return 'It stays so until it is started';
  return rules.autostart
    ? 'It stays so until it is started by an order, by a reload, or by the first start of dockvisord after a shutdown or a boot (autostart=true)'
    : 'It stays so until it is started by an order (autostart=false)';
}

export function stopped(of: Case): Told {
  const { facts, past, now } = of;
  const { entered } = past;
  const common = { next: [untilStarted(of)], commands: [ctl('start', of, 'start it')] };
  if (entered === null) return { since: wall(facts.stop), ...common, ...neverStarted(of) };
  const order = past.stopOrder();
  const killed = past.killedAt();
  const grace = of.rules === null ? '' : ` of ${count(of.rules.stopwaitsecs, 'second', 'seconds')}`;
  return {
    since: Date.parse(entered.time),
    cause:
      order === null
        ? 'it was stopped; who ordered that is not in the history'
        : `it was stopped at ${when(Date.parse(order.time), now)} ${because(order.why)}`,
    evidence: [
      killed === null
        ? ''
        : `It did not end within its grace${grace} and was killed at ${when(Date.parse(killed.time), now)}`,
      entered.exit === null ? '' : `It ended ${endWords(entered.exit)}`,
      ranBefore(of),
    ],
    ...common,
  };
}

/** STOPPED, and nothing in the history led there. */
function neverStarted(of: Case): Pick<Told, 'cause' | 'evidence'> {
  const { facts, past, rules, now } = of;
  const last = past.last;
  if (last === null) {
    const unstarted = facts.start === 0 ? 'it has not been started' : 'it was stopped';
    const why =
      rules?.autostart === false && facts.start === 0
        ? ', and it does not start by itself (autostart=false)'
        : '';
    return {
      cause: `${unstarted}${why}`,
      evidence: [of.keepsHistory ? 'The history has nothing of it' : ''],
    };
  }
  const end = last.exit === null ? '' : `, after it had ended ${endWords(last.exit)}`;
  const daemon = past.daemonSince;
  const left = rules?.autostart === false ? ', and it does not start by itself (autostart=false)' : '';
  return {
    cause:
      daemon === null
        ? `it was left down; it was last seen ${last.to}`
        : `dockvisord was started at ${when(Date.parse(daemon.time), now)} and left it down${left}`,
    evidence: [`It had been ${last.to} since ${when(Date.parse(last.time), now)}${end}`],
  };
}

export function exited(of: Case): Told {
  const { facts, past, now, rules } = of;
  const { entered } = past;
  const end = entered?.exit ?? null;
  const expected = entered?.expected ?? facts.spawnError === '';
  const signal = past.lastOrder();
  const signalled =
    entered !== null &&
    signal !== null &&
    signal.order.startsWith('signal') &&
    isSoonBefore(signal.time, entered.time)
      ? `${signal.order.replace('signal ', 'SIG')} had been sent to it by an order at ${when(Date.parse(signal.time), now)}`
      : `Nobody had ordered that through ${of.keepsHistory ? 'dockvisord' : 'its manager'}: it ended by itself, or ${facts.container === null ? 'by a signal of somebody else' : 'somebody stopped it through the Engine (docker stop, docker kill)'}`;
  const oom = facts.container?.oom_killed === true && end?.oom_killed !== true;
  const again = isAgain(rules, expected);
  const pause = nextTry(facts.description);
  return {
    since: entered === null ? wall(facts.stop) : Date.parse(entered.time),
    cause:
      end === null
        ? of.keepsHistory
          ? 'it ended'
          : `it ended with exit status ${String(facts.exitStatus)}`
        : `it ended ${endWords(end)}, ${expected ? 'as expected' : 'which was not expected'}${rules === null ? '' : ` (exitcodes=${rules.exitcodes.join(',')})`}`,
    evidence: [
      entered === null && of.keepsHistory
        ? 'The history has nothing of how'
        : end?.oom_killed === true
          ? ''
          : signalled,
      oom ? 'The Engine says that it was killed for want of memory (OOM)' : '',
      endedUnseen(of),
      containerError(of),
      ranBefore(of),
    ],
    next:
      again === true
        ? [
            `It is started again ${pause === null ? 'at once' : `in ${count(pause, 'second', 'seconds')}`} (${autorestartWords(of, expected)})`,
          ]
        : again === false
          ? [`It is not started again (${autorestartWords(of, expected)})`, untilStarted(of)]
          : ['Whether it is started again is for its autorestart to say, which its manager does not tell'],
    commands: [ctl('start', of, 'start it'), ...output(of, 'read its last words')],
  };
}

const autorestartWords = ({ rules }: Case, expected: boolean): string => {
  switch (rules?.autorestart) {
    case 'always':
      return 'autorestart=true';
    case 'never':
      return 'autorestart=false';
    case 'unexpected':
      return `autorestart=unexpected, and this was ${expected ? '' : 'not '}expected`;
    case null:
    case undefined:
      return 'autorestart is not known';
  }
};

export function fatal(of: Case): Told {
  const { facts, past, now, rules } = of;
  const { entered } = past;
  const failed = past.lastTo('BACKOFF');
  const isTooMany = entered?.cause.startsWith('too many start retries') === true;
  const tries = failed?.tries ?? 0;
  const cause = !isTooMany
    ? entered === null || entered.cause === ''
      ? 'it was given up'
      : `it was given up: ${entered.cause}`
    : `it was given up after ${count(tries, 'failed try', 'failed tries')} in a row${rules === null ? '' : ` (startretries=${String(rules.startretries)})`}`;
  const message = failed === null ? facts.spawnError : failed.cause;
  const end = failed?.exit == null ? '' : `; it ended ${endWords(failed.exit)}`;
  const told = message !== '' && !cause.includes(message);
  return {
    since: entered === null ? null : Date.parse(entered.time),
    cause,
    evidence: [
      told
        ? `The last try${failed === null ? '' : `, at ${when(Date.parse(failed.time), now)},`} failed: ${message}${end}`
        : '',
      ghostWords(of),
      containerError(of, message),
      ranBefore(of),
    ],
    // What was FATAL is not left down by a daemon that follows one which died.
    next: [
      rules?.autostart === true
        ? 'It is not tried again until it is started by an order, by a reload, or by the next start of dockvisord (autostart=true)'
        : 'It is not tried again until somebody starts it',
    ],
    commands: [
      ctl('start', of, 'start it once that is mended'),
      ...output(of, 'read its last words'),
      ...docker('inspect', of, 'see how its container is made'),
    ],
  };
}

export function unknown(of: Case): Told {
  const { facts, past } = of;
  const { entered } = past;
  const reason = facts.description.replace(/, container \S+ unknown(, .*)?$/, '') || (entered?.cause ?? '');
  const order = past.lastOrder();
  const isToStop =
    entered?.from === 'STOPPING' ||
    (order?.order === 'stop' && order.seq > (past.lastTo('STARTING')?.seq ?? 0));
  return {
    since: entered === null ? null : Date.parse(entered.time),
    cause: `it cannot be known whether it runs${reason === '' ? '' : `: ${reason}`}`,
    evidence: [
      entered === null ? '' : `When it was last known it was ${entered.from}`,
      isToStop ? 'It is to be stopped, and that is done as far as it can be without the Engine' : '',
    ],
    next: [
      isToStop
        ? 'Once the Engine answers again it is looked at, and stopped if it still runs'
        : 'Nothing is restarted on a guess: once the Engine answers again, what runs is RUNNING as before, and what has ended is judged by its exit code',
    ],
    commands: [doctor(of, 'see what is wrong with the Engine'), ctl('stop', of, 'stop it all the same')],
  };
}

/** The Engine's own sentence, where it has not been told already. */
export function containerError({ facts }: Case, told = ''): string {
  const error = facts.container?.error ?? '';
  return error === '' || told.includes(error) || facts.container?.state === 'unknown'
    ? ''
    : `The Engine says of container ${facts.container?.name ?? ''}: ${error}`;
}

export function ghostWords({ past, now }: Case): string {
  const ghost = past.ghost();
  return ghost === null
    ? ''
    : `A container was in the way at ${when(Date.parse(ghost.time), now)}: ${[ghost.found, ghost.done].filter((part) => part !== '').join(', ')}`;
}

/** How long it had run: for what is down. */
function ranBefore({ past, now }: Case): string {
  const ran = past.lastTo('RUNNING');
  const start = past.lastTo('STARTING');
  return ran === null || ran.seq < (start?.seq ?? 0)
    ? ''
    : `It had been RUNNING since ${when(Date.parse(ran.time), now)}`;
}

/** An end that came while no daemon was there, or no Engine, is noted when it is found. */
function endedUnseen({ facts, past, now }: Case): string {
  const { container } = facts;
  if (container?.state !== 'exited' || container.finished_at === null || past.entered === null) return '';
  const ended = Date.parse(container.finished_at);
  return Date.parse(past.entered.time) - ended > unseenMs
    ? `The container had ended already at ${when(ended, now)}, while nobody looked`
    : '';
}

/** Within so many ms an end is told of when nothing is wrong. */
const unseenMs = 10_000;

/** A signal that somebody ordered explains an end that follows it at once. */
const isSoonBefore = (order: string, end: string): boolean => {
  const ms = Date.parse(end) - Date.parse(order);
  return ms >= 0 && ms <= 10_000;
};

export function nextTry(description: string): number | null {
  const found = /\bnext try in (\d+) s\b/.exec(description)?.[1];
  return found === undefined ? null : Number(found);
}

const wall = (seconds: number): number | null => (seconds === 0 ? null : seconds * 1000);
