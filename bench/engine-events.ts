/** The Engine's own events, with its own time for each, beside whoever else listens. */
import { get } from 'node:http';

export interface EngineEvents {
  /** Resolves with the Engine's time (ms since the epoch) of the next such event of this container that has not been asked for yet. */
  next(action: string, name: string): Promise<number>;
  /** Of all such events so far, by the container's name; the last one where there are several. */
  times(action: string): ReadonlyMap<string, number>;
  close(): void;
}

const limitMs = 30_000;

interface EventLine {
  readonly Action?: string;
  readonly timeNano?: number;
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> };
}

export async function listenToEngine(socketPath: string): Promise<EngineEvents> {
  const seen: { readonly action: string; readonly name: string; readonly at: number; taken: boolean }[] = [];
  const wakes = new Set<() => void>();
  let rest = '';
  const filters = encodeURIComponent(JSON.stringify({ type: ['container'] }));
  const stream = await new Promise<{ destroy(): void }>((resolve, reject) => {
    const ask = get({ socketPath, path: `/events?filters=${filters}`, agent: false }, (answer) => {
      answer.setEncoding('utf8');
      answer.on('error', () => undefined);
      answer.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines.filter((one) => one.trim() !== '')) take(JSON.parse(line) as EventLine);
        for (const wake of [...wakes]) wake();
      });
      resolve(answer);
    });
    ask.on('error', reject);
  });

  function take({ Action = '', timeNano = 0, Actor }: EventLine): void {
    seen.push({ action: Action, name: Actor?.Attributes?.['name'] ?? '', at: timeNano / 1e6, taken: false });
  }

  return {
    async next(action, name) {
      const limit = performance.now() + limitMs;
      for (;;) {
        const found = seen.find((one) => !one.taken && one.action === action && one.name === name);
        if (found !== undefined) {
          found.taken = true;
          return found.at;
        }
        if (performance.now() > limit) throw new Error(`no "${action}" of ${name} within 30 s`);
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            clearTimeout(timer);
            wakes.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, 1000);
          wakes.add(wake);
        });
      }
    },
    times: (action) =>
      new Map(seen.filter((one) => one.action === action).map(({ name, at }) => [name, at] as const)),
    close() {
      stream.destroy();
    },
  };
}
