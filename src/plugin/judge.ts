/**
 * What is to be done about one program, from what its manager says and what the Engine says, at one moment. Pure: events bring the
 * question up sooner, and answer nothing. The container is looked at first and the manager asked after that, so that what the manager
 * says is never older than what is acted upon.
 */
import type { ProcessView } from '../core/view.ts';
import { isUp } from '../core/truth.ts';
import type { Sighting } from '../supervisor/hand.ts';

/** What was learnt of a program earlier; lost when the plug-in is restarted, and then the times must do. */
export interface Memory {
  /** The life that was last seen under a live proxy: the program's own. `''`: none was. */
  readonly ownLife: string;
  /** The program's start (supervisord's seconds) that this life came of. 0: none. */
  readonly ownStart: number;
  /** The last start of the program whose proxy was seen alive, whether its container was up by then or not. 0: none. */
  readonly liveStart: number;
  /** The proxy under which the container was last seen up. 0: none. */
  readonly upUnderPid: number;
  /** Since when the container is down although that proxy lives, monotonic ms; null: it is not so. */
  readonly downSince: number | null;
  /** A life that was asked to stop, and did. */
  readonly stoppedLife: string;
  /** What was cleared for a program that had been given up already: once is enough. */
  readonly clearedFor: string;
}

export const nothingKnown: Memory = {
  ownLife: '',
  ownStart: 0,
  liveStart: 0,
  upUnderPid: 0,
  downSince: null,
  stoppedLife: '',
  clearedFor: '',
};

export type Action =
  | { readonly do: 'nothing' }
  /** Look again after so long: it may be a passing moment. */
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'stop'; readonly why: string }
  | { readonly do: 'clear-ghost'; readonly thenStart: boolean }
  /** The manager is told to start the program: its proxy attaches to what runs. */
  | { readonly do: 'start'; readonly why: string }
  | { readonly do: 'kill-proxy'; readonly why: string }
  /** Something is not as it is said, and nothing that the user wrote down allows to mend it. */
  | { readonly do: 'leave'; readonly why: string };

export interface Question {
  readonly says: ProcessView;
  /** null: there is no such container. */
  readonly seen: Sighting | null;
  /** The command makes the container (`run`): a second proxy cannot attach to it. */
  readonly makesContainer: boolean;
  readonly memory: Memory;
  /**
   * Whether the whole supervisord goes down: nothing is started any more, and everything that runs is to stop; `in-turn`: what it says is
   * up has its turn to come; `now`: no more turns, for we go too.
   */
  readonly goingDown: 'no' | 'in-turn' | 'now';
  readonly now: number;
}

/** How long a proxy may outlive its container before it is taken for stuck, in ms: it asks the Engine for the exit code. */
const stuckMs = 3000;
/** How long after its proxy's end a container may come up by that proxy's order: where we saw that it was not up yet, and where we saw nothing. */
const latestStartSeconds = 60;
const latestUnseenStartSeconds = 5;

export function judge(question: Question): Action {
  const { seen, says, goingDown } = question;
  if (seen === null || !isUp(seen.container.state)) return judgeDown(question);
  if (seen.daemon !== null)
    return { do: 'leave', why: `container ${seen.container.name} is managed by ${seen.daemon}` };
  if (goingDown !== 'no') return judgeGoingDown(question, seen);
  switch (says.state) {
    case 'STARTING':
    case 'RUNNING':
    case 'UNKNOWN':
      return { do: 'nothing' };
    case 'STOPPING':
      return isOthers(question, seen) ? leaveOthers(seen) : stop(seen, 'the program is being stopped');
    case 'STOPPED':
      return judgeStopped(question, seen);
    case 'EXITED':
      return judgeEnded(question, seen);
    case 'BACKOFF':
      if (seen.container.state === 'running' && !question.makesContainer) return { do: 'nothing' };
      return { do: 'clear-ghost', thenStart: false };
    case 'FATAL':
      return judgeFatal(question, seen);
  }
}

const stop = ({ container }: Sighting, why: string): Action => ({
  do: 'stop',
  why: `container ${container.name} is ${container.state}, and ${why}`,
});

const leaveOthers = ({ container }: Sighting): Action => ({
  do: 'leave',
  why: `container ${container.name} has the program's name and is older than the program's start: not touched`,
});

/** What holds the name of a `run`, and was there before the program was started, is another one's. */
function isOthers(
  { makesContainer, says, memory }: Pick<Question, 'makesContainer' | 'says' | 'memory'>,
  seen: Sighting,
): boolean {
  if (!makesContainer || memory.ownLife === seen.startedAt) return false;
  return secondsOf(seen) < says.start - 1;
}

function judgeDown({ seen, says, makesContainer, memory, goingDown, now }: Question): Action {
  const state = seen === null ? 'missing' : seen.container.state;
  if (says.state === 'RUNNING' && goingDown === 'no') {
    // Only a proxy that has shown its container up can be stuck: before that it is starting it, which may take minutes.
    if (memory.upUnderPid !== says.pid || makesContainer || memory.downSince === null)
      return { do: 'nothing' };
    const leftMs = memory.downSince + stuckMs - now;
    if (leftMs > 0) return { do: 'wait', ms: leftMs };
    return { do: 'kill-proxy', why: `its container is ${state}, and proxy ${String(says.pid)} does not end` };
  }
  if (goingDown !== 'no' || seen === null) return { do: 'nothing' };
  const isGhost = makesContainer || (state !== 'exited' && state !== 'created');
  if (!isGhost) return { do: 'nothing' };
  if (says.state === 'BACKOFF') return { do: 'clear-ghost', thenStart: false };
  if (says.state === 'FATAL' && isUncleared({ says, memory }, seen))
    return { do: 'clear-ghost', thenStart: true };
  return { do: 'nothing' };
}

/** Those that the manager says are up get their STOPPING each in its turn; the rest it takes for down, and would leave running. */
function judgeGoingDown(question: Question, seen: Sighting): Action {
  if (isOthers(question, seen)) return leaveOthers(seen);
  switch (question.says.state) {
    case 'STARTING':
    case 'RUNNING':
      return question.goingDown === 'now' ? stop(seen, 'supervisord goes down') : { do: 'nothing' };
    case 'STOPPING':
    case 'STOPPED':
    case 'EXITED':
    case 'FATAL':
    case 'BACKOFF':
    case 'UNKNOWN':
      return stop(seen, 'supervisord goes down');
  }
}

function judgeStopped(question: Question, seen: Sighting): Action {
  const { says, memory, makesContainer } = question;
  const { container } = seen;
  if (isOthers(question, seen)) return leaveOthers(seen);
  if (isOwn(question, seen)) return stop(seen, 'the program was stopped');
  // Its own policy brought it up again after the stop: that is nobody's wish.
  if (container.restart_policy !== 'no' && memory.ownLife !== '' && memory.stoppedLife === '')
    return stop(seen, 'its restart policy brought it up after the stop');
  if (container.state !== 'running') return leavePaused(seen, says);
  if (makesContainer) return leaveUnattachable(seen, says);
  return { do: 'start', why: `somebody started container ${container.name}` };
}

/**
 * The program's own life, which a stop was to end: as remembered, or as the two clocks say. A proxy that is killed while the Engine is
 * busy starting its container leaves a start behind that is carried out after the stop.
 */
function isOwn({ says, memory }: Question, seen: Sighting): boolean {
  if (memory.ownLife === seen.startedAt) return true;
  if (says.start === 0 || memory.ownStart === says.start) return false;
  const lateSeconds = memory.liveStart === says.start ? latestStartSeconds : latestUnseenStartSeconds;
  return secondsOf(seen) <= says.stop + lateSeconds;
}

/** A stop has come about: what comes up after it is somebody else's, also where the life was never seen under its proxy. */
export const rememberStopped = (memory: Memory, says: ProcessView, seen: Sighting): Memory => ({
  ...memory,
  stoppedLife: seen.startedAt,
  ownLife: seen.startedAt,
  ownStart: says.start,
});

/** Whether a start may still be under way at the Engine whose proxy has gone. */
export const mayComeUpLate = (memory: Memory): boolean => memory.liveStart !== memory.ownStart;

function judgeEnded({ says, makesContainer }: Question, seen: Sighting): Action {
  if (seen.container.state === 'restarting') return { do: 'wait', ms: 1000 };
  if (seen.container.state !== 'running') return leavePaused(seen, says);
  if (makesContainer) return leaveUnattachable(seen, says);
  return { do: 'start', why: `container ${seen.container.name} runs, and only its proxy has ended` };
}

function judgeFatal(question: Question, seen: Sighting): Action {
  const { says, makesContainer } = question;
  const { container } = seen;
  if (container.state === 'running' && !makesContainer)
    return { do: 'start', why: `container ${container.name} runs, and its program was given up` };
  if (isUncleared(question, seen)) return { do: 'clear-ghost', thenStart: true };
  return container.state === 'running' ? leaveUnattachable(seen, says) : leavePaused(seen, says);
}

/** It was there when the program was given up: what the last BACKOFF would have cleared is cleared now, once. */
const isUncleared = ({ says, memory }: Pick<Question, 'says' | 'memory'>, seen: Sighting): boolean =>
  (seen.startedAt === memory.ownLife || secondsOf(seen) <= says.stop + 1) &&
  memory.clearedFor !== ghostOf(seen);

export const ghostOf = ({ container, startedAt }: Sighting): string =>
  `${container.id ?? ''} ${startedAt} ${container.state}`;

const leavePaused = ({ container }: Sighting, says: ProcessView): Action => ({
  do: 'leave',
  why: `container ${container.name} is ${container.state} although the program is ${says.state}; mend it with: docker unpause ${container.name}, or docker stop ${container.name}`,
});

const leaveUnattachable = ({ container }: Sighting, says: ProcessView): Action => ({
  do: 'leave',
  why: `container ${container.name} runs although the program is ${says.state}, and a "run" cannot attach to it; mend it with: docker stop ${container.name}`,
});

/** Whole seconds, as supervisord tells its times. */
const secondsOf = ({ startedAt }: Sighting): number =>
  startedAt === '' ? 0 : Math.floor(Date.parse(startedAt.replace(/(\.\d{3})\d+/, '$1')) / 1000);

/** What is learnt from one look. */
export function remember(
  question: Pick<Question, 'says' | 'seen' | 'makesContainer' | 'memory' | 'now'>,
): Memory {
  const { says, seen, memory, now } = question;
  const isLive =
    says.pid > 0 && (says.state === 'RUNNING' || says.state === 'STOPPING' || says.state === 'STARTING');
  const liveStart = isLive ? says.start : memory.liveStart;
  if (seen !== null && isUp(seen.container.state)) {
    if (!isLive || isOthers(question, seen)) return { ...memory, liveStart };
    return {
      ...memory,
      ownLife: seen.startedAt,
      ownStart: says.start,
      liveStart,
      upUnderPid: says.pid,
      downSince: null,
      stoppedLife: seen.startedAt === memory.ownLife ? memory.stoppedLife : '',
    };
  }
  const isOutlived = isLive && says.pid === memory.upUnderPid;
  return { ...memory, liveStart, downSince: isOutlived ? (memory.downSince ?? now) : null };
}
