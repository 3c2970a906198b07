/**
 * XML-RPC as supervisord speaks it (supervisord.md 5.2), both directions: what Python's xmlrpc.client writes, byte for
 * byte, and what supervisord's own lenient reader takes. Pure.
 */
import { decodeBase64, encodeBase64 } from './base64.ts';
import { escapeText } from './xml-text.ts';
import { parseXmlTree, XmlRpcSyntaxError, type XmlElement, type XmlLimits } from './xml-tree.ts';

export { XmlRpcSyntaxError, type XmlLimits } from './xml-tree.ts';

/**
 * A value on the wire. A whole number is an `int`, clamped to 32 bits when written (so times stop in 2038, as
 * supervisord's do); any other is a `double`. A Date is `dateTime.iso8601` in UTC. Bytes are written as `base64`, and
 * `base64` is read as UTF-8 text, as supervisord does.
 */
export type XmlRpcValue =
  null | boolean | number | string | Date | Uint8Array | readonly XmlRpcValue[] | XmlRpcStruct;
/** Members whose value is null or undefined are left out when written: XML-RPC proper has no null. */
export interface XmlRpcStruct {
  readonly [name: string]: XmlRpcValue | undefined;
}

export interface XmlRpcCall {
  readonly method: string;
  readonly params: readonly XmlRpcValue[];
}
export type XmlRpcResponse =
  | { readonly kind: 'value'; readonly value: XmlRpcValue }
  | { readonly kind: 'fault'; readonly code: number; readonly text: string };

/** For what strangers send. */
export const callLimits: XmlLimits = { maxLength: 8 * 1024 * 1024, maxDepth: 64, maxElements: 100_000 };
/** For what our own server answers: thousands of processes, or a whole log. */
export const responseLimits: XmlLimits = {
  maxLength: 256 * 1024 * 1024,
  maxDepth: 64,
  maxElements: 10_000_000,
};

const head = "<?xml version='1.0'?>\n";

export function buildCall(method: string, params: readonly XmlRpcValue[]): string {
  return `${head}<methodCall>\n<methodName>${escapeText(method)}</methodName>\n${writeParams(params)}</methodCall>\n`;
}

export function buildResponse(value: XmlRpcValue): string {
  return `${head}<methodResponse>\n${writeParams([value])}</methodResponse>\n`;
}

export function buildFault(code: number, text: string): string {
  const struct = writeValue({ faultCode: code, faultString: text });
  return `${head}<methodResponse>\n<fault>\n${struct}</fault>\n</methodResponse>\n`;
}

/**
 * Reads a request. Missing `<params>` are none; a bare `<value>` is a string.
 *
 * @throws XmlRpcSyntaxError not XML, or a value that cannot be read. `method` may be `''`: the caller says so.
 */
export function parseCall(text: string, limits: XmlLimits = callLimits): XmlRpcCall {
  const root = parseXmlTree(text, limits);
  return { method: child(root, 'methodName')?.text ?? '', params: readParams(root) };
}

/** @throws XmlRpcSyntaxError */
export function parseResponse(text: string, limits: XmlLimits = responseLimits): XmlRpcResponse {
  const root = parseXmlTree(text, limits);
  const fault = child(root, 'fault');
  if (fault === undefined) {
    const [value] = readParams(root);
    if (value === undefined) throw new XmlRpcSyntaxError('a response without a value');
    return { kind: 'value', value };
  }
  const value = child(fault, 'value');
  const struct = value === undefined ? null : readValue(value);
  if (!isStruct(struct)) throw new XmlRpcSyntaxError('a fault without a struct');
  const { faultCode, faultString } = struct;
  if (typeof faultCode !== 'number' || typeof faultString !== 'string') {
    throw new XmlRpcSyntaxError('a fault without faultCode and faultString');
  }
  return { kind: 'fault', code: faultCode, text: faultString };
}

export function isStruct(value: XmlRpcValue | undefined): value is XmlRpcStruct {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}

/** TypeScript's Array.isArray does not narrow readonly arrays. */
export function isArray(value: XmlRpcValue | undefined): value is readonly XmlRpcValue[] {
  return Array.isArray(value);
}

// ---- writing ----

function writeParams(params: readonly XmlRpcValue[]): string {
  const list = params.map((param) => `<param>\n${writeValue(param)}</param>\n`);
  return `<params>\n${list.join('')}</params>\n`;
}

function writeValue(value: XmlRpcValue): string {
  return `<value>${writeTyped(value)}</value>\n`;
}

function writeTyped(value: XmlRpcValue): string {
  if (value === null) return '<nil/>';
  if (typeof value === 'string') return `<string>${escapeText(value)}</string>`;
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === 'number') return writeNumber(value);
  if (value instanceof Date) return `<dateTime.iso8601>${writeDate(value)}</dateTime.iso8601>`;
  if (value instanceof Uint8Array) return `<base64>\n${wrapBase64(encodeBase64(value))}</base64>`;
  if (isArray(value)) return `<array><data>\n${value.map(writeValue).join('')}</data></array>`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === null || member === undefined
      ? []
      : [`<member>\n<name>${escapeText(name)}</name>\n${writeValue(member)}</member>\n`],
  );
  return `<struct>\n${members.join('')}</struct>`;
}

function writeNumber(value: number): string {
  if (Number.isInteger(value)) return `<int>${Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1)}</int>`;
  if (Number.isNaN(value)) return '<double>nan</double>';
  return `<double>${Number.isFinite(value) ? value : value > 0 ? 'inf' : '-inf'}</double>`;
}

/** `20260102T03:04:05` */
function writeDate(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll('-', '');
}

/** Python's encoder breaks base64 after 76 characters. */
function wrapBase64(text: string): string {
  return text.replace(/.{1,76}/g, '$&\n');
}

// ---- reading ----

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((one) => one.name === name);
}

function readParams(root: XmlElement): XmlRpcValue[] {
  const params = child(root, 'params');
  if (params === undefined) return [];
  return params.children.map((param) => {
    const value = param.children[0];
    if (value === undefined) throw new XmlRpcSyntaxError('a <param> without a value');
    return readValue(value);
  });
}

/** `value` is a `<value>`: its first child says the type; without one it is a string. */
function readValue(value: XmlElement): XmlRpcValue {
  const typed = value.children[0];
  return typed === undefined ? value.text : readTyped(typed);
}

function readTyped(element: XmlElement): XmlRpcValue {
  const { name, text } = element;
  switch (name) {
    case 'int':
    case 'i4':
    case 'i8':
      return readInteger(text);
    case 'boolean':
      return text === '1';
    case 'double':
      return readDouble(text);
    case 'dateTime.iso8601':
      return readDate(text);
    case 'base64':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(decodeBase64(text));
    case 'nil':
      return null;
    case 'array':
      return (element.children[0]?.children ?? []).map(readValue);
    case 'struct':
      return readStruct(element);
    default:
      // `string`, and as supervisord does, any type that it does not know.
      return text;
  }
}

function readStruct(element: XmlElement): XmlRpcStruct {
  // No prototype: a member called __proto__ is a member.
  const struct = Object.create(null) as Record<string, XmlRpcValue>;
  for (const member of element.children) {
    const [name, value] = member.children;
    if (name === undefined || value === undefined)
      throw new XmlRpcSyntaxError('a <member> without name or value');
    struct[name.text] = readValue(value);
  }
  return struct;
}

function readInteger(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new XmlRpcSyntaxError('not an integer');
  return Number(text);
}

function readDouble(text: string): number {
  const word = text.trim().toLowerCase();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word)) return Number(word);
  if (/^[+]?inf(inity)?$/.test(word)) return Infinity;
  if (/^-inf(inity)?$/.test(word)) return -Infinity;
  if (/^[+-]?nan$/.test(word)) return NaN;
  throw new XmlRpcSyntaxError('not a double');
}

function readDate(text: string): Date {
  const parts = /^\s*(\d{4})(\d\d)(\d\d)T(\d\d):(\d\d):(\d\d)\s*$/.exec(text);
  if (parts === null) throw new XmlRpcSyntaxError('not a date');
  const [, year, month, day, hour, minute, second] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) throw new XmlRpcSyntaxError('not a date');
  return date;
}
