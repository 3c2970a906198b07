/** The manual pages say all that there is, and what they say of defaults is true. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCtlConfig } from '../../src/core/config/read-ctl.ts';
import { sections } from '../../src/core/config/schema.ts';
import { documentedVerbs } from '../../src/ctl/help.ts';
import { usageText } from '../../src/ctl/usage.ts';
import { verbNames } from '../../src/ctl/verbs.ts';
import { parseDaemonOptions } from '../../src/main/daemon-options.ts';
import { confPage } from '../../tools/conf-page.ts';
import { fakeWorld, good, MAIN, read } from '../core/config/fake-world.ts';

const folder = join(import.meta.dirname, '../../docs/man');
const pages = ['dockvisord.8', 'dockvisorctl.1', 'dockvisord.conf.5'];
const page = (name: string): string => readFileSync(join(folder, name), 'utf8');
/** Without roff's marks. */
const wordsOf = (name: string): string =>
  page(name)
    .replaceAll('\\-', '-')
    .replaceAll(/\\f[BIR]/g, '');

const optionsIn = (text: string): readonly string[] =>
  [...new Set(text.match(/(?<![\w-])--?[a-z_-]*[a-z]/g) ?? [])].filter((option) => option !== '-');

test('the page of the configuration is the one that npm run man writes', () => {
  expect(page('dockvisord.conf.5')).toBe(confPage());
});

test('the page of the daemon has every option that its help has', () => {
  const help = parseDaemonOptions(['--help'], 'dockvisord', '4.2.5');
  const options = help.kind === 'print' ? optionsIn(help.text) : [];
  expect(options.length).toBeGreaterThan(25);
  expect(options.filter((option) => !wordsOf('dockvisord.8').includes(option))).toEqual([]);
});

test('the page of the client has every option and every action', () => {
  const text = wordsOf('dockvisorctl.1');
  const options = optionsIn(usageText('dockvisorctl').split('Options:')[1]!.split('\n\n')[0]!);
  expect(options).toContain('--serverurl');
  expect(options.filter((option) => !text.includes(option))).toEqual([]);
  const actions = text.slice(text.indexOf('.SH ACTIONS'), text.indexOf('.SH EXIT STATUS'));
  const verbs = new Set([...verbNames, ...documentedVerbs]);
  const missing = [...verbs].filter(
    (verb) => !new RegExp(`^\\.(B|BR|BI) .*\\b${verb}\\b`, 'm').test(actions),
  );
  expect(missing).toEqual([]);
});

test.each(pages)('%s is roff without a fault', (name) => {
  // Where there is no groff, whoever reads the page has none either; CI and the developers' machines have it.
  if (!existsSync('/usr/bin/groff')) return;
  const warnings = execFileSync('/bin/sh', ['-c', 'exec groff -man -ww -z "$0" 2>&1', join(folder, name)]);
  expect(warnings.toString()).toBe('');
});

/** The least that a section needs, by the kind's name, and what must stand beside it. */
const least: Readonly<
  Record<string, { readonly section?: string; readonly lines: string; readonly beside?: string }>
> = {
  supervisord: { lines: '' },
  supervisorctl: { lines: '' },
  dockvisor: { lines: '', beside: '[program:x]\ncommand=docker start -a web\n' },
  unix_http_server: { lines: 'file=/tmp/s\n' },
  inet_http_server: { lines: 'port=127.0.0.1:9001\n' },
  'program:': { section: 'program:x', lines: 'command=docker start -a web\n' },
  'container:': { section: 'container:x', lines: '' },
  'group:': { section: 'group:g', lines: 'programs=x\n', beside: '[program:x]\ncommand=cat\n' },
  'fcgi-program:': { section: 'fcgi-program:x', lines: 'command=cat\nsocket=unix:///tmp/f\n' },
  'eventlistener:': { section: 'eventlistener:x', lines: 'command=cat\nevents=TICK_5\n' },
};

/** What is read of a file; that a default was written is no difference, but for `stopsignal`, where it means something. */
function meaningOf(text: string): unknown {
  const config = JSON.stringify(good(read(text)), (name, value: unknown) =>
    name === 'stopSignalWritten' || name === 'place' ? null : value,
  );
  return [config, readCtlConfig(MAIN, fakeWorld({ [MAIN]: text }))];
}

const literal = sections.flatMap(({ name, keys }) =>
  (keys ?? []).filter(({ byDefault }) => !byDefault.startsWith('(')).map((key) => ({ kind: name, ...key })),
);

test('there are defaults to check', () => {
  expect(literal.length).toBeGreaterThan(100);
});

test.each(literal)('to write $name=$byDefault in [$kind] changes nothing', ({ kind, name, byDefault }) => {
  const { section = kind, lines, beside = '' } = least[kind]!;
  const around =
    (kind === 'supervisord' ? '' : '[supervisord]\n') +
    (kind === 'supervisorctl' ? '' : '[supervisorctl]\n') +
    beside;
  const text = `${around}[${section}]\n${lines}`;
  expect(meaningOf(`${text}${name}=${byDefault}\n`)).toEqual(meaningOf(text));
});

describe('every key', () => {
  test('is told of in sentences', () => {
    for (const { about, keys } of sections) {
      for (const sentence of [about, ...(keys ?? []).map((key) => key.about)])
        expect(sentence).toMatch(/^\S.*\.$/s);
    }
  });

  test('is known once to its section', () => {
    for (const { keys } of sections) {
      const names = (keys ?? []).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
