/** Stands in where no runner could be made (an Engine address that makes no sense): the unit is there, cannot be launched, and says why. */
import type { ContainerView } from '../core/view.ts';
import { nothingRuns } from './runner.ts';
import type { Runner } from './runner.ts';

export function createBrokenRunner(message: string, container: ContainerView | null): Runner {
  return {
    launch(tell) {
      queueMicrotask(() => {
        tell({ type: 'spawnFailed', message });
      });
      return nothingRuns;
    },
    adopt: () => nothingRuns,
    check: () => null,
    clearGhost: () => Promise.resolve({ verdict: 'hopeless', reason: message }),
    watch: () => undefined,
    view: () => ({ container, proxy: null }),
    startedAt: () => null,
    reconfigure: () => undefined,
    leave: () => null,
    isBehind: () => false,
    close: () => undefined,
  };
}
