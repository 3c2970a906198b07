/** One child process with real pipes, in a session of its own, with what Node cannot set done by chain-loading util-linux. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { UserSpec } from '../core/config/model.ts';
import type { Exit } from '../core/unit/types.ts';
import type { FoundCommand } from './find-command.ts';
import type { InputPipe, Pipe, PipeMaker } from './pipes.ts';

export interface ChildOptions {
  readonly command: FoundCommand;
  readonly directory: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: UserSpec | null;
  readonly umask: number | null;
  /** stderr goes into the stdout pipe. */
  readonly redirectStderr: boolean;
  /** A pipe that `write` fills, /dev/null, or a descriptor of ours that becomes the child's. */
  readonly stdin: 'pipe' | 'null' | number;
}

export interface Child {
  readonly pid: number;
  readonly stdout: Socket;
  readonly stderr: Socket | null;
  /** Resolves once, when the process has been reaped; output may still be in the pipes. */
  readonly exited: Promise<Exit>;
  /** `group`: the whole process group. Gone is no failure: 'gone'. Throws what kill(2) says otherwise. */
  kill(signal: string, group: boolean): 'sent' | 'gone';
  write(data: Uint8Array): Promise<'written' | 'closed' | 'full'>;
}

/** A launch that failed, and where (R6). The message is supervisord's. */
export class LaunchError extends Error {
  readonly stage: 'socket' | 'pipes' | 'chdir' | 'user' | 'exec';
  constructor(stage: LaunchError['stage'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

/** Input that a child has not read yet, beyond which `write` answers 'full'. */
const stdinBound = 1024 * 1024;

export function startChild(options: ChildOptions, pipes: PipeMaker): Child {
  const { command, directory, user } = options;
  const self = process.getuid?.() ?? 0;
  if (user !== null && self !== 0 && self !== user.uid) {
    throw new LaunchError(
      'user',
      `couldn't setuid to ${String(user.uid)}: Can't drop privilege as nonroot user`,
    );
  }
  if (directory !== null && !isDirectory(directory)) {
    throw new LaunchError('chdir', `couldn't chdir to ${directory}: ENOENT`);
  }
  const other = user !== null && user.uid !== self ? user : null;
  const made: Pipe[] = [];
  let input: InputPipe | null = null;
  let oldUmask: number | null = null;
  try {
    input = options.stdin === 'pipe' ? pipes.makeInput(other) : null;
    const stdout = add(made, pipes.make(other));
    const stderr = options.redirectStderr ? null : add(made, pipes.make(other));
    if (options.umask !== null) oldUmask = process.umask(options.umask);
    const [file, args] = withUser(command, other);
    const descriptor = typeof options.stdin === 'number' ? options.stdin : 'ignore';
    const child = spawn(file, args, {
      ...(other === null ? { argv0: command.words[0] ?? command.file } : {}),
      cwd: directory ?? undefined,
      env: { ...options.environment },
      stdio: [input?.readFd ?? descriptor, stdout.writeFd, (stderr ?? stdout).writeFd],
      // setpgrp alone is not to be had from Node: a session of its own is the nearest (docs/compat.md).
      detached: true,
    });
    const stdin = input;
    const exited = whenExited(child, stdin);
    if (child.pid === undefined) {
      // The error event comes on the next turn with nobody to tell: the launch is over here, synchronously.
      child.on('error', () => undefined);
      throw new LaunchError('exec', `couldn't exec ${command.file}`);
    }
    return {
      pid: child.pid,
      stdout: stdout.reader,
      stderr: stderr?.reader ?? null,
      exited,
      kill: (signal, group) => kill(group ? -pidOf(child) : pidOf(child), signal),
      write: (data) => write(stdin?.writer() ?? null, data),
    };
  } catch (error) {
    for (const pipe of made) pipe.reader.destroy();
    input?.closeWriter();
    if (error instanceof LaunchError) throw error;
    throw new LaunchError('exec', `couldn't exec ${command.file}: ${codeOf(error)}`, { cause: error });
  } finally {
    if (oldUmask !== null) process.umask(oldUmask);
    for (const pipe of made) pipe.closeWriter();
    input?.closeReader();
  }
}

const add = (list: Pipe[], pipe: Pipe): Pipe => {
  list.push(pipe);
  return pipe;
};

/** setpriv, because Node sets no supplementary groups; it keeps the pid. */
function withUser(command: FoundCommand, user: UserSpec | null): [string, string[]] {
  const args = command.words.slice(1);
  if (user === null) return [command.file, args];
  const { uid, gid } = user;
  return [
    'setpriv',
    [`--reuid=${String(uid)}`, `--regid=${String(gid)}`, '--init-groups', '--', command.file, ...args],
  ];
}

/** Nobody reads what is written to it any more, either. */
function whenExited(child: ChildProcess, stdin: InputPipe | null): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      stdin?.closeWriter();
      resolve(
        signal === null
          ? { kind: 'code', code: code ?? 0, oomKilled: false }
          : { kind: 'signal', signal, coreDumped: false },
      );
    });
  });
}

const pidOf = (child: ChildProcess): number => child.pid ?? 0;

function kill(target: number, signal: string): 'sent' | 'gone' {
  try {
    process.kill(target, /^\d+$/.test(signal) ? Number(signal) : `SIG${signal}`);
    return 'sent';
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return 'gone';
    throw error;
  }
}

function write(stdin: Socket | null, data: Uint8Array): Promise<'written' | 'closed' | 'full'> {
  if (stdin === null || stdin.destroyed || !stdin.writable) return Promise.resolve('closed');
  if (stdin.writableLength > stdinBound) return Promise.resolve('full');
  // A closed pipe is known by the next turn; a slow reader is not waited for.
  return new Promise((resolve) => {
    stdin.write(data, (error) => {
      resolve(error == null ? 'written' : 'closed');
    });
    setImmediate(() => {
      resolve('written');
    });
  });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
