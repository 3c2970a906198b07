/**
 * The readers of a configuration beside supervisord's own, in Python: the same random texts, and the same values or the same error.
 * 3000 texts each here; `npm run fuzz` plays 100,000. The seed is in the name, and played again with DOCKVISOR_SEED.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expand } from '../../src/core/config/expand.ts';
import { emptyIni, readIni } from '../../src/core/config/ini.ts';
import type { IniOption } from '../../src/core/config/ini.ts';
import { splitCommand } from '../../src/core/config/shlex.ts';
import { parseSignal } from '../../src/core/config/signals.ts';
import {
  parseBoolean,
  parseByteSize,
  parseEnvironment,
  parseExitCodes,
  parseInetAddress,
  parseInteger,
  parseName,
  parseOctal,
} from '../../src/core/config/values.ts';
import type { Parsed } from '../../src/core/config/values.ts';
import { busy, hear, listening } from '../../src/core/events/conversation.ts';
import { parseCall, XmlRpcSyntaxError } from '../../src/rpc/xml.ts';
import { callDocument } from '../../test/fuzz/documents.ts';
import { bytesOf, cutAt, cuts } from '../../test/fuzz/pieces.ts';
import {
  commandText,
  environmentText,
  formatNames,
  formatText,
  iniText,
  signalText,
  valueText,
} from '../../test/fuzz/texts.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { startWitness } from './witness.ts';
import type { Witness } from './witness.ts';

const inputs = Number(process.env['DOCKVISOR_FUZZ'] ?? 3000);
const seed = Number(process.env['DOCKVISOR_SEED'] ?? 20261128);

type Told = { readonly value: unknown } | { readonly error: string };

const entries = (options: ReadonlyMap<string, IniOption>) =>
  [...options.values()].map(({ name, value }) => [name, value]);

/** One file after another over the same parser, as with `[include]`; the first error ends it. */
function ini(texts: readonly string[]): Told {
  let all = emptyIni;
  for (const text of texts) {
    const { ini: read, error } = readIni(text, 'F', all);
    if (error !== null) return { error: error.message };
    all = read;
  }
  const sections = [...all.sections.values()].map(({ name, options }) => [name, entries(options)]);
  return { value: { sections, defaults: entries(all.defaults) } };
}

function command(text: string): Told {
  const split = splitCommand(text);
  return 'words' in split ? { value: split.words } : split;
}

/** Without the digit 0 and the sign: what becomes of `RESULT 0` and of `RESULT -1` is ours (docs/compat.md). */
const listenerTalk = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .constantFrom('READY\n', 'RESULT 2\nOK', 'RESULT 4\nFAIL', 'RESULT ', '2\n', 'OK', '\n')
          .map(bytesOf),
      },
      {
        weight: 2,
        arbitrary: fc
          .constantFrom('1_2\n', '+2\r\n', ' 2\xa0\n', '2\x1c\n', '\v2\f\n', '9'.repeat(30) + '\n')
          .map((text) => Buffer.from(text, 'latin1')),
      },
      fc
        .uint8Array({ maxLength: 9 })
        .map((bytes) => bytes.map((byte) => (byte === 0x30 || byte === 0x2d ? 0x78 : byte))),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

function heardOf(input: {
  readonly busy: boolean;
  readonly talk: Uint8Array;
  readonly cuts: readonly number[];
}): readonly string[] {
  let now = input.busy ? busy : listening;
  return cutAt(input.talk, input.cuts).flatMap((chunk) => {
    const heard = hear(now, chunk);
    now = heard.conversation;
    return heard.verdicts.map(({ type }) => type);
  });
}

function callOf(text: string): Told {
  try {
    const { method, params } = parseCall(text);
    return { value: [method, params] };
  } catch (error) {
    if (error instanceof XmlRpcSyntaxError) return { error: 'refused' };
    throw error;
  }
}

const parsed = <T>(result: Parsed<T>, asPython: (value: T) => unknown = (value) => value): Told =>
  'value' in result ? { value: asPython(result.value) } : { error: result.error };

describe.skipIf(engineSkipped)('read as supervisord reads', () => {
  let witness: Witness;
  beforeAll(() => {
    witness = startWitness();
  });
  afterAll(() => witness.end());

  function sameAsPython<T>(
    reader: string,
    from: fc.Arbitrary<T>,
    ours: (input: T) => Told,
    question: (input: T) => unknown = (input) => input,
  ): void {
    test(
      `${reader}: ${String(inputs)} texts, seed ${String(seed)}`,
      async () => {
        await fc.assert(
          fc.asyncProperty(from, async (input) => {
            const theirs = await witness.ask(reader, question(input));
            expect(ours(input)).toEqual('value' in theirs ? theirs : { error: theirs.error });
          }),
          { numRuns: inputs, seed },
        );
      },
      60_000 + inputs * 20,
    );
  }

  sameAsPython('ini', fc.array(iniText, { minLength: 1, maxLength: 2 }), ini);
  sameAsPython('command', commandText, command);
  sameAsPython('environment', environmentText, (text) => parsed(parseEnvironment(text)));
  sameAsPython(
    'expand',
    formatText,
    (format) => parsed(expand(format, formatNames, 's.o')),
    (format) => ({ format, names: Object.fromEntries(formatNames) }),
  );
  sameAsPython(
    'listener',
    fc.record({ busy: fc.boolean(), talk: listenerTalk, cuts }),
    (input) => ({ value: heardOf(input) }),
    ({ busy, talk, cuts }) => ({
      busy,
      chunks: cutAt(talk, cuts)
        .map((chunk) => [...chunk])
        .filter((chunk) => chunk.length > 0),
    }),
  );
  sameAsPython('call', callDocument, callOf);
  sameAsPython('integer', valueText, (text) => parsed(parseInteger(text)));
  sameAsPython('boolean', valueText, (text) => parsed(parseBoolean(text)));
  sameAsPython('bytes', valueText, (text) => parsed(parseByteSize(text)));
  sameAsPython('octal', valueText, (text) => parsed(parseOctal(text)));
  sameAsPython('exitcodes', valueText, (text) => parsed(parseExitCodes(text)));
  sameAsPython('name', valueText, (text) => parsed(parseName(text)));
  sameAsPython('address', valueText, (text) =>
    parsed(parseInetAddress(text), ({ host, port }) => [host, port]),
  );
  sameAsPython('signal', signalText, (text) => parsed(parseSignal(text), ({ number }) => number));
});
