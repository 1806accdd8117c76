/**
 * What runs tell of a law: Fisher's information of one run, by the law's exact derivatives, and the standard deviations
 * that a set of runs leaves to the parameters and to what they give at the target.
 *
 *   M = M0 + SUM x x',   x = (dL/dp) u/s,   var(q) = c' M^-1 c,   c = (dq/dp) u
 *
 * u are the units of the parameters, s is the noise of one run (on the log of the loss where it is relative), M0 the
 * information of the runs behind the fit. Averages over draws are of logarithms: one draw far out does not decide them.
 */
import { choleskyInPlace, choleskySolveInPlace } from "../fit/linear-algebra.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Split } from "../laws/law.js";
import { lawFunction } from "../laws/law-function.js";
import { inputsAt } from "./design.js";
import type { KnownLaw } from "./design-law.js";
import type { Goal } from "./design-question.js";
import { splitInputs } from "./numeric-allocation.js";
import type { Coefficients } from "./source.js";

/** The rows x of runs, one array a draw: runs x p, row-major. */
export type Sensitivities = readonly Float64Array[];

/** Values and derivatives by the free parameters in their units, at splits, for one draw. */
function derivatives(known: KnownLaw, splits: readonly Split[]) {
  const { law, free, units } = known;
  const names = law.parameters.map(({ name }) => name);
  const inputs = splitInputs(law) ?? { N: "N", D: "D" };
  const columns = law.inputs.map(({ name }) =>
    Float64Array.from(splits, ({ N, D }) => (name === inputs.N ? N : name === inputs.D ? D : Number.NaN)),
  );
  const n = splits.length;
  const bound = lawFunction(law, law.expression, { free: names, given: new Map() }).bind(columns, n);
  const value = new Float64Array(n);
  const jacobian = new Float64Array(n * names.length);
  const at = free.map((name) => names.indexOf(name));
  return (draw: number) => {
    bound.gradient(
      Float64Array.from(names, (name) => known.draws[draw][name]),
      value,
      jacobian,
    );
    const rows = new Float64Array(n * free.length);
    at.forEach((j, a) => {
      for (let i = 0; i < n; i++) rows[i * free.length + a] = jacobian[j * n + i] * units[draw][a];
    });
    return { value, rows };
  };
}

export function sensitivitiesOf(known: KnownLaw, splits: readonly Split[]): Sensitivities {
  const { noise, free } = known;
  const at = derivatives(known, splits);
  return known.draws.map((_, draw) => {
    const { value, rows } = at(draw);
    for (let i = 0; i < rows.length; i++) {
      const size = noise.isRelative ? value[Math.floor(i / free.length)] : 1;
      rows[i] /= noise.value * size;
    }
    return rows;
  });
}

/** Gradients of what is wanted at the target, one a draw. N and D vary by their logarithms, the loss as the noise does. */
export interface TargetGradients {
  loss: Float64Array[];
  N: Float64Array[];
}

/** Relative step of the difference quotients of N*: their error is 1e-8 of the derivative. */
const STEP = 1e-4;

export function targetGradients(known: KnownLaw, target: number): TargetGradients {
  const { forms, k, draws, free, units, noise } = known;
  const best = (c: Coefficients) => forms.optimum(c, target / k);
  const loss: Float64Array[] = [];
  const N: Float64Array[] = [];
  draws.forEach((c, draw) => {
    const split = best(c) as Split;
    // At the optimum the loss does not move with the split: its gradient is that at the split held.
    const { value, rows } = derivatives({ ...known, draws: [c], units: [units[draw]] }, [split])(0);
    loss.push(noise.isRelative ? rows.map((d) => d / value[0]) : rows);
    N.push(
      Float64Array.from(free, (name, j) => {
        const step = STEP * Math.abs(c[name] || units[draw][j]);
        const [up, down] = [step, -step].map((by) => best({ ...c, [name]: c[name] + by })?.N ?? Number.NaN);
        const slope = (Math.log(up) - Math.log(down)) / (2 * step);
        return Number.isFinite(slope) ? slope * units[draw][j] : 0;
      }),
    );
  });
  return { loss, N };
}

/** Information that a weak belief adds where there is no fit: a factor of e^100, so that no matrix is singular. */
const WEAK = 1e-4;

/** M before any new run, one a draw. */
export function priorInformation({ prior, free, draws }: KnownLaw): Float64Array[] {
  const p = free.length;
  return draws.map(() => {
    const M = prior === null ? new Float64Array(p * p) : prior.slice();
    if (prior === null) for (let j = 0; j < p; j++) M[j * p + j] = WEAK;
    return M;
  });
}

/** M + x x' for chosen rows. */
export function addRuns(
  M: readonly Float64Array[],
  rows: Sensitivities,
  chosen: Iterable<number>,
  p: number,
): Float64Array[] {
  const runs = [...chosen];
  return M.map((before, draw) => {
    const sum = before.slice();
    for (const i of runs) {
      const x = rows[draw].subarray(i * p, (i + 1) * p);
      for (let r = 0; r < p; r++) for (let s = 0; s < p; s++) sum[r * p + s] += x[r] * x[s];
    }
    return sum;
  });
}

/** M^-1 and the log of its determinant; null where M is singular. */
export function inverse(M: Float64Array, p: number): { V: Float64Array; logDeterminant: number } | null {
  const L = M.slice();
  if (!choleskyInPlace(L, p)) return null;
  let logDeterminant = 0;
  for (let j = 0; j < p; j++) logDeterminant -= 2 * Math.log(L[j * p + j]);
  const V = new Float64Array(p * p);
  for (let j = 0; j < p; j++) {
    const column = V.subarray(j * p, (j + 1) * p);
    column[j] = 1;
    choleskySolveInPlace(L, column, p);
  }
  return { V, logDeterminant };
}

/** c' V c. */
export function quadratic(V: Float64Array, c: Float64Array): number {
  const p = c.length;
  let sum = 0;
  for (let r = 0; r < p; r++) for (let s = 0; s < p; s++) sum += c[r] * V[r * p + s] * c[s];
  return sum;
}

/** Standard deviations left by runs, each the geometric mean over the draws. */
export interface Spreads {
  /** Of ln L at the target, or of L where the noise is no share of it. */
  loss: number;
  /** Of ln N* and ln D*, which are the same. */
  N: number;
  /** Geometric mean over the parameters' independent directions, in their units. */
  parameters: number;
  /** Of each free parameter, as a share of it (in its unit where it is 0). */
  each: number[];
}

export function spreadsOf(
  known: KnownLaw,
  target: TargetGradients,
  M: readonly Float64Array[],
): Spreads | null {
  const { free, estimate, units } = known;
  const p = free.length;
  const logs = { loss: 0, N: 0, parameters: 0, each: free.map(() => 0) };
  for (let draw = 0; draw < M.length; draw++) {
    const found = inverse(M[draw], p);
    if (found === null) return null;
    const { V, logDeterminant } = found;
    logs.loss += Math.log(quadratic(V, target.loss[draw])) / 2;
    logs.N += Math.log(quadratic(V, target.N[draw])) / 2;
    logs.parameters += logDeterminant / 2 / p;
    free.forEach((name, j) => {
      const size = Math.abs(known.draws[draw][name]) || Math.abs(estimate[name]) || units[draw][j];
      logs.each[j] += Math.log((Math.sqrt(V[j * p + j]) * units[draw][j]) / size);
    });
  }
  const mean = (sum: number) => Math.exp(sum / M.length);
  return {
    loss: mean(logs.loss),
    N: mean(logs.N),
    parameters: mean(logs.parameters),
    each: logs.each.map(mean),
  };
}

/** What the goal is judged by. */
export const spreadFor = (goal: Goal, spreads: Spreads): number =>
  goal === "loss" ? spreads.loss : goal === "parameters" ? spreads.parameters : spreads.N;

/** The loss of the best split of the target, by the estimate. */
export function bestAt({ law, forms, k, estimate }: KnownLaw, flops: number): Split & { loss: number } {
  const split = forms.optimum(estimate, flops / k) as Split;
  return { ...split, loss: evaluateLaw(law, estimate, inputsAt(law, split)) };
}
