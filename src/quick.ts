/**
 * The same program for a plan or a prediction from a saved fit, in one small file: such a command should take no more than
 * four times as long as Node's own start, and to find, read and compile the sixty files of the whole program takes that alone.
 *
 * It holds two commands, the usual laws (`laws/usual.ts` stands in for the catalogue) and nothing that reads logs; the build
 * leaves out the rest. Whatever fails here, be it that something is not held or a question that has no answer, is asked
 * again of the whole program, which answers or says what is wrong: nothing has been written until then.
 */
import { planCommand } from "./commands/plan.js";
import { predictCommand } from "./commands/predict.js";
import { dispatch, type Finish, guarded, prepareProcess } from "./program.js";

/** Runs the command; what it gives is written by the function that is returned. Null where the whole program has to run. */
export async function prepare(argv: readonly string[]): Promise<Finish | null> {
  prepareProcess();
  try {
    const finish = await dispatch(argv, [planCommand, predictCommand]);
    return () => guarded(argv, finish);
  } catch {
    return null;
  }
}
