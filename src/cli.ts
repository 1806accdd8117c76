/** The whole program, with all its commands. */
import { commands } from "./commands/index.js";
import { dispatch, guarded, prepareProcess } from "./program.js";

/**
 * Runs the program.
 *
 * @param argv arguments without `node` and the script
 * @returns the exit code
 */
export function main(argv: readonly string[]): Promise<number> {
  prepareProcess();
  // The bar of a long log is written to it without waiting.
  process.stderr.on("error", () => undefined);
  return guarded(argv, async () => (await dispatch(argv, commands))());
}
