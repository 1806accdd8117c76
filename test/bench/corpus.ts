/**
 * The whole corpus of broken inputs through the built program, the 1,200 mutations of a saved fit and every torture
 * included: minutes of work, of which the tests run a selection.
 */
import { spawnSync } from "node:child_process";
import { PROGRAM, sharedPath } from "./data.js";

export function runCorpus(): void {
  for (const checker of ["check.mjs", "hazards.mjs"]) {
    const start = performance.now();
    spawnSync(process.execPath, [sharedPath("bad-inputs", checker), "--", process.execPath, PROGRAM], {
      stdio: "inherit",
    });
    console.log(`${checker}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  }
}
