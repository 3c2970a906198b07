/** Waits for a condition, never for a time: resolves with what `look` gives as soon as that is not null, and fails with `what` at the limit. */
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 25;

export async function until<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | null> | T | null,
): Promise<T> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > limit) throw new Error(`not within ${String(limitMs / 1000)} s: ${what}`);
    await sleep(pauseMs);
  }
}
