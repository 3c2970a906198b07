/** `[eventlistener:x]`: a group with a pool, and supervisord's sentences for what is wrong with it. */
import { describe, expect, test } from 'vitest';
import { diffGroups } from '../../../src/core/config/diff.ts';
import { errorsOf, good, read, warningsOf } from './fake-world.ts';

const listener = (...lines: readonly string[]) =>
  read(['[supervisord]', '[eventlistener:e]', 'command=/bin/e', ...lines].join('\n') + '\n');

describe('a section of listeners', () => {
  test('is a group of priority -1 whose processes keep 999, with the events once each', () => {
    const [group] = good(listener('events=tick_5, PROCESS_STATE,TICK_5')).groups;
    expect([group?.name, group?.priority, group?.processes[0]?.priority]).toEqual(['e', -1, 999]);
    expect(group?.pool).toEqual({ events: ['PROCESS_STATE', 'TICK_5'], bufferSize: 10, results: 'ok' });
    expect(group?.processes[0]?.listener).toBe(true);
    expect(warningsOf(listener('events=EVENT', 'stdout_capture_maxbytes=10'))).toEqual([]);
  });
  test('is our own child, even when its command is a docker client', () => {
    const text = '[supervisord]\n[eventlistener:e]\ncommand=docker run -i --name x image\nevents=EVENT\n';
    expect(good(read(text)).groups[0]?.processes[0]?.docker).toBeNull();
  });
  test.each([
    [[], '[eventlistener:e] section requires an "events" line'],
    [['events=FOO'], 'Unknown event type FOO in [eventlistener:e] events'],
    [['events=EVENT', 'buffer_size=0'], '[eventlistener:e] section sets invalid buffer_size (0)'],
    [
      ['events=EVENT', 'redirect_stderr=true'],
      '[eventlistener:e] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol',
    ],
  ])('%j is refused', (lines, message) => {
    expect(errorsOf(listener(...lines))).toEqual([message]);
  });
  test('with a result handler in Python is warned about, and believed', () => {
    const result = listener('events=PROCESS_LOG', 'result_handler=supervisor_stdout:event_handler');
    expect(good(result).groups[0]?.pool?.results).toBe('any');
    expect(warningsOf(result)[0]).toContain('supervisor_stdout:event_handler cannot be loaded');
  });
  test('may not be named by a group', () => {
    const text = '[supervisord]\n[eventlistener:e]\ncommand=e\nevents=EVENT\n[group:g]\nprograms=e\n';
    expect(errorsOf(read(text))).toEqual(['[group:g] names unknown program or fcgi-program e']);
  });
  test('is changed when its events or its buffer are', () => {
    const [was, is] = ['10', '11'].map(
      (size) => good(listener('events=EVENT', `buffer_size=${size}`)).groups,
    );
    expect(diffGroups(was ?? [], is ?? []).changed).toEqual(['e']);
    expect(diffGroups(was ?? [], was ?? []).changed).toEqual([]);
  });
});
