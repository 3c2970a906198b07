/** Characters that are replaced in one go: of 16 MiB of control bytes the engine would list every match before it builds a text. */
const pieceLength = 64 * 1024;

/** What XML 1.0 cannot carry (control bytes of a log, lone surrogates) becomes U+FFFD: no client fails to parse it. */
export function escapeText(text: string): string {
  if (text.length <= pieceLength) return escapePiece(text);
  let escaped = '';
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = Math.min(at + pieceLength, text.length);
    if (isHighSurrogate(text.charCodeAt(end - 1)) && end < text.length) end -= 1;
    escaped += escapePiece(text.slice(at, end));
  }
  return escaped;
}

function escapePiece(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** The first half of a character that takes two units. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
