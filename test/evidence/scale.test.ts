import { describe, expect, test } from "vitest";
import { scaleOf } from "../../src/evidence/scale.js";
import { type ColumnsOfLog, candidate } from "../support/candidates.js";

const log: ColumnsOfLog = {
  columns: { N: [1e6, 1e7, 1e8], D: [2e7, 2e8, 2e9], C: [1.2e14, 1.2e16, 1.2e18], L: [4, 3, 2] },
  measured: [4, 3, 2],
};

describe("what tells large runs from small ones", () => {
  test("is N D where a law sees both, whatever the others see", () => {
    const scale = scaleOf(["power-floor", "chinchilla"].map((id) => candidate(id, log)));
    expect(scale?.name).toBe("N D");
    expect(Array.from(scale?.values ?? [])).toEqual([2e13, 2e15, 2e17]);
  });

  test("is the one variable, called as the log calls it, where all laws have one", () => {
    expect(scaleOf([candidate("power-floor", log)])?.name).toBe("C");
  });

  test("counts a loss backwards: the lowest is the furthest out", () => {
    const scale = scaleOf([candidate("loss-error", log)]);
    expect(Array.from(scale?.values ?? [])).toEqual([1 / 4, 1 / 3, 1 / 2]);
  });

  test("is nothing where it is the same in all rows", () => {
    const oneBudget = { ...log, columns: { ...log.columns, D: [2e9, 2e8, 2e7] } };
    expect(scaleOf([candidate("chinchilla", oneBudget)])).toBeNull();
  });
});
