/**
 * A reporter that names what failed once more, in short, as the last thing printed: a log of CI is often seen from its end, and the
 * evidence of one failure is long.
 */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const longest = 300;

export class FailuresLast implements Reporter {
  readonly #failed: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state !== 'failed') return;
    const what = (errors[0]?.message ?? 'without a message').replaceAll(/\s+/g, ' ').slice(-longest);
    this.#failed.push(`${test.module.relativeModuleId} > ${test.fullName}\n    … ${what}`);
  }

  onTestModuleEnd(module: TestModule): void {
    for (const { message } of module.errors())
      this.#failed.push(`${module.relativeModuleId}\n    ${message}`);
  }

  onTestRunEnd(): void {
    if (this.#failed.length === 0) return;
    // After the summary of the reporter before this one.
    process.once('exit', () => {
      process.stdout.write(`\nFailed, in short:\n${this.#failed.map((one) => `  ${one}\n`).join('')}`);
    });
  }
}
