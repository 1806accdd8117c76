import { test } from "vitest";
import { makeObjective } from "../../src/fit/objective.js";
import { meanValueCoordinates } from "../../src/fit/power-sum.js";
import { PowerSumProblem } from "../../src/fit/power-sum-fit.js";
import { powerSumOf } from "../../src/fit/power-sum-of.js";
import { minimise, objectiveAt } from "../../src/fit/solve.js";
import { laws } from "../../src/index.js";
import { between, generator } from "../support/random.js";
import { randomLog, randomTruth } from "../support/sweeps.js";
export function logOf(seed: number, k: number) {
  const random = generator(1000 * seed + k);
  const truth = randomTruth(random);
  const rows = Math.floor(between(random, 12, 101));
  const noise = k % 20 === 0 ? 0.05 : 10 ** between(random, -4, -1.3);
  return randomLog(truth, { rows, noise, outliers: k % 3 === 0 ? 0.15 : 0 }, random);
}
test("x", () => {
  const data = logOf(77, 1885);
  const P = PowerSumProblem.of(
    powerSumOf(laws[0]),
    new Map([
      ["N", Float64Array.from(data.N)],
      ["D", Float64Array.from(data.D)],
    ]),
    Float64Array.from(data.loss),
    null,
  );
  const p = {
    E: 1.419649963687023,
    A: 74.66194892068411,
    alpha: 0.27940941491135485,
    B: 3221806.0619961238,
    beta: 0.6855968335390294,
  };
  const m = P.full.data.means;
  const theta = meanValueCoordinates(
    p.E,
    [p.A * Math.exp(-p.alpha * m[0]), p.B * Math.exp(-p.beta * m[1])],
    [p.alpha, p.beta],
  );
  const o = makeObjective("huber-log", 1e-3);
  const pr = P.problem(P.full, o);
  console.log(objectiveAt(pr, theta));
  for (const n of [1, 2, 3, 5, 10, 20, 40, 80, 150, 300, 1000, 3000]) {
    const r = minimise(pr, theta, { tolerance: 1e-13, maxSteps: n });
    console.log(n, r.value, r.status, r.steps, r.gradient, Array.from(r.theta).join(" "));
  }
});
