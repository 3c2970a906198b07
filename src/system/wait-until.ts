/** Waits for a condition of the world that nobody tells of; bounded. */
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 50;

/** Resolves with what `look` gives as soon as that is not null; rejects at the limit with `what`, which may be known only then. */
export async function waitUntil<T>(
  what: () => string,
  limitMs: number,
  look: () => Promise<T | null> | T | null,
): Promise<T> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > limit) throw new Error(`not within ${String(limitMs / 1000)} s: ${what()}`);
    await sleep(pauseMs);
  }
}
