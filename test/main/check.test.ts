import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeReport, renderCheck, runCheck } from '../../src/main/check.ts';
import type { CheckReport } from '../../src/main/check.ts';
import { createConfigWorld } from '../../src/system/config-world.ts';
import { MAIN, read } from '../core/config/fake-world.ts';

const fixtures = join(import.meta.dirname, '../fixtures/config');
const world = createConfigWorld({ environment: { PATH: '/usr/bin:/bin', HOME: '/root' } });

function check(name: string, json = false): { code: number; out: string; file: string } {
  const file = join(fixtures, name);
  let out = '';
  const code = runCheck({
    file,
    json,
    colour: false,
    world,
    stdout: (text) => (out += text),
    stderr: () => undefined,
  });
  return { code, out, file };
}

test('a good file shows what was read from each command', () => {
  const { code, out, file } = check('good.conf');
  expect(out).toBe(
    [
      'db   container db via api on the default Engine',
      'job  plain',
      'web  container web via cli on tcp://engine:2376',
      `${file}: ok, 3 processes, 0 warnings`,
      '',
    ].join('\n'),
  );
  expect(code).toBe(0);
});

test('a FastCGI program shows its socket', () => {
  const text =
    '[supervisord]\n[fcgi-program:php]\ncommand=php-cgi\nsocket=unix:///run/%(program_name)s.sock\n';
  const report = makeReport(MAIN, read(text), world);
  expect(renderCheck(report, { colour: false })).toContain('php  FastCGI on unix:///run/php.sock\n');
});

test('a bad file shows every problem with line, section and key, and exits with 2', () => {
  const { code, out, file } = check('bad.conf');
  const suffix = ` in section 'program:web' (file: '${file}')`;
  expect(out).toBe(
    [
      `${file}:6: error: [program:web] autostart: not a valid boolean value: 't'${suffix}`,
      '    hint: write true or false',
      `${file}:7: error: [program:web] startsecs: invalid literal for int() with base 10: 'soon'${suffix}`,
      '    hint: a whole number is wanted',
      `${file}:2: warning: [supervisord] logfiel: unknown key, ignored`,
      '    hint: did you mean logfile?',
      `${file}: refused, 2 errors, 1 warning`,
      '',
    ].join('\n'),
  );
  expect(code).toBe(2);
});

test('--json is one object', () => {
  const { out, file } = check('good.conf', true);
  const report = JSON.parse(out) as CheckReport;
  expect(Object.keys(report)).toEqual(['file', 'ok', 'problems', 'programs']);
  expect(report).toMatchObject({ file, ok: true, problems: [] });
  expect(report.programs[2]).toEqual({
    name: 'web',
    section: 'program:web',
    kind: 'container',
    command: 'docker -H tcp://engine:2376 start -a web',
    container: { target: { by: 'name', name: 'web' }, attach: 'cli', host: 'tcp://engine:2376' },
  });
});

test('bytes that are not UTF-8 are told as Python tells them', () => {
  const { code, out } = check('latin.conf');
  expect(out).toContain(
    "error: 'utf-8' codec can't decode byte 0xc3 in position 25: invalid continuation byte",
  );
  expect(code).toBe(2);
});

test('a missing file is refused', () => {
  const { code, out, file } = check('nope.conf');
  expect(out).toContain(`${file}: error: could not find config file ${file}`);
  expect(code).toBe(2);
});

test('colour is only in the words error, warning and hint', () => {
  const report: CheckReport = {
    file: 'F',
    ok: false,
    problems: [
      {
        severity: 'error',
        message: 'a\nb',
        place: { file: 'F', line: 3 },
        section: null,
        key: null,
        hint: 'h',
      },
    ],
    programs: [],
  };
  expect(renderCheck(report, { colour: true })).toBe(
    'F:3: \x1b[31merror:\x1b[0m a\n    b\n    \x1b[2mhint: h\x1b[0m\nF: refused, 1 error, 0 warnings\n',
  );
});

describe('the real world', () => {
  test('finds users and groups by name and by id', () => {
    expect(world.user('root')).toEqual({ name: 'root', uid: 0, gid: 0 });
    expect(world.user('0')?.name).toBe('root');
    expect(world.user('no-such-user-here')).toBeNull();
    expect(world.user('')).toBeNull();
    expect(world.user('--help')).toBeNull();
    expect(world.groupId('root')).toBe(0);
    expect(world.groupId('no-such-group-here')).toBeNull();
    expect(world.home('root')).toBe('/root');
    expect(world.home(null)).toBe('/root');
  });

  test('matches patterns in every segment, sorted', () => {
    expect(world.glob(`${fixtures}/*.conf`).map((path) => path.slice(fixtures.length))).toEqual([
      '/bad.conf',
      '/good.conf',
      '/latin.conf',
    ]);
    expect(world.glob(`${fixtures}/c?nf.[d]/p*`)).toEqual([`${fixtures}/conf.d/programs.conf`]);
    expect(world.glob(`${fixtures}/good.conf`)).toEqual([`${fixtures}/good.conf`]);
    expect(world.glob(`${fixtures}/nope/*`)).toEqual([]);
  });
});
