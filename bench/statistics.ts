/** The few numbers that are made of many. */

/** Throws on an empty list: what was not measured has no median. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The nearest rank: a value that was measured, never one between two; but the median of an even number is the middle of the two. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (percent / 100) * sorted.length;
  const upper = sorted[Math.max(0, Math.ceil(rank) - 1)];
  if (upper === undefined) throw new Error('nothing was measured');
  if (percent === 50 && Number.isInteger(rank)) return (upper + (sorted[rank] ?? upper)) / 2;
  return upper;
}

/** `median (lowest to highest)`; the median alone where there is one value. */
export function spread(values: readonly number[], digits: number, unit: string): string {
  const middle = `${median(values).toFixed(digits)} ${unit}`;
  if (values.length === 1) return middle;
  return `${middle} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;
}
