/** The built dockvisorctl and supervisorctl against one real supervisord: the same bytes on both outputs, the same exit code. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import { createManager, type Manager } from '../support/manager.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { until } from '../support/until.ts';

const programs = `
[program:cat]
command=/bin/cat
[program:idle]
command=/bin/cat
autostart=false
[program:nofile]
command=/nonexistent
autostart=false
[program:g]
command=/bin/cat
process_name=p%(process_num)s
numprocs=2
`;

/** Each leaves the daemon as it found it, so that the other client finds it so too. */
const lines =
  `status|status all|status cat|status g:*|status g:|status nosuch|status nosuch:*|status cat idle nosuch|status idle
pid|pid cat|pid all|pid idle|pid nosuch|pid g:p0 g:p1|pid g:*
start cat|start nosuch|start nosuch:*|start nofile|start|start g:*
stop idle|stop nosuch|stop nosuch:*|stop
restart cat|restart nosuch|restart
signal WINCH cat|signal BOGUS cat|signal WINCH idle|signal WINCH nosuch|signal WINCH g:*|signal|signal WINCH
tail cat|tail -5 cat|tail cat stderr|tail nosuch|tail cat bogus|tail -x cat|tail|tail -f nosuch|tail a b c d
maintail -0|maintail x|maintail -x|maintail a b
clear cat|clear nosuch|clear g:*|clear
avail|avail x|reread|reread x|update|update nosuch|update x
add cat|add nosuch|add|remove cat|remove nosuch|remove
version|version x|open x|open|fg|fg idle|fg nosuch|fg a b
help|help help|help stop|help nosuch|bogus|!x|?stop|quit|exit`
    .split(/[|\n]/)
    .map((line) => line.split(' '));

describe.skipIf(engineSkipped)('against a real supervisord', () => {
  let manager: Manager;
  beforeAll(async () => {
    manager = createManager({ kind: 'supervisord', dockvisord: '', dockerHost: '', programs });
    await manager.start();
    await until('cat runs', 20_000, async () =>
      (await manager.processes()).filter(({ state }) => state === 'RUNNING').length === 3 ? true : null,
    );
  });
  afterAll(() => manager.destroy());

  test.each(lines.map((argv) => ({ argv })))('$argv', async ({ argv }) => {
    const config = join(manager.directory, 'supervisord.conf');
    const theirs = await manager.ctl(...argv);
    const built = join(dirname(inject('dockvisord')), 'dockvisorctl.js');
    const ours = await runCommand(process.execPath, [built, '-c', config, ...argv]);
    expect(comparable(ours)).toEqual(comparable(theirs));
  });
});

function comparable(ran: CommandResult): CommandResult {
  const stdout = ran.stdout.replaceAll(/uptime [\d:]+/g, 'uptime').replaceAll(/: file: \S+ line: \d+$/gm, '');
  return { ...ran, stdout };
}
