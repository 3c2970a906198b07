import { expect, test } from 'vitest';
import { kindOf } from '../../src/main/manager-at-hand.ts';
import { unitOf } from '../../src/main/migrate-facts.ts';

test('a manager is told by its command line, whatever interpreter it runs under', () => {
  expect(kindOf(['/usr/bin/python3', '/usr/bin/supervisord', '-n'])).toBe('supervisord');
  expect(kindOf(['node', '/opt/dockvisor/dist/dockvisord.js', '-c', 'x'])).toBe('dockvisord');
  expect(kindOf(['/usr/local/bin/dockvisor', 'daemon'])).toBe('dockvisord');
  expect(kindOf(['vim', 'supervisord.conf'])).toBeNull();
});

test('the unit of systemd is read from the control group, of either version', () => {
  expect(unitOf('0::/system.slice/supervisor.service\n')).toBe('supervisor.service');
  expect(unitOf('9:name=systemd:/system.slice/supervisor.service\n8:pids:/other.service\n')).toBe(
    'supervisor.service',
  );
});

test('a login, a user’s own manager and a container are no unit that would start it again', () => {
  expect(unitOf('0::/user.slice/user-0.slice/session-3.scope')).toBeNull();
  expect(unitOf('0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope')).toBeNull();
  expect(unitOf('0::/system.slice/docker.service')).toBeNull();
  expect(unitOf('0::/')).toBeNull();
});
