/** The verbs by name. Each is loaded when it is used: most of a client's time is spent on loading. */
import type { Session } from './session.ts';

/** `quit` ends the shell. */
export type Verb = (session: Session, arg: string) => Promise<void | 'quit'>;

const quit: Verb = (session) => {
  session.say('');
  return Promise.resolve('quit' as const);
};

const control = () => import('./verbs/control.ts');
const daemon = () => import('./verbs/daemon.ts');
const groups = () => import('./verbs/groups.ts');
const logs = () => import('./verbs/logs.ts');
const status = () => import('./verbs/status.ts');

const verbs: ReadonlyMap<string, () => Promise<Verb>> = new Map<string, () => Promise<Verb>>([
  ['add', async () => (await groups()).add],
  ['avail', async () => (await groups()).avail],
  ['clear', async () => (await control()).clear],
  ['EOF', () => Promise.resolve(quit)],
  ['exit', () => Promise.resolve(quit)],
  ['fg', async () => (await import('./verbs/fg.ts')).fg],
  ['help', async () => asVerb((await import('./help.ts')).help)],
  ['maintail', async () => (await logs()).maintail],
  ['open', async () => (await daemon()).open],
  ['pid', async () => (await status()).pid],
  ['quit', () => Promise.resolve(quit)],
  ['reload', async () => (await daemon()).reload],
  ['remove', async () => (await groups()).remove],
  ['reread', async () => (await groups()).reread],
  ['retry', async () => (await import('./verbs/retry.ts')).retry],
  ['restart', async () => (await control()).restart],
  ['shutdown', async () => (await daemon()).shutdown],
  ['signal', async () => (await control()).signal],
  ['start', async () => (await control()).start],
  ['status', async () => (await status()).status],
  ['stop', async () => (await control()).stop],
  ['tail', async () => (await logs()).tail],
  ['update', async () => (await import('./verbs/update.ts')).update],
  ['version', async () => (await daemon()).version],
  ['why', async () => (await import('./verbs/why.ts')).why],
]);

function asVerb(run: (session: Session, arg: string) => void): Verb {
  return (session, arg) => {
    run(session, arg);
    return Promise.resolve();
  };
}

export function findVerb(name: string): (() => Promise<Verb>) | undefined {
  return verbs.get(name);
}

/** Sorted, for completion. */
export const verbNames: readonly string[] = [...verbs.keys()].filter((name) => name !== 'EOF').sort();

/** The verbs that print JSON when asked to. */
export const readingVerbs: ReadonlySet<string> = new Set([
  'status',
  'pid',
  'avail',
  'reread',
  'update',
  'version',
  'tail',
  'maintail',
  'why',
]);
