/** Commands as a person types them: right for the manager at hand, for this file, and for the Engine that the container lives on. */
export interface Commands {
  ctl(...words: readonly string[]): string;
  docker(...words: readonly string[]): string;
}

export interface CommandTargets {
  readonly manager: 'dockvisord' | 'supervisord';
  readonly file: string;
  /** What the file itself leads its client to; null: nothing (it has no `[supervisorctl]`). */
  readonly fileUrl: string | null;
  /** Where the manager answered; null: it did not. */
  readonly url: string | null;
  /** The docker client's options that lead to the Engine; empty: it finds it by itself. */
  readonly dockerOptions: readonly string[];
}

export function commandsFor(targets: CommandTargets): Commands {
  const { file, fileUrl, url } = targets;
  const program = targets.manager === 'dockvisord' ? 'dockvisorctl' : 'supervisorctl';
  // Passwords are in the file, and are not printed.
  const byFile = fileUrl === null && url !== null ? [] : ['-c', file];
  const byUrl = url === null || url === fileUrl ? [] : ['-s', url];
  return {
    ctl: (...words) => shellLine([program, ...byFile, ...byUrl, ...words]),
    docker: (...words) => shellLine(['docker', ...targets.dockerOptions, ...words]),
  };
}

/** Words for a POSIX shell, quoted only where they must be. */
export const shellLine = (words: readonly string[]): string =>
  words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
