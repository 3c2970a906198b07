import type { IncomingMessage } from 'node:http';

/**
 * A POST that a browser makes for a page of another site. XML-RPC clients send no `Origin`, browsers always do with a POST; so
 * a web page that somebody visits cannot stop the programs of a daemon on his loopback, which supervisord lets it do.
 */
export function isForeignPost({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST' || headers.origin === undefined) return false;
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}
