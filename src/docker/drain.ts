/** The last of a container's output, when it has ended: waited for while it comes, and not for ever. */
import type { Attachment, Outlets } from './attachment.ts';

/** How long it may take in all, while it flows, in ms. */
const mostMs = 30_000;
/** How long nothing may come, at least, in ms. */
const quietMs = 2000;
/** What a line of the Engine's log costs to read again, in ms. */
const readAgainMs = 0.02;
const lookMs = 100;

export interface Drain {
  readonly outlets: Outlets;
  /** Lines that are read again from the Engine's log if this is given up: all since the last place that is known there by its time. */
  readonly linesAtStake: () => number;
  /** It was let go of in the midst of its output. */
  readonly cutOff: () => void;
}

/**
 * Resolves when the attachment has ended, or was let go of. A client may stay for seconds after its container (it asks the Engine for the
 * exit code, and the Engine closes its books, or is busy): it is let go of when nothing has come for a while. Whoever has not come to its end
 * may still have some output, which is read from the Engine's log then: the client is waited for as long as that would take.
 */
export async function drain(attachment: Attachment, { outlets, linesAtStake, cutOff }: Drain): Promise<void> {
  const count = (): number => outlets.stdout.pushed() + outlets.stderr.pushed();
  const limit = performance.now() + mostMs;
  let seen = count();
  let heard = performance.now();
  const watching = setInterval(() => {
    const before = seen;
    const now = performance.now();
    seen = count();
    if (seen !== before) heard = now;
    if (now - heard < Math.max(quietMs, linesAtStake() * readAgainMs) && now < limit) return;
    cutOff();
    attachment.detach();
  }, lookMs);
  await attachment.ended;
  clearInterval(watching);
}
