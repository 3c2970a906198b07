/** Bytes of a program as text for a payload: UTF-8, or Python's `repr` of the bytes, as supervisord writes them. */

const escapes: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };

/** `repr(b'…')`. */
export function pyReprBytes(bytes: Uint8Array): string {
  const quote = bytes.includes(39) && !bytes.includes(34) ? 34 : 39;
  let out = '';
  for (const byte of bytes) {
    const known = escapes[byte];
    if (known !== undefined) out += known;
    else if (byte === quote) out += `\\${String.fromCharCode(byte)}`;
    else if (byte < 32 || byte > 126) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += String.fromCharCode(byte);
  }
  const mark = String.fromCharCode(quote);
  return `b${mark}${out}${mark}`;
}

/** A chunk that ends within a character is undecodable as a whole, as in supervisord. */
export function payloadText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `Undecodable: ${pyReprBytes(bytes)}`;
  }
}
