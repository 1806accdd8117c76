/** Plans chosen over all resamples, against searches of dense grids over the same draws. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  DataError,
  fit as fitted,
  type PlannedLaw,
  plan,
  type Question,
  type SavedFit,
  UsageError,
} from "../../src/index.js";
import { generator } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, lossOf, type Truth } from "../support/sweeps.js";

const BUDGETS = [1e18, 1e19, 1e20];
let saved: SavedFit;
let draws: Truth[];

beforeAll(() => {
  const data = { ...isoFlopSweep(BESIROGLU, BUDGETS, 6, 0.6, 0.01, generator(5)) };
  const made = fitted({ law: "chinchilla", data, bootstrap: 200 });
  // Without what guards against a wrong law, which the grids below know nothing of.
  saved = { ...made, fits: made.fits.map(({ backtest: _, ...rest }) => rest) };
  const { parameters, values } = saved.fits[0].draws;
  draws = values.map(
    (row) => Object.fromEntries(parameters.map((name, j) => [name, row[j]])) as unknown as Truth,
  );
});

const planned = (question: Question): PlannedLaw => plan({ fit: saved, ...question }).plans[0];
const sizeOf = ({ optimum }: PlannedLaw) => optimum.N.estimate;
const tokensOf = ({ optimum }: PlannedLaw) => optimum.D.estimate;

const losses = (N: number, D: number) => draws.map((c) => lossOf(c, N, D)).sort((a, b) => a - b);
/** The quantile at p (B + 1), as the program's intervals take it. */
const quantile = (values: readonly number[], p: number): number => {
  const at = p * (values.length + 1) - 1;
  const below = Math.floor(at);
  return values[below] + (at - below) * (values[below + 1] - values[below]);
};
/** ln N within a factor of 8 of a size, in steps of 1 %. */
const sizesAbout = (N: number) => Array.from({ length: 417 }, (_, i) => N * Math.exp((i - 208) * 0.01));

describe("--risk splits a budget", () => {
  const C = 1e22;
  const measures = [
    [0.9, (values: number[]) => quantile(values, 0.9)],
    ["worst", (values: number[]) => values[values.length - 1]],
    ["mean", (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length],
  ] as const;

  test.each(measures)("with the least %s of the loss over the resamples", (risk, of) => {
    const made = planned({ flops: C, risk });
    const least = Math.min(...sizesAbout(sizeOf(made)).map((N) => of(losses(N, C / (6 * N)))));
    const own = of(losses(sizeOf(made), tokensOf(made)));
    expect(own).toBeLessThanOrEqual(least * (1 + 1e-9));
    expect(made.risk?.value).toBeCloseTo(own, 9);
    expect(made.risk?.plain.value).toBeGreaterThanOrEqual(own);
    expect(made.risk?.plain.N).toBeCloseTo(sizeOf(planned({ flops: C })), -3);
    expect(made.risk?.extraLoss).toBeGreaterThanOrEqual(0);
    expect(made.optimum.N).toMatchObject({ low: null, high: null });
    expect(made.optimum.loss.low).toBeLessThan(made.optimum.loss.high ?? 0);
  });

  test("within the limits", () => {
    const made = planned({ flops: C, risk: 0.9, maxParams: 1e9 });
    expect(sizeOf(made)).toBeCloseTo(1e9, 0);
  });
});

describe("--confidence reaches a target", () => {
  const targetLoss = 2.35;

  test.each([0.5, 0.9, 1])(
    "in a share %s of the resamples, for the least compute that does",
    (confidence) => {
      const made = planned({ targetLoss, confidence });
      const flops = made.flops?.estimate ?? 0;
      const reached = losses(sizeOf(made), tokensOf(made)).filter((loss) => loss <= targetLoss + 1e-9).length;
      expect(reached / draws.length).toBeCloseTo(made.confidence?.reached ?? 0, 9);
      expect(Math.abs(reached / draws.length - confidence)).toBeLessThanOrEqual(1.01 / draws.length);
      const margin = (C: number) =>
        Math.min(
          ...sizesAbout(sizeOf(made)).map((N) => {
            const values = losses(N, C / (6 * N));
            return confidence === 1 ? values[values.length - 1] : quantile(values, confidence);
          }),
        );
      expect(margin(0.99 * flops)).toBeGreaterThan(targetLoss);
      expect(margin(1.01 * flops)).toBeLessThan(targetLoss);
    },
  );

  test("costs more the surer it is to be, which is said beside the plain plan", () => {
    const plain = planned({ targetLoss });
    const hardware = { accelerator: "h100", usdPerHour: 2, mfu: 0.5 };
    const [half, sure] = [0.5, 0.95].map((confidence) => planned({ targetLoss, confidence, hardware }));
    const [cheap, dear] = [half, sure].map(({ flops }) => flops?.estimate ?? 0);
    expect(dear).toBeGreaterThan(cheap);
    expect(sure.confidence?.extraFlops).toBeCloseTo(dear - (plain.flops?.estimate ?? 0), -12);
    expect(sure.confidence?.extraUsd).toBeCloseTo(
      ((sure.confidence?.extraFlops ?? 0) / 494.5e12 / 3600) * 2,
      3,
    );
  });

  test("at a fixed ratio too", () => {
    const { optimum, confidence } = planned({ targetLoss, ratio: 20, confidence: 0.9 });
    expect(optimum.D.estimate / optimum.N.estimate).toBeCloseTo(20, 6);
    expect(confidence?.reached).toBeCloseTo(0.9, 2);
  });

  test("is refused where the floor of too many resamples lies above the target", () => {
    const floors = draws.map(({ E }) => E).sort((a, b) => a - b);
    const question = {
      targetLoss: Math.max(quantile(floors, 0.8), saved.fits[0].parameters.E.estimate * 1.001),
      confidence: 0.99,
    };
    expect(() => planned(question)).toThrow(DataError);
    expect(() => planned(question)).toThrow(/cannot be reached with a confidence of 99 %/);
  });
});

test.each<[Question, RegExp]>([
  [{ targetLoss: 2.3, risk: 0.9 }, /--risk and --target-loss contradict/],
  [{ flops: 1e22, confidence: 0.9 }, /--confidence is that of reaching a target/],
  [{ params: 1e9, risk: 0.9 }, /--risk chooses how a budget is split, and there is none/],
  [{ flops: 1e22, ratio: 20, risk: 0.9 }, /--ratio leaves nothing to choose/],
  [{ flops: 1e22, risk: 1.5 }, /a quantile between 0 and 1/],
  [{ flops: 1e22, least: "time" }, /--least time is that of reaching a target/],
  [{ targetLoss: 2.3, least: "time" }, /--least time needs what training runs on/],
])("%j is refused", (question, message) => {
  expect(() => planned(question)).toThrow(UsageError);
  expect(() => planned(question)).toThrow(message);
});

test("coefficients without resamples have no risk", () => {
  expect(() => plan({ preset: "besiroglu", flops: 1e22, risk: "mean" })).toThrow(
    /over the resamples of a fit/,
  );
});

test("the regret is the wasted share of the budget in FLOPs and in dollars", () => {
  const hardware = { accelerator: "h100", usdPerHour: 2, mfu: 0.5 };
  const { regret } = planned({ flops: 1e22, hardware });
  expect(regret?.extraFlops?.mean).toBeCloseTo(1e22 * (regret?.wastedShare.mean ?? 0), -10);
  expect(regret?.extraUsd?.high).toBeCloseTo(
    ((1e22 * (regret?.wastedShare.high ?? 0)) / 494.5e12 / 3600) * 2,
    6,
  );
  // By hand: the loss of the plan under a draw, and the budget whose best split under that draw has the same.
  const { N, D } = planned({ flops: 1e22 }).optimum;
  const shares = draws.map(({ E, A, B, alpha, beta }) => {
    const own = E + A / N.estimate ** alpha + B / D.estimate ** beta;
    const G = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta));
    const best = (C: number) => {
      const size = G * (C / 6) ** (beta / (alpha + beta));
      return E + A / size ** alpha + B / (C / 6 / size) ** beta;
    };
    let [low, high] = [1e18, 1e22];
    for (let i = 0; i < 100; i++) {
      const middle = Math.sqrt(low * high);
      if (best(middle) > own) low = middle;
      else high = middle;
    }
    return 1 - high / 1e22;
  });
  const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length;
  expect(regret?.wastedShare.mean).toBeCloseTo(mean, 6);
});
