import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * A POST that a browser makes for a page of another site. XML-RPC clients send no `Origin`, browsers always do with a POST; so
 * a web page that somebody visits cannot stop the programs of a daemon on his loopback, which supervisord lets it do.
 *
 * `isOpen`: no password keeps strangers out. Then the name in the URL counts as well: the owner of a site can point its name at
 * 127.0.0.1, and his page is of "our" site then. An address or localhost cannot be bent like that.
 */
export function isForeignPost({ method, headers }: IncomingMessage, isOpen: boolean): boolean {
  if (method !== 'POST' || headers.origin === undefined) return false;
  const { host } = headers;
  if (isOpen && (host === undefined || !cannotBeBent(host))) return true;
  if (headers['sec-fetch-site'] === 'same-origin') return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== host;
}

function cannotBeBent(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return hostname === 'localhost' || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
