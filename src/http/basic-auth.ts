import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../core/config/model.ts';

/**
 * Whether an `Authorization` header proves these credentials. Only Basic is known. The password of the configuration may be
 * `{SHA}` and the 40 hex digits of its SHA-1 (supervisord.md 5.1). Takes the same time for any wrong answer.
 */
export function isAuthorized(header: string | undefined, credentials: Credentials): boolean {
  const encoded = /^basic ([A-Za-z0-9+/=_-]+)\s*$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return false;
  const given = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = given.indexOf(':');
  if (colon < 0) return false;
  const password = given.slice(colon + 1);
  const wanted = credentials.password;
  const passwordIsRight = wanted.startsWith('{SHA}')
    ? isSame(digest('sha1', password).toString('hex'), wanted.slice('{SHA}'.length).toLowerCase())
    : isSame(password, wanted);
  // Both are always compared: a right user name must not show in the time.
  const userIsRight = isSame(given.slice(0, colon), credentials.username);
  return userIsRight && passwordIsRight;
}

/** Digests are of one length, which timingSafeEqual asks for, and do not show where two texts part. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest('sha256', a), digest('sha256', b));
}

function digest(algorithm: 'sha1' | 'sha256', text: string): Buffer {
  return createHash(algorithm).update(text, 'utf8').digest();
}
