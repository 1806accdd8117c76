/** The critical batch at a plan: by a law of one's own, against its formula and the draws of both fits. */
import { describe, expect, test } from "vitest";
import { plan } from "../../src/index.js";
import type { PlannedUse, SavedFit } from "../../src/objects.js";

const BATCH = { B0: 1.5e8, aB: 0.22 };
const critical = ({ B0, aB }: Record<string, number>, loss: number) => B0 / loss ** (1 / aB);

const DRAWS = Array.from({ length: 199 }, (_, b) => ({
  B0: BATCH.B0 * (1 + 0.05 * Math.sin(1 + 7 * b)),
  aB: BATCH.aB * (1 + 0.01 * Math.cos(2 + 5 * b)),
}));

const batches = {
  schema: "scalefit/fit@1",
  fits: [
    {
      group: null,
      law: "bcrit",
      formula: "",
      inputs: [{ name: "L", quantity: "loss", column: "loss" }],
      measured: { column: "critical_batch" },
      parameters: {
        B0: { estimate: BATCH.B0, low: null, high: null },
        aB: { estimate: BATCH.aB, low: null, high: null },
      },
      level: 0.95,
      interval: "percentile",
      objective: { name: "huber-log", delta: 1e-3, deltaRule: null, value: 0 },
      status: "converged",
      data: { rows: 20, used: 20, dropped: [], range: { L: [2.2, 4] }, largestProduct: null },
      diagnosis: [],
      draws: { parameters: ["B0", "aB"], values: DRAWS.map(({ B0, aB }) => [B0, aB]) },
      covariance: null,
      residuals: [],
    },
  ],
} as unknown as SavedFit;

const asked = {
  preset: "besiroglu",
  hardware: { accelerator: "h100", count: 4096 },
  leastBatch: 8000,
  targetLoss: 2.4,
};
const useOf = (question: Parameters<typeof plan>[0]): PlannedUse =>
  plan(question).plans[0].run?.useful as PlannedUse;

describe("the critical batch of a fit", () => {
  test("has the interval of its draws, and so have the accelerators it feeds", () => {
    const use = useOf({ ...asked, criticalBatchFit: { fit: batches } });
    const each = DRAWS.map((c) => critical(c, 2.4)).sort((a, b) => a - b);
    expect(use.criticalBatch / critical(BATCH, 2.4)).toBeCloseTo(1, 9);
    // Of 199 draws in order the 5th and the 195th.
    expect((use.interval.low ?? 0) / each[4]).toBeCloseTo(1, 9);
    expect((use.interval.high ?? 0) / each[194]).toBeCloseTo(1, 9);
    expect(use.count).toBe(Math.floor(critical(BATCH, 2.4) / 8000));
    expect(use.counts).toEqual({ low: Math.floor(each[4] / 8000), high: Math.floor(each[194] / 8000) });
  });

  test("as published has none, and says why", () => {
    const use = useOf(asked);
    expect(use.criticalBatch / critical({ B0: 2e8, aB: 0.21 }, 2.4)).toBeCloseTo(1, 9);
    expect(use.interval).toEqual({ low: null, high: null, reason: "published coefficients without draws" });
    expect(use.counts).toBeNull();
  });

  test("at a loss that nobody measured is warned of", () => {
    const codes = (targetLoss: number) =>
      plan({ ...asked, targetLoss, criticalBatchFit: { fit: batches } }).warnings.map(
        ({ message }) => message,
      );
    expect(codes(2.1).join()).toMatch(
      /critical batch is an extrapolation: the loss of 2\.100 lies below the least/,
    );
    expect(codes(2.4).join()).not.toMatch(/critical batch/);
  });

  test.each([
    [{ ...asked, criticalBatchFit: { preset: "besiroglu" } }, /critical batch is a law of the loss/],
    [
      { preset: "besiroglu", targetLoss: 2.4, criticalBatchFit: { fit: batches } },
      /what an accelerator needs of it is not given/,
    ],
  ])("is refused with the cure: %#", (question, message) => {
    expect(() => plan(question)).toThrow(message);
  });
});
