/** The daemon as the main process of a systemd unit of Type=notify; without systemd nothing of this does anything. */
import { summarize } from '../core/summary.ts';
import type { Bus } from '../supervisor/bus.ts';
import type { Clock } from '../supervisor/clock.ts';
import type { Manager } from '../supervisor/ports.ts';
import { openNotifier } from '../system/notify.ts';
import type { NotifySettings } from '../system/notify.ts';
import { createSystemdVoice } from '../system/systemd-voice.ts';

export interface UnderSystemd {
  /** Its programs are told as STATUS. */
  watch(life: { readonly supervisor: Pick<Manager, 'views'>; readonly bus: Bus }): void;
  /** Everything that starts by itself has been started; also after a reload. */
  ready(): void;
  /** A reload or the way down has begun, of which nobody may cut a grace short. */
  reloading(): void;
  stopping(): void;
  close(): Promise<void>;
}

/** STATUS is told no more often than this, in ms: many programs change at once. */
const pauseMs = 500;

export async function openUnderSystemd(
  settings: NotifySettings,
  clock: Clock,
  warn: (message: string) => void,
): Promise<UnderSystemd> {
  const voice = createSystemdVoice(await openNotifier(settings, warn), clock);
  let enough: () => void = () => undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let disarm: (() => void) | null = null;
  let unsubscribe: () => void = () => undefined;
  let watching = false;

  return {
    watch({ supervisor, bus }) {
      const tell = (): void => {
        disarm = null;
        toldAt = clock.now();
        voice.status(summarize(supervisor.views()));
      };
      unsubscribe();
      unsubscribe = bus.subscribe(({ type }) => {
        if (type === 'process-output' || settings.address === null) return;
        disarm ??= clock.alarm(Math.max(clock.now(), toldAt + pauseMs), tell);
      });
    },
    ready() {
      enough();
      voice.ready();
      // That a timer rings at all is the answer: the loop turns.
      if (!watching) voice.watch(() => Promise.resolve(true));
      watching = true;
    },
    reloading() {
      voice.reloading();
      enough = voice.extend();
    },
    stopping() {
      voice.stopping();
      enough = voice.extend();
    },
    close() {
      unsubscribe();
      disarm?.();
      return voice.close();
    },
  };
}
