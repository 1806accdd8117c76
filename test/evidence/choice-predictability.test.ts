import { describe, expect, test } from "vitest";
import { type ChoiceRecord, predictabilityBySteps } from "../../src/evidence/choice-predictability.js";
import { generator, normal } from "../support/random.js";

const flops = Array.from({ length: 8 }, (_, i) => 10 ** (18 + i));
const step = (record: ChoiceRecord, name: string) => {
  const found = predictabilityBySteps(record).find((one) => one.step === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe("predictability of multiple-choice scores", () => {
  test("is whole where the log-likelihood is a line in the log of compute, and the rank keeps it through exp", () => {
    const record: ChoiceRecord = {
      flops,
      questions: [0.2, 0.4, 0.7].map((slope) => ({
        right: 0,
        logProbabilities: flops.map((C) => [-9 + slope * Math.log(C / 1e18), -3, -4]),
      })),
    };
    expect(step(record, "log-likelihood").pearson).toBeCloseTo(1, 12);
    for (const name of ["log-likelihood", "probability", "share among choices"])
      expect(step(record, name).spearman).toBeCloseTo(1, 12);
    // exp bends the line.
    expect(step(record, "probability").pearson as number).toBeLessThan(0.95);
  });

  test("is lost by what the wrong choices do, step by step", () => {
    const random = generator(7);
    const record: ChoiceRecord = {
      flops,
      questions: Array.from({ length: 200 }, () => {
        const start = -6 + normal(random);
        return {
          right: 1,
          logProbabilities: flops.map((C) => {
            const right = start + 0.2 * Math.log(C / 1e18) + 0.1 * normal(random);
            return [right + normal(random), right, right + normal(random)];
          }),
        };
      }),
    };
    const [likelihood, probability, share, accuracy] = predictabilityBySteps(record).map(
      ({ pearson }) => pearson as number,
    );
    expect(likelihood).toBeGreaterThan(0.95);
    expect(probability).toBeLessThan(likelihood);
    expect(Math.abs(share)).toBeLessThan(0.3);
    expect(Math.abs(accuracy)).toBeLessThan(0.3);
  });

  test("leaves questions out that all models answer alike, and says how many", () => {
    const always = { right: 0, logProbabilities: flops.map((_, i) => [-1 - i / 10, -5]) };
    const { questions, constant, pearson } = step({ flops, questions: [always] }, "accuracy");
    expect([questions, constant, pearson]).toEqual([0, 1, null]);
  });

  test("shares are right for answers whose probabilities underflow, and a tie is no right answer", () => {
    const record = (last: number): ChoiceRecord => ({
      flops: [1e18, 1e19],
      questions: [
        {
          right: 0,
          logProbabilities: [
            [-2000, -2000],
            [-2000 + last, -2000],
          ],
        },
      ],
    });
    // Shares 1/2 and e/(1 + e): a rise.
    expect(step(record(1), "share among choices").pearson).toBeCloseTo(1, 12);
    expect(step(record(1), "accuracy").pearson).toBeCloseTo(1, 12);
    expect(step(record(0), "accuracy").questions).toBe(0);
    expect(step(record(1), "probability").constant).toBe(1);
  });
});
