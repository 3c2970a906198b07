/** `dockvisor completion bash`, as bash itself uses it: sourced, and asked with the line and the place of the cursor. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPlainDaemon, type PlainDaemon } from '../daemon/plain-daemon.ts';
import { engineSkipped } from '../support/engine-skipped.ts';
import { ourCommands, type OurCommands } from '../support/our-commands.ts';

describe.skipIf(engineSkipped)('bash completes', () => {
  let daemon: PlainDaemon;
  let commands: OurCommands;
  beforeAll(async () => {
    commands = ourCommands(inject('dockvisord'));
    daemon = await startPlainDaemon(
      inject('dockvisord'),
      `
[program:web]
command=sleep 1000
[group:pair]
programs=left,right
[program:left]
command=sleep 1000
[program:right]
command=sleep 1000
`,
    );
  });
  afterAll(async () => {
    commands.remove();
    await daemon.destroy();
  });

  /** What Tab at the end of this line offers. bash's own words, cut at colons, are given as bash gives them. */
  async function tab(line: string, directory = daemon.directory): Promise<readonly string[]> {
    const script = [
      'source <(dockvisor completion bash)',
      // The function that bash would call for this command.
      'asked=$(complete -p "$1") || exit 9',
      '[[ $asked =~ -F\\ ([^ ]+) ]]',
      'COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9',
      'read -ra COMP_WORDS <<<"${2//:/ : }"',
      '[[ $2 == *" " ]] && COMP_WORDS+=("")',
      'COMP_CWORD=$((${#COMP_WORDS[@]} - 1))',
      '"${BASH_REMATCH[1]}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]:-}" 2>/dev/null',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    const [program = ''] = line.split(' ');
    const words = [script, 'bash', program, line].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const { code, stdout, stderr } = await commands.type(`cd '${directory}' && bash -c ${words.join(' ')}`);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return stdout.split('\n').filter((word) => word !== '');
  }
  const conf = (): string => `-c ${join(daemon.directory, 'd.conf')}`;

  it.each(['dockvisorctl', 'dockvisor'])('the verbs of %s', async (program) => {
    expect(await tab(`${program} st`)).toEqual(expect.arrayContaining(['start', 'status', 'stop']));
    expect(await tab(`${program} resta`)).toEqual(['restart']);
  });

  it('the names that the daemon knows', async () => {
    const all = await tab(`dockvisorctl ${conf()} start `);
    expect([...all].sort()).toEqual(['all', 'pair:*', 'pair:left', 'pair:right', 'web']);
    expect(await tab(`dockvisorctl ${conf()} stop w`)).toEqual(['web']);
    expect(await tab(`dockvisor ${conf()} stop web p`)).toEqual(expect.arrayContaining(['pair:left']));
  });

  it('what follows a colon, which is a word of its own to bash', async () => {
    expect(await tab(`dockvisorctl ${conf()} start pair:l`)).toEqual(['left']);
    const members = await tab(`dockvisorctl ${conf()} start pair:`);
    expect([...members].sort()).toEqual(['*', 'left', 'right']);
  });

  it('signals, groups, and the options of a verb', async () => {
    expect(await tab(`dockvisorctl ${conf()} signal HU`)).toEqual(['HUP']);
    expect(await tab(`dockvisorctl ${conf()} signal HUP w`)).toEqual(['web']);
    expect([...(await tab(`dockvisorctl ${conf()} update `))].sort()).toEqual(['pair', 'web']);
    expect(await tab('dockvisorctl status --w')).toEqual(['--watch']);
  });

  it('nothing, and without an error, when the daemon is away', async () => {
    expect(await tab('dockvisorctl -s unix:///nonexistent/sock start ')).toEqual([]);
  });
});
