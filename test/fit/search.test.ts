/** A seeded sample of what `test/bench/search.ts` does with 10,000 logs. */
import { describe, expect, test } from "vitest";
import { makeObjective } from "../../src/fit/objective.js";
import { searchObjective } from "../../src/fit/search-objective.js";
import { chinchillaProblem } from "../support/core.js";
import { chinchillaPoints } from "../support/csv.js";
import { contest, contestLog, TRIED } from "../support/search-contest.js";
import { describeWithShared } from "../support/shared.js";

const LOGS = 100;
/** One in 1,000 may be above this: none in the sample. */
const MISS = 1e-6;

/**
 * Logs that were missed once, and what mended it. At delta 1e-3, 3 in 1,000, all of 12 to 43 rows: most residuals lie
 * on the linear part, and minima side by side (hops from the best end), or on the face E = 0 (searched by itself).
 * The last six: a steep term spent on one or two rows, from whose start its tiny amplitude at the centre had been
 * cut off; basins that only the objective itself has, not thirty times its delta (starts run on it directly).
 */
const ONCE_MISSED = [
  ...[182, 195, 734, 1116, 1294, 1646, 1751, 1817, 1917, 2058, 2730, 3020, 3773],
  ...[7573, 10_331, 10_692, 11_594, 11_750, 11_975],
];

/** Logs of more rows than are searched from nothing twice. */
const LARGER = Array.from({ length: 60 }, (_, i) => contestLog(200_000 + i).log).filter(
  ({ loss }) => loss.length > 60,
);

const missesAmong = (indices: readonly number[], tried = TRIED.slice(0, 2)) =>
  indices
    .map((index) => contest(index, tried))
    .flatMap(({ index, results }) =>
      results.filter(({ excess }) => excess > MISS).map(({ tried, excess }) => ({ index, tried, excess })),
    );

describe("the search", () => {
  test(`ends no higher than the best of 200 random starts, on ${LOGS} synthetic logs`, () => {
    expect(missesAmong(Array.from({ length: LOGS }, (_, i) => 100_000 + i))).toEqual([]);
  });

  test("finds the optimum of the logs that it once missed", () => {
    expect(missesAmong(ONCE_MISSED)).toEqual([]);
  });

  test("begun at what a search at delta 1e-3 came by ends no higher than from nothing", () => {
    expect(LARGER.length).toBeGreaterThan(20);
    const rises = LARGER.map((log) => {
      const problem = chinchillaProblem(log);
      const earlier = problem.search(makeObjective("huber-log", 1e-3));
      const objective = makeObjective("huber-log", 0.02);
      const known = problem.search(objective, earlier).best.minimum.value;
      return known / problem.search(objective).best.minimum.value - 1;
    });
    expect(Math.max(...rises)).toBeLessThan(MISS);
  });
});

describe("the search for least absolute deviations", () => {
  /**
   * Logs that were missed once, and what mended it: other rows met in a minimum close by (hops to the nearest vertex), and
   * the face E = 0, which was left and entered again at every width of rounding. The last two: too few hops among a hundred
   * rows, and an E = 0 that only the rounded sum had (the other basins of the search are tried too).
   */
  const missed = [27, 79, 149, 195, 213, 272, 357, 390, 451, 481, 545, 620, 1026];

  test("finds the optimum of the logs that were missed", () => {
    expect(missesAmong(missed, TRIED.slice(2))).toEqual([]);
  });

  test("ends no higher than the best of 200 random starts", () => {
    const others = Array.from({ length: 12 }, (_, i) => 100_000 + i);
    expect(missesAmong(others, TRIED.slice(2))).toEqual([]);
  });
});

describeWithShared("the search on Epoch's 240 points", () => {
  const problem = chinchillaProblem(chinchillaPoints(240));

  test("says how many starts it took, and that they agree", () => {
    const { starts, reachedBest, minima } = problem.search(makeObjective("squares-log", null));
    // Seven fixed pairs of exponents; the minimum of the grid is one of them.
    expect(starts).toBeGreaterThanOrEqual(7);
    expect(reachedBest).toBe(starts);
    expect(minima).toBe(1);
  });

  test("is the same whenever it is run", () => {
    const once = () =>
      searchObjective(problem, null, { objective: "huber-log", delta: 1e-3 }).search.best.parameters;
    expect(once()).toEqual(once());
  });
});
