import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Small files with long work: begun last, one of them would run alone while the other core is idle. */
const LONG = ["corpus", "hazards", "documentation", "mutations", "nist"].map((name) => `/${name}.test.ts`);

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Tests of the whole program, and against figures of others: `npm run quick` leaves them out. */
const WHOLE = ["test/e2e/**/*.test.ts", "test/reference/**/*.test.ts"];
/** Tests that start programs and clean up after the file, or replace what modules hold. */
const ALONE = ["test/laws/one-more-law.test.ts", "test/fit/mixed-rows.test.ts", "test/logs/read.test.ts"];

const everywhere = {
  root: ".",
  setupFiles: ["./test/support/seed.ts"],
  // End-to-end tests start real processes; on two busy cores one of them can take some seconds.
  testTimeout: 60_000,
  hookTimeout: 120_000,
};
const NEVER = ["dist/**", "node_modules/**"];

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/summary-reporter.ts"],
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    projects: [
      { test: { ...everywhere, name: "whole", include: WHOLE, exclude: NEVER } },
      { test: { ...everywhere, name: "alone", include: ALONE, exclude: NEVER } },
      {
        test: {
          ...everywhere,
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...NEVER, ...WHOLE, ...ALONE],
          // The modules under test hold no state, and loading them anew for each file took as long as the tests.
          isolate: false,
        },
      },
    ],
  },
});
