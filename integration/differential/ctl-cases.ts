/** supervisorctl on supervisord, and dockvisorctl on dockvisord: the same command lines, what they print and their exit codes (supervisord.md 6, 9.5). */
import { describe } from 'vitest';
import { engineSkipped } from '../support/engine-skipped.ts';
import type { CommandResult } from '../support/run-command.ts';
import { openHouse } from './house.ts';
import type { Side } from './side.ts';

const program = (name: string, ...lines: string[]): string => [`[program:${name}]`, ...lines, ''].join('\n');
const sleeps = 'command=/bin/sleep 1000';
const programs = [
  program('cat', 'command=/bin/cat', 'stdout_logfile=%DIR%/cat.log'),
  program('hello', `command=sh -c "echo hello; echo oops >&2; exec sleep 1000"`),
  program('idle', sleeps, 'autostart=false'),
  program('a_name_that_is_longer_than_thirty_characters', sleeps),
  program('missing', 'command=nosuchcommand', 'startretries=0'),
  // Not at once: whether supervisord sees that within the call that starts it is chance, and so whose failure `start all` tells last.
  program('crash', 'command=sh -c "sleep 1; exit 3"', 'autostart=false', 'startretries=0', 'startsecs=10'),
  program('short', 'command=sh -c "sleep 3"', 'autorestart=false', 'autostart=false'),
  program('nolog', sleeps, 'stdout_logfile=NONE'),
  program('g1', sleeps),
  program('g2', sleeps),
  '[group:grp]\nprograms=g1,g2\n',
].join('\n');

const run = async (side: Side, ...lines: string[]): Promise<readonly CommandResult[]> => {
  const results: CommandResult[] = [];
  for (const line of lines)
    results.push(sorted(await side.ctl(...line.split(' ').filter((word) => word !== ''))));
  return results;
};

/** Orders to several are answered in the order in which they end. */
const sorted = (result: CommandResult): CommandResult => ({
  ...result,
  stdout: result.stdout.split('\n').sort().join('\n'),
});

describe.skipIf(engineSkipped)('the command line', () => {
  const { script } = openHouse(programs, async (side) => {
    for (const name of ['cat', 'hello', 'nolog', 'grp:g1', 'grp:g2']) await side.untilState(name, 'RUNNING');
    await side.untilState('missing', 'FATAL');
  });
  const line = (...lines: string[]): void => {
    script(lines.join('; '), (side) => run(side, ...lines));
  };

  line('status');
  for (const names of [
    'cat',
    'grp:*',
    'grp',
    'nosuch',
    'cat nosuch',
    'cat cat',
    'missing',
    'all',
    'nosuch:*',
  ])
    line(`status ${names}`);
  for (const names of ['', 'cat', 'idle', 'nosuch', 'grp:g1', 'cat idle', 'grp:*'])
    script(`pid ${names}`.trim(), async (side) => {
      const [result] = await run(side, `pid ${names}`);
      return { ...result, stdout: result?.stdout.replaceAll(/\b[1-9]\d*\b/g, 'PID') };
    });
  line('avail');
  line('version');
  line('tail hello');
  line('tail -3 hello');
  line('tail hello stderr');
  line('tail nolog');
  line('tail nosuch');
  line('tail hello bogus');
  line('tail -x hello');
  line('help');
  line('help status');
  line('help nosuch');
  line('nosuchverb');
  line('start cat');
  line('start nosuch');
  line('start nosuch:*');
  line('start missing');
  line('start crash');
  line('start');
  line('start idle', 'status idle');
  line('stop idle', 'status idle', 'stop idle');
  line('stop nosuch');
  line('stop nosuch:*');
  line('stop grp:*', 'status grp:*', 'start grp:*');
  line('stop grp:g1 cat', 'start cat grp:g1');
  line('restart hello');
  line('restart grp:*');
  line('restart nosuch');
  for (const what of [
    '0 cat',
    '99 cat',
    'BOGUS cat',
    'HUP idle',
    'CONT cat',
    'CONT grp:*',
    'CONT nosuch',
    'CONT',
    'CONT all',
  ])
    line(`signal ${what}`);
  script('a short program has exited', async (side) => {
    const [started] = await run(side, 'start short');
    await side.untilState('short', 'EXITED');
    return [started, await run(side, 'status short')];
  });
  line('clear hello', 'tail hello');
  line('clear nosuch');
  line('clear all');
  script('clear of an exited program', async (side) => {
    await run(side, 'stop hello');
    return run(side, 'clear hello', 'tail hello', 'start hello');
  });
  line('fg nosuch');
  line('fg idle');
  line('fg cat hello');
  line('add cat');
  line('add nosuch');
  line('remove cat');
  line('remove nosuch');
  line('remove idle', 'status idle', 'add idle', 'status idle');
  line('reread');
  line('open nosuch');
  line('reread x');
  line('reload x');
  line('shutdown x');

  script('a changed configuration: reread, reread again, update', async (side) => {
    side.rewrite(
      programs
        .replace(
          program('nolog', sleeps, 'stdout_logfile=NONE'),
          program('nolog', sleeps, 'stdout_logfile=%DIR%/nolog'),
        )
        .replace(program('idle', sleeps, 'autostart=false'), program('fresh', sleeps)),
    );
    const results = await run(side, 'reread', 'reread', 'avail', 'update nosuch', 'update');
    await side.untilState('fresh', 'RUNNING');
    await side.untilState('nolog', 'RUNNING');
    return [results, await run(side, 'reread', 'status fresh nolog idle')];
  });
  script('a changed environment of the daemon changes everything', async (side) => {
    side.rewrite(programs.replace('[program:cat]', '[program:cat]\nenvironment=A="1"'));
    return run(side, 'reread');
  });
  script('a change of one program of a group: update', async (side) => {
    side.rewrite(programs.replace(program('g1', sleeps), program('g1', 'command=/bin/sleep 1001')));
    const results = await run(side, 'update grp');
    await side.untilState('grp:g1', 'RUNNING');
    await side.untilState('grp:g2', 'RUNNING');
    return results;
  });
  script('a change of what needs no restart: update', async (side) => {
    side.rewrite(programs.replace('command=/bin/cat', 'command=/bin/cat\nstopwaitsecs=33'));
    const results = await run(side, 'update cat');
    await side.untilState('cat', 'RUNNING');
    return results;
  });
  script('a bad configuration: reread', async (side) => {
    side.rewrite('[program:zz]\n');
    return run(side, 'reread');
  });
  script('stop all', (side) => run(side, 'stop all', 'status', 'stop all'));
  script('start all', async (side) => run(side, 'start all'));
  script('shutdown, and what is said afterwards', async (side) => {
    const results = await run(side, 'shutdown');
    await side.manager.end('SIGCONT').catch(() => undefined);
    return [
      results,
      await run(side, 'status', 'pid', 'reread', 'start cat', 'shutdown', 'avail', 'tail cat'),
    ];
  });
});
