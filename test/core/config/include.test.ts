import { expect, test } from 'vitest';
import { errorsOf, good, MAIN, read, warningsOf } from './fake-world.ts';

const main =
  '[supervisord]\nloglevel=info\n[program:x]\ncommand=%(here)s/x\n[include]\nfiles = inc/*.conf other.conf\n';

test('matches of a pattern are sorted, patterns keep their order, and later files win option by option', () => {
  const result = read(main, {
    '/conf/inc/b.conf': '[program:x]\nstartsecs=9\n[supervisord]\nidentifier=b\n',
    '/conf/inc/a.conf': '[program:x]\nstartsecs=8\n[program:y]\ncommand=y\n',
    '/conf/other.conf': '[supervisord]\nloglevel=debug\n',
    '/conf/inc/.hidden.conf': '[program:h]\ncommand=h\n',
  });
  const config = good(result);
  expect(config.included).toEqual(['/conf/inc/a.conf', '/conf/inc/b.conf', '/conf/other.conf']);
  expect(result.included).toEqual(config.included);
  expect(config.daemon).toMatchObject({ loglevel: 'debug', identifier: 'b' });
  expect(config.groups.map((group) => [group.name, group.processes[0]?.startSeconds])).toEqual([
    ['x', 9],
    ['y', 1],
  ]);
});

test('each file sees its own directory', () => {
  const { groups } = good(read(main, { '/conf/inc/y.conf': '[program:y]\ncommand=%(here)s/y\n' }));
  expect(groups.map((group) => group.processes[0]?.command)).toEqual(['/conf/x', '/conf/inc/y']);
});

test('a problem in an included file names that file', () => {
  const { problems } = read(main, { '/conf/inc/y.conf': '[program:y]\ncommand=y\nstartsecs=q\n' });
  const error = problems.find((problem) => problem.severity === 'error');
  expect(error).toMatchObject({
    message: "invalid literal for int() with base 10: 'q' in section 'program:y' (file: '/conf/inc/y.conf')",
    place: { file: '/conf/inc/y.conf', line: 3 },
  });
});

test('a section that began in the main file is said to be of the main file, but the key is found where it is', () => {
  const { problems } = read(main, { '/conf/inc/x.conf': '[program:x]\nstartsecs=q\n' });
  expect(problems.find((problem) => problem.severity === 'error')).toMatchObject({
    message: `invalid literal for int() with base 10: 'q' in section 'program:x' (file: '${MAIN}')`,
    place: { file: '/conf/inc/x.conf', line: 2 },
  });
});

test('a pattern without a match is a warning', () => {
  expect(warningsOf(read(main))).toEqual([
    'No file matches via include "/conf/inc/*.conf"',
    'No file matches via include "/conf/other.conf"',
  ]);
});

test('an include inside an included file has no effect, and says so', () => {
  const result = read(main, {
    '/conf/inc/a.conf': '[include]\nfiles=/conf/z.conf\n',
    '/conf/other.conf': '',
    '/conf/z.conf': 'bad',
  });
  expect(good(result).included).toEqual(['/conf/inc/a.conf', '/conf/other.conf']);
  expect(warningsOf(result)).toEqual(['an [include] inside an included file has no effect']);
});

test('syntax errors of included files are fatal', () => {
  expect(errorsOf(read(main, { '/conf/inc/a.conf': 'foo\n', '/conf/inc/b.conf': '[s]\nbar\n' }))).toEqual([
    "File contains no section headers.\nfile: '/conf/inc/a.conf', line: 1\n'foo\\n'",
    "Source contains parsing errors: '/conf/inc/b.conf'\n\t[line  2]: 'bar\\n'",
  ]);
});

test('an included file that cannot be read is left out, bytes that are not UTF-8 are fatal', () => {
  const files: Record<string, string> = { [MAIN]: main, '/conf/inc/a.conf': '', '/conf/other.conf': '' };
  const readFile = (code: string) => (path: string) => {
    if (path === '/conf/inc/a.conf') throw Object.assign(new Error('bad bytes'), { code });
    return files[path] ?? '';
  };
  expect(warningsOf(read(main, files, { readFile: readFile('EACCES') }))).toEqual([
    'cannot read included file "/conf/inc/a.conf", ignored',
  ]);
  expect(errorsOf(read(main, files, { readFile: readFile('EILSEQ') }))).toEqual(['bad bytes']);
});
