/** The plug-in over a made-up manager and made-up containers: what reaches them, and in which order. */
import { describe, expect, it } from 'vitest';
import type { ProcessSpec } from '../../src/core/config/model.ts';
import type { ProcessView } from '../../src/core/view.ts';
import type { ManagerEvent } from '../../src/plugin/event-reader.ts';
import { createPlugin } from '../../src/plugin/plugin.ts';
import type { Plugin } from '../../src/plugin/plugin.ts';
import type { PluginDeps } from '../../src/plugin/ports.ts';
import type { ContainerHand, Sighting } from '../../src/supervisor/hand.ts';
import { onlyProcess } from '../core/config/fake-world.ts';
import { said, seen, startedAt, startSeconds } from '../support/words.ts';

const event = (state: string, name = 'web'): ManagerEvent => ({
  name: `PROCESS_STATE_${state}`,
  serial: 1,
  tokens: new Map([
    ['processname', name],
    ['groupname', name],
    ['pid', '77'],
  ]),
});
const bare = (name: string): ManagerEvent => ({ name, serial: 1, tokens: new Map() });

/** One program, `web`. */
class World {
  says: ProcessView | null = said('RUNNING');
  sees: Sighting | null = seen('running');
  engineAnswers = true;
  managerGoesDown = false;
  /** A stop ends when this is called. */
  endStop: (after?: Sighting) => void = () => undefined;
  duringClearing: () => void = () => undefined;
  readonly acts: string[] = [];
  readonly log: string[] = [];
  now = 0;
  news: () => void = () => undefined;
  readonly plugin: Plugin;

  constructor(lines = 'command=docker start -a web\nstopwaitsecs=3', more: Partial<PluginDeps> = {}) {
    const specs: readonly ProcessSpec[] = [onlyProcess(`[supervisord]\n[program:web]\n${lines}\n`)];
    const write = (message: string): number => this.log.push(message);
    this.plugin = createPlugin({
      manager: {
        processes: () =>
          Promise.resolve(this.managerGoesDown ? 'going-down' : this.says === null ? [] : [this.says]),
        process: () => Promise.resolve(this.managerGoesDown ? 'going-down' : this.says),
        start: () => Promise.resolve(void this.acts.push('start')),
        killProxy: () => Promise.resolve(void this.acts.push('kill-proxy')),
      },
      readPrograms: () => specs,
      commandOf: () => null,
      handFor: () => Promise.resolve(this.#hand()),
      log: { info: write, warn: write, error: write },
      clock: { now: () => this.now },
      dryRun: false,
      nameSuffix: '',
      ...more,
    });
  }

  #hand(): ContainerHand {
    let last: Sighting | null = null;
    return {
      engine: 'unix:///x',
      look: () => {
        if (!this.engineAnswers) return Promise.reject(new Error('the Engine is away'));
        last = this.sees;
        return Promise.resolve(this.sees);
      },
      view: () => ({ ...seen('running').container, state: this.engineAnswers ? 'running' : 'unknown' }),
      last: () => last,
      stop: (what, { signal, graceMs }) => {
        this.acts.push(`stop ${what.startedAt} ${String(signal)} ${String(graceMs)}`);
        return new Promise((resolve) => {
          this.endStop = (after = seen('exited')) => {
            last = after;
            resolve();
          };
        });
      },
      callOffStop: () => void this.acts.push('call off'),
      clearGhost: (what) => {
        this.acts.push(`clear ${what.container.state}`);
        this.duringClearing();
        return Promise.resolve({ verdict: 'cleared' });
      },
      onNews: (news) => {
        this.news = news;
      },
      close: () => void this.acts.push('close'),
    };
  }

  /** Everything that was begun has come to its end, or waits for somebody else. */
  async settle(): Promise<readonly string[]> {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    return this.acts.splice(0).filter((act) => act !== 'call off');
  }
}

const stopOf = (signal: string | null, graceMs: number): string =>
  `stop ${startedAt} ${String(signal)} ${String(graceMs)}`;

describe('a program that is being stopped', () => {
  it('has its container stopped with its own grace, by the container’s own signal', async () => {
    const world = new World();
    await world.plugin.sweep();
    world.says = said('STOPPING');
    world.plugin.event(event('STOPPING'));
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
  });

  it('has it stopped by the signal that is written in the file', async () => {
    const world = new World('command=docker start -a web\nstopwaitsecs=3\nstopsignal=INT');
    await world.plugin.sweep();
    world.says = said('STOPPING');
    world.plugin.event(event('STOPPING'));
    expect(await world.settle()).toEqual([stopOf('INT', 3000)]);
  });

  it('is not stopped by an event of yesterday: the manager is asked', async () => {
    const world = new World();
    await world.plugin.sweep();
    world.plugin.event(event('STOPPING'));
    expect(await world.settle()).toEqual([]);
  });

  it('is stopped once, however often it is told', async () => {
    const world = new World();
    await world.plugin.sweep();
    world.says = said('STOPPING');
    for (let n = 0; n < 5; n++) world.plugin.event(event('STOPPING'));
    await world.plugin.sweep();
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
  });

  it('is no longer asked to stop when it has been started again meanwhile', async () => {
    const world = new World();
    await world.plugin.sweep();
    world.says = said('STOPPING');
    world.plugin.event(event('STOPPING'));
    await world.settle();
    world.says = said('RUNNING', { pid: 78 });
    world.plugin.event(event('RUNNING'));
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(world.acts).toContain('call off');
  });

  it('is stopped also when nobody told: a comparison finds it', async () => {
    const world = new World();
    world.says = said('STOPPED', { stop: startSeconds + 60 });
    await world.plugin.sweep();
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
  });

  it('is stopped while the Engine is away, as it was seen last', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.settle();
    world.engineAnswers = false;
    world.says = said('STOPPING');
    world.plugin.event(event('STOPPING'));
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
  });
});

describe('while the Engine is away', () => {
  it('a stop that came to nothing is not begun again in the same breath', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.settle();
    world.engineAnswers = false;
    world.says = said('STOPPED', { stop: startSeconds + 60 });
    world.plugin.event(event('STOPPED'));
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
    world.endStop(seen('running'));
    expect(await world.settle()).toEqual([]);
    world.plugin.close();
  });

  it('nothing but a stop is done', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.settle();
    world.engineAnswers = false;
    for (const state of ['EXITED', 'FATAL', 'BACKOFF', 'RUNNING'] as const) {
      world.says = said(state);
      world.plugin.event(event(state));
      expect(await world.settle()).toEqual([]);
    }
  });
});

describe('a program whose container is in the way', () => {
  it('has it cleared on BACKOFF, and is left to its own next try', async () => {
    const world = new World();
    world.sees = seen('paused');
    world.says = said('BACKOFF');
    await world.plugin.sweep();
    world.plugin.event(event('BACKOFF'));
    expect((await world.settle()).at(-1)).toBe('clear paused');
  });

  it('is started when it was given up while the way was being cleared', async () => {
    const world = new World();
    world.sees = seen('paused');
    world.says = said('BACKOFF');
    world.duringClearing = () => {
      world.says = said('FATAL', { stop: startSeconds + 5 });
      world.sees = seen('exited');
    };
    await world.plugin.sweep();
    expect(await world.settle()).toEqual(['clear paused', 'start']);
  });

  it('is started when it was given up because of it', async () => {
    const world = new World();
    world.sees = seen('paused');
    world.says = said('FATAL', { stop: startSeconds + 5 });
    await world.plugin.sweep();
    expect(await world.settle()).toEqual(['clear paused', 'start']);
  });
});

describe('a program that runs although its manager says that it does not', () => {
  it('is started, and not again at once when that did not help', async () => {
    const world = new World();
    world.says = said('EXITED');
    await world.plugin.sweep();
    expect(await world.settle()).toEqual(['start']);
    world.plugin.event(event('EXITED'));
    await world.plugin.sweep();
    expect(await world.settle()).toEqual([]);
    world.now += 20_000;
    world.plugin.event(event('EXITED'));
    expect(await world.settle()).toEqual(['start']);
    // No timer is left behind.
    world.says = null;
    await world.plugin.sweep();
  });
});

describe('a dry run', () => {
  it('says what it would do, once, and does nothing', async () => {
    const world = new World(undefined, { dryRun: true });
    world.says = said('STOPPED', { stop: startSeconds + 60 });
    await world.plugin.sweep();
    await world.plugin.sweep();
    expect(await world.settle()).toEqual([]);
    expect(world.log).toEqual([expect.stringMatching(/^web: dry run: stopping it/)]);
  });
});

describe('programs that come and go', () => {
  it('are attended to from the next comparison, and let go of when they are gone', async () => {
    const world = new World();
    world.says = null;
    await world.plugin.sweep();
    expect(await world.settle()).toEqual([]);
    world.says = said('STOPPED', { stop: startSeconds + 60 });
    world.plugin.event(event('STOPPED'));
    await world.plugin.sweep();
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
    world.says = null;
    await world.plugin.sweep();
    expect(await world.settle()).toEqual(['close']);
  });
});

describe('a program that stands for no container', () => {
  it('may change its state as often as it likes: nothing is asked for it', async () => {
    let asked = 0;
    const world = new World('command=sleep 60', {
      readPrograms: () => {
        asked++;
        return [onlyProcess('[supervisord]\n[program:web]\ncommand=sleep 60\n')];
      },
    });
    await world.plugin.sweep();
    for (let n = 0; n < 100; n++) world.plugin.event(event(n % 2 === 0 ? 'EXITED' : 'STARTING'));
    await world.settle();
    expect(asked).toBe(1);
  });
});

describe('the end of the supervisord', () => {
  it('stops at once what it takes for down, and each of the others in its turn', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.settle();
    world.managerGoesDown = true;
    world.plugin.event(bare('SUPERVISOR_STATE_CHANGE_STOPPING'));
    expect(await world.settle()).toEqual([]);
    world.plugin.event(event('STOPPING'));
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
  });

  it('is found out when we are to end, and nothing is left running', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.settle();
    world.managerGoesDown = true;
    const finished = world.plugin.finish();
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
    world.endStop();
    world.sees = seen('exited');
    await finished;
  });
});

describe('the end of the plug-in alone', () => {
  it('stops nothing that runs', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.plugin.finish();
    expect(await world.settle()).toEqual([]);
  });

  it('stops what `stop all` has stopped together with it, though no event comes any more', async () => {
    const world = new World();
    await world.plugin.sweep();
    await world.settle();
    world.says = said('STOPPING');
    const finished = world.plugin.finish();
    expect(await world.settle()).toEqual([stopOf(null, 3000)]);
    world.endStop();
    world.sees = seen('exited');
    await finished;
  });
});
