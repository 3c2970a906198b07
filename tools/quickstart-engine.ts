/** The Engine for the quick start: the one that answers, or else a private one, which ends with us. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { outcomeOf, outputOf } from './quickstart-command.ts';
import { image, importImage, startPrivateEngine } from './private-engine.ts';
import { ensureRealParts } from './real-parts.ts';
import type { Say } from './say.ts';

export interface QuickstartEngine {
  /** For DOCKER_HOST and `docker -H`. */
  readonly host: string;
  readonly image: string;
  /** Takes back the image, or ends the private Engine. */
  end(): Promise<void>;
}

const usualSocket = '/var/run/docker.sock';
const pingMs = 2000;
const remotePingMs = 15_000;

/** `directory`: for what is needed on the way. `label`: marks an image as ours. */
export async function obtainEngine(directory: string, label: string, say: Say): Promise<QuickstartEngine> {
  const host = await findEngine();
  if (host === null) return privateEngine(say);
  say.step(`using the Docker Engine that answers at ${host}`);
  return foundEngine(host, directory, label, say);
}

/** null: there is none on this machine, and none was asked for. */
async function findEngine(): Promise<string | null> {
  const named = process.env['DOCKER_HOST'] ?? '';
  if (named === '') return (await answers(usualSocket)) ? `unix://${usualSocket}` : null;
  const isThere = named.startsWith('unix://')
    ? await answers(named.slice('unix://'.length))
    : await isReached(named);
  if (isThere) return named;
  throw new Error(
    `DOCKER_HOST is ${named}, and no Engine answers there: start it, or "unset DOCKER_HOST" for a private Engine`,
  );
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = request({ socketPath, path: '/_ping', timeout: pingMs }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ask.on('timeout', () => ask.destroy(new Error('no answer')));
    ask.on('error', () => {
      resolve(false);
    });
    ask.end();
  });
}

/** TLS and ssh are the client's business. */
async function isReached(host: string): Promise<boolean> {
  const { code } = await outcomeOf('docker', ['-H', host, 'version'], { limitMs: remotePingMs });
  return code === 0;
}

async function privateEngine(say: Say): Promise<QuickstartEngine> {
  ensureRealParts(say.step);
  say.step(`no Docker Engine answers at ${usualSocket}: starting a private one (a few seconds)`);
  const engine = await startPrivateEngine([], { detached: true });
  return {
    host: engine.host,
    image: engine.image,
    async end() {
      say.step('stopping the private Engine');
      await engine.destroy();
    },
  };
}

async function foundEngine(
  host: string,
  directory: string,
  label: string,
  say: Say,
): Promise<QuickstartEngine> {
  ensureClientParts(say);
  const [key = '', value = ''] = label.split('=');
  const wanted = ['-H', host, 'image', 'ls', '--quiet', '--filter', `reference=${image}`];
  if ((await outputOf('docker', wanted)) === '') {
    say.step(`importing a small image of busybox there, ${image}`);
    importImage({ directory, host, image }, [`LABEL ${key}="${value}"`]);
  }
  return {
    host,
    image,
    async end() {
      // One that was there before, and is not marked as ours, stays.
      if ((await outputOf('docker', [...wanted, '--filter', `label=${label}`])) === '') return;
      say.step(`removing the image ${image}`);
      const { code, stderr } = await outcomeOf('docker', ['-H', host, 'image', 'rm', image]);
      if (code !== 0) say.step(`the image stays: ${stderr.trim()}`);
    },
  };
}

/** The machine has an Engine, so it must not get another: only the client's side is looked at. */
function ensureClientParts(say: Say): void {
  if (!process.env['PATH']?.split(':').some((one) => existsSync(`${one}/docker`)))
    throw new Error('the "docker" command is needed and not on the PATH: install the client of your Engine');
  if (existsSync('/bin/busybox')) return;
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error('/bin/busybox is needed, and there is no apt-get to install it');
  say.step('installing busybox-static (apt-get, some seconds)');
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'busybox-static']]) {
    execFileSync('apt-get', ['-qq', ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}
