/** Simulated evaluations of recipes whose signal, noise and order across scales are known. */
import { DEFAULT_METRICS_OPTIONS, decisionMetrics } from "../../src/evidence/decision-metrics.js";
import type { Evaluations, Interval } from "../../src/objects.js";
import { generator, normal } from "./random.js";

export interface MetricsMade {
  recipes: number;
  /** Standard deviation between recipes over that of one score: the signal-to-noise ratio. */
  snr: number;
  /** Scores that show the noise: last checkpoints of one run, or ends of runs with other seeds. */
  of: "checkpoints" | "seeds";
  scores: number;
  /** Share of the noise's variance that all checkpoints of a run have in common. */
  shared?: number;
}

/** Standard deviation of one score, as a share of it. */
const NOISE = 0.002;
const SIZES = [1e8, 2e8, 4e8, 8e8, 1.6e9];
/** Correlation of a recipe's advantage at one size with that at the next. */
const KEPT = 0.8;

/** A power law of the size; each recipe's advantage drifts from size to size. */
function evaluationsOf({ recipes, snr, of, scores, shared = 0 }: MetricsMade, k: number): Evaluations {
  const random = generator(1_000_003 * (k + 1));
  const tau = snr * NOISE;
  const rows: { recipe: string; N: number; step: number; seed: number; loss: number }[] = [];
  for (let r = 0; r < recipes; r++) {
    let advantage = tau * normal(random);
    for (const N of SIZES) {
      let common = Math.sqrt(shared) * NOISE * normal(random);
      for (let i = 0; i < scores; i++) {
        if (of === "seeds" && i > 0) common = Math.sqrt(shared) * NOISE * normal(random);
        const noise = common + Math.sqrt(1 - shared) * NOISE * normal(random);
        const [step, seed] = of === "seeds" ? [1, i] : [i + 1, 0];
        rows.push({ recipe: `r${r}`, N, step, seed, loss: (20 / N ** 0.1) * Math.exp(advantage + noise) });
      }
      advantage = KEPT * advantage + Math.sqrt(1 - KEPT ** 2) * tau * normal(random);
    }
  }
  const column = (name: "N" | "step" | "seed" | "loss") => Float64Array.from(rows, (row) => row[name]);
  return {
    recipe: rows.map(({ recipe }) => recipe),
    N: column("N"),
    D: null,
    C: null,
    step: column("step"),
    seed: rows.map(({ seed }) => String(seed)),
    run: null,
    metrics: new Map([["loss", column("loss")]]),
  };
}

/**
 * The chance that the ends of two runs at the last small size are in the order of the scores at the large one: for Gaussian
 * scores of correlation r it is 1/2 + asin(r) / pi.
 */
function trueAccuracy({ snr, scores, shared = 0 }: MetricsMade): number {
  const large = shared + (1 - shared) / scores;
  const r = (KEPT * snr ** 2) / Math.sqrt((snr ** 2 + 1) * (snr ** 2 + large));
  return 0.5 + Math.asin(r) / Math.PI;
}

const holds = ({ low, high }: Interval, truth: number): boolean =>
  low !== null && high !== null && low <= truth && truth <= high;

export interface MetricsHeld {
  snr: number;
  accuracy: number;
  prediction: number;
}

/** Shares of simulations whose 95 % intervals hold the truth. */
export function metricsHeld(made: MetricsMade, simulations: number): MetricsHeld {
  const reports = Array.from(
    { length: simulations },
    (_, k) => decisionMetrics(evaluationsOf(made, k), DEFAULT_METRICS_OPTIONS).metrics[0],
  );
  const share = (isHeld: (report: (typeof reports)[number]) => boolean) =>
    reports.filter(isHeld).length / simulations;
  const accuracy = trueAccuracy(made);
  // Errors of recipes are independent and of one law: the mean over all simulations is what each estimates.
  const error = reports.reduce((sum, { prediction }) => sum + (prediction.error ?? 0), 0) / simulations;
  return {
    snr: share(({ snr }) => snr !== null && holds(snr, made.snr)),
    accuracy: share(({ decisionAccuracy }) => holds(decisionAccuracy[decisionAccuracy.length - 1], accuracy)),
    prediction: share(({ prediction }) => holds(prediction, error)),
  };
}
