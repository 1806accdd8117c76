import { describe, expect, test } from "vitest";
import { taskLadderCompute } from "../../src/laws/task-ladder.js";
import { type Coefficients, type Source, sourceFromCoefficients } from "../../src/plan/source.js";
import { computeForTask } from "../../src/plan/task-compute.js";

const LADDER: Coefficients = { A: 70, alpha: 0.12, E: 0.4, a: -0.73, l0: 0.77, kk: 12, b: 1 };
/** acc = a/(1 + exp(-kk (bpb - l0))) + b and bpb = E + A/C^alpha, backwards. */
const computeOf = ({ A, alpha, E, a, l0, kk, b }: Coefficients, acc: number): number => {
  const bpb = l0 - Math.log(a / (acc - b) - 1) / kk;
  return (A / (bpb - E)) ** (1 / alpha);
};

describe("a task's value under a chain that knows compute alone", () => {
  const source = sourceFromCoefficients(taskLadderCompute, LADDER);

  test("takes the compute at which the closed form has it", () => {
    const { plan } = computeForTask(source, { acc: 0.6 });
    expect((plan.flops?.estimate ?? 0) / computeOf(LADDER, 0.6)).toBeCloseTo(1, 9);
    expect(plan.optimum.C).toEqual(plan.flops);
    expect(plan.optimum.acc.estimate).toBeCloseTo(0.6, 12);
  });

  test("has its interval from the resamples, which reach the value with other compute each", () => {
    const draws = Array.from({ length: 199 }, (_, b) => ({ ...LADDER, A: 70 * (1 + (b - 99) / 1000) }));
    const drawn: Source = { ...source, draws, withoutDraws: null };
    const { plan } = computeForTask(drawn, { acc: 0.6 });
    const all = draws.map((c) => computeOf(c, 0.6)).sort((x, y) => x - y);
    expect((plan.flops?.low ?? 0) / all[4]).toBeCloseTo(1, 9);
    expect((plan.flops?.high ?? 0) / all[194]).toBeCloseTo(1, 9);
  });

  test.each([
    [0.27, "reached-already"],
    [0.1, "reached-already"],
    [0.9999, "unreachable-task"],
  ])("%f is refused: %s", (acc, code) => {
    expect(() => computeForTask(source, { acc })).toThrow(expect.objectContaining({ code }));
  });
});
