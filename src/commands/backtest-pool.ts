/** `scalefit backtest --pool`: files -> families of runs -> errors by number of runs and by what is taken from the others. */
import { UsageError } from "../errors.js";
import { backtestPool } from "../evidence/backtest-pool.js";
import type { PoolBacktestDocument } from "../objects.js";
import { poolBacktestView } from "../report/pool-backtest-view.js";
import { LEVEL, runsFlag } from "./backtest-files.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { familiesAsked, readFamilies } from "./read-families.js";
import { flagCalled } from "./shared-flags.js";

/** Flags of a backtest by cuts of scale. */
const OF_CUTS = ["cuts", "checkpoints", "target", "formula", "param", "fix", "tie", "output"];

export async function backtestPoolFiles({ args, flags: given, width, global }: Invocation): Promise<Outcome> {
  refuseCuts(given);
  const { flags, asked } = familiesAsked(args, given, LEVEL);
  const runs = runsFlag(flags);
  const { law, families, log, options, warnings } = await readFamilies(args, flags, asked);
  const document: PoolBacktestDocument = {
    schema: "scalefit/backtest@1",
    mode: "pool",
    pool: backtestPool(law, families, log, { fit: options, runs }),
    warnings,
  };
  return {
    text: global.json ? "" : poolBacktestView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

function refuseCuts(flags: RawFlags): void {
  const stray = OF_CUTS.find((name) => {
    const value = flags[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  if (stray === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `${flagCalled(stray)} and --pool contradict each other`,
    why: "--pool hides the larger runs of one family at a time, under a law of the catalogue, and saves nothing",
    hint: "leave one of them out",
  });
}
