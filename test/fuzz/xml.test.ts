/** Random values go over the wire and back; random documents, and good ones that were damaged, are read or refused. */
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  buildCall,
  buildFault,
  buildResponse,
  isStruct,
  parseCall,
  parseResponse,
  XmlRpcSyntaxError,
} from '../../src/rpc/xml.ts';
import type { XmlRpcValue } from '../../src/rpc/xml.ts';
import { fuzz } from './fuzz.ts';

/** What XML cannot carry arrives as U+FFFD, and a carriage return as a line end. */
const text = fc
  .string({ unit: 'binary' })
  .map((raw) => raw.replace(/[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '☃'));
const time = fc.integer({ min: 0, max: 253_402_214_400 }).map((seconds) => new Date(seconds * 1000));

const { value } = fc.letrec<{ value: XmlRpcValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'xml' },
    text,
    fc.integer(),
    fc.double({ noNaN: true }).filter((number) => !Number.isInteger(number)),
    fc.boolean(),
    fc.constant(null),
    time,
    fc.array(tie('value'), { maxLength: 5, depthIdentifier: 'xml' }),
    fc.dictionary(
      fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'name')),
      tie('value').filter((one) => one !== null),
      { maxKeys: 5, depthIdentifier: 'xml' },
    ),
  ),
}));

fuzz('a value comes back as it went, in a call and in an answer', value, (one) => {
  expect(parseResponse(buildResponse(one))).toEqual({ kind: 'value', value: one });
  expect(parseCall(buildCall('m', [one, one]))).toEqual({ method: 'm', params: [one, one] });
});

fuzz('a fault comes back as it went', fc.tuple(fc.integer(), text), ([code, sentence]) => {
  expect(parseResponse(buildFault(code, sentence))).toEqual({ kind: 'fault', code, text: sentence });
});

fuzz(
  'any text and any bytes are written so that they can be read',
  fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()),
  (one) => {
    const answer = parseResponse(buildResponse(one));
    expect(answer.kind === 'value' && typeof answer.value).toBe('string');
  },
);

const pieces = fc.constantFrom(
  ...[
    'methodCall',
    'methodName',
    'params',
    'param',
    'value',
    'struct',
    'member',
    'name',
    'array',
    'data',
    'nil',
  ].flatMap((name) => [`<${name}>`, `</${name}>`, `<${name}/>`]),
  ...['int', 'i4', 'boolean', 'double', 'string', 'base64', 'dateTime.iso8601'].flatMap((name) => [
    `<value><${name}>`,
    `</${name}></value>`,
  ]),
  ...[
    '1',
    '-7',
    '2.5',
    'nan',
    '1e999',
    '20260102T03:04:05',
    '99999999T99:99:99',
    'aGVs',
    '====',
    '&amp;',
    '&x;',
    '&#0;',
    '&#x110000;',
  ],
  ...[
    '<!DOCTYPE x>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?xml version="1.0"?>',
    '<',
    '>',
    '"',
    '\r\n',
    '\ufeff',
    '\0',
    ' a="b"',
  ],
);
const good = buildCall('supervisor.startProcess', ['web', true, { a: [1, 2.5, null], b: new Date(0) }]);
const damaged = fc
  .array(
    fc.tuple(fc.nat(good.length), fc.nat(20), fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 8 }))),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((wounds) =>
    wounds.reduce(
      (document, [at, length, more]) => document.slice(0, at) + more + document.slice(at + length),
      good,
    ),
  );
const document = fc.oneof(
  { weight: 3, arbitrary: damaged },
  { weight: 2, arbitrary: fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')) },
  {
    weight: 2,
    arbitrary: fc
      .array(pieces, { maxLength: 12 })
      .map(
        (parts) =>
          `<methodCall><methodName>m</methodName><params><param><value>${parts.join('')}</value></param></params></methodCall>`,
      ),
  },
  fc.string({ unit: 'binary' }),
);

function readOrRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof XmlRpcSyntaxError) return null;
    throw error;
  }
}

fuzz('any document is read as a call, or refused', document, (one) => {
  const call = readOrRefused(() => parseCall(one));
  if (call === null) return;
  expect(typeof call.method).toBe('string');
  // What was read can be written.
  expect(typeof buildCall(call.method, call.params)).toBe('string');
});

fuzz(
  'any document is read as an answer, or refused',
  document.map((one) => one.replaceAll('methodCall', 'methodResponse')),
  (one) => {
    const answer = readOrRefused(() => parseResponse(one));
    if (answer?.kind === 'value' && isStruct(answer.value))
      expect(Object.keys(answer.value)).toBeInstanceOf(Array);
  },
);

fuzz(
  'limits hold',
  fc.record({ document, maxLength: fc.nat(400), maxDepth: fc.nat(6), maxElements: fc.nat(20) }),
  ({ document: one, ...limits }) => {
    const call = readOrRefused(() => parseCall(one, limits));
    if (call === null) return;
    expect(one.length).toBeLessThanOrEqual(limits.maxLength);
    expect(limits.maxDepth * limits.maxElements).toBeGreaterThan(0);
  },
);
