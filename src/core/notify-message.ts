/** What a program says about itself in one datagram of sd_notify(3). What is not here is not listened to. */
export interface NotifyMessage {
  readonly ready: boolean;
  /** It lives; or it says that it is beyond help. null: neither was said. */
  readonly watchdog: 'alive' | 'trigger' | null;
  /** One line for people; null: not said. */
  readonly status: string | null;
}

/** Longest status that is shown, in characters. */
const statusLength = 200;

export function parseNotify(text: string): NotifyMessage {
  const lines = text.split('\n');
  const status = lines.findLast((line) => line.startsWith('STATUS='))?.slice('STATUS='.length);
  return {
    ready: lines.includes('READY=1'),
    watchdog: lines.includes('WATCHDOG=trigger') ? 'trigger' : lines.includes('WATCHDOG=1') ? 'alive' : null,
    status: status === undefined ? null : printable(status),
  };
}

/** It is shown on terminals, and comes out of a container. */
const printable = (text: string): string =>
  [...text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()].slice(0, statusLength).join('');
