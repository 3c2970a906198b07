/** Waits for a condition, never for a time: resolves with what `look` gives as soon as that is not null, and fails with `what` at the limit. */
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 25;

/** `what` as a function: for what is only known at the limit. */
export async function until<T>(
  what: string | (() => string),
  limitMs: number,
  look: () => Promise<T | null> | T | null,
): Promise<T> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > limit) {
      const wanted = typeof what === 'string' ? what : what();
      throw new Error(`not within ${String(limitMs / 1000)} s: ${wanted}`);
    }
    await sleep(pauseMs);
  }
}
