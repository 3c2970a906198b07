import { expect, it } from 'vitest';
import { createFloodGear } from '../../src/system/flood-gear.ts';

/** Tells of `bytes` in pieces of 16 KiB, `msOfPiece` apart. */
function play(pieces: readonly { readonly bytes: number; readonly msOfPiece: number }[]): string[] {
  let now = 1000;
  const flags: string[] = [];
  const took = createFloodGear(
    () => now,
    (flag) => flags.push(`${String(now)} ${flag}`),
  );
  for (const { bytes, msOfPiece } of pieces) {
    for (let told = 0; told < bytes; told += 16_384) {
      now += msOfPiece;
      took(16_384);
    }
  }
  return flags;
}

const mib = 1024 * 1024;

it('is in at the first MiB of a flood, and out at the first that comes slowly', () => {
  expect(
    play([
      { bytes: 100 * mib, msOfPiece: 1 },
      { bytes: 3 * mib, msOfPiece: 10 },
    ]),
  ).toEqual(['1064 --opt', '7610 --no-opt']);
});

it('stays out for what comes slowly, however much it is', () => {
  expect(play([{ bytes: 100 * mib, msOfPiece: 4 }])).toEqual([]);
});
