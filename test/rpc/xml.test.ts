import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildCall,
  buildFault,
  buildResponse,
  parseCall,
  parseResponse,
  XmlRpcSyntaxError,
  type XmlRpcValue,
} from '../../src/rpc/xml.ts';

const call = (value: string) =>
  `<methodCall><methodName>m</methodName><params><param>${value}</param></params></methodCall>`;
const read = (value: string): XmlRpcValue | undefined => parseCall(call(value)).params[0];
const back = (value: XmlRpcValue): unknown => {
  const reply = parseResponse(buildResponse(value));
  return reply.kind === 'value' ? reply.value : reply;
};

describe('what is written is what Python writes', () => {
  test('a boolean', () => {
    expect(buildResponse(true)).toBe(
      "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><boolean>1</boolean></value>\n</param>\n</params>\n</methodResponse>\n",
    );
  });
  test('a fault', () => {
    expect(buildFault(10, 'BAD_NAME: x')).toBe(
      "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>10</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value><string>BAD_NAME: x</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n",
    );
  });
  test('a call, with and without parameters', () => {
    expect(buildCall('a.b', [])).toBe(
      "<?xml version='1.0'?>\n<methodCall>\n<methodName>a.b</methodName>\n<params>\n</params>\n</methodCall>\n",
    );
    expect(buildCall('a.b', [[], {}, new Date(Date.UTC(2026, 0, 2))])).toContain(
      '<param>\n<value><array><data>\n</data></array></value>\n</param>\n<param>\n<value><struct>\n</struct></value>\n</param>\n<param>\n<value><dateTime.iso8601>20260102T00:00:00</dateTime.iso8601></value>\n</param>\n',
    );
  });
  test('base64 breaks after 76 characters', () => {
    expect(buildCall('m', [Buffer.from('abc'.repeat(40))])).toContain(
      `<base64>\n${'YWJj'.repeat(19)}\n${'YWJj'.repeat(19)}\nYWJjYWJj\n</base64>`,
    );
  });
});

test('integers beyond 32 bits are clamped', () => {
  expect(back(5_000_000_000)).toBe(2_147_483_647);
  expect(back(-5_000_000_000)).toBe(-2_147_483_648);
});

test('null and undefined members of a struct are left out', () => {
  expect(Object.keys(back({ a: null, b: undefined, c: 1 }) as object)).toEqual(['c']);
});

test('a long text is escaped in pieces, none of which cuts a character', () => {
  for (const start of ['', 'x', '\u{1f600}x']) {
    const text = `${start}${'\u{1f600}'.repeat(100_000)}\0<\ud83d`;
    const written = buildResponse(text);
    expect(parseResponse(written)).toEqual({
      kind: 'value',
      value: `${start}${'\u{1f600}'.repeat(100_000)}\ufffd<\ufffd`,
    });
  }
});

test('what XML cannot carry becomes U+FFFD, and the end of CDATA is escaped', () => {
  expect(back('a\x1b[1m\x00\ud800b]]>\ufffe')).toBe('a\ufffd[1m\ufffd\ufffdb]]>\ufffd');
  expect(buildResponse(']]>')).toContain(']]&gt;');
});

describe('what is read', () => {
  test.each<[string, XmlRpcValue]>([
    ['<value>bare &lt;text&gt;</value>', 'bare <text>'],
    ['<value></value>', ''],
    ['<value/>', ''],
    ['<value><string/></value>', ''],
    ['<value><i4> 7 </i4></value>', 7],
    ['<value><int>-3</int></value>', -3],
    ['<value><boolean>1</boolean></value>', true],
    ['<value><boolean>true</boolean></value>', false],
    ['<value><double>2.5e3</double></value>', 2500],
    ['<value><base64>aGVs\nbG8g4piD</base64></value>', 'hello ☃'],
    ['<value><nil/></value>', null],
    ['<value><string><![CDATA[<x>]]></string></value>', '<x>'],
    ['<value><string>a\r\nb</string></value>', 'a\nb'],
    [
      '<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>',
      new Date('2026-01-02T03:04:05Z'),
    ],
    ['<value><array><data><value>a</value> <value><int>1</int></value></data></array></value>', ['a', 1]],
    ['<value><array></array></value>', []],
    ['<value><unheard>of</unheard></value>', 'of'],
  ])('%s', (xml, value) => {
    expect(read(xml)).toEqual(value);
  });
  test('a call without params has none', () => {
    expect(parseCall('<methodCall><methodName>a.b</methodName></methodCall>')).toEqual({
      method: 'a.b',
      params: [],
    });
  });
  test('a member called __proto__ is a member and nothing else', () => {
    const value = read(
      '<value><struct><member><name>__proto__</name><value>x</value></member></struct></value>',
    );
    expect(Object.entries(value as object)).toEqual([['__proto__', 'x']]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('refused is', () => {
  test.each([
    ['garbage', 'garbage'],
    ['nothing', ''],
    ['half a document', '<methodCall><methodName>a</methodName>'],
    ['a DOCTYPE', `<!DOCTYPE x [<!ENTITY a "aaaa">]>${call('<value>&a;</value>')}`],
    ['an unknown entity', call('<value>&nbsp;</value>')],
    ['a character beyond Unicode', call('<value>&#x110000;</value>')],
    ['a word for a number', call('<value><int>five</int></value>')],
    ['a date that is none', call('<value><dateTime.iso8601>soon</dateTime.iso8601></value>')],
    ['a parameter without a value', call('')],
    ['a depth of thousands', call('<value><array><data>'.repeat(5000))],
    ['a million elements', call(`<value><array><data>${'<value/>'.repeat(200_000)}</data></array></value>`)],
  ])('%s', (_what, text) => {
    expect(() => parseCall(text)).toThrow(XmlRpcSyntaxError);
  });
  test('more than the limit of characters', () => {
    const limits = { maxLength: 10, maxDepth: 5, maxElements: 5 };
    expect(() => parseCall('<a>bcdefghij</a>', limits)).toThrow('above 10');
  });
});

/** Text that XML carries unchanged: no control characters, and no \r, which arrives as \n. */
const text = fc
  .string({ unit: 'binary' })
  .map((raw) => raw.replace(/[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '☃'));
const value = fc.letrec<{ value: XmlRpcValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true }).filter((number) => !Number.isInteger(number)),
    fc.date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }).map((date) => {
      date.setUTCMilliseconds(0);
      return date;
    }),
    fc.array(tie('value')),
    fc.dictionary(
      text,
      tie('value').filter((one) => one !== null),
    ),
  ),
})).value;

test('any value comes back as it went', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(back(one)).toEqual(one);
      expect(parseCall(buildCall('m', [one, one])).params).toEqual([one, one]);
    }),
  );
});

test('any bytes, and any damage to a good call, are read or refused, never worse', () => {
  const good = buildCall('supervisor.startProcess', ['web', true, { a: [1, 2.5, null] }]);
  const damaged = fc
    .tuple(fc.nat(good.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 8 }))
    .map(([at, length, more]) => good.slice(0, at) + more + good.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (document) => {
      try {
        expect(typeof parseCall(document).method).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(XmlRpcSyntaxError);
      }
    }),
    { numRuns: 2000 },
  );
});
