/** Installs the real parts that the tests need, or says what is missing and why; exit 1 then. */
import { ensureRealParts } from './real-parts.ts';

try {
  ensureRealParts((message) => {
    console.log(`test: ${message}`);
  });
} catch (error) {
  console.error(`test: ${error instanceof Error ? error.message : String(error)}`);
  console.error('test: to go without the real parts, set DOCKVISOR_TEST_SKIP=engine');
  process.exitCode = 1;
}
