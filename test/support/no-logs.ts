/** Output that nobody writes down. */
import type { ProcessLogs } from '../../src/supervisor/supervised.ts';

export const noLogs: ProcessLogs = {
  open: () => undefined,
  openAnyhow: () => undefined,
  take: () => undefined,
  stdoutPath: '',
  stderrPath: '',
};
