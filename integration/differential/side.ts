/** One side of a comparison: the real supervisord 4.2.5 with supervisorctl, or dockvisord with dockvisorctl, each in a folder of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { createManager } from '../support/manager.ts';
import type { Manager } from '../support/manager.ts';
import { callRpc, RpcFault } from '../support/rpc.ts';
import { runCommand } from '../support/run-command.ts';
import type { CommandResult } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import type { XmlRpcStruct, XmlRpcValue } from '../../src/rpc/xml.ts';

export interface Side {
  readonly isReal: boolean;
  readonly manager: Manager;
  readonly directory: string;
  /** Its own client, with its own configuration. */
  ctl(...words: string[]): Promise<CommandResult>;
  /** The value, or the fault as `{ fault, text }`. */
  rpc(method: string, ...params: XmlRpcValue[]): Promise<XmlRpcValue>;
  /** Over the unix socket; `headers` in the answer are those that are asked for. */
  http(question: Question): Promise<Answer>;
  /** `''`: there is none. */
  file(name: string): string;
  /** Its configuration with other programs. */
  rewrite(programs: string): void;
  untilState(name: string, ...states: string[]): Promise<void>;
  untilLog(part: string): Promise<void>;
  /** Lines of its activity log that hold `part`, without their times. */
  logged(part: string): readonly string[];
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tell?: readonly string[];
  /** Answers after so many bytes of the body, and hangs up. */
  readonly enough?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const limitMs = 30_000;

export async function startSide(
  isReal: boolean,
  dockvisord: string,
  programs: string,
  daemonLines: readonly string[] = [],
): Promise<Side> {
  const manager = createManager({
    kind: isReal ? 'supervisord' : 'cli',
    dockvisord,
    dockerHost: 'unix:///nonexistent/never.sock',
    programs,
    daemonLines,
  });
  const { directory } = manager;
  const config = join(directory, 'supervisord.conf');
  const socketPath = join(directory, 'sock');
  const file = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch {
      return '';
    }
  };
  const side: Side = {
    isReal,
    manager,
    directory,
    ctl: (...words) =>
      isReal
        ? runCommand('/usr/bin/supervisorctl', ['-c', config, ...words])
        : runCommand(process.execPath, [
            join(dirname(dockvisord), 'dockvisorctl.js'),
            '-c',
            config,
            ...words,
          ]),
    async rpc(method, ...params) {
      try {
        return await callRpc(socketPath, method, params);
      } catch (error) {
        if (!(error instanceof RpcFault)) throw error;
        return { fault: error.code, text: error.message };
      }
    },
    http: (question) => ask(socketPath, question),
    file,
    rewrite(next) {
      const was = readFileSync(config, 'utf8');
      const head = was.slice(0, was.indexOf('\n', was.indexOf('serverurl=')) + 1);
      writeFileSync(config, `${head}${next.replaceAll('%DIR%', directory)}`);
    },
    async untilState(name, ...states) {
      await until(
        () => `${name} is ${states.join(' or ')}\n${manager.log()}`,
        limitMs,
        async () => {
          const info = (await side.rpc('supervisor.getProcessInfo', name)) as XmlRpcStruct;
          return states.includes(text(info['statename'])) ? true : null;
        },
      );
    },
    async untilLog(part) {
      await until(
        () => `the log says ${part}\n${manager.log()}`,
        limitMs,
        () => (file('supervisord.log').includes(part) ? true : null),
      );
    },
    logged: (part) =>
      file('supervisord.log')
        .split('\n')
        .filter((line) => line.includes(part))
        .map((line) => line.slice('2026-11-21 02:46:27,123 '.length)),
  };
  try {
    await manager.start();
  } catch (error) {
    await manager.destroy();
    throw error;
  }
  return side;
}

function ask(socketPath: string, question: Question): Promise<Answer> {
  const { method = 'POST', path = '/RPC2', body = '', headers = {}, tell = [], enough } = question;
  return new Promise((resolve, reject) => {
    // supervisord holds back a tail for whom does not keep the connection.
    const asking = request(
      {
        socketPath,
        method,
        path,
        agent: false,
        timeout: limitMs,
        headers: { Connection: 'keep-alive', ...headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        const done = (): void => {
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(tell.map((name) => [name, String(answer.headers[name])])),
            body: Buffer.concat(chunks).toString('utf8'),
          });
        };
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          if (enough === undefined || Buffer.concat(chunks).length < enough) return;
          done();
          asking.destroy();
        });
        answer.on('end', done);
        answer.on('error', reject);
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`${path}: no answer`)));
    asking.on('error', reject);
    asking.end(body);
  });
}

/** A string as it is; anything else is `''`. */
export const text = (value: XmlRpcValue | undefined): string => (typeof value === 'string' ? value : '');
