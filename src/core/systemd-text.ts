/** How words and values are written in a systemd unit (systemd.syntax(7), systemd.service(5)): `%` and `$` mean something, quotes are C's. */

const plainWord = /^[\w@+=:,./-]+$/;

/** `%` begins a specifier, in every setting. */
export const escapePercent = (text: string): string => text.replaceAll('%', '%%');

const quoted = (text: string): string =>
  `"${escapePercent(text).replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;

/** A command line, as `ExecStart=` reads it back into these very words. */
export const commandLine = (words: readonly string[]): string =>
  words.map((word) => (plainWord.test(word) ? word : quoted(word).replaceAll('$', '$$$$'))).join(' ');

/** `Environment=` takes no `$`. */
export const assignment = (name: string, value: string): string =>
  plainWord.test(`${name}=${value}`) ? `${name}=${value}` : quoted(`${name}=${value}`);

/** Sections in order, each with its lines; a line that is null is left out. */
export function unitText(
  sections: readonly (readonly [name: string, lines: readonly (string | null)[]])[],
): string {
  return sections
    .map(
      ([name, lines]) => `[${name}]\n${lines.flatMap((line) => (line === null ? [] : [line])).join('\n')}\n`,
    )
    .join('\n');
}

/** By its name it holds something that is not to be shown around. */
export const looksSecret = (name: string): boolean =>
  /passw(or)?d|passphrase|(^|[_-])pass$|secret|token|api_?key|private_?key|credential/i.test(name);
