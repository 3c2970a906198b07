import { describe, expect, it } from 'vitest';
import type { ProcessSpec } from '../../src/core/config/model.ts';
import { whichContainer } from '../../src/plugin/which-container.ts';
import { onlyProcess } from '../core/config/fake-world.ts';

const specOf = (lines: string): ProcessSpec => onlyProcess(`[supervisord]\n[program:web]\n${lines}\n`);
const words = (command: string): readonly string[] => command.split(' ');
const nameOf = (spec: ProcessSpec, live: readonly string[] | null, suffix = ''): string | null => {
  const target = whichContainer(spec, live, suffix)?.docker.target;
  if (target === undefined) return null;
  return target.by === 'name' ? target.name : target.by;
};

describe('the container of a process', () => {
  it('is the one that the file says while nothing runs', () => {
    expect(nameOf(specOf('command=docker start -a web'), null)).toBe('web');
  });
  it('is the one that the live proxy names, though the file was changed meanwhile', () => {
    expect(nameOf(specOf('command=docker start -a new'), words('docker start -a old'))).toBe('old');
  });
  it('is that of the live proxy, though the file names none any more; and then nothing but a stop is done to it', () => {
    const program = whichContainer(specOf('command=sleep 60'), words('docker start -a old'), '');
    expect(program?.docker).toMatchObject({ target: { by: 'name', name: 'old' }, onGhost: 'never' });
  });
  it('is none while what runs is no client, though the file names one now', () => {
    expect(nameOf(specOf('command=docker start -a web'), words('sleep 60'))).toBeNull();
  });
  it('is the one that docker_container names, whatever the command is', () => {
    const spec = specOf('command=/opt/run-web.sh\ndocker_container=web');
    expect(nameOf(spec, words('/bin/sh /opt/run-web.sh'))).toBe('web');
  });
  it('keeps what the file says of it when both name the same', () => {
    const spec = specOf('command=docker start -a web\ndocker_on_ghost=remove');
    expect(whichContainer(spec, words('/usr/bin/docker start -ai web'), '')?.docker.onGhost).toBe('remove');
  });
  it('is named after the process where that is the habit and the command names none', () => {
    expect(nameOf(specOf('command=/opt/run.sh'), null, '-docker')).toBe('web-docker');
    expect(nameOf(specOf('command=/opt/run.sh'), words('/bin/sh /opt/run.sh'), '-docker')).toBe('web-docker');
    expect(nameOf(specOf('command=docker start -a x'), null, '-docker')).toBe('x');
  });
  it('is none for a plain program', () => {
    expect(nameOf(specOf('command=sleep 60'), words('sleep 60'))).toBeNull();
  });
});
