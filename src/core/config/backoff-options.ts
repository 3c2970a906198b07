/** The value types of `backoff` and its further keys. */
import type { BackoffSpec } from './model.ts';
import { pyRepr } from './python-text.ts';
import type { Parsed } from './values.ts';

export function parseBackoff(text: string): Parsed<BackoffSpec['kind']> {
  const word = text.toLowerCase();
  if (word === 'linear' || word === 'exponential') return { value: word };
  return { error: `invalid 'backoff' value ${pyRepr(text)}`, hint: 'linear or exponential' };
}

/** Seconds, 0 or more, with a fraction if need be. */
export function parseSeconds(text: string): Parsed<number> {
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return { value: Number(text) };
  return {
    error: `invalid number of seconds ${pyRepr(text)}`,
    hint: 'a number from 0 to 999999999, such as 2 or 0.5',
  };
}

/** A part of a whole, 0 to 1. */
export function parsePart(text: string): Parsed<number> {
  const value = /^\d(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return { value };
  return { error: `invalid part ${pyRepr(text)}`, hint: 'a number from 0 to 1, such as 0.2' };
}
