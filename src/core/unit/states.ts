/** supervisord's eight states, by the codes that go over the wire (its `ProcessStates`). */
export const wireStates = {
  STOPPED: 0,
  STARTING: 10,
  RUNNING: 20,
  BACKOFF: 30,
  STOPPING: 40,
  EXITED: 100,
  FATAL: 200,
  UNKNOWN: 1000,
} as const;

export type WireStateName = keyof typeof wireStates;

/** supervisord's STOPPED_STATES, RUNNING_STATES and SIGNALLABLE_STATES. */
export const isStopped = (state: WireStateName): boolean =>
  state === 'STOPPED' || state === 'EXITED' || state === 'FATAL' || state === 'UNKNOWN';
export const isRunning = (state: WireStateName): boolean =>
  state === 'RUNNING' || state === 'BACKOFF' || state === 'STARTING';
export const isSignallable = (state: WireStateName): boolean =>
  state === 'RUNNING' || state === 'STARTING' || state === 'STOPPING';
