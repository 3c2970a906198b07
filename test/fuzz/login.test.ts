/** Random Authorization headers: the right one opens, no other does. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { isAuthorized } from '../../src/http/basic-auth.ts';
import { fuzz } from './fuzz.ts';

const word = fc.string({ unit: 'binary', maxLength: 12 });
const username = word.map((name) => name.replaceAll(':', ''));
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

fuzz(
  'who knows name and password is let in, and nobody else',
  fc.record({
    username,
    password: word,
    other: word,
    header: fc.oneof(
      word,
      word.map((rest) => `Basic ${rest}`),
    ),
  }),
  ({ username, password, other, header }) => {
    const sha = { username, password: `{SHA}${createHash('sha1').update(password).digest('hex')}` };
    for (const credentials of [{ username, password }, sha]) {
      expect(isAuthorized(basic(username, password), credentials)).toBe(true);
      expect(isAuthorized(basic(username, other), credentials)).toBe(other === password);
      expect(isAuthorized(basic(other, password), credentials)).toBe(other === username);
      expect(isAuthorized(undefined, credentials)).toBe(false);
      const said = /^basic (.*)$/i.exec(header)?.[1] ?? '';
      const guess = Buffer.from(said, 'base64').toString('utf8');
      if (guess !== `${username}:${password}`) expect(isAuthorized(header, credentials)).toBe(false);
    }
  },
);
