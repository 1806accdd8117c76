import { describe, expect, test } from "vitest";
import { objectiveAt } from "../../src/fit/evaluate.js";
import type { Solution } from "../../src/fit/model.js";
import type { Objective } from "../../src/fit/objective.js";
import type { PowerSumProblem } from "../../src/fit/power-sum-fit.js";
import { searchObjective } from "../../src/fit/search-objective.js";
import { secondOpinion } from "../../src/fit/second-opinion.js";
import { chinchillaProblem } from "../support/core.js";
import { generator, normal } from "../support/random.js";
import { contestLog } from "../support/search-contest.js";

const LOGS = 300;
const DELTAS = ["auto", 1e-3] as const;

interface Case {
  index: number;
  rows: number;
  problem: PowerSumProblem;
  objective: Objective;
  solution: Solution;
}

function cases(delta: (typeof DELTAS)[number]): Case[] {
  return Array.from({ length: LOGS }, (_, i) => {
    const index = 200_000 + i;
    const { log, rows } = contestLog(index);
    const problem = chinchillaProblem(log);
    const { search, objective } = searchObjective(problem, null, { objective: "huber-log", delta });
    return { index, rows, problem, objective, solution: search.best };
  });
}

const isInside = (parameters: Float64Array) =>
  parameters.every((value) => value >= 0) && [2, 4].every((j) => parameters[j] >= 0.01 && parameters[j] <= 4);

const opinionOf = ({ problem, objective, solution }: Case, theta = solution.minimum.theta) =>
  secondOpinion(problem.problem(solution.kernel, objective), { ...solution.minimum, theta }, isInside);

/** Every coordinate that is not at a bound moved by about this share of itself. */
function moved({ solution, index }: Case, share: number): Float64Array {
  const random = generator(index);
  const held = new Set(solution.minimum.atBound);
  const { lower, upper } = solution.kernel;
  return solution.minimum.theta.map((t, j) =>
    held.has(j) ? t : Math.min(Math.max(t * (1 + share * normal(random)), lower[j]), upper[j]),
  );
}

describe.each(DELTAS)("the second opinion at delta %s", (delta) => {
  const all = cases(delta);

  test(`finds nothing lower than the answer on ${LOGS} synthetic logs`, () => {
    const lower = all.map((log) => ({ index: log.index, ...opinionOf(log) })).filter(({ agrees }) => !agrees);
    expect(lower).toEqual([]);
  });

  test("comes back to the answer on most of them", () => {
    const near = all.filter((log) => Math.abs(opinionOf(log).relativeDifference ?? 1) < 1e-3);
    expect(near.length).toBeGreaterThan(0.9 * LOGS);
  });

  test.each([1e-3, 1e-2, 0.1])("detects an answer that was moved by %s of itself", (share) => {
    const missed = all.filter((log) => {
      const theta = moved(log, share);
      const { kernel, minimum } = log.solution;
      const excess = objectiveAt(log.problem.problem(kernel, log.objective), theta) - minimum.value;
      // Noise-free logs are met to rounding, and a point outside the law's bounds is no answer.
      const isWrong =
        isInside(kernel.toParameters(theta)) && excess > 1e-6 * minimum.value + log.rows * 1e-20;
      return isWrong && opinionOf(log, theta).agrees;
    });
    expect(missed.map(({ index }) => index)).toEqual([]);
  });
});
