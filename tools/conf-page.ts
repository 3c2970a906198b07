/** The manual page of a configuration file, from the table that the reader itself goes by: no key is without a word, and none is made up. */
import { dockerKeys } from '../src/core/config/docker-keys.ts';
import type { Key } from '../src/core/config/key.ts';
import { processKeys } from '../src/core/config/process-keys.ts';
import { sections } from '../src/core/config/schema.ts';
import type { SectionKind } from '../src/core/config/schema.ts';

/** Keys that several kinds of section have are told of once. */
const shared: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  { title: 'Keys of every program', keys: processKeys },
  { title: 'Keys of containers', keys: dockerKeys },
];

/** Text as roff takes it: nothing of it is a request or an escape. */
function roff(text: string): string {
  return (
    text
      .replaceAll('\\', '\\e')
      .replaceAll('-', '\\-')
      .replaceAll("'", '\\(aq')
      .replaceAll('~', '\\(ti')
      .replace(/^\./, '\\&.')
      // A sentence begins a line: the formatter then knows its end.
      .replace(/\. (?=[A-Z])/g, '.\n')
  );
}

function defaultOf(value: string): string {
  if (value === '') return 'Default: empty.';
  const remark = /^\((.*)\)$/.exec(value)?.[1];
  if (remark === undefined) return `Default: \\fB${roff(value)}\\fR.`;
  return remark === 'must be given' ? 'It must be given.' : `Default: ${roff(remark)}.`;
}

function entry({ name, values, byDefault, about }: Key): string {
  return `.TP\n\\fB${roff(name)}\\fR=\\fI${roff(values)}\\fR\n${roff(about)}\n${defaultOf(byDefault)}\n`;
}

function headerOf({ name }: SectionKind): string {
  return `[${name.replace(/:$/, ':NAME')}]`;
}

function sectionText(kind: SectionKind): string {
  const keys = kind.keys ?? [];
  const own = keys.filter((key) => !shared.some((group) => group.keys.includes(key)));
  const others = shared.filter((group) => group.keys.some((key) => keys.includes(key)));
  const pointer =
    others.length === 0
      ? ''
      : `.P\nFurther: ${others.map(({ title }) => `\\fI${title}\\fR`).join(', ')}, below.\n`;
  return `.SS ${roff(headerOf(kind))}\n${roff(kind.about)}\n${own.map(entry).join('')}${pointer}`;
}

/** What is to be said before the keys: the grammar. */
const before = String.raw`.\" Written by npm run man from src/core/config/*-keys.ts: do not edit.
.TH DOCKVISORD.CONF 5 "2026-11-28" "dockvisor" "File Formats"
.ad l
.nh
.SH NAME
dockvisord.conf \- configuration of dockvisord, in the format of supervisord.conf
.SH DESCRIPTION
The file is the one of
.BR supervisord (8),
unchanged.
What is marked as not in supervisord is ignored by it: one file serves both.
.P
Lines are sections in brackets, and keys with
.B =
or
.B :
and a value.
A line that is indented deeper than its key goes on with the value.
.B ;
and
.B #
start a comment at the beginning of a line or after white space, inside quotes too.
A key of the section
.B [DEFAULT]
holds in every section that does not have it.
The names of keys are taken in lower case, and the last of two wins.
An unknown section or key is a warning.
.P
A boolean is
.BR true ,
.BR yes ,
.BR on ,
.B 1
or
.BR false ,
.BR no ,
.BR off ,
.BR 0 .
Bytes are a number, or one with
.BR KB ,
.B MB
or
.BR GB .
.P
.BI %( name )s
in a value is replaced:
.B here
is the directory of the file,
.B host_node_name
the name of the host,
.BI ENV_ X
the variable
.I X
of the environment of the daemon and of
.BR "[supervisord] environment" .
In programs there are also
.BR program_name ,
.BR group_name ,
.B process_num
and
.BR numprocs ,
which numbers may be formatted:
.BR %(process_num)02d .
A percent sign is written
.BR %% .
`;

const after = String.raw`.SH FILES
Where no file is named,
.I dockvisord.conf
and then
.I supervisord.conf
are looked for in
.IR ../etc ,
.I ..
(both from the directory of the program),
.IR . ,
.IR ./etc ,
.IR /etc ,
.I /etc/dockvisor
and
.IR /etc/supervisor .
.SH EXAMPLES
.EX
[unix_http_server]
file=/run/dockvisor.sock
[supervisord]
logfile=/var/log/dockvisord.log
[supervisorctl]
serverurl=unix:///run/dockvisor.sock
[program:web]
command=docker start \-a web
stopwaitsecs=30
[container:db]
stopwaitsecs=60
.EE
.SH SEE ALSO
.BR dockvisord (8),
.BR dockvisorctl (1)
.P
.B dockvisor check \-c
.I FILE
tells every problem of a file with its line, and starts nothing.
`;

export function confPage(): string {
  const kinds = sections.map(sectionText).join('');
  const common = shared.map(({ title, keys }) => `.SS ${title}\n${keys.map(entry).join('')}`).join('');
  return `${before}.SH SECTIONS\n${kinds}${common}${after}`;
}
