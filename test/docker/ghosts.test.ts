/** CONTRACT section 4, row by row. */
import { describe, expect, it } from 'vitest';
import type { GhostPolicy } from '../../src/core/config/model.ts';
import { ghostAction, ownerByLabels } from '../../src/docker/ghosts.ts';
import type { ContainerFacts } from '../../src/docker/facts.ts';

const factsIn = (state: ContainerFacts['state']): ContainerFacts => ({
  id: 'f'.repeat(64),
  name: 'web',
  image: 'x',
  state,
  alive: state === 'running' || state === 'paused',
  pid: 0,
  exitCode: 0,
  oomKilled: false,
  startedAt: '',
  finishedAt: '',
  error: '',
  health: 'none',
  restartPolicy: 'no',
  tty: false,
  openStdin: false,
  stopSignal: 'TERM',
  stopTimeout: null,
  autoRemove: false,
  labels: {},
});

const policies = ['stop', 'adopt', 'remove', 'never'] as const;
type Row = readonly [
  string,
  ContainerFacts['state'],
  { readonly remove: boolean } | null,
  readonly [string, string, string, string],
];
const rows: readonly Row[] = [
  ['running', 'running', null, ['stop', 'adopt', 'stop-and-remove', 'leave']],
  ['paused', 'paused', null, ['stop', 'unpause-and-adopt', 'remove', 'leave']],
  [
    'restarting by its own policy',
    'restarting',
    null,
    ['disable-policy-and-stop', 'adopt', 'remove', 'leave'],
  ],
  [
    'removal in progress',
    'removing',
    null,
    ['wait-until-gone', 'wait-until-gone', 'wait-until-gone', 'wait-until-gone'],
  ],
  ['dead', 'dead', null, ['hopeless', 'hopeless', 'remove', 'leave']],
  [
    'name taken by a running one, run --rm',
    'running',
    { remove: true },
    ['stop-and-remove', 'adopt', 'stop-and-remove', 'leave'],
  ],
  [
    'name taken by one that has exited, run --rm',
    'exited',
    { remove: true },
    ['stop-and-remove', 'stop-and-start-instead', 'remove', 'leave'],
  ],
  [
    'name taken, run without --rm',
    'exited',
    { remove: false },
    ['stop-and-start-instead', 'stop-and-start-instead', 'remove', 'leave'],
  ],
  ['exited', 'exited', null, ['nothing', 'nothing', 'nothing', 'nothing']],
  ['created', 'created', null, ['nothing', 'nothing', 'nothing', 'nothing']],
];

describe('what is done with a ghost', () => {
  const cases = rows.flatMap(([name, state, run, wanted]) =>
    policies.map((policy, n) => [name, policy, state, run, wanted[n]!] as const),
  );
  it.each(cases)('%s, docker_on_ghost=%s', (_name, policy, state, run, wanted) => {
    expect(ghostAction({ facts: factsIn(state), policy, run, mayStartInstead: true, owner: null }).do).toBe(
      wanted,
    );
  });

  it.each(
    policies.flatMap((policy) => ['running', 'paused', 'dead'].map((state) => [state, policy] as const)),
  )('a %s one of another owner is never touched with %s', (state, policy: GhostPolicy) => {
    const action = ghostAction({
      facts: factsIn(state as 'running'),
      policy,
      run: null,
      mayStartInstead: true,
      owner: 'Compose project "shop"',
    });
    expect(action).toEqual({
      do: 'hopeless',
      reason: 'container "web" belongs to Compose project "shop", and is not touched',
    });
  });

  it.each(['stop', 'adopt'] as const)(
    'under another manager a taken name without --rm is left, and said, with %s',
    (policy) => {
      const facts = factsIn('exited');
      const action = ghostAction({
        facts,
        policy,
        run: { remove: false },
        mayStartInstead: false,
        owner: null,
      });
      expect(action).toMatchObject({
        do: 'leave',
        reason: expect.stringContaining('docker rm -f web') as string,
      });
    },
  );

  it('a missing one is nothing to clear', () => {
    expect(
      ghostAction({
        facts: null,
        policy: 'remove',
        run: { remove: true },
        mayStartInstead: true,
        owner: null,
      }),
    ).toEqual({
      do: 'nothing',
    });
  });

  it('a dead one is named with the command that mends it', () => {
    const facts = { ...factsIn('dead'), error: 'device or resource busy' };
    expect(ghostAction({ facts, policy: 'stop', run: null, mayStartInstead: true, owner: null })).toEqual({
      do: 'hopeless',
      reason: 'container "web" is dead (device or resource busy); mend it with: docker rm -f web',
    });
  });
});

describe('whose a container is', () => {
  it.each([
    [{}, null, null],
    [{ 'com.docker.compose.project': 'shop' }, 'shop', null],
    [{ 'com.docker.compose.project': 'shop' }, null, 'Compose project "shop"'],
    [{ 'com.docker.compose.project': 'shop' }, 'other', 'Compose project "shop"'],
    [
      { 'com.docker.swarm.task.id': 't1', 'com.docker.swarm.service.name': 'api' },
      null,
      'Swarm service "api"',
    ],
  ] as const)('%j under project %s: %s', (labels, project, owner) => {
    expect(ownerByLabels(labels, project)).toBe(owner);
  });
});
