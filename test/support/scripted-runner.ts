/** A runner whose runs do what the test tells them, and remember what they were told. */
import { nothingRuns } from '../../src/supervisor/runner.ts';
import type { Runner, RunnerReport } from '../../src/supervisor/runner.ts';
import type { ContainerView } from '../../src/core/view.ts';

export interface ScriptedRunner extends Runner {
  /** `launch`, `adopt`, `stop`, `kill`, `cancel`, `signal HUP`, in order. */
  readonly told: string[];
  /** What the current run reports. */
  report(report: RunnerReport): void;
  appear(found: { pid: number; since: number }): void;
  container: ContainerView | null;
}

/** `onStop`: what a run does when it is told to stop; by default it ends with code 0. */
export function createScriptedRunner(onStop?: (runner: ScriptedRunner) => void): ScriptedRunner {
  const told: string[] = [];
  let tell: (report: RunnerReport) => void = () => undefined;
  let appeared: Parameters<Runner['watch']>[0] = () => undefined;
  const begin = (how: string) => (to: (report: RunnerReport) => void) => {
    tell = to;
    told.push(how);
    return {
      ...nothingRuns,
      stop() {
        told.push('stop');
        if (onStop === undefined)
          tell({ type: 'exited', exit: { kind: 'code', code: 0, oomKilled: false }, diedAt: 0 });
        else onStop(runner);
      },
      kill: () => void told.push('kill'),
      cancel: () => void told.push('cancel'),
      signal: (name: string) => void told.push(`signal ${name}`),
      write: () => Promise.resolve('written' as const),
    };
  };
  const runner: ScriptedRunner = {
    told,
    container: null,
    launch: begin('launch'),
    adopt: begin('adopt'),
    check: () => null,
    clearGhost: () => Promise.resolve({ verdict: 'nothing' }),
    watch(callback) {
      appeared = callback;
    },
    view: () => ({ container: runner.container, proxy: null }),
    startedAt: () => null,
    reconfigure: () => void told.push('reconfigure'),
    leave: () => null,
    isBehind: () => false,
    close: () => void told.push('close'),
    report: (report) => {
      tell(report);
    },
    appear: (found) => {
      appeared(found);
    },
  };
  return runner;
}
