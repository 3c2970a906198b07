import { expect, test } from 'vitest';
import { noConfigFound, searchPath } from '../../../src/core/config/search-path.ts';

test('the places of supervisord are searched in its order, ours first in each', () => {
  expect(searchPath('/usr/local/bin/dockvisord', '/w')).toEqual([
    '/usr/local/etc/dockvisord.conf',
    '/usr/local/etc/supervisord.conf',
    '/usr/local/dockvisord.conf',
    '/usr/local/supervisord.conf',
    '/w/dockvisord.conf',
    '/w/supervisord.conf',
    '/w/etc/dockvisord.conf',
    '/w/etc/supervisord.conf',
    '/etc/dockvisord.conf',
    '/etc/supervisord.conf',
    '/etc/dockvisor/dockvisord.conf',
    '/etc/dockvisor/supervisord.conf',
    '/etc/supervisor/dockvisord.conf',
    '/etc/supervisor/supervisord.conf',
  ]);
});

test('a bare program name means the current directory, and no path comes twice', () => {
  const paths = searchPath('dockvisord', '/w');
  expect(paths[0]).toBe('/w/etc/dockvisord.conf');
  expect(new Set(paths).size).toBe(paths.length);
});

test('when there is none, the sentence of supervisord names them all', () => {
  expect(noConfigFound(['a', 'b'])).toBe(
    'No config file found at default paths (a, b); use the -c option to specify a config file at a different path',
  );
});
