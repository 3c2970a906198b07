/**
 * The listeners that people run under supervisord, under our daemon: superlance's where it can be had, and always ours, which do the
 * same work with the same options by the same Python library, supervisor.childutils.
 */
import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startPlainDaemon, type PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { until } from '../support/until.ts';
import { openMailBox } from './smtp.ts';
import { hasSuperlance, superlance } from './superlance.ts';

/** A tick comes every 5 s, and what it brings about takes a second for `startsecs`. */
const limitMs = 20_000;
const kinds = [
  {
    kind: 'ours',
    skipped: engineSkipped,
    command: (name: string): string => `/usr/bin/python3 -u ${join(import.meta.dirname, `${name}.py`)}`,
  },
  { kind: 'superlance', skipped: engineSkipped || !hasSuperlance, command: superlance },
];

describe.each(kinds)('a listener of $kind', ({ skipped, command }) => {
  let daemon: PlainDaemon | null = null;
  afterEach(async () => {
    await daemon?.destroy();
    daemon = null;
  });
  /** `%MAIL%` in the sections: the options for a mail to a file. */
  const start = async (sections: string): Promise<PlainDaemon> => {
    const mail = '-m me@example.org -s %DIR%/sendmail';
    const d = await startPlainDaemon(inject('dockvisord'), sections.replaceAll('%MAIL%', mail));
    daemon = d;
    d.write('sendmail', '#!/bin/sh\ncat > %DIR%/mail.part && mv %DIR%/mail.part %DIR%/mail\n');
    chmodSync(join(d.directory, 'sendmail'), 0o755);
    return d;
  };
  const mailOf = (d: PlainDaemon): Promise<string> =>
    until(
      () => `a mail\n${d.log()}`,
      limitMs,
      () => (d.file('mail') === '' ? null : d.file('mail')),
    );
  const untilRestarted = async (d: PlainDaemon, name: string, old: string): Promise<void> => {
    await until(
      () => `${name} has another pid than ${old}\n${d.log()}`,
      limitMs,
      async () => {
        const pid = (await d.ctl('pid', name)).stdout.trim();
        return /^[1-9]\d*$/.test(pid) && pid !== old ? true : null;
      },
    );
  };

  it.skipIf(skipped)('crashmail mails of a crash', async () => {
    const d = await start(`
[eventlistener:crashmail]
command=${command('crashmail')} -a %MAIL%
events=PROCESS_STATE
[program:crashes]
command=sh -c "sleep 1.2; exit 7"
autostart=false
autorestart=false
`);
    await d.untilState('crashmail', 'RUNNING');
    await d.ctl('start', 'crashes');
    const mail = await mailOf(d);
    expect(mail).toContain('To: me@example.org\nSubject: ');
    expect(mail).toContain('crashes crashed');
    expect(mail).toMatch(/exited unexpectedly \(pid \d+\) from state RUNNING/);
  });

  it.skipIf(skipped)('fatalmailbatch mails of what was given up', async () => {
    const box = await openMailBox();
    try {
      const d = await start(`
[eventlistener:fatal]
command=${command('fatalmailbatch')} -t me@example.org -f you@example.org -H 127.0.0.1:${String(box.port)} -e TICK_5 -i 0.01
events=PROCESS_STATE,TICK_5
[program:hopeless]
command=false
autostart=false
startsecs=10
startretries=0
`);
      await d.untilState('fatal', 'RUNNING');
      await d.ctl('start', 'hopeless');
      const mail = await until(
        () => `a mail\n${d.log()}`,
        limitMs,
        () => box.mails[0] ?? null,
      );
      expect(mail).toContain('Process hopeless:hopeless failed to start too many times');
    } finally {
      box.close();
    }
  });

  it.skipIf(skipped)('memmon restarts who takes too much memory, and mails it', async () => {
    const d = await start(`
[eventlistener:memmon]
command=${command('memmon')} -p big=40MB %MAIL%
events=TICK_5
[program:big]
command=/usr/bin/python3 -c "import time; held = b'x' * 60000000; time.sleep(1000)"
[program:small]
command=sleep 1000
`);
    await d.untilState('big', 'RUNNING');
    const [big, small] = [(await d.ctl('pid', 'big')).stdout.trim(), (await d.ctl('pid', 'small')).stdout];
    await untilRestarted(d, 'big', big);
    expect(await mailOf(d)).toMatch(/Subject: memmon.*: process big:big restarted/);
    expect((await d.ctl('pid', 'small')).stdout).toBe(small);
  });

  it.skipIf(skipped)('httpok restarts who does not answer well, and mails it', async () => {
    const asked = createServer((_request, response) => response.writeHead(503).end());
    await new Promise<void>((resolve) => asked.listen(0, '127.0.0.1', resolve));
    // A server on a TCP port.
    const { port } = asked.address() as AddressInfo;
    try {
      const d = await start(`
[eventlistener:httpok]
command=${command('httpok')} -p web -t 5 %MAIL% http://127.0.0.1:${String(port)}/health
events=TICK_5
[program:web]
command=sleep 1000
`);
      await d.untilState('web', 'RUNNING');
      await untilRestarted(d, 'web', (await d.ctl('pid', 'web')).stdout.trim());
      expect(await mailOf(d)).toContain(
        `Subject: httpok for http://127.0.0.1:${String(port)}/health: bad status`,
      );
    } finally {
      asked.close();
    }
  });
});
