/** supervisord's `description`, and after it what the Engine says of the container. supervisord.md 5.7, CONTRACT section 3. */
import { formatName } from './names.ts';
import type { ContainerView, ProcessView } from './view.ts';

type Undescribed = Omit<ProcessView, 'description'>;

/** `reason`: why the state is UNKNOWN; `''` otherwise. */
export function describe(view: Undescribed, reason: string): string {
  const own = describeProcess(view, reason);
  const container = view.container === null ? '' : describeContainer(view.container, view);
  const next = view.nextTryMs == null ? '' : `next try in ${String(Math.ceil(view.nextTryMs / 1000))} s`;
  return [own, next, container, view.status ?? ''].filter((part) => part !== '').join(', ');
}

function describeProcess(view: Undescribed, reason: string): string {
  switch (view.state) {
    case 'RUNNING':
      return `pid ${String(view.pid)}, uptime ${formatUptime(view.now - view.start)}`;
    case 'BACKOFF':
    case 'FATAL':
      return view.spawnError === ''
        ? `unknown error (try "tail ${formatName(view.group, view.name)}")`
        : view.spawnError;
    case 'STOPPED':
    case 'EXITED':
      return view.start === 0 ? 'Not started' : formatStopTime(view.stop);
    case 'UNKNOWN':
      return reason;
    case 'STARTING':
    case 'STOPPING':
      return '';
  }
}

function describeContainer(container: ContainerView, view: Undescribed): string {
  const name = `container ${container.name}`;
  switch (container.state) {
    case 'running':
      return container.health === 'none' ? name : `${name} (${container.health})`;
    case 'exited': {
      const code = container.exit_code === null ? '' : ` ${String(container.exit_code)}`;
      const error = container.error === '' ? '' : `: ${container.error}`;
      return `${name} exited${code}${container.oom_killed ? ' (OOM killed)' : ''}${error}`;
    }
    case 'created':
      return container.error === '' || view.spawnError.includes(container.error)
        ? `${name} created`
        : `${name} created: ${container.error}`;
    case 'unknown':
      return `${name} unknown`;
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'dead':
    case 'missing':
      return `${name} ${container.state}`;
  }
}

/** Python's `str(timedelta)`: `0:00:12`, `1 day, 0:00:05`, `2 days, 3:04:05`. Seconds; negative counts as 0. */
export function formatUptime(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const days = Math.floor(total / 86400);
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = `${String(Math.floor((total % 86400) / 3600))}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
  return days === 0 ? clock : `${String(days)} day${days === 1 ? '' : 's'}, ${clock}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `%b %d %I:%M %p` in local time, English as Python's C locale. */
function formatStopTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const hour = date.getHours();
  return `${months[date.getMonth()] ?? ''} ${two(date.getDate())} ${two(hour % 12 === 0 ? 12 : hour % 12)}:${two(date.getMinutes())} ${hour < 12 ? 'AM' : 'PM'}`;
}
