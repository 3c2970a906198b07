/** Runs our client, in this process, and the real supervisorctl, as a child, and gives what each wrote. */
import { spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { runCtl } from '../../src/ctl/run.ts';
import type { CtlConfig } from '../../src/core/config/model.ts';

export const supervisorctl = '/usr/bin/supervisorctl';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export const plainConfig: CtlConfig = {
  serverUrl: 'http://localhost:9001',
  username: null,
  password: null,
  prompt: 'supervisor',
  historyFile: null,
};

interface OursOptions {
  readonly stdin?: string;
  readonly config?: CtlConfig;
  /** In the place of `config`: by the file that is named. */
  readonly load?: (file: string | null) => CtlConfig;
  /** Told of all that stands on stdout, each time that there is more. */
  readonly seen?: (stdout: string) => void;
}

export async function runOurs(
  argv: readonly string[],
  { stdin = '', config = plainConfig, load = () => config, seen = () => undefined }: OursOptions = {},
): Promise<Ran> {
  const out = collect(seen);
  const err = collect();
  const code = await runCtl({
    argv,
    argv0: supervisorctl,
    stdin: Readable.from(stdin === '' ? [] : [stdin]),
    stdout: out.stream,
    stderr: err.stream,
    env: {},
    loadConfig: (file) => ({ config: load(file), problems: [] }),
    version: '1.2.3',
  });
  return { stdout: out.text(), stderr: err.text(), code };
}

/** `configFile`: one with an empty `[supervisorctl]`, so that the machine's own is not read. */
export function runReal(argv: readonly string[], configFile: string, stdin = ''): Promise<Ran> {
  const child = spawn(supervisorctl, ['-c', configFile, ...argv], {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ stdout, stderr, code }));
  });
}

function collect(seen: (text: string) => void = () => undefined): {
  readonly stream: PassThrough;
  readonly text: () => string;
} {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  const text = (): string => Buffer.concat(chunks).toString('utf8');
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    seen(text());
  });
  // What was written is read in the same turn: a PassThrough that flows holds nothing back.
  return { stream, text };
}
