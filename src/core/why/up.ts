/** Why it runs, or is on its way up or down: STARTING, RUNNING, BACKOFF, STOPPING. */
import { containerError, ghostWords, nextTry } from './down.ts';
import { afterItsEnd } from './policy.ts';
import { because, count, endWords, times, when } from './words.ts';
import { ctl, docker, output } from './told.ts';
import type { Case, Told } from './told.ts';

const hourMs = 3_600_000;

/** Of STARTING and RUNNING: where that came from. */
function startWords({ past, now, keepsHistory }: Case): string {
  if (!keepsHistory) return '';
  const cause = past.startCause();
  if (cause === null) return 'how it was started is not in the history';
  const taken = past.adopted ? '; it ran already, and was not restarted' : '';
  switch (cause.kind) {
    case 'order': {
      const { time, why } = cause.order;
      return `it was ${past.adopted ? 'taken up' : 'started'} at ${when(Date.parse(time), now)} ${because(why)}${taken}`;
    }
    case 'retry':
      return cause.after === null
        ? 'it was tried again'
        : `it was tried again after ${count(cause.after.tries, 'failed try', 'failed tries')}; the last failed at ${when(Date.parse(cause.after.time), now)}: ${cause.after.cause}`;
    case 'restart':
      return cause.after?.exit == null
        ? 'it was started again after it had ended'
        : `it was started again after it had ended ${endWords(cause.after.exit)}, at ${when(Date.parse(cause.after.time), now)}`;
    case 'found':
      return 'it was found running when the Engine could be asked again';
    case 'elsewhere':
      return 'somebody else had started the container, and dockvisord took it over; nobody ordered that through dockvisord';
  }
}

export function starting(of: Case): Told {
  const { facts, past, rules, now } = of;
  const { entered } = past;
  const since = entered === null ? (facts.start === 0 ? null : facts.start * 1000) : Date.parse(entered.time);
  const isUp = facts.pid !== 0;
  return {
    since,
    cause: startWords(of),
    evidence: [ghostWords(of), trouble(of)],
    next: [
      !isUp
        ? `It is being launched: ${facts.container === null ? 'its process is not there yet' : 'the Engine has not said yet that the container runs'}`
        : rules?.says_ready === true
          ? 'It runs, and counts as RUNNING once it says that it is ready (docker_notify=true)'
          : `It has run${facts.start === 0 ? '' : ` since ${when(facts.start * 1000, now)}`}, and counts as RUNNING once it has run for ${rules === null ? 'its startsecs' : `${count(rules.startsecs, 'second', 'seconds')} (startsecs)`}`,
    ],
    commands: [ctl('stop', of, 'stop it'), ...output(of, 'read its output')],
  };
}

export function running(of: Case): Told {
  const { facts, past, rules, now } = of;
  const ends = past.endsSince(now - hourMs);
  const last = ends.at(-1);
  return {
    since: facts.start === 0 ? null : facts.start * 1000,
    cause: startWords(of),
    evidence: [
      last === undefined
        ? ''
        : `In the last hour it has ended by itself or failed to start ${past.reachesTo(now - hourMs) ? '' : 'at least '}${times(ends.length)}, the last time at ${when(Date.parse(last.time), now)}${last.exit === null ? (last.cause === '' ? '' : `: ${last.cause}`) : `, ${endWords(last.exit)}`}`,
      trouble(of),
    ],
    next: [afterItsEnd(rules)],
    commands: [
      ...(facts.container?.state === 'paused' ? docker('unpause', of, 'let it go on') : []),
      ctl('stop', of, 'stop it'),
      ctl('restart', of, 'restart it'),
      ...(last === undefined && facts.container?.health !== 'unhealthy' ? [] : output(of, 'read its output')),
    ],
  };
}

/** What is wrong with a container that runs. */
function trouble({ facts }: Case): string {
  const { container } = facts;
  if (container === null) return '';
  if (container.state === 'paused')
    return `Container ${container.name} is paused: it stands still until somebody lets it go on`;
  if (container.health === 'unhealthy')
    return `Container ${container.name} is unhealthy by its own health check, which changes nothing by itself`;
  return '';
}

export function backoff(of: Case): Told {
  const { facts, past, rules } = of;
  const { entered } = past;
  const message = entered?.cause ?? facts.spawnError;
  const end = entered?.exit == null ? '' : `; it ended ${endWords(entered.exit)}`;
  const pause = nextTry(facts.description);
  const failures =
    entered === null || rules === null || rules.startretries < 0
      ? null
      : rules.startretries + 1 - entered.tries;
  return {
    since: entered === null ? null : Date.parse(entered.time),
    cause: `${entered === null ? 'its last try failed' : `its try number ${String(entered.tries)} failed`}${message === '' ? '' : `: ${message}`}${end}`,
    evidence: [ghostWords(of), containerError(of, message)],
    next: [
      `It is tried again ${pause === null ? 'after a pause' : `in ${count(pause, 'second', 'seconds')}`}`,
      failures === null
        ? rules !== null && rules.startretries < 0
          ? 'It is tried for ever (startretries=-1)'
          : ''
        : failures > 0
          ? `After ${count(failures, 'more failure', 'more failures')} it is given up and is FATAL (startretries=${String(rules?.startretries ?? 0)})`
          : '',
    ],
    commands: [
      ...(of.keepsHistory ? [ctl('retry', of, 'try it now')] : []),
      ctl('stop', of, 'give it up'),
      ...output(of, 'read its last words'),
    ],
  };
}

export function stopping(of: Case): Told {
  const { facts, past, rules, now } = of;
  const { entered } = past;
  const order = past.stopOrder();
  const since = entered === null ? null : Date.parse(entered.time);
  const killed = past.killedAt();
  const what = facts.container === null ? 'its process' : `container ${facts.container.name}`;
  const grace = rules === null ? null : rules.stopwaitsecs * 1000;
  return {
    since,
    cause:
      order === null
        ? of.keepsHistory
          ? 'it is being stopped; who ordered that is not in the history'
          : 'it is being stopped'
        : `it is being stopped ${because(order.why)}`,
    evidence: [
      killed === null
        ? ''
        : `It did not end within its grace, and was killed at ${when(Date.parse(killed.time), now)}`,
      entered?.from === 'STARTING' ? 'It was still on its way up when the stop came' : '',
      trouble(of),
    ],
    next: [
      killed === null
        ? since === null || grace === null
          ? `It is waited for ${what} to end, for its stopwaitsecs; then it is killed`
          : untilKill(since + grace - now, grace / 1000)
        : `It is waited until ${facts.container === null ? 'it is gone' : 'the Engine says that it does not run'}, and killed again and again`,
    ],
    commands: [
      ctl('signal KILL', of, 'kill it without waiting'),
      ...docker('inspect', of, 'see what the Engine says of it'),
    ],
  };
}

/** `ms`: until the kill. */
const untilKill = (ms: number, stopwaitsecs: number): string =>
  ms <= 0
    ? `Its grace is over: it is killed any moment (stopwaitsecs=${String(stopwaitsecs)})`
    : `It has ${count(Math.ceil(ms / 1000), 'second', 'seconds')} more to end by itself, then it is killed (stopwaitsecs=${String(stopwaitsecs)})`;
