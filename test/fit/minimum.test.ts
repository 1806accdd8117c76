/** The minimum, against solvers that share nothing with the program's. */
import { beforeAll, describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import type { Columns } from "../support/csv.js";
import { between, generator } from "../support/random.js";
import { type Point, ReferenceProblem, unsqueeze } from "../support/reference-solver.js";
import { randomLog, randomTruth, type Truth } from "../support/sweeps.js";

const LOGS = 200;
/** Lower by more than this is a miss: 1e-6 moves no parameter by a visible amount, and is far above rounding. */
const MISS = 1e-6;

interface Case {
  k: number;
  truth: Truth;
  data: Columns;
  own: number;
  answer: Point;
  problem: ReferenceProblem;
  random: () => number;
}

/** 12 to 100 rows, noise 1e-4 to 5 %, outliers in every third; the adaptive delta, the fixed one, and squares. */
function solved(k: number): Case {
  const random = generator(1000 + k);
  const truth = randomTruth(random);
  const rows = Math.floor(between(random, 12, 101));
  const noise = 10 ** between(random, -4, Math.log10(0.05));
  const data = randomLog(truth, { rows, noise, outliers: k % 3 === 0 ? 0.15 : 0 }, random);
  const settings = [{}, { delta: 1e-3 }, {}, { objective: "squares-log" as const }][k % 4];
  const [found] = scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap: 0, ...settings }).fits;
  const { E, A, B, alpha, beta } = found.parameters;
  const problem = new ReferenceProblem(data, found.objective.delta);
  const answer = problem.point({
    E: E.estimate,
    A: A.estimate,
    B: B.estimate,
    alpha: alpha.estimate,
    beta: beta.estimate,
  });
  return { k, truth, data, own: found.objective.value, answer, problem, random };
}

function randomPoint({ data, random }: Case): Point {
  const level = Math.log(data.loss.reduce((sum, loss) => sum + loss, 0) / data.loss.length);
  const term = () => level + between(random, -3, 0);
  const exponent = () => unsqueeze(10 ** between(random, -1.5, 0.3));
  return [term(), exponent(), term(), exponent(), term()];
}

/** Cases that a solver ended below, and the share of all that it solved as well as we did. */
function compare(cases: readonly Case[], solve: (c: Case) => number[]) {
  const lower: string[] = [];
  let equal = 0;
  for (const c of cases) {
    const relative = c.problem.value(solve(c)) / c.own - 1;
    if (relative < -MISS) lower.push(`log ${c.k}: ${relative.toExponential(2)}`);
    if (relative < MISS) equal++;
  }
  return { lower, share: equal / cases.length };
}

describe("the minimum of 200 random logs", () => {
  let cases: Case[];

  beforeAll(() => {
    cases = Array.from({ length: LOGS }, (_, k) => solved(k));
  });

  test("has the value that it is said to have", () => {
    // Another formula for the same sum, with E = 0 as e^-60 and bounds approached to 1e-9.
    for (const c of cases) expect(Math.abs(c.problem.value(c.answer) / c.own - 1)).toBeLessThan(1e-6);
  });

  test("is not undercut by BFGS from the truth and four random starts, then two simplexes", () => {
    const { lower, share } = compare(cases, (c) => {
      const starts = [c.problem.point(c.truth), ...Array.from({ length: 4 }, () => randomPoint(c))];
      const ends = starts.map((start) => c.problem.descend(start, 300));
      const [best] = ends.sort((a, b) => c.problem.value(a) - c.problem.value(b));
      return c.problem.simplex(c.problem.simplex(best, 0.05, 400), 0.005, 400);
    });
    expect(lower).toEqual([]);
    // A check that the other solver is one: it solves nearly all of them.
    expect(share).toBeGreaterThan(0.9);
  });

  test("is not undercut by a simplex about the answer", () => {
    const { lower, share } = compare(cases, (c) => c.problem.simplex(c.answer, 0.1, 600));
    expect(lower).toEqual([]);
    expect(share).toBeGreaterThan(0.9);
  });

  test("is not undercut by ml-levenberg-marquardt on reweighted squares", () => {
    const { lower, share } = compare(cases, (c) => c.problem.reweighted(c.problem.point(c.truth), 4));
    expect(lower).toEqual([]);
    // Reweighting converges slowly where delta is small; half of them it solves.
    expect(share).toBeGreaterThan(0.5);
  });
});
