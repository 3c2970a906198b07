import { describe, expect, test } from 'vitest';
import { parseSignal } from '../../../src/core/config/signals.ts';
import * as values from '../../../src/core/config/values.ts';
import { fakeWorld } from './fake-world.ts';

const world = fakeWorld({});

function show<T>(result: values.Parsed<T>): unknown {
  return 'value' in result ? result.value : `! ${result.error}`;
}

const kinds = {
  integer: values.parseInteger,
  boolean: values.parseBoolean,
  autorestart: values.parseAutorestart,
  bytes: values.parseByteSize,
  octal: values.parseOctal,
  exitcodes: values.parseExitCodes,
  level: values.parseLogLevel,
  name: values.parseName,
  inet: values.parseInetAddress,
  signal: parseSignal,
  user: (text: string) => values.parseUser(text, world),
  directory: (text: string) => values.parseExistingDirectory(text, world),
  path: (text: string) => values.parseExistingDirPath(text, world),
};

const noInt = (text: string) => `! invalid literal for int() with base 10: '${text}'`;
const noPort = (text: string) => `! not a valid port number: '${text}' `;

const rows: readonly (readonly [keyof typeof kinds, string, unknown])[] = [
  ['integer', ' -1_000 ', -1000],
  ['integer', '007', 7],
  ['integer', 'abc', noInt('abc')],
  ['integer', '1.5', noInt('1.5')],
  ['integer', '', noInt('')],
  ['integer', "it's", `! invalid literal for int() with base 10: "it's"`],
  ['integer', '\v1\xa0', 1],
  ['integer', '1\x1c', "! invalid literal for int() with base 10: '1\\x1c'"],
  ['boolean', 'YES', true],
  ['boolean', 'on', true],
  ['boolean', '0', false],
  ['boolean', 'Off', false],
  ['boolean', 't', "! not a valid boolean value: 't'"],
  ['autorestart', 'Unexpected', 'unexpected'],
  ['autorestart', '1', 'always'],
  ['autorestart', 'no', 'never'],
  ['autorestart', 'Always', "! invalid 'autorestart' value 'always'"],
  ['bytes', '50MB', 52428800],
  ['bytes', '1 kb', 1024],
  ['bytes', '-1GB', -1073741824],
  ['bytes', '12', 12],
  ['bytes', '1K', noInt('1k')],
  ['bytes', '1TB', noInt('1tb')],
  ['bytes', '1M', noInt('1m')],
  ['octal', '022', 18],
  ['octal', '0o22', 18],
  ['octal', '\x1f0', '! \x1f0 can not be converted to an octal type'],
  ['octal', '8', '! 8 can not be converted to an octal type'],
  ['exitcodes', '0, 2 ,3', [0, 2, 3]],
  ['exitcodes', '', []],
  ['exitcodes', '256', "! not a valid list of exit codes: '256'"],
  ['exitcodes', '-1', "! not a valid list of exit codes: '-1'"],
  ['exitcodes', '1,', "! not a valid list of exit codes: '1,'"],
  ['level', 'DEBUG', 'debug'],
  ['level', 'warning', "! bad logging level name 'warning'"],
  ['name', ' x ', 'x'],
  ['name', '', ''],
  ['name', 'a b', "! Invalid name: 'a b' because of character: ' '"],
  ['name', 'a:b', "! Invalid name: 'a:b' because of character: ':'"],
  ['name', 'a/b', "! Invalid name: 'a/b' because of character: '/'"],
  ['inet', '9001', { host: '', port: 9001 }],
  ['inet', '*:9001', { host: '', port: 9001 }],
  ['inet', ':9001', { host: '', port: 9001 }],
  ['inet', 'LocalHost:9001', { host: 'localhost', port: 9001 }],
  ['inet', '::1:90', { host: '::1', port: 90 }],
  ['inet', 'abc', noPort('abc')],
  ['inet', '70000', noPort('70000')],
  ['inet', 'h:', "! no port number specified in ''"],
  ['inet', 'h:70000', '! 70000 is above upper bound (65535)'],
  ['inet', 'h:0', '! 0 is below lower bound (1)'],
  ['inet', 'h:abc', noInt('abc')],
  ['signal', 'term', { name: 'TERM', number: 15 }],
  ['signal', 'SIGUSR1', { name: 'USR1', number: 10 }],
  ['signal', '9', { name: 'KILL', number: 9 }],
  ['signal', '31', { name: 'SYS', number: 31 }],
  ['signal', '34', { name: 'RTMIN', number: 34 }],
  ['signal', 'RTMAX', { name: 'RTMAX', number: 64 }],
  ['signal', 'CLD', { name: 'CHLD', number: 17 }],
  ['signal', '0', { name: '0', number: 0 }],
  ['signal', 'FOO', "! value 'FOO' is not a valid signal name"],
  ['signal', 'RTMIN+1', "! value 'RTMIN+1' is not a valid signal name"],
  ['signal', '99', "! value '99' is not a valid signal number"],
  ['signal', '35', "! value '35' is not a valid signal number"],
  ['user', 'www', { name: 'www', uid: 33, gid: 33 }],
  ['user', ' 33 ', { name: 'www', uid: 33, gid: 33 }],
  ['user', 'nosuch', '! Invalid user name nosuch'],
  ['user', '77', '! Invalid user id 77'],
  ['directory', '~', '/home/me'],
  ['directory', '/nope', '! /nope is not an existing directory'],
  ['path', '~/x.log', '/home/me/x.log'],
  ['path', 'x.log', 'x.log'],
  ['path', '~nobody/x', '! The directory named as part of the path ~nobody/x does not exist'],
  ['path', '/nodir/x.log', '! The directory named as part of the path /nodir/x.log does not exist'],
];

describe('values', () => {
  test.each(rows)('%s %j', (kind, text, wanted) => {
    expect(show(kinds[kind](text) as values.Parsed<unknown>)).toEqual(wanted);
  });

  test.each([
    ['www', { uid: 33, gid: null }],
    ['www:docker', { uid: 33, gid: 999 }],
    ['0:999', { uid: 0, gid: 999 }],
    ['www:', null],
    ['nosuch', null],
  ])('owner %s', (text, wanted) => {
    expect(values.parseOwner(text, world)).toEqual(wanted);
  });
});
