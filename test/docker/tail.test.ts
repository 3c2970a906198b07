import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTail } from '../../src/docker/tail.ts';

it('keeps the last bytes of what was added, however it came', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.uint8Array({ maxLength: 30 })),
      (limit, pieces) => {
        const tail = createTail(limit);
        for (const piece of pieces) tail.add(piece);
        const all = pieces.flatMap((piece) => [...piece]);
        expect([...tail.bytes()]).toEqual(all.slice(-limit));
        tail.clear();
        expect([...tail.bytes()]).toEqual([]);
        tail.add(Uint8Array.of(7));
        expect([...tail.bytes()]).toEqual([7]);
      },
    ),
  );
});
