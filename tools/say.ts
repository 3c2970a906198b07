/** How the project's commands speak to the person at the terminal: on stderr, a line for each step, in colour only where that is welcome. */

export interface Say {
  /** What is being done now. */
  step(message: string): void;
  /** What went wrong, and what is needed. */
  problem(message: string): void;
}

export type Paint = (style: Style, text: string) => string;
export type Style = keyof typeof styles;

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** Colours for that stream: none when it is no terminal, or NO_COLOR is set to anything (no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  const plain =
    stream.isTTY !== true || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return (style, text) => (plain ? text : `\x1b[${String(styles[style])}m${text}\x1b[0m`);
}

/** `name`: of the command, before each line. */
export function createSay(name: string): Say {
  const paint = paintFor(process.stderr);
  return {
    step: (message) => void process.stderr.write(`${paint('dim', `${name}:`)} ${message}\n`),
    problem: (message) => void process.stderr.write(`${name}: ${paint('red', 'error:')} ${message}\n`),
  };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
