/** The Engine itself goes away and comes back. */
import { behaving } from '../situation.ts';
import type { EngineHandle, EngineSituation } from '../situation.ts';

const terminate = async (engine: EngineHandle): Promise<void> => engine.down();
const kill = async (engine: EngineHandle): Promise<void> => engine.kill();
const common = { create: { command: behaving }, lines: ['autorestart=true', 'startretries=3'] };
const live = ['--live-restore'];

export const engineSituations: readonly EngineSituation[] = [
  {
    ...common,
    name: 'Engine restarted (TERM)',
    dockerd: [],
    actOnEngine: terminate,
    wanted: { state: 'RUNNING', engine: 'running', life: 'another' },
  },
  {
    ...common,
    name: 'Engine killed by KILL and started again',
    dockerd: [],
    actOnEngine: kill,
    wanted: { state: 'RUNNING', engine: 'running', life: 'another' },
  },
  {
    ...common,
    name: 'Engine restarted (TERM), live-restore',
    dockerd: live,
    actOnEngine: terminate,
    wanted: { state: 'RUNNING', engine: 'running', life: 'same' },
  },
  {
    ...common,
    name: 'Engine killed by KILL and started again, live-restore',
    dockerd: live,
    actOnEngine: kill,
    wanted: { state: 'RUNNING', engine: 'running', life: 'same' },
  },
  {
    ...common,
    name: 'stop while the Engine is away, live-restore',
    dockerd: live,
    actOnEngine: kill,
    async meanwhile({ manager, name }) {
      await manager.ctl('stop', name);
    },
    wanted: { state: 'STOPPED', engine: 'exited' },
  },
];
