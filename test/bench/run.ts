/**
 * Runs the measurements and prints their tables: `npm run bench` for all that take seconds, `npm run bench -- NAME...`
 * for some. Nothing here judges a time; a reader does.
 */
import { measureBacktest } from "./backtest.js";
import { measureCompare } from "./compare.js";
import { runCorpus } from "./corpus.js";
import { measureConfidence, measureCoverage, measurePlanCoverage } from "./coverage.js";
import { measureDesign } from "./design.js";
import { measureExtrapolation, TRIALS } from "./extrapolation.js";
import { measureFit } from "./fit.js";
import { measureMetrics } from "./metrics.js";
import { measurePool } from "./pool.js";
import { measurePredict } from "./predict.js";
import { measureRows } from "./rows.js";
import { measureScipy } from "./scipy.js";
import { measureStartup } from "./startup.js";
import { measureSteps } from "./steps.js";

const MEASUREMENTS: Readonly<Record<string, () => void | Promise<void>>> = {
  startup: measureStartup,
  fit: measureFit,
  rows: measureRows,
  scipy: measureScipy,
  predict: measurePredict,
  corpus: runCorpus,
  steps: measureSteps,
  backtest: measureBacktest,
  coverage: measureCoverage,
  "coverage:plans": measurePlanCoverage,
  "coverage:confidence": measureConfidence,
  compare: measureCompare,
  metrics: measureMetrics,
  pool: measurePool,
  design: measureDesign,
  extrapolation: () => measureExtrapolation(TRIALS),
  // One data set alone: extrapolation:moe.
  ...Object.fromEntries(
    TRIALS.map((trial) => [`extrapolation:${trial.name}`, () => measureExtrapolation([trial])]),
  ),
};
/** Minutes of work; only when it is named. */
const isSlow = (name: string): boolean =>
  /^(backtest|corpus|steps|coverage.*|compare|design|metrics|pool|extrapolation.*)$/.test(name);

const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(MEASUREMENTS, name));
if (unknown !== undefined) {
  console.error(`there is no measurement called ${unknown}: ${Object.keys(MEASUREMENTS).join(", ")}`);
  process.exitCode = 2;
} else {
  const wanted = named.length > 0 ? named : Object.keys(MEASUREMENTS).filter((name) => !isSlow(name));
  for (const name of wanted) await MEASUREMENTS[name]();
}
