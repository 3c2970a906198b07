/**
 * Descriptors that whoever started us forgot to close reach every child: Node closes 0 to 16 and any unbroken run after, but not beyond a
 * gap. At boot, each one above 2 that is inherited (no O_CLOEXEC) is closed, but for systemd's LISTEN_FDS and the channel to our starter.
 */
import { closeSync, readFileSync, readdirSync } from 'node:fs';

const cloexec = 0o2000000;

/** Returns the closed ones. */
export function closeLeakedDescriptors(
  environment: Readonly<Record<string, string | undefined>>,
): readonly number[] {
  const listenFds =
    environment['LISTEN_PID'] === String(process.pid) ? Number(environment['LISTEN_FDS'] ?? 0) : 0;
  const channel = Number(environment['NODE_CHANNEL_FD'] ?? -1);
  const closed: number[] = [];
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2 || fd === channel || fd < 3 + listenFds) continue;
    const flags = flagsOf(fd);
    if (flags === null || (flags & cloexec) !== 0) continue;
    try {
      closeSync(fd);
      closed.push(fd);
    } catch {
      // It was the descriptor of the listing itself.
    }
  }
  return closed;
}

function flagsOf(fd: number): number | null {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'utf8'))?.[1];
    return flags === undefined ? null : Number.parseInt(flags, 8);
  } catch {
    return null;
  }
}
