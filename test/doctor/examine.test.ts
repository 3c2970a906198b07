import { expect, test } from 'vitest';
import { examine } from '../../src/doctor/examine.ts';
import type { Look } from '../../src/doctor/examine.ts';
import { painter, renderDoctor } from '../../src/doctor/render.ts';
import { isPlugIn, makeReport } from '../../src/doctor/report.ts';
import { evidenceOf, real } from './evidence.ts';

const dying = evidenceOf({ view: { state: 'exited', exit_code: 0 } });
const stopped = evidenceOf({ says: { state: 'EXITED' }, view: { state: 'exited', exit_code: 0 } });

function looks(...answers: readonly (typeof dying)[]): {
  readonly look: Look;
  readonly asked: (string[] | null)[];
} {
  const left = [...answers];
  const asked: (string[] | null)[] = [];
  return {
    asked,
    look: (only) => {
      asked.push(only === null ? null : [...only]);
      const [next] = left.length > 1 ? left.splice(0, 1) : left;
      return Promise.resolve(next === undefined ? [] : [next]);
    },
  };
}

const noPause = (): Promise<void> => Promise.resolve();

test('a container that dies while we look makes no liar of its manager', async () => {
  const { look, asked } = looks(dying, stopped);
  const [judged] = await examine(look, real, noPause);
  expect(judged?.lies).toEqual([]);
  expect(asked).toEqual([null, ['web:web']]);
});

test('who tells it at every look is accused', async () => {
  const { look, asked } = looks(dying);
  const [judged] = await examine(look, real, noPause);
  expect(judged?.lies.map(({ kind }) => kind)).toEqual(['does-not-run']);
  expect(asked).toHaveLength(3);
});

test('who is truthful is looked at once', async () => {
  const { look, asked } = looks(evidenceOf({}));
  await examine(look, real, noPause);
  expect(asked).toEqual([null]);
});

const parts = { file: '/etc/s.conf', manager: real, troubles: [], hasPlugIn: false };

test('the exit code: 0 truthful, 1 lies, 2 where not everything could be looked at', async () => {
  const well = await examine(looks(evidenceOf({})).look, real, noPause);
  const lying = await examine(looks(dying).look, real, noPause);
  const trouble = { kind: 'engine', text: 'no Engine', mend: [], advice: null } as const;
  expect(makeReport({ ...parts, judged: well }).exit).toBe(0);
  expect(makeReport({ ...parts, judged: lying }).exit).toBe(1);
  expect(makeReport({ ...parts, judged: lying, troubles: [trouble] }).exit).toBe(2);
});

test('a lying supervisord without the plug-in is told of it', async () => {
  const lying = await examine(looks(dying).look, real, noPause);
  expect(makeReport({ ...parts, judged: lying }).conflicts.map(({ kind }) => kind)).toEqual(['no-plug-in']);
  expect(makeReport({ ...parts, judged: lying, hasPlugIn: true }).conflicts).toEqual([]);
});

test('our plug-in is known by its command', () => {
  const section = (name: string, command: string): Parameters<typeof isPlugIn>[0] => ({
    name,
    place: { file: 'f', line: 1 },
    values: new Map([['command', command]]),
  });
  expect(isPlugIn(section('eventlistener:d', '/usr/bin/dockvisor listen --dry-run'))).toBe(true);
  expect(isPlugIn(section('eventlistener:d', 'superlance'))).toBe(false);
  expect(isPlugIn(section('program:d', 'dockvisor listen'))).toBe(false);
});

test('the report for people: a block for who has something, a line for who is truthful', async () => {
  const judged = [
    ...(await examine(looks(dying).look, real, noPause)),
    ...(await examine(
      looks(evidenceOf({ more: { group: 'a', process: 'a', wantedId: null } })).look,
      real,
      noPause,
    )),
  ];
  const text = renderDoctor(
    makeReport({ ...parts, hasPlugIn: true, judged: judged.slice(0, 1) }),
    painter(false),
  );
  expect(text).toBe(
    [
      'supervisord pid 7 at unix:///run/s.sock, /etc/s.conf',
      'web   says      RUNNING  pid 50, uptime 0:01:00',
      '      is        container web exited 0',
      '      LIE       says RUNNING, and container web: exited',
      '                mend it:  supervisorctl -c /etc/s.conf restart web',
      '1 program, 0 truthful, 1 lying, 0 conflicts',
      '',
    ].join('\n'),
  );
  const both = renderDoctor(makeReport({ ...parts, judged }), painter(true));
  expect(both).toContain('\x1b[31mLIE');
});
