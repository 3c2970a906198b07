import { describe, expect, test } from 'vitest';
import {
  fileOf,
  heldConfig,
  optionsOf,
  originalOf,
  parseHandOver,
  trialConfig,
  withFile,
} from '../../src/migrate/hand-over.ts';
import { good, read } from '../core/config/fake-world.ts';

describe('the command line of a supervisord', () => {
  const words = (...options: string[]): string[] => ['/usr/bin/python3', '/usr/bin/supervisord', ...options];

  test('its options are what follows the script', () => {
    expect(optionsOf(words('-n', '-c', '/a'))).toEqual(['-n', '-c', '/a']);
    expect(optionsOf(['/usr/bin/supervisord'])).toEqual([]);
  });

  test('the file is found however it was written', () => {
    for (const options of [
      ['-c', '/a'],
      ['-nc', '/a'],
      ['-c/a'],
      ['--configuration', '/a'],
      ['-n', '--configuration=/a'],
    ])
      expect(fileOf(options)).toBe('/a');
    expect(fileOf(['-n', '-l', '/var/log/s.log'])).toBeNull();
  });

  test('it is put in another’s place, and everything else stays', () => {
    expect(withFile(words('-c', '/a', '-n'), '/b')).toEqual(words('-c', '/b', '-n'));
    expect(withFile(words('-nc', '/a'), '/b')).toEqual(words('-nc', '/b'));
    expect(withFile(words('-c/a'), '/b')).toEqual(words('-c/b'));
    expect(withFile(words('--configuration=/a'), '/b')).toEqual(words('--configuration=/b'));
    expect(withFile(words('-n'), '/b')).toEqual(words('-n', '-c', '/b'));
  });
});

test('the rehearsal takes over by id, and neither starts, restarts nor clears away', () => {
  const text = trialConfig('/tmp', [
    { id: 'a'.repeat(64), host: 'unix:///e.sock', certPath: null },
    { id: 'b'.repeat(64), host: 'tcp://e:2376', certPath: '/tmp' },
  ]);
  const config = good(read(text));
  const specs = config.groups.flatMap(({ processes }) => processes);
  expect(specs).toHaveLength(2);
  for (const spec of specs) {
    expect(spec).toMatchObject({
      autostart: false,
      autorestart: 'never',
      stdout: { target: { kind: 'none' } },
    });
    expect(spec.docker).toMatchObject({ attach: 'api', onGhost: 'never', invocation: null });
  }
  expect(specs[0]?.docker).toMatchObject({
    target: { by: 'name', name: 'a'.repeat(64) },
    host: 'unix:///e.sock',
  });
  expect(specs[1]?.docker?.certPath).toBe('/tmp');
});

describe('a supervisord that starts again without starting what was down', () => {
  const main =
    '[supervisord]\n[program:web]\ncommand=docker start -a web\n[program:db]\ncommand=docker start -a db\n';

  test('its own files come first, and what is held comes over them', () => {
    const over = heldConfig(
      ['/conf/main.conf', '/conf/inc/a.conf'],
      ['program:web', 'program:web'],
      '/tmp/held.conf',
    );
    expect(originalOf(over?.main ?? '')).toBe('/conf/main.conf');
    const result = read(
      over?.main ?? '',
      {},
      {
        readFile: (path) =>
          ({
            '/conf/main.conf': over?.main,
            '/tmp/held.conf': over?.held,
            '/conf/inc/a.conf': main,
          })[path] ?? '',
        glob: (pattern) => [pattern],
      },
    );
    const specs = good(result).groups.flatMap(({ processes }) => processes);
    expect(specs.map(({ name, autostart }) => [name, autostart])).toEqual([
      ['db', true],
      ['web', false],
    ]);
  });

  test('with nothing to hold its own command line will do', () => {
    expect(heldConfig(['/conf/main.conf'], [], '/tmp/held.conf')).toBeNull();
    expect(originalOf(main)).toBeNull();
  });
});

test('a record of another version, or what is none, is not taken for one', () => {
  expect(parseHandOver('{"version":1,"phase":"done"}')).toMatchObject({ phase: 'done' });
  for (const text of ['', '{}', '{"version":2}', 'null']) expect(parseHandOver(text)).toBeNull();
});
