import type { Exit } from './types.ts';

/** Whether an exit is one of `exitcodes`. A death by signal or an end that nobody saw never is, as in supervisord. */
export const isExpected = (exit: Exit, exitCodes: readonly number[]): boolean =>
  exit.kind === 'code' && exitCodes.includes(exit.code);

/** supervisord's `exitstatus`: the code, -1 for a death by signal, 0 when unknown. */
export function exitStatus(exit: Exit | null): number {
  if (exit === null || exit.kind === 'unknown') return 0;
  return exit.kind === 'code' ? exit.code : -1;
}

/** supervisord's words for an end: `exit status 0`, `terminated by SIGKILL`; ours for evidence of the Engine's. */
export function describeExit(exit: Exit): string {
  switch (exit.kind) {
    case 'code':
      return `exit status ${String(exit.code)}${exit.oomKilled ? ' (OOM killed)' : ''}`;
    case 'signal':
      return `terminated by ${exit.signal}${exit.coreDumped ? ' (core dumped)' : ''}`;
    case 'unknown':
      return `exit status unknown (${exit.reason})`;
  }
}
