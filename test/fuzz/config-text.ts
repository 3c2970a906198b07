/** Random supervisord.conf files: known sections and keys with values that are nearly right, and sometimes anything. */
import fc from 'fast-check';
import { sections } from '../../src/core/config/schema.ts';
import { commandText, environmentText, formatText, valueText } from './texts.ts';

const number = fc.constantFrom(
  ...['0', '1', '2', '-1', '3', '99', '1000', '999999999', '9007199254740992', '1e9', '9'.repeat(400)],
);
const value = fc.oneof(
  { weight: 3, arbitrary: number },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'true',
      'false',
      'auto',
      'none',
      'unexpected',
      'TERM',
      'root',
      '/tmp',
      '/var/log/x',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '%(program_name)s_%(process_num)02d',
      '%(ENV_HOME)s',
      '%(here)s/x',
      'unix:///tmp/s',
      'x,y',
      'TICK_5',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'docker start -a web',
      'docker run --rm --name w i',
      'sh -c "exec docker compose up w"',
      'cat',
    ),
  },
  commandText,
  environmentText,
  formatText,
  valueText,
);

const headers = fc.constantFrom(
  ...sections.map(({ name }) => name),
  ...['program:', 'program:x', 'program:y', 'container:x', 'group:g', 'fcgi-program:f', 'eventlistener:e'],
);

/** A section with keys of its own kind, mostly: each is told what it is a value of by its reader, not by us. */
const section = headers.chain((header) => {
  const known = sections.find(({ name }) => header.startsWith(name))?.keys?.map(({ name }) => name) ?? [
    'command',
  ];
  const option = fc.tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, fc.constant('wrong')),
    value,
  );
  const start = header.startsWith('supervisord') ? '' : 'command=cat\n';
  return fc
    .array(option, { maxLength: 8 })
    .map((options) => `[${header}]\n${start}${options.map(([key, text]) => `${key}=${text}\n`).join('')}`);
});

export const configText = fc
  .array(section, { maxLength: 5 })
  .map((parts) => ['[supervisord]\n', ...parts].join(''));
