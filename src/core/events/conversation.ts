/**
 * What a listener says on its stdout, understood as supervisord understands it (supervisord.md 7.4). Pure: a state, bytes, and what follows.
 *
 * The listener says READY; it is given one event; it answers `RESULT n`, then n bytes; then READY again. Tokens may come split or together.
 * Whoever speaks out of turn is UNKNOWN, and gets no event until it is started anew.
 */
import { pyInt } from '../config/python-text.ts';
import { payloadText } from './payload-text.ts';

export type Conversation =
  /** It has not said READY yet; `rest`: the beginning of what may become that. */
  | { readonly name: 'ACKNOWLEDGED'; readonly rest: Uint8Array }
  | { readonly name: 'READY' }
  /** It has an event, and its answer's first line is not all there. */
  | { readonly name: 'BUSY'; readonly line: Uint8Array }
  /** The line was there: `left` bytes of the answer are to come. Of the answer no more is kept than tells it from OK. */
  | { readonly name: 'ANSWERING'; readonly head: string; readonly left: number }
  | { readonly name: 'UNKNOWN' };

/** What came of it, in order. */
export type Verdict =
  | { readonly type: 'ready' }
  /** The event is done with. */
  | { readonly type: 'processed' }
  /** It is to be delivered again. */
  | { readonly type: 'rejected' }
  /** It broke the protocol; `line`: the result line that is none, null: it spoke out of turn. An event that it had is to be delivered again. */
  | { readonly type: 'broken'; readonly line: string | null };

export interface Heard {
  readonly conversation: Conversation;
  readonly verdicts: readonly Verdict[];
}

/** `ok`: only the body OK counts. `any`: whoever judges results is not here. */
export type ResultRule = 'ok' | 'any';

/** As at the spawn. */
export const listening: Conversation = { name: 'ACKNOWLEDGED', rest: new Uint8Array() };
export const busy: Conversation = { name: 'BUSY', line: new Uint8Array() };

const readyToken = Array.from('READY\n', (char) => char.charCodeAt(0));
/** supervisord does not look at what these are. */
const resultToken = 'RESULT '.length;
/** Longest result line that is taken: a listener that never ends one must not fill the daemon's memory. */
export const longestLine = 4096;
const newline = 10;

export function hear(conversation: Conversation, chunk: Uint8Array, rule: ResultRule = 'ok'): Heard {
  const verdicts: Verdict[] = [];
  let now = conversation;
  let data = chunk;
  // Each round leaves less data; a round without data decides only on an answer of no bytes.
  while (data.length > 0) {
    const round = once(now, data, rule);
    now = round.conversation;
    data = round.data;
    verdicts.push(...round.verdicts);
  }
  return { conversation: now, verdicts };
}

interface Round extends Heard {
  readonly data: Uint8Array;
}

const none = new Uint8Array();
const broken = (line: string | null): Round => ({
  conversation: { name: 'UNKNOWN' },
  verdicts: [{ type: 'broken', line }],
  data: none,
});

function once(now: Conversation, data: Uint8Array, rule: ResultRule): Round {
  switch (now.name) {
    case 'UNKNOWN':
      return { conversation: now, verdicts: [], data: none };
    case 'READY':
      return broken(null);
    case 'ACKNOWLEDGED': {
      const all = joined(now.rest, data);
      if (all.length < readyToken.length)
        return { conversation: { name: 'ACKNOWLEDGED', rest: all }, verdicts: [], data: none };
      if (!readyToken.every((byte, index) => all[index] === byte)) return broken(null);
      return {
        conversation: { name: 'READY' },
        verdicts: [{ type: 'ready' }],
        data: all.subarray(readyToken.length),
      };
    }
    case 'BUSY': {
      const end = data.indexOf(newline);
      const line = joined(now.line, end < 0 ? data : data.subarray(0, end));
      if (line.length > longestLine) return broken(payloadText(line.subarray(0, longestLine)));
      if (end < 0) return { conversation: { name: 'BUSY', line }, verdicts: [], data: none };
      const length = wholeNumber(line.subarray(resultToken));
      if (length === null || length < 0) return broken(payloadText(line));
      return answered({ name: 'ANSWERING', head: '', left: length }, data.subarray(end + 1), rule);
    }
    case 'ANSWERING': {
      const taken = data.subarray(0, Math.min(now.left, data.length));
      const head = (now.head + String.fromCharCode(...taken.subarray(0, 3))).slice(0, 3);
      const left = now.left - taken.length;
      return answered({ name: 'ANSWERING', head, left }, data.subarray(taken.length), rule);
    }
  }
}

/** `int()` of bytes: other than of a text, only ASCII's spaces are spaces. No more than can be counted down from, byte by byte. */
function wholeNumber(bytes: Uint8Array): number | null {
  const number = bytes.some((byte) => byte > 127) ? null : pyInt(String.fromCharCode(...bytes));
  return number === null ? null : Math.min(number, Number.MAX_SAFE_INTEGER);
}

function answered(now: Conversation & { name: 'ANSWERING' }, data: Uint8Array, rule: ResultRule): Round {
  if (now.left > 0) return { conversation: now, verdicts: [], data };
  const verdict: Verdict = { type: rule === 'any' || now.head === 'OK' ? 'processed' : 'rejected' };
  return { conversation: listening, verdicts: [verdict], data };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
