/** Why it does not run: STOPPED, EXITED, FATAL; and why that cannot be known: UNKNOWN. */
import type { EntryOf } from './past.ts';
import { enginePolicyWhileDown, isAgain } from './policy.ts';
import { because, count, endWords, when } from './words.ts';
import { ctl, docker, doctor, output, withoutPolicy } from './told.ts';
import type { Case, Command, Told } from './told.ts';

/** How a rest ends. */
function untilStarted({ facts, rules }: Case): string {
  if (facts.container?.state === 'restarting') return '';
  if (rules === null) return 'It stays so until it is started';
  return rules.autostart
    ? 'It stays so until it is started by an order, by a reload, or by the first start of dockvisord after a shutdown or a boot (autostart=true)'
    : 'It stays so until it is started by an order (autostart=false)';
}

export function stopped(of: Case): Told {
  const { facts, past, now } = of;
  const { entered } = past;
  const common = {
    next: [untilStarted(of), enginePolicyWhileDown(of)],
    commands: [startCommand(of), ...withoutPolicy(of)],
  };
  if (entered === null) return { since: wall(facts.stop), ...common, ...neverStarted(of) };
  const order = past.stopOrder();
  const killed = past.killedAt();
  return {
    since: Date.parse(entered.time),
    cause:
      order === null
        ? 'it was stopped; who ordered that is not in the history'
        : `it was stopped at ${when(Date.parse(order.time), now)} ${because(order.why)}`,
    evidence: [
      takenUp(of),
      killed === null
        ? graceOver(of, order)
        : `It did not end within its grace${graceWords(of)} and its kill was ordered at ${when(Date.parse(killed.time), now)}`,
      entered.exit === null ? '' : `It ended ${endWords(entered.exit)}`,
      ranBefore(of),
      engineSays(of),
    ],
    ...common,
  };
}

const graceWords = ({ rules }: Case): string =>
  rules === null ? '' : ` of ${count(rules.stopwaitsecs, 'second', 'seconds')}`;

/** Of a stop that one daemon was told of, and another has gone on with. */
export function takenUp({ past, now }: Case): string {
  const again = past.stopTakenUp();
  return again === null
    ? ''
    : `The dockvisord that was told so ended meanwhile, and the next one has gone on with it since ${when(Date.parse(again.time), now)}`;
}

/** The Engine itself kills at the end of the grace that it was asked for, whoever is still there to note it. */
function graceOver(of: Case, order: EntryOf<'order'> | null): string {
  const { facts, past, rules } = of;
  const exit = past.entered?.exit ?? null;
  const isKilled = exit !== null && !exit.oom_killed && (exit.code === 137 || exit.signal === 'SIGKILL');
  if (order === null || rules === null || !isKilled) return '';
  const told = Date.parse(order.time);
  const finished = Date.parse(facts.container?.finished_at ?? '');
  const ended = finished >= told ? finished : Date.parse(past.entered?.time ?? '');
  return ended >= told + rules.stopwaitsecs * 1000
    ? `It did not end within its grace${graceWords(of)}, and was killed`
    : '';
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
      evidence: [of.keepsHistory ? 'The history has nothing of it' : '', engineSays(of)],
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
    evidence: [
      `It had been ${last.to} since ${when(Date.parse((last.to === 'RUNNING' ? last.started : null) ?? last.time), now)}${end}`,
      engineSays(of),
    ],
  };
}

export function exited(of: Case): Told {
  const { facts, past, now, rules } = of;
  const { entered } = past;
  const end = entered?.exit ?? null;
  const expected = entered?.expected ?? facts.spawnError === '';
  const ghost = clearedAway(of);
  const oom = facts.container?.oom_killed === true && end?.oom_killed !== true;
  const again = isAgain(rules, expected);
  const pause = nextTry(facts.description);
  const isDue =
    again === true && (pause !== null || entered === null || now - Date.parse(entered.time) < dueMs);
  return {
    since: entered === null ? wall(facts.stop) : Date.parse(entered.time),
    cause:
      end === null
        ? of.keepsHistory
          ? 'it ended'
          : `it ended with exit status ${String(facts.exitStatus)}`
        : `it ended ${endWords(end)}, ${expected ? 'as expected' : 'which was not expected'}${rules === null ? '' : ` (exitcodes=${rules.exitcodes.join(',')})`}`,
    evidence: [
      endedBy(of, ghost),
      oom ? 'The Engine says that it was killed for want of memory (OOM)' : '',
      ghost === '' ? endedUnseen(of) : '',
      containerError(of),
      ranBefore(of),
      engineSays(of),
    ],
    next: [
      ...(isDue
        ? [
            `It is started again ${pause === null ? 'at once' : `in ${count(pause, 'second', 'seconds')}`} (${autorestartWords(of, expected)})`,
          ]
        : whileNotDue(of, expected)),
      enginePolicyWhileDown(of),
    ],
    commands: [
      ...(isDue && of.keepsHistory
        ? [ctl('retry', of, 'start it without waiting'), ctl('stop', of, 'keep it down')]
        : [startCommand(of)]),
      ...output(of, 'read its last words'),
      ...withoutPolicy(of),
    ],
  };
}

/** Who brought its end about. `ghost`: by `clearedAway`. */
function endedBy(of: Case, ghost: string): string {
  const { facts, past, now, keepsHistory } = of;
  const { entered } = past;
  if (entered === null && keepsHistory) return 'The history has nothing of how';
  if (entered?.exit?.oom_killed === true) return '';
  const ours = ghost === '' ? watchdogWords(of) : ghost;
  if (ours !== null) return ours;
  const signal = past.lastOrder();
  const isSignalled =
    entered !== null &&
    signal?.order.startsWith('signal') === true &&
    isSoonBefore(signal.time, entered.time);
  return isSignalled
    ? `${signal.order.replace('signal ', 'SIG')} had been sent to it by an order at ${when(Date.parse(signal.time), now)}`
    : `Nobody had ordered that through ${keepsHistory ? 'dockvisord' : 'its manager'}: it ended by itself, or ${facts.container === null ? 'by a signal of somebody else' : 'somebody stopped it through the Engine (docker stop, docker kill)'}`;
}

/** Of what has ended, and waits for no restart as far as is known. */
function whileNotDue(of: Case, expected: boolean): readonly string[] {
  const again = isAgain(of.rules, expected);
  if (again === null)
    return ['Whether it is started again is for its autorestart to say, which its manager does not tell'];
  const next = again
    ? 'If it still waits for its next start, that comes within a second'
    : `It is not started again (${autorestartWords(of, expected)})`;
  return [next, untilStarted(of)];
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
      engineSays(of),
    ],
    // What was FATAL is not left down by a daemon that follows one which died.
    next: [
      rules?.autostart === true
        ? 'It is not tried again until it is started by an order, by a reload, or by the next start of dockvisord (autostart=true)'
        : 'It is not tried again until somebody starts it',
    ],
    commands: [
      ctl('start', of, 'start it once that is mended'),
      ...lastWords(of),
      ...docker('inspect', of, 'see how its container is made'),
    ],
  };
}

export function unknown(of: Case): Told {
  const { facts, past } = of;
  const { entered } = past;
  const reason = facts.description.replace(/, container \S+ unknown(, .*)?$/, '') || (entered?.cause ?? '');
  const order = past.lastOrder();
  const isCalledBack = order?.order === 'start' && order.seq > (entered?.seq ?? 0);
  const isToStop =
    !isCalledBack &&
    (entered?.from === 'STOPPING' ||
      (order?.order === 'stop' && order.seq > (past.lastTo('STARTING')?.seq ?? 0)));
  return {
    since: entered === null ? null : Date.parse(entered.time),
    cause: `it cannot be known whether it runs${reason === '' ? '' : `: ${reason}`}`,
    evidence: [
      entered === null ? '' : lastKnown(of),
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

function lastKnown({ past, now }: Case): string {
  const { state, launch } = past.lastKnown();
  const known = state === null ? '' : `When it was last known it was ${state}`;
  if (launch === null) return known;
  const since = `what has come of its start at ${when(Date.parse(launch.time), now)} is not known`;
  return known === '' ? since : `${known}; ${since}`;
}

const startCommand = (of: Case): Command =>
  ctl('start', of, isWanting(of) ? 'start it, once there is such a container again' : 'start it');

/** It cannot be started: its container is gone, and it does not make one. */
const isWanting = ({ facts, rules }: Case): boolean =>
  facts.container?.state === 'missing' && rules?.makes_container === false;

/** What the Engine says now of what is down, where that is more than that it does not run. */
export function engineSays(of: Case): string {
  const { container } = of.facts;
  if (container === null) return '';
  switch (container.state) {
    case 'missing':
      return `The Engine says that there is no container ${container.name} now${of.rules?.makes_container === true ? '; a start makes it' : isWanting(of) ? '; until somebody makes it, no start can succeed' : ''}`;
    case 'running':
      return `The Engine says that container ${container.name} runs now`;
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'dead':
      return `The Engine says that container ${container.name} is ${container.state} now`;
    default:
      return '';
  }
}

/** Of a try that failed before anything of the program ran, there are none. */
export function lastWords(of: Case): readonly Command[] {
  const failed = of.past.lastTo('BACKOFF');
  const isMute =
    failed === null
      ? /^can't find command|no such container/i.test(of.facts.spawnError)
      : failed.exit === null && failed.pid === 0;
  return isMute ? [] : output(of, 'read its last words');
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

/** What was done with a container that lived: that is how it ended. */
const endings: Readonly<Record<string, string>> = {
  stop: 'stopped',
  'disable-policy-and-stop': 'taken from its restart policy and stopped',
  'stop-and-start-instead': 'stopped',
  'stop-and-remove': 'stopped and removed',
  remove: 'removed',
};

/** An end that the daemon itself has brought about, by clearing the way for a start. */
function clearedAway({ past, now }: Case): string {
  const ghost = past.clearedAway();
  const done = ghost === null ? undefined : endings[ghost.done];
  return ghost === null || done === undefined || !['running', 'paused', 'restarting'].includes(ghost.found)
    ? ''
    : `dockvisord had ended it itself: its container was ${ghost.found}, and so in the way of a start, and had been ${done} by ${when(Date.parse(ghost.time), now)}`;
}

/** null: it was not ended by its watchdog. */
function watchdogWords({ facts }: Case): string | null {
  const seconds = /\bwatchdog: not heard for (\d+) s\b/.exec(facts.description)?.[1];
  return seconds === undefined
    ? null
    : `dockvisord had killed it, because it had not been heard for ${count(Number(seconds), 'second', 'seconds')} (docker_notify_watchdog)`;
}

/** How long it had run: for what is down. */
function ranBefore({ past, now }: Case): string {
  const ran = past.ran();
  // An older daemon did not note that, and its RUNNING may be of a later time.
  return ran === null || ran.started === null
    ? ''
    : `It had been RUNNING since ${when(Date.parse(ran.started), now)}`;
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

/** What is started again at once has been, so many ms after its end. */
const dueMs = 15_000;

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
