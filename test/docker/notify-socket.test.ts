import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DgramSocket } from 'node-unix-socket';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseNotify } from '../../src/core/notify-message.ts';
import { openNotifySocket } from '../../src/docker/notify-socket.ts';
import { startWords } from '../../src/docker/proxy-command.ts';

it('a message says that it is ready, and one line for people that is safe to show', () => {
  expect(parseNotify('READY=1\nSTATUS=serving\nFDSTORE=1')).toEqual({
    ready: true,
    watchdog: null,
    status: 'serving',
  });
  expect(parseNotify('READY=0')).toEqual({ ready: false, watchdog: null, status: null });
  expect(parseNotify('STATUS=\u001b[31mred\t!').status).toBe('[31mred !');
  expect(parseNotify(`STATUS=${'x'.repeat(5000)}`).status).toHaveLength(200);
  expect(parseNotify('WATCHDOG=1').watchdog).toBe('alive');
  expect(parseNotify('WATCHDOG=trigger').watchdog).toBe('trigger');
});

it('the socket is given to the container by words of our own, before those of the user, so that his hold', () => {
  const invocation = {
    verb: 'run',
    prefix: ['docker'],
    rest: ['container', 'run', '--rm', 'nginx', 'run'],
    remove: true,
    detached: false,
    host: null,
    context: null,
    target: { by: 'cidfile' },
  } as const;
  expect(startWords(invocation, '/cid', { path: '/x.sock', watchdogSeconds: 0 }).join(' ')).toBe(
    'docker container run --cidfile /cid -v /x.sock:/run/dockvisor-notify.sock -e NOTIFY_SOCKET=/run/dockvisor-notify.sock --rm nginx run',
  );
  expect(startWords(invocation, null, { path: '/x.sock', watchdogSeconds: 30 })).toContain(
    'WATCHDOG_USEC=30000000',
  );
  expect(startWords({ ...invocation, verb: 'start', rest: ['start', 'web'] }, null)).toEqual([
    'docker',
    'start',
    'web',
  ]);
});

describe('the socket of a program', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'dv-socket-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('is in a directory that is ours alone, and open to whoever is mounted onto it', async () => {
    const path = join(directory, 'notify', 'a.sock');
    const socket = await openNotifySocket(path);
    expect(statSync(join(directory, 'notify')).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o666);
    const heard = new Promise((resolve) => {
      socket.listen(resolve);
    });
    const sender = new DgramSocket();
    const text = Buffer.from('STATUS=hello');
    sender.sendTo(text, 0, text.length, path);
    expect(await heard).toEqual({ ready: false, watchdog: null, status: 'hello' });
    sender.close();
    socket.close();
    (await openNotifySocket(path)).close();
  });

  it('says why it cannot be had', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(openNotifySocket(join(directory, 'file', 'a.sock'))).rejects.toThrow(
      /^Cannot make the socket of docker_notify at /,
    );
  });
});
