import type { Reporter, TestModule } from "vitest/node";

/** Closes the output with one plain line, `N passed, N failed`, that any reader of a log understands. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed++;
        else if (state === "failed") counts.failed++;
        else counts.skipped++;
      }
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    // After the default reporter has printed its own summary.
    setImmediate(() => console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`));
  }
}
