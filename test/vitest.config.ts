import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: ".",
    include: ["test/**/*.test.ts"],
    exclude: ["dist/**", "node_modules/**"],
    setupFiles: ["./test/support/seed.ts"],
    reporters: ["default", "./test/support/summary-reporter.ts"],
    // End-to-end tests start real processes; on two busy cores one of them can take some seconds.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
