/** The program `dockvisord`. */
import { fileURLToPath } from 'node:url';
import { keepHeapSmall } from '../system/small-heap.ts';

keepHeapSmall();
// Loaded after that: reading the program is a busy moment, too.
const { runDaemon } = await import('./daemon.ts');
process.exitCode = await runDaemon(
  process.argv.slice(2),
  'dockvisord',
  fileURLToPath(import.meta.url),
  [],
).catch((error: unknown) => {
  // A bug outside of any unit: nothing would be supervised any more, and nobody told.
  process.stderr.write(`Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
// A daemon that is done leaves nothing behind that could keep it alive; what would is a bug, and must not hold up a shutdown.
setTimeout(() => process.exit(), 2000).unref();
