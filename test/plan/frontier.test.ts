/** The frontier of cost against loss, held against laws whose frontier is a power of the budget. */
import { describe, expect, test } from "vitest";
import { fit as fitted, plan, type Question, UsageError } from "../../src/index.js";
import { generator } from "../support/random.js";
import { BESIROGLU, bestSize, isoFlopSweep } from "../support/sweeps.js";

/** With one exponent for both terms the best loss is E + K C^(-gamma), gamma = alpha / 2. */
const POWER = { E: 1.7, A: 400, B: 900, alpha: 0.36, beta: 0.36 };
const GAMMA = POWER.alpha / 2;
const power = { law: "chinchilla", coefficients: POWER };
const besiroglu = { law: "chinchilla", coefficients: { ...BESIROGLU } };

const frontierOf = (from: typeof power, question: Question) => {
  const { frontier } = plan({ ...from, ...question }).plans[0];
  if (frontier === undefined) throw new Error("no frontier");
  return frontier;
};

describe("the frontier", () => {
  test("has the best split of each budget, three a decade about the one that is asked for", () => {
    const { rows, ends, floor } = frontierOf(besiroglu, { flops: 1e22, frontier: true });
    expect(rows.map(({ flops }) => flops)).toEqual([
      1e21, 2.15443e21, 4.64159e21, 1e22, 2.15443e22, 4.64159e22, 1e23, 2.15443e23, 4.64159e23, 1e24,
    ]);
    for (const { flops, N, D } of rows) {
      expect(N.estimate / bestSize(BESIROGLU, flops)).toBeCloseTo(1, 9);
      expect((6 * N.estimate * D.estimate) / flops).toBeCloseTo(1, 9);
    }
    expect(ends).toBeNull();
    expect(floor?.estimate).toBeCloseTo(BESIROGLU.E, 9);
  });

  test("says what the next 1 % of the loss above the floor costs, and the next 0.01", () => {
    for (const { flops, loss, nextPercent, nextHundredth } of frontierOf(power, {
      frontier: [1e19, 1e21, 1e23],
    }).rows) {
      const above = loss.estimate - POWER.E;
      expect((nextPercent.flops?.estimate ?? 0) / (flops * (0.99 ** (-1 / GAMMA) - 1))).toBeCloseTo(1, 5);
      const hundredth = flops * (((above - 0.01) / above) ** (-1 / GAMMA) - 1);
      expect((nextHundredth.flops?.estimate ?? 0) / hundredth).toBeCloseTo(1, 5);
    }
  });

  test("prices it where there is a price, and says why it has none below the floor", () => {
    const hardware = { accelerator: "h100", count: 512, usdPerHour: 2.5, mfu: 0.4 };
    const { rows } = frontierOf(power, { hardware, frontier: [1e22, 1e30] });
    const usdPerFlop = 2.5 / 3600 / (0.4 * 989e12);
    expect(rows[0].usd).toBeCloseTo(1e22 * usdPerFlop, 3);
    expect(rows[0].wallHours).toBeCloseTo(1e22 / (0.4 * 989e12) / 3600 / 512, 6);
    expect(rows[0].nextPercent.usd?.estimate).toBeCloseTo(
      (rows[0].nextPercent.flops?.estimate ?? 0) * usdPerFlop,
      6,
    );
    expect(rows[1].nextHundredth).toMatchObject({ flops: null, usd: null });
    expect(rows[1].nextHundredth.reason).toMatch(/no compute within the limits/);
  });

  test("says from which budget on a limit of the size binds, and keeps to it", () => {
    const most = 12e9;
    const { rows, limits, floor } = frontierOf(besiroglu, { flops: 1e22, frontier: true, serveMemory: 24e9 });
    const [{ limit, binds, flops }] = limits;
    expect([limit, binds]).toEqual(["--serve-memory", "from"]);
    expect(bestSize(BESIROGLU, flops?.estimate ?? 0) / most).toBeCloseTo(1, 6);
    for (const row of rows) {
      expect(row.binds.length > 0).toBe(row.flops > (flops?.estimate ?? 0));
      expect(row.N.estimate).toBeLessThan(most * (1 + 1e-9));
    }
    expect(floor?.estimate).toBeCloseTo(BESIROGLU.E + BESIROGLU.A / most ** BESIROGLU.alpha, 9);
  });

  test("a least number of tokens binds up to a budget", () => {
    const { limits, rows } = frontierOf(besiroglu, { flops: 1e21, frontier: true, minTokens: 100e9 });
    expect(limits[0].binds).toBe("up-to");
    const until = limits[0].flops?.estimate ?? 0;
    expect(until / (6 * 100e9 * bestSize(BESIROGLU, until))).toBeCloseTo(1, 6);
    expect(rows.map(({ flops, binds }) => flops < until === binds.length > 0)).not.toContain(false);
  });

  test("ends at a deadline, and where limits leave nothing to spend on", () => {
    const hardware = { accelerator: "h100", count: 512, mfu: 0.4 };
    const late = frontierOf(besiroglu, { flops: 1e23, deadlineDays: 30, hardware, frontier: true });
    const until = 30 * 86_400 * 512 * 0.4 * 989e12;
    expect(late.ends?.flops).toBeCloseTo(until, -10);
    expect(late.rows[late.rows.length - 1].flops).toBe(late.ends?.flops);
    const full = frontierOf(besiroglu, { flops: 1e22, maxParams: 1e10, maxTokens: 1e12, frontier: true });
    expect(full.ends?.flops).toBeCloseTo(6e22, -10);
    expect(full.rows[full.rows.length - 1]).toMatchObject({ binds: ["--max-params", "--max-tokens"] });
  });

  test("ends on the training that there is time for, where serving is paid for too", () => {
    const hardware = { accelerator: "h100", count: 512, mfu: 0.4, usdPerHour: 2.5 };
    const { rows, ends, floor, limits } = frontierOf(besiroglu, {
      dollars: 2e6,
      deadlineDays: 20,
      hardware,
      cost: { inferenceTokens: 2e12 },
      frontier: true,
    });
    const last = rows[rows.length - 1];
    expect(last.wallHours).toBeCloseTo(20 * 24, 6);
    expect(ends?.flops).toBe(last.flops);
    expect(floor?.estimate).toBeCloseTo(last.loss.estimate, 9);
    // Without the deadline the best design of that budget trains for just so long.
    const from = limits.find(({ limit }) => limit === "--deadline")?.flops?.estimate ?? 0;
    const free = plan({ ...besiroglu, flops: from, cost: { inferenceTokens: 2e12 } }).plans[0];
    const train = 20 * 86_400 * 512 * 0.4 * 989e12;
    expect((free.inference?.trainFlops.estimate ?? 0) / train).toBeCloseTo(1, 6);
  });

  test("has intervals from the resamples of a fit, those of its plans", () => {
    const data = { ...isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 6, 0.6, 0.01, generator(5)) };
    const saved = fitted({ law: "chinchilla", data, bootstrap: 100 });
    const question = { frontier: [1e21, 1e22], maxParams: 2e9 };
    const { frontier } = plan({ fit: saved, ...question }).plans[0];
    const alone = plan({ fit: saved, flops: 1e22, maxParams: 2e9 }).plans[0];
    expect(frontier?.rows[1]).toMatchObject({
      N: alone.optimum.N,
      D: alone.optimum.D,
      loss: alone.optimum.loss,
    });
    for (const value of [
      frontier?.floor,
      frontier?.limits[0].flops,
      ...(frontier?.rows.flatMap(({ nextPercent, nextHundredth }) => [
        nextPercent.flops,
        nextHundredth.flops,
      ]) ?? []),
    ]) {
      expect(value?.low).toBeLessThan(value?.estimate ?? 0);
      expect(value?.high).toBeGreaterThan(value?.estimate ?? Infinity);
    }
  });

  test("keeps to a ratio of tokens to parameters", () => {
    const { rows } = frontierOf(besiroglu, { ratio: 20, frontier: [1e20, 1e22] });
    expect(rows.map(({ tokensPerParameter }) => tokensPerParameter.estimate)).toEqual([
      expect.closeTo(20, 9),
      expect.closeTo(20, 9),
    ]);
  });

  test.each<[Question, RegExp]>([
    [{ frontier: true }, /--frontier needs a range[\s\S]*no runs/],
    [{ flops: 1e22, frontier: [1e22, 1e21] }, /finite, above 0, and rise/],
    [{ flops: 1e22, frontier: true, ladder: [1e22] }, /--frontier and --table contradict/],
    [{ flops: 1e22, frontier: true, risk: 0.9 }, /--risk is over the resamples of a fit/],
    [
      { frontier: [1e21, 1e22], risk: "mean", params: 1e9 },
      /--risk is over the resamples|leaves nothing to choose/,
    ],
  ])("%j is refused", (question, message) => {
    expect(() => plan({ ...besiroglu, ...question })).toThrow(UsageError);
    expect(() => plan({ ...besiroglu, ...question })).toThrow(message);
  });
});

describe("the frontier of designs chosen over the resamples", () => {
  const data = { ...isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 6, 0.6, 0.01, generator(5)) };
  const saved = fitted({ law: "chinchilla", data, bootstrap: 100 });
  const planned = (question: Question) => plan({ fit: saved, ...question }).plans[0];

  test.each(["mean", "worst", 0.9] as const)("has the plan with the least %s at every budget", (risk) => {
    const { frontier } = planned({ frontier: [1e20, 1e21, 1e22], maxParams: 4e9, risk });
    expect(frontier?.rows.length).toBe(3);
    for (const { flops, N, D, loss, risk: value, binds } of frontier?.rows ?? []) {
      const alone = planned({ flops, maxParams: 4e9, risk });
      expect([N.estimate, D.estimate, value]).toEqual([
        alone.optimum.N.estimate,
        alone.optimum.D.estimate,
        alone.risk?.value,
      ]);
      expect([N.low, N.reason]).toEqual([null, "chosen over all resamples at once, the same under each"]);
      expect(loss).toEqual(alone.optimum.loss);
      expect(binds.length > 0).toBe(N.estimate > 3.999e9);
      expect(frontier?.floor?.estimate).toBeLessThan(value ?? 0);
    }
  });

  test("tells what less of that costs, and where limits bind, as plans at those budgets do", () => {
    const [risk, maxParams] = [0.9, 3e9];
    const { frontier } = planned({ frontier: [1e20, 1e21], maxParams, risk });
    const floor = frontier?.floor?.estimate ?? Number.NaN;
    for (const { flops, risk: value = Number.NaN, nextPercent, nextHundredth } of frontier?.rows ?? []) {
      const reached = (next: typeof nextPercent) =>
        planned({ flops: flops + (next.flops?.estimate ?? 0), maxParams, risk }).risk?.value ?? Number.NaN;
      expect(value - reached(nextPercent)).toBeCloseTo(0.01 * (value - floor), 6);
      expect(value - reached(nextHundredth)).toBeCloseTo(0.01, 6);
    }
    const from = frontier?.limits.find(({ limit }) => limit === "--max-params")?.flops;
    expect(from).toMatchObject({ low: null, reason: expect.stringMatching(/chosen over all resamples/) });
    const sizeAt = (flops: number) => planned({ flops, risk }).optimum.N.estimate;
    expect(sizeAt((from?.estimate ?? 0) * 0.99)).toBeLessThan(maxParams * 1.001);
    expect(sizeAt((from?.estimate ?? 0) * 1.01)).toBeGreaterThan(maxParams * 0.999);
  });

  test("goes with a confidence through the plan that reaches the target so surely", () => {
    for (const fixed of [{}, { ratio: 20 }]) {
      const own = planned({ targetLoss: 2.4, confidence: 0.8, frontier: true, ...fixed });
      const row = own.frontier?.rows.find(
        ({ flops }) => Math.abs(flops / (own.budget.flops ?? 0) - 1) < 1e-5,
      );
      expect(row?.risk).toBeCloseTo(2.4, 6);
      expect((row?.N.estimate ?? 0) / own.optimum.N.estimate).toBeCloseTo(1, 2);
    }
  });

  test("begins beyond the runs where it is asked for alone", () => {
    const { frontier, budget } = planned({ frontier: true, risk: "mean" });
    expect(frontier?.rows.at(-1)?.flops).toBe(budget.flops);
  });
});
