/**
 * sd_notify(3): datagrams to systemd. Node has no AF_UNIX datagrams, and systemd takes a message of NotifyAccess=main only from the main
 * process itself: the package `node-unix-socket` sends from our own process; where it is missing, or the address is an abstract one
 * (which it cannot address), `systemd-notify` sends for us, which systemd believes when we are root (docs/decisions/0007).
 */
import { execFile } from 'node:child_process';
import type { DgramSocket } from 'node-unix-socket';
import { messageOf } from '../core/message-of.ts';

/** What systemd asked for, by our environment. */
export interface NotifySettings {
  /** Path, or `@name` for an abstract socket; null: nobody wants to be told. */
  readonly address: string | null;
  /** How long systemd waits for a ping before it takes us for dead; null: no watchdog. */
  readonly watchdogMs: number | null;
}

export interface Notifier {
  readonly settings: NotifySettings;
  /** One datagram, `NAME=value` on a line each. In the order of the calls. Never throws: what goes wrong is warned of, once. */
  send(fields: Readonly<Record<string, string>>): void;
  /** Resolves when everything has been sent. */
  close(): Promise<void>;
}

/** Sends one datagram. Rejects when it cannot. */
interface Transport {
  send(text: string): Promise<void>;
  close(): void;
}

const names = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/** Reads what systemd set for us and takes it away: no child of ours may speak in our name, or think that it is watched. */
export function takeNotifySettings(environment: NodeJS.ProcessEnv): NotifySettings {
  const [address, usec, pid] = names.map((name) => environment[name]);
  for (const name of names) Reflect.deleteProperty(environment, name);
  const watchdogMs = Number(usec) / 1000;
  const ours = pid === undefined || pid === String(process.pid);
  return {
    address: address === undefined || address === '' ? null : address,
    watchdogMs: ours && watchdogMs > 0 ? watchdogMs : null,
  };
}

export async function openNotifier(
  settings: NotifySettings,
  warn: (message: string) => void,
): Promise<Notifier> {
  const { address } = settings;
  if (address === null) return { settings, send: () => undefined, close: () => Promise.resolve() };
  const transport = address.startsWith('/') ? await ownSocket(address) : byCommand(address);
  let warned = false;
  let last: Promise<void> = Promise.resolve();
  return {
    settings,
    send(fields) {
      const text = Object.entries(fields)
        .map(([name, value]) => `${name}=${value.replace(/\s+/g, ' ').trim()}`)
        .join('\n');
      last = last
        .then(() => transport.send(text))
        .catch((error: unknown) => {
          if (!warned) warn(`Cannot tell systemd at ${address} how we are: ${messageOf(error)}`);
          warned = true;
        });
    },
    async close() {
      await last;
      transport.close();
    },
  };
}

async function ownSocket(path: string): Promise<Transport> {
  let make: () => DgramSocket;
  try {
    const { DgramSocket: Socket } = await import('node-unix-socket');
    make = () => new Socket();
    make().close();
  } catch {
    // Not installed (it is optional), or built for another machine.
    return byCommand(path);
  }
  let socket: DgramSocket | null = null;
  const open = (): DgramSocket => {
    const made = make();
    made.on('error', () => {
      // It has closed itself; the next message opens another.
      if (socket === made) socket = null;
    });
    return made;
  };
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        socket ??= open();
        const bytes = Buffer.from(text);
        socket.sendTo(bytes, 0, bytes.length, path, (error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      }),
    close: () => socket?.close(),
  };
}

const commandMs = 5000;

/** As root it sends in the name of its parent, which is us; as another user systemd only takes it with NotifyAccess=all. */
function byCommand(address: string): Transport {
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        const options = { timeout: commandMs, env: { ...process.env, NOTIFY_SOCKET: address } };
        execFile('systemd-notify', text.split('\n'), options, (error) => {
          if (error === null) resolve();
          else reject(error.message.includes('ENOENT') ? new Error(noWay) : error);
        });
      }),
    close: () => undefined,
  };
}

const noWay = 'neither the package node-unix-socket nor the command systemd-notify is there';
