/** `[fcgi-program:x]`: the socket that its processes share, and supervisord's sentences for what is wrong with it. */
import { describe, expect, test } from 'vitest';
import { diffGroups } from '../../../src/core/config/diff.ts';
import { MAIN, errorsOf, good, read, warningsOf } from './fake-world.ts';

const text = (lines: readonly string[]): string =>
  ['[supervisord]', '[fcgi-program:f]', 'command=/bin/f', ...lines].join('\n') + '\n';
const fcgi = (...lines: readonly string[]) => read(text(lines));
const socketOf = (...lines: readonly string[]) => good(fcgi(...lines)).groups[0]?.processes[0]?.socket;

describe('a FastCGI program', () => {
  test('is a group whose processes share one socket', () => {
    const numbered = 'process_name=%(program_name)s_%(process_num)d';
    const [group] = good(fcgi('socket=tcp://127.0.0.1:9000', 'numprocs=2', numbered)).groups;
    const socket = {
      kind: 'inet',
      url: 'tcp://127.0.0.1:9000',
      host: '127.0.0.1',
      port: 9000,
      backlog: null,
    };
    expect(group).toMatchObject({ name: 'f', priority: 999 });
    expect(group?.processes.map((process) => [process.name, process.socket])).toEqual([
      ['f_0', socket],
      ['f_1', socket],
    ]);
    expect(fcgi('socket=tcp://h:1', 'priority=3').problems).toEqual([]);
  });

  test('has a socket file of mode 0700 that belongs to its user', () => {
    expect(socketOf('socket=unix:///run/%(program_name)s.sock')).toEqual({
      kind: 'unix',
      url: 'unix:///run/f.sock',
      path: '/run/f.sock',
      mode: 0o700,
      owner: null,
      backlog: null,
    });
    expect(socketOf('socket=unix:///run/f.sock', 'user=www')).toMatchObject({ owner: { uid: 33, gid: 33 } });
  });

  test('may say mode, owner and backlog, and the path as it likes', () => {
    expect(
      socketOf(
        'socket=unix://%(here)s/../run/./f.sock',
        'socket_mode=0660',
        'socket_owner=www:docker',
        'socket_backlog=7',
      ),
    ).toMatchObject({ url: 'unix:///run/f.sock', mode: 0o660, owner: { uid: 33, gid: 999 }, backlog: 7 });
    expect(socketOf('socket=unix:///f', 'user=root', 'socket_owner=www')).toMatchObject({
      owner: { uid: 33, gid: null },
    });
    expect(socketOf('socket=tcp://LocalHost:00080')).toMatchObject({ url: 'tcp://localhost:80', port: 80 });
  });

  test('is our own child, even when its command is a docker client', () => {
    const result = read('[supervisord]\n[fcgi-program:f]\ncommand=docker start -a web\nsocket=tcp://h:1\n');
    expect(good(result).groups[0]?.processes[0]?.docker).toBeNull();
  });

  test.each([
    [[], '[fcgi-program:f] section requires a "socket" line'],
    [['socket='], '[fcgi-program:f] section requires a "socket" line'],
    [['socket=foo'], 'Bad socket format foo in [fcgi-program:f] socket'],
    [['socket=tcp://h'], 'Bad socket format tcp://h in [fcgi-program:f] socket'],
    [['socket=unix://f.sock'], 'Unix socket path f.sock is not an absolute path in [fcgi-program:f] socket'],
    [['socket=tcp://h:0'], '0 is below lower bound (1) in [fcgi-program:f] socket'],
    [['socket=tcp://h:65536'], '65536 is above upper bound (65535) in [fcgi-program:f] socket'],
    [
      ['socket=tcp://h:1', 'socket_mode=0700'],
      'socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:f] socket',
    ],
    [['socket=unix:///f', 'socket_mode=9'], 'Invalid socket_mode value 9'],
    [['socket=unix:///f', 'socket_owner=nobody'], 'Invalid socket_owner value nobody'],
    [['socket=unix:///f', 'socket_owner=www:nogroup'], 'Invalid socket_owner value www:nogroup'],
    [['socket=tcp://h:1', 'socket_backlog=0'], 'Invalid socket_backlog value 0'],
    [['socket=tcp://h:1', 'socket_backlog=x'], "invalid literal for int() with base 10: 'x'"],
    [['socket=tcp://h:1', 'user=ghost'], 'Invalid user name ghost'],
  ])('%j is refused', (lines, message) => {
    expect(errorsOf(fcgi(...lines))).toEqual([message]);
  });

  test('is refused with the line of what is wrong, or of its header', () => {
    const places = [['socket=foo'], []].map((lines) => fcgi(...lines).problems[0]?.place);
    expect(places).toEqual([
      { file: MAIN, line: 4 },
      { file: MAIN, line: 2 },
    ]);
  });

  test('whose socket cannot be expanded is told so once', () => {
    const errors = errorsOf(fcgi('socket=unix:///%(process_num)d'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("for 'fcgi-program:f.socket' contains names ('process_num')");
  });

  test('is changed when anything of its socket is', () => {
    const groups = (line: string) => good(fcgi('socket=unix:///f', line)).groups;
    expect(diffGroups(groups('socket_mode=0700'), groups('socket_mode=0770')).changed).toEqual(['f']);
    expect(diffGroups(groups('socket_mode=0700'), groups('')).changed).toEqual([]);
  });

  test('of the address of another is warned about', () => {
    const two = text(['socket=tcp://h:1']) + '[fcgi-program:g]\ncommand=g\nsocket=tcp://H:1\n';
    expect(warningsOf(read(two))).toEqual([
      'tcp://h:1 is the socket of [fcgi-program:f] already: they share it',
    ]);
  });
});

describe('a FastCGI program in a group', () => {
  const grouped = (...lines: readonly string[]) => read(`${text(lines)}[group:g]\nprograms=f\n`);

  test('keeps its socket, and has no group of its own', () => {
    const { groups } = good(grouped('socket=tcp://h:1'));
    expect(groups.map(({ name, processes }) => [name, processes[0]?.socket?.url])).toEqual([
      ['g', 'tcp://h:1'],
    ]);
  });

  test('with a wrong socket, or none, is what supervisord makes of it: a plain program', () => {
    for (const lines of [[], ['socket=foo'], ['socket=tcp://h:1', 'socket_backlog=0', 'socket_mode=1']]) {
      const result = grouped(...lines);
      expect(errorsOf(result)).toEqual([]);
      expect(warningsOf(result)).not.toEqual([]);
      expect(good(result).groups[0]?.processes[0]?.socket).toBeUndefined();
    }
  });
});
