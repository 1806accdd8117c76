/** Simulated families of runs: laws of parameters and tokens drawn about a common mean, and one of them with few runs. */
import { sourceFromPool } from "../../src/evidence/pool-source.js";
import { openPool, type PoolForm } from "../../src/fit/pool-target.js";
import type { Observations } from "../../src/objects.js";
import { predictAt } from "../../src/plan/predict.js";
import { lawCalled, observationsOf } from "./core.js";
import type { Columns } from "./csv.js";
import { generator, normal } from "./random.js";
import { BESIROGLU, bestSize, isoFlopSweep, lossOf, type Truth } from "./sweeps.js";

export interface FamiliesMade {
  families: number;
  /** Standard deviation between families of ln of their level, of the share of each term, and of their exponents. */
  spread: number;
  noise: number;
}

/** Where terms have the same size whatever the exponent. */
const AMID = { N: 3e8, D: 6e9 };

export function familyTruth(spread: number, random: () => number): Truth {
  const drawn = (value: number) => value * Math.exp(spread * normal(random));
  const [alpha, beta] = [drawn(BESIROGLU.alpha), drawn(BESIROGLU.beta)];
  const level = drawn(1);
  return {
    E: level * BESIROGLU.E,
    alpha,
    beta,
    A: level * drawn(BESIROGLU.A) * AMID.N ** (alpha - BESIROGLU.alpha),
    B: level * drawn(BESIROGLU.B) * AMID.D ** (beta - BESIROGLU.beta),
  };
}

export const familyLog = (truth: Truth, noise: number, random: () => number): Columns =>
  isoFlopSweep(truth, [1e18, 3e18, 1e19, 3e19, 1e20], 5, 0.6, noise, random);

/** The smallest runs of a log by N D. */
export function smallest(log: Columns, runs: number): Columns {
  const order = log.loss.map((_, i) => i).sort((a, b) => log.N[a] * log.D[a] - log.N[b] * log.D[b]);
  const kept = order.slice(0, runs);
  const taken = (column: readonly number[]) => kept.map((i) => column[i]);
  return { N: taken(log.N), D: taken(log.D), loss: taken(log.loss) };
}

export interface PooledTrial {
  /** The loss of the target's best model at 10 times its family's largest budget, and what the form says of it. */
  truth: number;
  estimate: number;
  holdsMean: boolean;
  holdsRun: boolean;
  /** Of the interval of the law itself. */
  width: number;
}

/** One simulation: the target's smallest runs beside whole families. */
export function pooledTrial(
  { families, spread, noise }: FamiliesMade,
  runs: number,
  forms: readonly PoolForm[],
  k: number,
  draws = { spreads: 100, refits: 300 },
): PooledTrial[] {
  const law = lawCalled("chinchilla");
  const made = Array.from({ length: families + 1 }, (_, g) => {
    const random = generator(1_000_003 * (k + 1) + 7919 * g);
    const truth = familyTruth(spread, random);
    return { truth, log: familyLog(truth, noise, random), random };
  });
  const [target, ...others] = made;
  const small = observationsOf(smallest(target.log, runs));
  const beside = openPool(
    law,
    others.map(({ log }): Observations => observationsOf(log)),
    {
      name: "huber-log",
      delta: "auto",
    },
  );
  const pool = beside(small, { ...draws, seed: k + 1 });
  const N = bestSize(target.truth, 1e21);
  const at = { N, D: 1e21 / (6 * N) };
  const truth = lossOf(target.truth, at.N, at.D);
  const measured = truth * Math.exp(noise * normal(target.random));
  return forms.map((form) => {
    const source = sourceFromPool(law, pool.fitted(form), {
      group: "target",
      observations: small,
      residuals: pool.residuals,
      isLog: true,
      level: 0.9,
      quantities: new Map(),
    });
    const { value, newRun } = predictAt(source, at);
    return {
      truth,
      estimate: value.estimate,
      holdsMean: (value.low ?? 0) <= truth && (value.high ?? 0) >= truth,
      width: (value.high ?? 0) - (value.low ?? 0),
      holdsRun: (newRun.low ?? 0) <= measured && (newRun.high ?? 0) >= measured,
    };
  });
}
