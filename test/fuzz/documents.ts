/** Random XML-RPC calls as other clients may write them: white space, CDATA, comments, references, and types by their several names. */
import fc from 'fast-check';

const space = fc.constantFrom('', '', '\n', '  ', '\r\n', '<!-- c -->');
const words = fc
  .array(
    fc.constantFrom(
      'a',
      'é',
      '😀',
      ' ',
      '\n',
      '\r\n',
      '&amp;',
      '&lt;',
      '&#233;',
      '&#x1F600;',
      '<![CDATA[<x> & y]]>',
      '<!-- c -->',
      '&gt;',
      '"',
      "'",
      ']',
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const number = fc
  .tuple(fc.constantFrom('', ' ', '\n'), fc.integer(), fc.constantFrom('', ' '))
  .map((parts) => parts.join(''));
const real = fc.constantFrom('2.5', ' -1e3', '.5', '1.', '-0.25', '1e-7', 'x', '');
const encoded = fc.string().map((text) => Buffer.from(text, 'utf8').toString('base64'));

const wrapped = (name: string, inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(space, inner, space)
    .map(([before, text, after]) => `<value>${before}<${name}>${text}</${name}>${after}</value>`);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'document' },
    words.map((text) => `<value>${text}</value>`),
    wrapped('string', words),
    wrapped('int', number),
    wrapped('i4', number),
    wrapped('boolean', fc.constantFrom('0', '1', 'true', ' 1', '')),
    wrapped('double', real),
    wrapped('base64', encoded),
    wrapped('unheard', fc.constantFrom('of', 'x y')),
    fc.constantFrom('<value/>', '<value></value>', '<value><string/></value>', '<value><nil/></value>'),
    wrapped(
      'array',
      fc
        .tuple(space, fc.array(tie('value'), { maxLength: 3 }), space)
        .map(([before, items, after]) => `${before}<data>${items.join(after)}</data>`),
    ),
    wrapped(
      'struct',
      fc
        .array(fc.tuple(space, fc.constantFrom('a', 'b', ' c ', '', '__proto__'), tie('value')), {
          maxLength: 3,
        })
        .map((members) =>
          members
            .map(([gap, name, item]) => `<member>${gap}<name>${name}</name>${gap}${item}</member>`)
            .join(''),
        ),
    ),
  ),
}));

const good = fc
  .record({ gap: space, method: words, params: fc.array(value, { maxLength: 3 }) })
  .map(
    ({ gap, method, params }) =>
      `<?xml version='1.0'?>${gap}<methodCall>${gap}<methodName>${method}</methodName>${gap}<params>${gap}` +
      `${params.map((param) => `<param>${gap}${param}</param>`).join(gap)}</params></methodCall>${gap}`,
  );

/** Some have lost one of their marks. */
export const callDocument = fc.oneof(
  { weight: 3, arbitrary: good },
  fc.tuple(good, fc.nat(30)).map(([text, which]) => {
    let seen = 0;
    return text.replace(/<[^>]*>/g, (mark) => (seen++ === which ? '' : mark));
  }),
);
