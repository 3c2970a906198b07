/** What counts as a lie: a manager's word against the Engine's. */
import { describe, expect, it } from 'vitest';
import { liesOf } from '../../src/core/truth.ts';
import type { ContainerView, ProcessView } from '../../src/core/view.ts';
import { found, said, startSeconds } from '../support/words.ts';

const kinds = (says: ProcessView, container: ContainerView): readonly string[] =>
  liesOf(says, container).map(({ kind }) => kind);

describe('a manager lies when it says', () => {
  it.each(['STOPPED', 'EXITED', 'FATAL', 'BACKOFF'] as const)(
    '%s of what runs, pauses or restarts',
    (state) => {
      for (const truth of ['running', 'paused', 'restarting'] as const)
        expect(kinds(said(state), found(truth))).toEqual(['runs']);
    },
  );
  it.each(['exited', 'created', 'missing', 'dead', 'removing'] as const)('RUNNING of what is %s', (truth) => {
    expect(kinds(said('RUNNING'), found(truth))).toEqual(['does-not-run']);
  });
  it('RUNNING of what is paused, unless it says so', () => {
    expect(kinds(said('RUNNING'), found('paused'))).toEqual(['paused']);
    expect(kinds(said('RUNNING', { description: 'container web paused' }), found('paused'))).toEqual([]);
  });
  it('another start than the container had; a proxy may be older, for a launch takes its time', () => {
    expect(kinds(said('RUNNING', { start: startSeconds + 60 }), found('running'))).toEqual(['since']);
    expect(kinds(said('RUNNING', { start: startSeconds - 8 }), found('running'))).toEqual([]);
    expect(
      kinds(said('RUNNING', { start: startSeconds - 60, container: found('running') }), found('running')),
    ).toEqual(['since']);
  });
  it('another exit code than the container had', () => {
    const exited = found('exited', { exit_code: 3 });
    expect(kinds(said('EXITED', { exitStatus: 3 }), exited)).toEqual([]);
    expect(kinds(said('EXITED', { exitStatus: -1 }), exited)).toEqual(['exit-code']);
  });
});

describe('it is no lie', () => {
  it.each(['STARTING', 'STOPPING', 'UNKNOWN'] as const)('%s, which claims nothing', (state) => {
    for (const truth of ['running', 'exited', 'missing'] as const)
      expect(kinds(said(state), found(truth))).toEqual([]);
  });
  it('when the Engine cannot be asked', () => {
    expect(kinds(said('RUNNING'), found('unknown'))).toEqual([]);
  });
  it.each(['STOPPED', 'EXITED', 'FATAL', 'BACKOFF'] as const)('%s of what does not run', (state) => {
    for (const truth of ['exited', 'created', 'missing', 'dead'] as const)
      expect(kinds(said(state), found(truth))).toEqual([]);
  });
});
