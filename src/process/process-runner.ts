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
import type { SharedSocket, SocketClaim } from './shared-sockets.ts';

export interface ProcessRunnerDeps {
  readonly clock: Clock;
  readonly pipes: PipeMaker;
  /** Makes the whole environment of the child: kept for each program it would weigh more than all the rest. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** What the child gets as its stdin, listening (FastCGI). Absent: a pipe. */
  readonly socket?: SharedSocket;
}

export function createProcessRunner(initial: ProcessSpec, deps: ProcessRunnerDeps): Runner {
  let spec = initial;
  const find = (environment = deps.environment()) => findCommand(spec.command, environment['PATH']);

  function launch(tell: (report: RunnerReport) => void, obstacle?: string): Run {
    let child: Child;
    let claim: SocketClaim | null = null;
    // The report first, here and at the exit: the log says why the socket is closed before it says that it is.
    const failed = (message: string): Run =>
      neverRan(() => {
        tell({ type: 'spawnFailed', message });
        claim?.release();
      });
    if (obstacle !== undefined) return failed(obstacle);
    try {
      claim = deps.socket?.claim() ?? null;
      const environment = deps.environment();
      const command = find(environment);
      if ('fault' in command) return failed(command.message);
      child = startChild(
        {
          command,
          directory: spec.directory,
          environment,
          user: spec.user,
          umask: spec.umask,
          redirectStderr: spec.redirectStderr,
          stdin: claim?.fd ?? 'pipe',
        },
        deps.pipes,
      );
    } catch (error) {
      return failed(
        error instanceof LaunchError ? error.message : `unknown error making pipes: ${String(error)}`,
      );
    }
    tell({ type: 'spawned', pid: child.pid, since: deps.clock.now() });
    void child.exited.then(async (exit) => {
      const diedAt = deps.clock.now();
      await Promise.all([drain(child.stdout), drain(child.stderr)]);
      tell({ type: 'exited', exit, diedAt });
      claim?.release();
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
    leave: () => null,
    isBehind: () => false,
    close: () => undefined,
  };
}

/** A run that never was. The report comes after `launch` has returned, as every other. */
function neverRan(report: () => void): Run {
  queueMicrotask(report);
  return nothingRuns;
}
