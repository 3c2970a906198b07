/** dockvisorctl: supervisorctl's options, verbs, output and exit codes (supervisord.md 6). */
import { runCommand } from './command.ts';
import { UsageError } from './getopt.ts';
import { Interrupted, isTerminal } from './input.ts';
import { readCommandLine, type CommandLine, type LoadCtlConfig } from './options.ts';
import { createOutput } from './output.ts';
import { createSession } from './session.ts';
import type { Terminal } from './terminal.ts';

export type { LoadCtlConfig } from './options.ts';

export interface RunCtlOptions {
  /** Without the program's name. */
  readonly argv: readonly string[];
  /** The program as it was called, for `For help, use <argv0> -h`. */
  readonly argv0: string;
  readonly stdin: NodeJS.ReadStream | NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Only NO_COLOR is read from it: supervisorctl knows no variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly loadConfig: LoadCtlConfig;
  /** What `--version` prints. */
  readonly version: string;
}

/** Of a command that SIGINT has ended, as a shell says it. */
const interrupted = 130;

/** Resolves to the exit code. The caller sets `process.exitCode` to it, so that what is written still gets out. */
export async function runCtl(given: RunCtlOptions): Promise<number> {
  const { argv, argv0, stdin, stdout, stderr, env, loadConfig, version } = given;
  const output = createOutput(stdout, stderr);
  let line: CommandLine;
  try {
    line = readCommandLine(argv, loadConfig);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.error(`Error: ${error.message}\nFor help, use ${argv0} -h\n`);
    return 2;
  }
  if (line.kind === 'version') {
    await output.write(`${version}\n`);
    return 0;
  }
  if (line.kind === 'help') {
    await output.write((await import('./usage.ts')).usageText(argv0));
    return 0;
  }
  if (line.kind === 'verb-help') {
    (await import('./help.ts')).help({ say: (text) => void output.write(`${text}\n`) }, line.verb);
    return 0;
  }

  const { options } = line;
  const isShell = options.action.length === 0;
  let terminal: Terminal | null = null;
  const open = async (): Promise<Terminal> => {
    const { openTerminal } = await import('./terminal.ts');
    const prompt = options.json ? null : (question: string) => void output.write(question);
    return (terminal ??= openTerminal(stdin, stdout, isShell ? options.historyFile : null, prompt));
  };
  const hasColour = output.screen() !== null && (env['NO_COLOR'] ?? '') === '';
  const session = createSession({ ...options, hasColour }, output, { isTerminal: isTerminal(stdin), open });
  try {
    if (!isShell) {
      await runCommand(session, options.action.join(' '));
      return session.exitStatus;
    }
    await (await import('./shell.ts')).runShell(session, await open());
    // Whatever the commands came to, as supervisorctl has it.
    return 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return interrupted;
  } finally {
    output.close();
    session.hangUp();
    closeTerminal(terminal);
  }
}

/** TypeScript does not see that `open` may have set it. */
function closeTerminal(terminal: Terminal | null): void {
  terminal?.close();
}
