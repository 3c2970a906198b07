/** What `dockvisor unit` prints is accepted by `systemd-analyze verify` without a word, and read back by systemd as it was meant. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemdSkipped } from '../support/engine-skipped.ts';
import { image, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

/** As the container is to see it. */
const nasty = `100% $HOME \${HOME} back\\slash 'single';# a  b`;

const config = `
[supervisord]
user=root
logfile=/var/log/dockvisord.log
[program:nasty]
command=docker run --rm --name nasty -e NASTY ${image} sh -c 'echo "<$NASTY>"; echo "<100%% \\$HOME>"; exec sleep 1000'
environment=NASTY="${nasty.replaceAll('%', '%%')}",DB_PASSWORD=hunter2
directory=/var/tmp
user=root
umask=027
stopwaitsecs=1
startsecs=0
autorestart=true
[program:always]
command=docker start -a always
exitcodes=2,3
priority=5
stopwaitsecs=120
[container:never]
autorestart=false
docker_host=tcp://127.0.0.1:2375
docker_on_ghost=remove
[program:composed]
command=docker compose -p shop up web
`;

describe.skipIf(systemdSkipped)('dockvisor unit', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    mkdirSync(join(stage.box.root, 'etc/dockvisor'), { recursive: true });
    writeFileSync(join(stage.box.root, 'etc/dockvisor/dockvisord.conf'), config);
  });
  afterAll(() => stage?.destroy());

  it('makes units in which systemd-analyze finds nothing to say', async () => {
    const files: string[] = [];
    for (const words of [['nasty'], ['always'], ['never'], ['composed'], ['some-container'], ['--daemon']]) {
      const name = `${words.join('').replace('--', '')}-made.service`;
      await stage.units({ [name]: await stage.ok('dockvisor', 'unit', ...words) });
      files.push(`/etc/systemd/system/${name}`);
    }
    const { code, stdout, stderr } = await stage.run('systemd-analyze', 'verify', ...files);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('gives command and environment to the client as they were', async () => {
    const { stdout, stderr } = await stage.run('dockvisor', 'unit', 'nasty');
    expect(stderr).toContain('the value of DB_PASSWORD looks like a secret');
    await stage.units({ 'nasty.service': stdout });
    await stage.ok('systemctl', 'start', 'nasty');
    await stage.untilInJournal('nasty', `<${nasty}>`);
    await stage.untilInJournal('nasty', '<100% $HOME>');
    await stage.ok('systemctl', 'stop', 'nasty');
  });

  it('says 2 and why, where there is nothing to make', async () => {
    const { code, stderr } = await stage.run('dockvisor', 'unit');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('wanted a NAME') as string,
    });
  });
});
