import { describe, expect, test } from "vitest";
import { movedToRun, planOf, type Registered } from "../../src/checks/against-plan.js";
import type { Prediction } from "../../src/objects.js";

const PLAN: Registered = {
  group: null,
  planned: { N: 7e9, D: 2e11 },
  value: { estimate: 2.2, low: 2.1, high: 2.3 },
  newRun: { low: 2, high: 2.4 },
  residualScale: "log",
};
const at = (estimate: number): Prediction => ({
  group: null,
  law: "chinchilla",
  at: { N: 7e9, D: 2e11 },
  value: { estimate, low: null, high: null },
  newRun: { low: null, high: null },
});

describe("the plan of a run", () => {
  test("is the nearest of those within a quarter of its size and tokens", () => {
    const other = { ...PLAN, planned: { N: 8e9, D: 2e11 } };
    expect(planOf([PLAN, other], null, { N: 7.2e9, D: 2.1e11 })).toBe(PLAN);
    expect(planOf([PLAN, other], null, { N: 7.9e9, D: 2.1e11 })).toBe(other);
  });

  test("is none where one of the two is further off, or the group is another", () => {
    expect(planOf([PLAN], null, { N: 7e9, D: 2.6e11 })).toBeNull();
    expect(planOf([PLAN], null, { N: 5.5e9, D: 2e11 })).toBeNull();
    expect(planOf([{ ...PLAN, group: "a" }], "b", PLAN.planned)).toBeNull();
    expect(planOf([PLAN], "b", PLAN.planned)).toBe(PLAN);
  });
});

describe("the prediction at the run", () => {
  test("is the registered one where the run is as planned", () => {
    expect(movedToRun(PLAN, at(2.2), 2.2)).toMatchObject({ value: PLAN.value, newRun: PLAN.newRun });
  });

  test("moves by what the law says of the difference, on the scale of the residuals", () => {
    expect(movedToRun(PLAN, at(1.1), 2.2).newRun).toEqual({ low: 1, high: 1.2 });
    const raw = movedToRun({ ...PLAN, residualScale: "raw" }, at(1.2), 2.2);
    expect(raw.value.estimate).toBeCloseTo(1.2, 12);
    expect(raw.newRun.low).toBeCloseTo(1, 12);
  });

  test("keeps a limit that was not known unknown", () => {
    const bare = { ...PLAN, newRun: { low: null, high: null, reason: "no draws" } };
    expect(movedToRun(bare, at(2.1), 2.2).newRun).toEqual(bare.newRun);
  });
});
