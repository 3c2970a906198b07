/** Why it runs, or is on its way up or down: STARTING, RUNNING, BACKOFF, STOPPING. */
import { isTakingUp, wasStopping } from '../history/taking-up.ts';
import { containerError, engineSays, ghostWords, lastWords, nextTry, takenUp } from './down.ts';
import { afterItsEnd, enginePolicyWhileUp } from './policy.ts';
import { because, count, endWords, times, when } from './words.ts';
import { ctl, docker, output, restartPolicy, withoutPolicy } from './told.ts';
import type { Case, Told } from './told.ts';

const hourMs = 3_600_000;

/** Of STARTING and RUNNING: where that came from. */
function startWords(of: Case): string {
  const { past, now, keepsHistory } = of;
  if (!keepsHistory) return '';
  const cause = past.startCause();
  if (cause === null) return 'how it was started is not in the history';
  switch (cause.kind) {
    case 'order': {
      const { time, why } = cause.order;
      const done = past.adopted
        ? 'taken up'
        : isTakingUp(why) && past.spawned === null
          ? 'to be taken up, or started,'
          : 'started';
      return `it was ${done} at ${when(Date.parse(time), now)} ${because(why)}${past.adopted ? takenWords(of, time) : ''}`;
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
      return cause.byPolicy && restartPolicy(of) !== null
        ? `the Engine had started the container again by its own restart policy (${restartPolicy(of) ?? ''}), and dockvisord took it over`
        : `somebody else had started the container${likelyPolicy(of)}, and dockvisord took it over; nobody ordered that through dockvisord`;
  }
}

function likelyPolicy(of: Case): string {
  const policy = restartPolicy(of);
  if (policy === null) return '';
  // Where a policy is at work, the Engine does not say that it has exited.
  const former = of.past.beforeStart()?.container?.state;
  const likely = former === 'exited' || former === 'created' ? 'perhaps' : 'most likely';
  return `, ${likely} the Engine by the container's own restart policy (${policy})`;
}

/** Of what was running when dockvisord came to start it. */
function takenWords(of: Case, ordered: string): string {
  const { facts, now } = of;
  const start = facts.start * 1000;
  // Where the Engine's clock is ahead, the one time tells nothing of the other.
  if (start === 0 || start > now) return '';
  if (start > Date.parse(ordered))
    return `; somebody else had started the container at ${when(start, now)}${likelyPolicy(of)}`;
  const before = of.past.lifeBefore();
  // Both are the Engine's own words; ours has whole seconds.
  return before !== null && Math.floor(Date.parse(before) / 1000) !== facts.start
    ? `; somebody else had started it anew at ${when(start, now)}, and it was not restarted`
    : '; it ran already, and was not restarted';
}

export function starting(of: Case): Told {
  const { facts, past } = of;
  const { entered } = past;
  const since = entered === null ? (facts.start === 0 ? null : facts.start * 1000) : Date.parse(entered.time);
  const isUp = facts.pid !== 0;
  return {
    since,
    cause: startWords(of),
    evidence: [ghostWords(of), trouble(of)],
    next: [isUp ? untilRunning(of) : untilUp(of)],
    commands: [ctl('stop', of, 'stop it'), ...output(of, 'read its output'), ...withoutPolicy(of)],
  };
}

function untilUp(of: Case): string {
  const { container } = of.facts;
  if (container === null) return 'It is being launched: its process is not there yet';
  if (container.state !== 'restarting')
    return 'It is being launched: the Engine has not said yet that the container runs';
  const policy = restartPolicy(of);
  return `The Engine's own restart policy${policy === null ? '' : ` (${policy})`} is between two starts of container ${container.name}, and starts it again when its pause is over`;
}

function untilRunning({ facts, rules, now }: Case): string {
  if (rules?.says_ready === true)
    return 'It runs, and counts as RUNNING once it says that it is ready (docker_notify=true)';
  const since = facts.start === 0 ? '' : ` since ${when(facts.start * 1000, now)}`;
  const startsecs =
    rules === null ? 'its startsecs' : `${count(rules.startsecs, 'second', 'seconds')} (startsecs)`;
  return `It has run${since}, and counts as RUNNING once it has run for ${startsecs}`;
}

export function running(of: Case): Told {
  const { facts, past, now } = of;
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
    next: [afterItsEnd(of), enginePolicyWhileUp(of)],
    commands: [
      ...(facts.container?.state === 'paused' ? docker('unpause', of, 'let it go on') : []),
      ctl('stop', of, 'stop it'),
      ctl('restart', of, 'restart it'),
      ...(last === undefined && facts.container?.health !== 'unhealthy' ? [] : output(of, 'read its output')),
      ...withoutPolicy(of),
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
    evidence: [ghostWords(of), containerError(of, message), engineSays(of)],
    next: [
      `It is tried again ${pause === null ? 'after a pause' : `in ${count(pause, 'second', 'seconds')}`}`,
      failures === null
        ? rules !== null && rules.startretries < 0
          ? `It is tried for ever (startretries=${String(rules.startretries)})`
          : ''
        : failures > 0
          ? `After ${count(failures, 'more failure', 'more failures')} it is given up and is FATAL (startretries=${String(rules?.startretries ?? 0)})`
          : '',
    ],
    commands: [
      ...(of.keepsHistory ? [ctl('retry', of, 'try it now')] : []),
      ctl('stop', of, 'give it up'),
      ...lastWords(of),
      ...withoutPolicy(of),
    ],
  };
}

export function stopping(of: Case): Told {
  const { facts, past, now } = of;
  const { entered } = past;
  const order = past.stopOrder();
  const again = past.stopTakenUp();
  const killed = past.killedAt();
  return {
    since:
      again !== null && order !== null
        ? Date.parse(order.time)
        : entered === null
          ? null
          : Date.parse(entered.time),
    cause:
      order === null
        ? of.keepsHistory
          ? 'it is being stopped; who ordered that is not in the history'
          : 'it is being stopped'
        : `it is being stopped ${because(order.why)}`,
    evidence: [
      takenUp(of),
      killed === null
        ? ''
        : `It did not end within its grace: its kill was ordered at ${when(Date.parse(killed.time), now)}, and it has not ended yet`,
      entered?.from === 'STARTING' && again === null && order?.why !== wasStopping
        ? 'It was still on its way up when the stop came'
        : '',
      trouble(of),
    ],
    next: [stopNext(of)],
    commands: [
      ctl('signal KILL', of, 'kill it without waiting'),
      ...docker('inspect', of, 'see what the Engine says of it'),
      ...(facts.container?.state === 'restarting' ? withoutPolicy(of) : []),
    ],
  };
}

function stopNext(of: Case): string {
  const { facts, past, rules, now } = of;
  const { entered } = past;
  const what = facts.container === null ? 'its process' : `container ${facts.container.name}`;
  const killed = past.killedAt();
  if (killed !== null && killed.seq > (entered?.seq ?? 0))
    return `It is waited until ${facts.container === null ? 'it is gone' : 'the Engine says that it does not run'}, and killed again and again`;
  if (entered === null || rules === null)
    return `It is waited for ${what} to end, for its stopwaitsecs; then it is killed`;
  const { spawned } = past;
  const told = spawned !== null && spawned.seq > entered.seq ? spawned : entered;
  if (of.keepsHistory && facts.pid === 0)
    return past.stopTakenUp() === null && past.stopOrder()?.why !== wasStopping
      ? 'Its launch is being called back; what comes up all the same is stopped'
      : `It is looked whether ${what} still runs; if it does, it is stopped`;
  // What a former daemon has asked of the Engine, or this one before the Engine was away, may still be under way there.
  const isTakenUp = past.adopted && told === spawned;
  return untilKill(
    Date.parse(told.time) + rules.stopwaitsecs * 1000 - now,
    rules.stopwaitsecs,
    isTakenUp || entered.from === 'UNKNOWN',
  );
}

/** `ms`: until the kill; `atTheLatest`: it may come sooner. */
function untilKill(ms: number, stopwaitsecs: number, atTheLatest: boolean): string {
  const rule = `(stopwaitsecs=${String(stopwaitsecs)})`;
  if (ms <= 0) return `Its grace is over: it is killed any moment ${rule}`;
  const left = count(Math.ceil(ms / 1000), 'second', 'seconds');
  return atTheLatest
    ? `If it does not end by itself, it is killed in ${left} at the latest ${rule}`
    : `It has ${left} more to end by itself, then it is killed ${rule}`;
}
