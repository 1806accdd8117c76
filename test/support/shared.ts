import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe } from "vitest";

/** The folder of reference data that some tests read where it is; set SCALEFIT_SHARED to move it. */
export const SHARED = resolve(process.env.SCALEFIT_SHARED ?? join(import.meta.dirname, "../../../shared"));

/**
 * `describe` for tests that need the reference data. Without the folder they are skipped, and say so; in CI nothing
 * may be skipped, so there they fail.
 */
export function describeWithShared(title: string, body: () => void): void {
  if (existsSync(SHARED)) {
    describe(title, body);
    return;
  }
  if (process.env.CI === "true")
    throw new Error(`the reference data are missing: ${SHARED} (set SCALEFIT_SHARED)`);
  describe.skip(`${title} (skipped: no reference data at ${SHARED}; set SCALEFIT_SHARED)`, body);
}

export const sharedFile = (...path: string[]): string => join(SHARED, ...path);

export const sharedJson = <T>(...path: string[]): T =>
  JSON.parse(readFileSync(sharedFile(...path), "utf8")) as T;
