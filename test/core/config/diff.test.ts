import { describe, expect, test } from 'vitest';
import { diffGroups } from '../../../src/core/config/diff.ts';
import type { GroupSpec } from '../../../src/core/config/model.ts';
import { good, read } from './fake-world.ts';

function groups(text: string): readonly GroupSpec[] {
  return good(read('[supervisord]\n' + text)).groups;
}

const a = '[program:a]\ncommand=a\n';

test('the same text, moved, is no change', () => {
  const diff = diffGroups(groups(a + '[program:b]\ncommand=b\n'), groups('\n\n[program:b]\ncommand=b\n' + a));
  expect(diff).toEqual({ added: [], changed: [], removed: [], reasons: new Map() });
});

test('new and missing groups are told by name', () => {
  const diff = diffGroups(groups(a), groups('[program:b]\ncommand=b\n'));
  expect([diff.added, diff.changed, diff.removed]).toEqual([['b'], [], ['a']]);
});

describe('a group is changed', () => {
  test.each([
    [a + 'command=z\n', 'a', 'command', 'was "a", is "z"'],
    [a + 'startsecs=5\n', 'a', 'startsecs', 'was 1, is 5'],
    [a + 'exitcodes=0,2\n', 'a', 'exitcodes', 'was [0], is [0,2]'],
    [a + 'environment=SECRET=hush\n', 'a', 'environment', 'SECRET differs'],
    [a + 'docker_container=web\n', 'a', 'docker_container', 'was unset, is "web"'],
    [a + 'user=www\n', 'a', 'user', 'was unset, is "www"'],
    [a + 'stdout_logfile=/tmp/x\n', 'a', 'stdout_logfile', 'was "AUTO", is "/tmp/x"'],
    [a + 'stdout_logfile_backups=3\nstderr_syslog=true\n', 'a', 'stdout_logfile_backups', 'was 10, is 3'],
    [a + 'umask=022\n', 'a', 'umask', 'was unset, is "022"'],
  ])('%j', (text, process, key, reason) => {
    const diff = diffGroups(groups(a), groups(text));
    expect(diff.changed).toEqual(['a']);
    expect(diff.reasons.get('a')?.[0]).toEqual({ process, key, reason });
  });

  test('by its priority, which is also that of its process', () => {
    const diff = diffGroups(groups(a), groups(a + 'priority=5\n'));
    expect(diff.reasons.get('a')?.map(({ process, key }) => [process, key])).toEqual([
      [null, 'priority'],
      ['a', 'priority'],
    ]);
  });

  test('by the number of its processes', () => {
    const many = (count: number) => groups(`${a}numprocs=${String(count)}\nprocess_name=p%(process_num)d\n`);
    expect(diffGroups(many(1), many(2)).reasons.get('a')).toEqual([
      { process: null, key: 'programs', reason: 'was p0, is p0, p1' },
    ]);
  });

  test('by the order of its programs', () => {
    const text = a + '[program:b]\ncommand=b\n[group:g]\nprograms=';
    expect(diffGroups(groups(text + 'a,b\n'), groups(text + 'b,a\n')).changed).toEqual(['g']);
  });

  test('by the environment of the daemon', () => {
    const fresh = good(read('[supervisord]\nenvironment=A=1\n' + a)).groups;
    expect(diffGroups(groups(a), fresh).changed).toEqual(['a']);
  });

  test('from an explicit log file back to AUTO, which supervisord does not see', () => {
    expect(diffGroups(groups(a + 'stdout_logfile=/tmp/x\n'), groups(a)).changed).toEqual(['a']);
  });
});

test('nothing is adopted: the same comparison says the same again', () => {
  const [active, fresh] = [groups(a), groups(a + 'startsecs=5\n')];
  expect(diffGroups(active, fresh)).toEqual(diffGroups(active, fresh));
});
