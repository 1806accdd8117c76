import { describe, expect, test } from "vitest";
import { plan, predict } from "../../src/index.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { Law, LawAnswer, Point } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { type Row, sharedCsv } from "../support/csv.js";
import { fitPoints, gridOf, scored, worstRecovery } from "../support/law-grid.js";
import { describeWithShared } from "../support/shared.js";

/** Noise-free data: what is left is the rounding of the losses (1e-16) times the condition of the law. */
const RECOVERED = 1e-8;

const answerOf = (law: Law, name: string): LawAnswer =>
  law.answers.find((answer) => answer.name === name) as LawAnswer;

describe("lr-batch", () => {
  test("each output is recovered from its own values", () => {
    const [lr, batch] = lawCalled("lr-batch").stages;
    const points = gridOf({ N: [1e8, 3e8, 1e9], D: [2e9, 1e10, 5e10] });
    expect(worstRecovery(lr, { c: 1.79, a: -0.713, b: 0.307 }, points)).toBeLessThan(RECOVERED);
    expect(worstRecovery(batch, { cb: 0.58, bb: 0.571 }, points)).toBeLessThan(RECOVERED);
  });

  test("the first output is the learning rate, and both are given", () => {
    const [{ value, values }] = predict({ preset: "steplaw", at: { N: 1e9, D: 2e10 } }).predictions;
    expect(value.estimate).toBe(values?.lr.estimate);
    // 1.79 N^-0.713 D^0.307 and 0.58 D^0.571, worked out elsewhere.
    expect(value.estimate).toBeCloseTo(9.960227e-4, 9);
    expect(values?.batch_tokens.estimate).toBeCloseTo(441_891.98, 1);
  });

  test("has no use for compute where size and tokens are there, as after C = 6 N D", () => {
    const at = { N: 1e9, D: 2e10 };
    const [{ value }] = predict({ preset: "steplaw", at }).predictions;
    const [again] = predict({ preset: "steplaw", at: { ...at, C: 1.2e20 } }).predictions;
    expect(again.value.estimate).toBe(value.estimate);
  });

  test("takes a law of compute alone, as lr-batch-compute has it", () => {
    const coefficients = { c: 0.3118, a: -0.125, cb: 0.292, bb: 0.3271 };
    for (const C of [1e17, 1e20, 1e24]) {
      const [here] = predict({ law: "lr-batch", coefficients, at: { C } }).predictions;
      const [there] = predict({ preset: "deepseek", at: { C } }).predictions;
      expect(here.values?.lr.estimate).toBeCloseTo(there.values?.lr.estimate as number, 14);
      expect(here.values?.batch_tokens.estimate).toBeCloseTo(
        there.values?.batch_tokens.estimate as number,
        4,
      );
    }
  });
});

const BOWL = {
  E: 1.1,
  A: 100,
  alpha: 0.25,
  B0: 300,
  beta: 0.28,
  lr0: 1e-3,
  c_lN: -0.7,
  c_lD: 0.3,
  batch0: 4e5,
  c_bN: -0.1,
  c_bD: 0.55,
  q_l: 0.015,
  k: 0.9,
  r: 0.35,
  q_b: 0.016,
};

describe("lr-batch-bowl", () => {
  const law = lawCalled("lr-batch-bowl");
  const at = (point: Point) => evaluateLaw(law, BOWL, point);
  const best = (N: number, D: number) =>
    answerOf(law, "lr").solve(BOWL, { N, D }) as Record<"lr" | "batch" | "loss", number>;
  const places = gridOf({ N: [1e8, 1e9, 2e10], D: [2e9, 5e10] });

  test("is recovered from its own losses", { timeout: 300_000 }, () => {
    const points = gridOf({
      N: [1e8, 1e9],
      D: [3e9, 5e10],
      lr: [2.5e-4, 7e-4, 2e-3, 6e-3],
      batch: [6e4, 2.5e5, 1e6],
    });
    // Two of each are too few for the floor under two powers: three more pairs at their best settings.
    const more = [
      { N: 3e8, D: 1e10 },
      { N: 3e8, D: 2e11 },
      { N: 3e9, D: 1e10 },
    ].map(({ N, D }) => ({ N, D, lr: 1e-3, batch: 2e5 }));
    expect(worstRecovery(law, BOWL, [...points, ...more])).toBeLessThan(RECOVERED);
  });

  test("at the best settings is the law of Hoffmann et al., and nothing beside them does better", () => {
    for (const { N, D } of places) {
      const { lr, batch, loss } = best(N, D);
      const { E, A, alpha, B0: B, beta } = BOWL;
      const [{ value }] = predict({
        law: "chinchilla",
        coefficients: { E, A, alpha, B, beta },
        at: { N, D },
      }).predictions;
      expect(loss).toBeCloseTo(value.estimate, 12);
      expect(at({ N, D, lr, batch })).toBeCloseTo(loss, 12);
      for (const [f, g] of [
        [1.3, 1],
        [1 / 1.3, 1],
        [1, 1.5],
        [1, 1 / 1.5],
        [1.2, 1.4],
        [1.2, 1 / 1.4],
      ])
        expect(at({ N, D, lr: lr * f, batch: batch * g })).toBeGreaterThan(loss);
    }
  });

  test("its best settings move with size and data by its exponents", () => {
    const [here, larger, longer] = [best(1e9, 2e10), best(2e9, 2e10), best(1e9, 4e10)];
    expect([here.lr, here.batch]).toEqual([BOWL.lr0, BOWL.batch0]);
    expect(larger.lr / here.lr).toBeCloseTo(2 ** BOWL.c_lN, 12);
    expect(longer.lr / here.lr).toBeCloseTo(2 ** BOWL.c_lD, 12);
    expect(larger.batch / here.batch).toBeCloseTo(2 ** BOWL.c_bN, 12);
    expect(longer.batch / here.batch).toBeCloseTo(2 ** BOWL.c_bD, 12);
  });

  test("costs more above the best learning rate than as far below it", () => {
    const { lr, batch, loss } = best(1e9, 2e10);
    for (const factor of [1.5, 2, 4, 8]) {
      const above = at({ N: 1e9, D: 2e10, lr: lr * factor, batch }) - loss;
      const below = at({ N: 1e9, D: 2e10, lr: lr / factor, batch }) - loss;
      expect(above).toBeGreaterThan(1.1 * below);
    }
  });

  test("of a given batch no other learning rate than its answer does better", () => {
    for (const batch of [5e4, 4e5, 4e6]) {
      const { lr } = answerOf(law, "lr_at_batch").solve(BOWL, { N: 1e9, D: 2e10, batch }) as { lr: number };
      const loss = at({ N: 1e9, D: 2e10, lr, batch });
      for (const factor of [0.9, 1.1])
        expect(at({ N: 1e9, D: 2e10, lr: lr * factor, batch })).toBeGreaterThan(loss);
    }
  });

  test("a budget is split as by the law of Hoffmann et al., each at its best settings", () => {
    const { E, A, alpha, B0: B, beta } = BOWL;
    const [{ optimum }] = plan({
      law: "chinchilla",
      coefficients: { E, A, alpha, B, beta },
      flops: 1e22,
    }).plans;
    const found = answerOf(law, "optimum").solve(BOWL, { C: 1e22, k: 6 }) as Record<string, number>;
    expect(found.N / optimum.N.estimate).toBeCloseTo(1, 12);
    expect(found.D / optimum.D.estimate).toBeCloseTo(1, 12);
    expect(found.loss).toBeCloseTo(optimum.loss.estimate, 12);
    expect([found.lr, found.batch]).toEqual([best(found.N, found.D).lr, best(found.N, found.D).batch]);
  });
});

describe("lr-batch-edge", () => {
  const law = lawCalled("lr-batch-edge");
  const EDGE = { ...BOWL, H: 4.2, edge0: 0.01, c_eN: -0.4, c_eD: 0.2 };
  const bowl = lawCalled("lr-batch-bowl");

  test("is the bowl where nothing diverges, and half-way up at the edge", () => {
    for (const { N, D } of gridOf({ N: [1e8, 1e9], D: [2e9, 5e10] })) {
      const { edge } = answerOf(law, "lr").solve(EDGE, { N, D }) as { edge: number };
      expect(edge).toBeCloseTo(0.01 * (N / 1e9) ** -0.4 * (D / 2e10) ** 0.2, 14);
      const point = { N, D, lr: edge, batch: 4e5 };
      expect(evaluateLaw(law, EDGE, point)).toBeCloseTo(evaluateLaw(bowl, BOWL, point) + 2.1, 12);
      expect(evaluateLaw(law, { ...EDGE, H: 0 }, point)).toBe(evaluateLaw(bowl, BOWL, point));
      // A factor of 1.2: a tenth below, nine tenths above.
      for (const [factor, share] of [
        [1 / 1.2, 0.1],
        [1.2, 0.9],
      ]) {
        const beside = { ...point, lr: edge * factor };
        const risen = evaluateLaw(law, EDGE, beside) - evaluateLaw(bowl, BOWL, beside);
        expect(risen / 4.2).toBeCloseTo(share, 2);
      }
    }
  });
});

describeWithShared("the runs of arXiv 2503.04715", () => {
  const SEQUENCE = 2048;
  const rows = () => sharedCsv("steplaw_dense_lr_bs.csv");
  const pointOf = (row: Row) => ({
    N: Number(row.N),
    D: Number(row.D),
    lr: Number(row.lr),
    batch: Number(row.bs) * SEQUENCE,
  });
  const lossOf = (row: Row) => Number(row["smooth loss"]);

  test("lr-batch on the best run of each pair is the recorded line", () => {
    const best = new Map<string, Row>();
    for (const row of rows()) {
      const known = best.get(`${row.N} ${row.D}`);
      if (known === undefined || lossOf(row) < lossOf(known)) best.set(`${row.N} ${row.D}`, row);
    }
    expect(best.size).toBe(17);
    const points = [...best.values()].map(pointOf);
    const [lr, batch] = lawCalled("lr-batch").stages;
    const rate = fitPoints(
      lr,
      points,
      points.map((point) => point.lr),
      { objective: "squares-log" },
    ).estimates;
    const size = fitPoints(
      batch,
      points,
      points.map((point) => point.batch / SEQUENCE),
      { objective: "squares-log" },
    ).estimates;
    // Recorded with six decimals: least squares of another program.
    for (const [ours, recorded] of [
      [Math.log(rate.c), 3.404578],
      [rate.a, -0.823477],
      [rate.b, 0.288228],
      [Math.log(size.cb), -6.396278],
      [size.bb, 0.49829],
    ])
      expect(Math.abs(ours - recorded)).toBeLessThan(1e-6);
  });

  test("the bowl predicts sizes it has not seen, and finds the published exponents", {
    timeout: 300_000,
  }, () => {
    const trained = rows().filter((row) => lossOf(row) < 3.5);
    const isLarge = (row: Row) => Number(row.N) > 1e9 || Number(row.D) >= 1e11;
    // A third of the runs: the whole takes its time, and is in test/bench.
    const small = trained.filter((row) => !isLarge(row)).filter((_, i) => i % 3 === 0);
    const large = trained.filter(isLarge);
    const { estimates, valueAt } = fitPoints(
      lawCalled("lr-batch-bowl"),
      small.map(pointOf),
      small.map(lossOf),
      {
        delta: 5e-3,
      },
    );
    const { r2, meanRelativeError } = scored(
      large.map(lossOf),
      large.map((row) => valueAt(pointOf(row))),
    );
    // Measured on all runs: 0.95 and 0.70 %; the law of Hoffmann et al. on the best runs reaches 0.35 and 2.7 %.
    expect(r2).toBeGreaterThan(0.93);
    expect(meanRelativeError).toBeLessThan(0.01);
    // Published -0.713, 0.307 and 0.571; a line through the best runs of all pairs misses the first by 0.11.
    expect(Math.abs(estimates.c_lN + 0.713)).toBeLessThan(0.12);
    expect(Math.abs(estimates.c_lD - 0.307)).toBeLessThan(0.12);
    expect(Math.abs(estimates.c_bD - 0.571)).toBeLessThan(0.12);
  });
});
