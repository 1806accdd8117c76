/** Which runs a design chooses: held against brute force, difference quotients, simulation, and its own limits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { design, fit as fitColumns } from "../../src/index.js";
import { exchange } from "../../src/plan/design-exchange.js";
import { sensitivitiesOf, targetGradients } from "../../src/plan/design-information.js";
import { knownLaw } from "../../src/plan/design-law.js";
import { DESIGN_DEFAULTS } from "../../src/plan/design-question.js";
import { sourceFromCoefficients } from "../../src/plan/source.js";
import { lawCalled } from "../support/core.js";
import { designedAgainstGrids } from "../support/designs.js";
import { generator } from "../support/random.js";
import "../support/seed.js";
import { BESIROGLU, bestSize, lossOf, randomLog } from "../support/sweeps.js";

const ASKED = { preset: "besiroglu", flops: 1e20, target: 1e22, runs: 8 } as const;

const known = () =>
  knownLaw(sourceFromCoefficients(lawCalled("chinchilla"), { ...BESIROGLU }), null, {
    ...DESIGN_DEFAULTS,
    ...ASKED,
  });

describe("the information of a run", () => {
  test("is that of difference quotients of the log loss, in units of its noise", () => {
    const law = known();
    const splits = [
      { N: 1e7, D: 1e10 },
      { N: 3e9, D: 2e9 },
    ];
    const [rows] = sensitivitiesOf(law, splits);
    const c = law.draws[0] as unknown as typeof BESIROGLU;
    splits.forEach(({ N, D }, i) => {
      law.free.forEach((name, j) => {
        const step = 1e-5 * c[name as keyof typeof c];
        const moved = (by: number) =>
          Math.log(lossOf({ ...c, [name]: c[name as keyof typeof c] + by }, N, D));
        const slope = (moved(step) - moved(-step)) / (2 * step);
        // A central quotient of 1e-5 is right to 1e-10 of the third derivative, and to 1e-10 in rounding.
        expect(rows[i * 5 + j]).toBeCloseTo((slope * law.units[0][j]) / law.noise.value, 4);
      });
    });
  });

  test("moves the best size of the target as the closed form does", () => {
    const law = known();
    const [gradient] = targetGradients(law, 1e22).N;
    const c = law.draws[0] as unknown as typeof BESIROGLU;
    law.free.forEach((name, j) => {
      const step = 1e-5 * c[name as keyof typeof c];
      const moved = (by: number) =>
        Math.log(bestSize({ ...c, [name]: c[name as keyof typeof c] + by }, 1e22));
      expect(gradient[j]).toBeCloseTo(((moved(step) - moved(-step)) / (2 * step)) * law.units[0][j], 5);
    });
  });
});

test("exchange finds the best of all affordable sets, or an interval within 3 % of its width", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const random = generator(seed);
      const p = 2;
      const candidates = Array.from({ length: 9 }, () => ({
        N: 1,
        D: 1,
        flops: 1 + Math.floor(6 * random()),
      }));
      const rows = [Float64Array.from({ length: 9 * p }, () => random() - 0.5)];
      const before = [Float64Array.of(0.01, 0, 0, 0.01)];
      const c = Float64Array.of(1, 0.3);
      const varianceOf = (runs: readonly number[]) => {
        const M = [0.01, 0, 0.01];
        for (const i of runs) {
          const [x, y] = [rows[0][i * p], rows[0][i * p + 1]];
          M[0] += x * x;
          M[1] += x * y;
          M[2] += y * y;
        }
        return (c[0] ** 2 * M[2] - 2 * c[0] * c[1] * M[1] + c[1] ** 2 * M[0]) / (M[0] * M[2] - M[1] ** 2);
      };
      let least = Number.POSITIVE_INFINITY;
      for (let a = 0; a < 9; a++)
        for (let b = a; b < 9; b++)
          for (let d = b; d < 9; d++) {
            const cost = candidates[a].flops + candidates[b].flops + candidates[d].flops;
            if (cost <= 9) least = Math.min(least, varianceOf([a, b, d]));
          }
      fc.pre(Number.isFinite(least));
      const found = exchange({ candidates, rows, before, gradients: [c], p, runs: 3, flops: 9 }, [], 6, 1);
      expect(found.runs.reduce((sum, i) => sum + candidates[i].flops, 0)).toBeLessThanOrEqual(9);
      expect(found.score).toBeCloseTo(Math.log(varianceOf(found.runs)) / 2, 9);
      expect(varianceOf(found.runs)).toBeLessThanOrEqual(1.06 * least);
    }),
    { numRuns: 60 },
  );
});

describe("the runs", () => {
  test("keep to the cost, the sizes and the limits of a run", () => {
    const sizes = [30e6, 100e6, 300e6];
    const limits = { sizes, maxFlopsPerRun: 3e19, minFlopsPerRun: 1e18, minRatio: 4, maxRatio: 100 };
    const [made] = design({ ...ASKED, ...limits, budgets: [] }).designs;
    expect(made.cost.flops).toBeLessThanOrEqual(1e20 * (1 + 1e-9));
    expect(made.runs.reduce((sum, { seeds }) => sum + seeds, 0)).toBe(8);
    for (const { N, D, flops, tokensPerParameter } of made.runs) {
      expect(sizes).toContain(N);
      expect(flops).toBeCloseTo(6 * N * D, -5);
      expect(flops).toBeGreaterThanOrEqual(1e18 * (1 - 1e-9));
      expect(flops).toBeLessThanOrEqual(3e19 * (1 + 1e-9));
      expect(tokensPerParameter).toBeGreaterThanOrEqual(4 * (1 - 1e-9));
      expect(tokensPerParameter).toBeLessThanOrEqual(100 * (1 + 1e-9));
    }
  });

  test("tell more the more they cost, and the same for the same seed", () => {
    const made = design({ ...ASKED, budgets: [0.1, 1, 10] });
    const widths = made.designs[0].budgets.map(({ halfWidth }) => halfWidth as number);
    for (let i = 1; i < widths.length; i++) expect(widths[i]).toBeLessThan(widths[i - 1]);
    const again = design({ ...ASKED, budgets: [] });
    expect(again.designs[0].runs).toEqual(made.designs[0].runs);
  });

  test("for one goal are better at it than those for another", () => {
    const byGoal = (goal: "loss" | "N") => design({ ...ASKED, goal, budgets: [] }).designs[0].after;
    const [forLoss, forN] = [byGoal("loss"), byGoal("N")];
    const width = ({ low, high }: { low: number | null; high: number | null }) =>
      Math.log((high ?? 0) / (low ?? 0));
    expect(width(forLoss.loss)).toBeLessThan(width(forN.loss));
    expect(width(forN.N)).toBeLessThan(width(forLoss.N));
  });
});

test("after runs that exist, a next one narrows the interval, and each cost says by how much", () => {
  const log = randomLog(BESIROGLU, { rows: 24, noise: 0.005, outliers: 0 }, generator(5));
  const saved = fitColumns({ law: "chinchilla", data: { ...log }, bootstrap: 100 });
  const [made] = design({ fit: saved, flops: 1e20, target: 1e23, runs: 1, isNext: true }).designs;
  expect(made.runs).toHaveLength(1);
  expect(made.after.halfWidth as number).toBeLessThan(made.before.halfWidth as number);
  expect(made.noise.from).toContain("scatter");
  const informations = (made.next ?? []).map(({ information }) => information);
  expect(informations.length).toBeGreaterThan(0);
  for (const value of informations) expect(value).toBeGreaterThan(0);
  // From the dearest down; a dearer run is listed only where it tells more.
  expect(informations).toEqual([...informations].sort((a, b) => b - a));
});

test("simulated campaigns scatter as the design expects, and its fits are not biased by more than that", () => {
  const { designs } = design({ ...ASKED, simulate: 20, runs: 12, budgets: [] });
  const [{ simulation, after, isoflop }] = designs;
  const [designed, usual] = simulation?.estimators ?? [];
  expect(designed.answered).toBe(20);
  // Student's factor of 7 degrees over the normal one; 20 campaigns know the spread to 16 % or so.
  const expected = ((after.halfWidth as number) * 1.96) / 2.365;
  expect((designed.loss?.spread as number) / expected).toBeGreaterThan(0.6);
  expect((designed.loss?.spread as number) / expected).toBeLessThan(1.6);
  expect(Math.abs(designed.loss?.bias.estimate as number)).toBeLessThan(expected);
  expect(isoflop.usual?.factor as number).toBeGreaterThan(1.5);
  expect(usual.loss?.spread as number).toBeGreaterThan(designed.loss?.spread as number);
});

test("on simulated laws the interval is narrower than that of an isoFLOP grid of equal cost", () => {
  const { usual, best } = designedAgainstGrids({ laws: 4, goal: "loss", seed: 1 });
  expect(Math.min(...usual)).toBeGreaterThan(1.3);
  expect(Math.min(...best)).toBeGreaterThan(1);
});

describe("what cannot be designed is refused", () => {
  test.each([
    [{ ...ASKED, runs: 3 }, "3 runs cannot tell the 5 parameters of chinchilla"],
    [{ ...ASKED, minRatio: 30, maxRatio: 10 }, "--min-ratio 30 is above --max-ratio 10 by a factor of 3.00"],
    [
      { ...ASKED, minFlopsPerRun: 1e20 },
      "8 runs of --min-flops-per-run 100000000000000000000 cost 8.00 times",
    ],
    [{ ...ASKED, sizes: [1e15] }, "no run lies within the limits"],
    [
      { law: "power-floor", coefficients: { E: 1.7, A: 20, alpha: 0.1 }, flops: 1e20, target: 1e22 },
      "it is a law of x",
    ],
  ])("%#", (asked, message) => {
    expect(() => design(asked)).toThrow(message);
  });
});
