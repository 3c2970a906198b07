/** Makes a plain program run: a child process of the daemon. */
import type { ProcessSpec } from '../core/config/model.ts';
import type { Clock } from '../supervisor/clock.ts';
import { nothingRuns } from '../supervisor/runner.ts';
import type { Run, Runner, RunnerReport } from '../supervisor/runner.ts';
import { LaunchError, startChild } from './child.ts';
import type { Child } from './child.ts';
import { drain } from './drain.ts';
import { findCommand } from './find-command.ts';
import { outputOf } from './output.ts';
import type { PipeMaker } from './pipes.ts';

export interface ProcessRunnerDeps {
  readonly clock: Clock;
  readonly pipes: PipeMaker;
  /** The whole environment of the child. */
  readonly environment: Readonly<Record<string, string>>;
}

export function createProcessRunner(initial: ProcessSpec, deps: ProcessRunnerDeps): Runner {
  let spec = initial;
  const find = () => findCommand(spec.command, deps.environment['PATH']);

  function launch(tell: (report: RunnerReport) => void): Run {
    let child: Child;
    try {
      const command = find();
      if ('fault' in command) return failed(command.message, tell);
      child = startChild(
        {
          command,
          directory: spec.directory,
          environment: deps.environment,
          user: spec.user,
          umask: spec.umask,
          redirectStderr: spec.redirectStderr,
          stdin: true,
        },
        deps.pipes,
      );
    } catch (error) {
      return failed(
        error instanceof LaunchError ? error.message : `unknown error making pipes: ${String(error)}`,
        tell,
      );
    }
    tell({ type: 'spawned', pid: child.pid, since: deps.clock.now() });
    void child.exited.then(async (exit) => {
      const diedAt = deps.clock.now();
      await Promise.all([drain(child.stdout), drain(child.stderr)]);
      tell({ type: 'exited', exit, diedAt });
    });
    const send = (signal: string, group: boolean): void => {
      try {
        child.kill(signal, group);
      } catch (error) {
        tell({
          type: 'signalFailed',
          message: `unknown problem killing ${spec.name} (${String(child.pid)}): ${String(error)}`,
        });
      }
    };
    return {
      output: outputOf(child),
      stop: ({ signal }) => {
        send(signal ?? spec.stopSignal.name, spec.stopAsGroup);
      },
      kill: () => {
        send('KILL', spec.killAsGroup);
      },
      signal: (name) => {
        send(name, false);
      },
      cancel: () => {
        send('KILL', spec.killAsGroup);
      },
      write: (data) => child.write(data),
    };
  }

  return {
    launch,
    adopt: () => {
      throw new Error('a plain process is never found running');
    },
    check() {
      const command = find();
      return 'fault' in command ? command : null;
    },
    clearGhost: () => Promise.resolve({ verdict: 'nothing' }),
    watch: () => undefined,
    view: () => ({ container: null, proxy: null }),
    startedAt: () => null,
    reconfigure(next) {
      spec = next;
    },
    close: () => undefined,
  };
}

/** A run that never was. The report comes after `launch` has returned, as every other. */
function failed(message: string, tell: (report: RunnerReport) => void): Run {
  queueMicrotask(() => {
    tell({ type: 'spawnFailed', message });
  });
  return nothingRuns;
}
