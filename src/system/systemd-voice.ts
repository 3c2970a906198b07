/** What a service says to systemd, in its own words: ready, status, going down and needing time for it, alive. */
import type { Clock } from '../supervisor/clock.ts';
import type { Notifier } from './notify.ts';

export interface SystemdVoice {
  ready(): void;
  /** Shown by `systemctl status`; said when it changes. */
  status(text: string): void;
  reloading(): void;
  stopping(): void;
  /** Holds systemd's time limit off until the returned function is called: what takes long goes on. */
  extend(): () => void;
  /** Asks at half of the watchdog's time, and pings when the answer is yes. No second question before the first is answered. */
  watch(isWell: () => Promise<boolean>): void;
  /** Resolves when all has been said. */
  close(): Promise<void>;
}

/** Each time this much more is asked for, and again after the half of it, in ms. */
const extensionMs = 10_000;

export function createSystemdVoice(notifier: Notifier, clock: Clock): SystemdVoice {
  const { watchdogMs } = notifier.settings;
  const told = notifier.settings.address !== null;
  let shown = '';
  let closed = false;
  let disarmWatch: () => void = () => undefined;
  let endExtension: () => void = () => undefined;

  function extend(): () => void {
    let disarm: () => void = () => undefined;
    const ask = (): void => {
      notifier.send({ EXTEND_TIMEOUT_USEC: String(extensionMs * 1000) });
      disarm = clock.alarm(clock.now() + extensionMs / 2, ask);
    };
    endExtension();
    endExtension = () => {
      disarm();
    };
    ask();
    return endExtension;
  }

  return {
    ready: () => {
      notifier.send({ READY: '1' });
    },
    status(text) {
      if (text === shown) return;
      shown = text;
      notifier.send({ STATUS: text });
    },
    reloading() {
      // Its time is for Type=notify-reload (systemd 253), which tells an old message by it.
      notifier.send({ RELOADING: '1', MONOTONIC_USEC: String(process.hrtime.bigint() / 1000n) });
    },
    stopping: () => {
      notifier.send({ STOPPING: '1' });
    },
    extend: () => (told ? extend() : () => undefined),
    watch(isWell) {
      if (!told || watchdogMs === null) return;
      const ask = (): void => {
        const next = clock.now() + watchdogMs / 2;
        void isWell()
          .catch(() => false)
          .then((well) => {
            if (closed) return;
            if (well) notifier.send({ WATCHDOG: '1' });
            disarmWatch = clock.alarm(next, ask);
          });
      };
      disarmWatch = clock.alarm(clock.now(), ask);
    },
    close() {
      closed = true;
      disarmWatch();
      endExtension();
      return notifier.close();
    },
  };
}
