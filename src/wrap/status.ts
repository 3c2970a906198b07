/** One line about the container, for `STATUS=`; and the exit code that its end comes to. */
import type { Exit } from '../core/unit/types.ts';
import type { ProcessView } from '../core/view.ts';

/** `graceSeconds`: what a stop under way allows. */
export function statusOf(view: ProcessView, graceSeconds: number): string {
  const name = `container ${view.container?.name ?? view.name}`;
  switch (view.state) {
    case 'STARTING':
      return `starting ${name}`;
    case 'RUNNING':
      return runningText(name, view);
    case 'STOPPING':
      return `stopping ${name}: it has ${String(graceSeconds)} s`;
    case 'UNKNOWN':
      return `${name}: the Engine cannot be asked (${view.container?.error ?? view.description})`;
    case 'BACKOFF':
    case 'FATAL':
      return `${name} cannot be started: ${view.spawnError}`;
    case 'STOPPED':
    case 'EXITED':
      return `${name} does not run`;
  }
}

function runningText(name: string, { container }: ProcessView): string {
  if (container === null) return `${name} running`;
  if (container.state === 'unknown') return `${name}: the Engine cannot be asked (${container.error})`;
  return container.health === 'none'
    ? `${name} ${container.state}`
    : `${name} ${container.state} (${container.health})`;
}

/** 125 where the container has no code to tell. */
export function exitCodeOf(exit: Exit): number {
  switch (exit.kind) {
    case 'code':
      return exit.code;
    case 'signal':
    case 'unknown':
      return 125;
  }
}

/** The docker client's own rule, word for word (cli/command/container/run.go): 127 not found, 126 cannot be invoked, 125 everything else. */
export function exitCodeOfFailure(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return 125;
}
