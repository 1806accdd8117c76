import { describe, expect, test } from "vitest";
import { bootstrapDraws, type Draws, resamplingUnits } from "../../src/fit/bootstrap.js";
import { makeObjective } from "../../src/fit/objective.js";
import { standardDeviation } from "../../src/fit/quantiles.js";
import * as scalefit from "../../src/index.js";
import { chinchillaProblem, fitRows } from "../support/core.js";
import type { Columns } from "../support/csv.js";
import { generator } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, randomLog } from "../support/sweeps.js";

const log = randomLog(BESIROGLU, { rows: 40, noise: 0.005, outliers: 0 }, generator(40));
const options = { delta: 1e-2, bootstrap: 60 };

const thrice = ({ N, D, loss }: Columns): Columns => {
  const times = (column: number[]) => column.flatMap((value) => [value, value, value]);
  return { N: times(N), D: times(D), loss: times(loss) };
};

describe("resamples", () => {
  const draws = (from: number, to: number, seed = 1): Draws => {
    const problem = chinchillaProblem(log);
    const objective = makeObjective("huber-log", 1e-2);
    const start = problem.warmStart(problem.search(objective).best);
    const units = resamplingUnits(log.N.length, null, null);
    return bootstrapDraws(problem, objective, start, { units, strata: null }, seed, [from, to]);
  };
  const numbers = ({ values }: Draws) => values.map((draw) => Array.from(draw));

  test("computed in parts are the same as those computed at once", () => {
    const whole = numbers(draws(0, 50));
    expect([...numbers(draws(0, 17)), ...numbers(draws(17, 18)), ...numbers(draws(18, 50))]).toEqual(whole);
  });

  test("depend on the seed and on nothing else", () => {
    expect(numbers(draws(0, 20, 7))).toEqual(numbers(draws(0, 20, 7)));
    expect(numbers(draws(0, 20, 8))).not.toEqual(numbers(draws(0, 20, 7)));
  });

  test("all end in an answer on an ordinary log, and no two are the same", () => {
    const { values, failed } = draws(0, 100);
    expect(failed).toBe(0);
    expect(new Set(values.map(String)).size).toBe(100);
  });

  test("end where whole searches of the drawn rows end, to a hundred-thousandth of their scatter", () => {
    // The last step is taken without a look at where it leads: what it leaves is foretold to be under 1e-18 of the sum, which
    // is a millionth of a draw's scatter and less.
    const problem = chinchillaProblem(log);
    const objective = makeObjective("huber-log", 1e-2);
    const refit = problem.refitter(problem.warmStart(problem.search(objective).best), objective);
    const scatter = numbers(draws(0, 100));
    const spreads = problem.parameters.map((_, j) => standardDeviation(scatter.map((draw) => draw[j])));
    const random = generator(17);
    for (let b = 0; b < 30; b++) {
      const drawn = Int32Array.from(log.N, () => Math.floor(random() * log.N.length)).sort();
      const rows = [...new Set(drawn)];
      const weight = Float64Array.from(rows, (row) => drawn.filter((one) => one === row).length);
      const quick = refit(Int32Array.from(rows), rows.length, weight).parameters;
      const pick = (column: number[]) => Array.from(drawn, (row) => column[row]);
      const alone = chinchillaProblem({ N: pick(log.N), D: pick(log.D), loss: pick(log.loss) });
      const whole = alone.search(objective).best.parameters;
      quick.forEach((value, j) => {
        expect(Math.abs(value - whole[j]) / spreads[j], problem.parameters[j]).toBeLessThan(1e-5);
      });
    }
  });

  test("scatter as much as logs that are drawn again", () => {
    // The oracle: 200 fresh logs of the same design. Standard deviations of 200 values are right to 5 %, and one
    // log's bootstrap varies about the truth by some 15 %: within a third of each other.
    const design = (seed: number) =>
      isoFlopSweep(BESIROGLU, [1e19, 1e20, 1e21], 15, 0.6, 0.005, generator(seed));
    const fitted = (data: Columns, bootstrap: number) =>
      scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap }).fits[0];
    const fresh = Array.from({ length: 200 }, (_, k) => fitted(design(100 + k), 0).parameters);
    const resampled = fitted(design(99), 400).parameters;
    for (const name of ["alpha", "beta", "E"]) {
      const truth = standardDeviation(fresh.map((parameters) => parameters[name].estimate));
      const ratio = (resampled[name].standardError ?? 0) / truth;
      expect(ratio, name).toBeGreaterThan(0.67);
      expect(ratio, name).toBeLessThan(1.5);
    }
  });
});

describe("a fit's draws", () => {
  test("have the same bytes for the same seed, and others for another", () => {
    const fitted = (seed: number) =>
      JSON.stringify(scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: 50, seed }));
    expect(fitted(3)).toBe(fitted(3));
    expect(fitted(4)).not.toBe(fitted(3));
  });

  test("are the first ones of a larger number of draws", () => {
    const values = (bootstrap: number) => fitRows(log, { ...options, bootstrap }).draws.values;
    expect(values(90).slice(0, 30)).toEqual(values(30));
  });

  test("do not depend on what runs are called", () => {
    const values = (run: number[]) => fitRows(log, { ...options, run }).draws.values;
    const pairs = log.N.map((_, i) => i >> 1);
    expect(values(pairs.map((run) => (7 * run + 3) % 1009))).toEqual(values(pairs));
    expect(values(log.N.map((_, i) => i))).toEqual(fitRows(log, options).draws.values);
  });
});

describe("rows of one run", () => {
  const runs = log.N.flatMap((_, i) => [i, i, i]);

  test("enter a resample together or not at all", () => {
    // Three equal rows a run, drawn by run, are the single rows with weight 3: the same resamples, the same minima.
    const alone = fitRows(log, options);
    const together = fitRows(thrice(log), { ...options, run: runs });
    expect(together.draws.values).toHaveLength(alone.draws.values.length);
    alone.draws.values.forEach((draw, b) => {
      // Refits stop at 1e-9 of their sum, which leaves exponents right to about 1e-4.
      draw.forEach((value, j) => {
        expect(Math.abs(together.draws.values[b][j] / value - 1)).toBeLessThan(1e-3);
      });
    });
  });

  test("give wider intervals than as many runs of their own would", () => {
    const width = (run?: number[]) => {
      const { low, high } = fitRows(thrice(log), { ...options, run }).parameters.alpha;
      return (high ?? 0) - (low ?? 0);
    };
    // By sqrt(3), as sums of independent rows go, and the stretch for 40 clusters; 60 draws are right to 10 %.
    expect(width(runs) / width()).toBeGreaterThan(1.4);
    expect(width(runs) / width()).toBeLessThan(2.3);
  });
});
