/** Datagrams to a socket of our own, by the package itself; what only systemd can judge is in integration/systemd. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DgramSocket } from 'node-unix-socket';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNotifier, takeNotifySettings } from '../../src/system/notify.ts';
import { createSystemdVoice } from '../../src/system/systemd-voice.ts';
import { createHandClock } from '../support/hand-clock.ts';

describe('what systemd set for us', () => {
  it('is taken out of the environment', () => {
    const environment = {
      NOTIFY_SOCKET: '/x',
      WATCHDOG_USEC: '4000000',
      WATCHDOG_PID: String(process.pid),
      A: 'b',
    };
    expect(takeNotifySettings(environment)).toEqual({ address: '/x', watchdogMs: 4000 });
    expect(environment).toEqual({ A: 'b' });
  });

  it('a watchdog of another process is none of ours', () => {
    expect(takeNotifySettings({ WATCHDOG_USEC: '4000000', WATCHDOG_PID: '1' }).watchdogMs).toBeNull();
    expect(takeNotifySettings({}).address).toBeNull();
  });
});

describe('a notifier', () => {
  let directory: string;
  let receiver: DgramSocket;
  let got: string[];
  let next: () => void;
  const address = (): string => join(directory, 'notify');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'dv-notify-'));
    got = [];
    next = () => undefined;
    receiver = new DgramSocket();
    receiver.on('data', (data: Buffer) => {
      got.push(data.toString());
      next();
    });
    receiver.bind(address());
  });
  afterEach(() => {
    receiver.close();
    rmSync(directory, { recursive: true });
  });
  const until = async (count: number): Promise<readonly string[]> => {
    while (got.length < count) await new Promise<void>((resolve) => (next = resolve));
    return got;
  };

  it('sends in order, one datagram for each call, and a value never makes a second line', async () => {
    const notifier = await openNotifier({ address: address(), watchdogMs: null }, () => undefined);
    notifier.send({ READY: '1', STATUS: 'two\nlines' });
    notifier.send({ WATCHDOG: '1' });
    await notifier.close();
    expect(await until(2)).toEqual(['READY=1\nSTATUS=two lines', 'WATCHDOG=1']);
  });

  it('warns once when nobody listens, and speaks again when somebody does', async () => {
    const warnings: string[] = [];
    const notifier = await openNotifier({ address: join(directory, 'other'), watchdogMs: null }, (message) =>
      warnings.push(message),
    );
    notifier.send({ STATUS: 'one' });
    notifier.send({ STATUS: 'two' });
    await notifier.close();
    expect(warnings).toHaveLength(1);
  });

  it('holds the time limit off until it is enough, and pings while all is well', async () => {
    const clock = createHandClock();
    const notifier = await openNotifier({ address: address(), watchdogMs: 4000 }, () => undefined);
    const voice = createSystemdVoice(notifier, clock);
    const enough = voice.extend();
    clock.advance(5000);
    enough();
    clock.advance(60_000);
    let well = true;
    let asked = 0;
    voice.watch(() => {
      asked++;
      return Promise.resolve(well);
    });
    const turn = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await new Promise(setImmediate);
    };
    await turn(0);
    well = false;
    await turn(2000);
    well = true;
    await turn(2000);
    expect(asked).toBe(3);
    await voice.close();
    expect(clock.armed()).toBe(0);
    expect(await until(4)).toEqual([
      'EXTEND_TIMEOUT_USEC=10000000',
      'EXTEND_TIMEOUT_USEC=10000000',
      'WATCHDOG=1',
      'WATCHDOG=1',
    ]);
  });
});
