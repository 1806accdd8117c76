import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lawFromFormula, quantityOfLetter } from "../../src/laws/from-formula.js";
import type { AllocationForms } from "../../src/laws/law.js";
import { allocationOf, numericAllocation } from "../../src/plan/numeric-allocation.js";
import { lawCalled } from "../support/core.js";
import { seeded } from "../support/random.js";

const chinchilla = lawCalled("chinchilla");
const closed = chinchilla.allocation as AllocationForms;
const numeric = numericAllocation(chinchilla, { N: "N", D: "D" });

/** N and D are what they are in the field; further columns are some scale. */
const roles =
  (...columns: string[]) =>
  (name: string) =>
    ["N", "D"].includes(name) ? quantityOfLetter(name) : columns.includes(name) ? "scale" : null;

/** Laws whose terms are within reach of each other between 1e6 and 1e12 parameters. */
const coefficients = fc
  .record({
    E: fc.double({ min: 0, max: 3, noNaN: true }),
    alpha: fc.double({ min: 0.05, max: 1, noNaN: true }),
    beta: fc.double({ min: 0.05, max: 1, noNaN: true }),
    size: fc.double({ min: -1, max: 0.5, noNaN: true }),
    data: fc.double({ min: -1, max: 0.5, noNaN: true }),
  })
  .map(({ E, alpha, beta, size, data }) => ({
    E,
    alpha,
    beta,
    A: 10 ** size * 3e8 ** alpha,
    B: 10 ** data * 6e9 ** beta,
  }));

/** Within 1e-8 of each other, relative. */
const agree = (found: number | null | undefined, expected: number | null | undefined) =>
  expect(Math.abs((found ?? Number.NaN) / (expected ?? Number.NaN) - 1)).toBeLessThan(1e-8);

describe("allocation without a closed form", () => {
  test("splits a budget as chinchilla's closed form does", () => {
    fc.assert(
      fc.property(coefficients, fc.double({ min: 14, max: 25, noNaN: true }), (c, decades) => {
        const expected = closed.optimum(c, 10 ** decades);
        fc.pre(expected !== null && expected.N > 1 && expected.D > 1);
        const found = numeric.optimum(c, 10 ** decades);
        agree(found?.N, expected?.N);
        agree(found?.D, expected?.D);
      }),
      seeded(200),
    );
  });

  test("finds the tokens for a size and the size for tokens as the closed form does", () => {
    fc.assert(
      fc.property(coefficients, fc.double({ min: 7, max: 12, noNaN: true }), (c, decades) => {
        const [D, N] = [closed.tokensFor(c, 10 ** decades), closed.paramsFor(c, 10 ** decades)];
        fc.pre(D !== null && D > 1 && D < 1e38 && N !== null && N > 1 && N < 1e38);
        agree(numeric.tokensFor(c, 10 ** decades), D);
        agree(numeric.paramsFor(c, 10 ** decades), N);
      }),
      seeded(200),
    );
  });

  test("finds the compute for a loss as the closed form does", () => {
    fc.assert(
      fc.property(coefficients, fc.double({ min: 14, max: 25, noNaN: true }), (c, decades) => {
        const split = closed.optimum(c, 10 ** decades);
        fc.pre(split !== null && split.N > 1 && split.D > 1);
        const { N, D } = split as { N: number; D: number };
        const excess = c.A / N ** c.alpha + c.B / D ** c.beta;
        // A loss that hardly differs from its floor says nothing of the compute.
        fc.pre(excess > 0.01);
        const loss = c.E + excess;
        agree(numeric.productForLoss(c, loss), closed.productForLoss(c, loss));
      }),
      seeded(100),
    );
  });

  test("has no answer at or below the floor, and none for a law that rises", () => {
    const c = { E: 1.8, A: 482, B: 2085, alpha: 0.35, beta: 0.37 };
    expect(numeric.productForLoss(c, 1.8)).toBeNull();
    expect(numeric.optimum({ ...c, alpha: -0.35 }, 1e21)).toBeNull();
    expect(numeric.tokensFor({ ...c, B: 0 }, 1e9)).toBeNull();
  });

  test("exists for a formula in N and D, and for no other", () => {
    const of = (formula: string, ...columns: string[]) =>
      allocationOf(lawFromFormula(formula, roles(...columns)).law);
    expect(of("E + (A/N^alpha + B/D^beta)^kappa")).not.toBeNull();
    expect(of("E + A/N^alpha + C0")).toBeNull();
    expect(of("E + A/(N*U)^alpha + B/D^beta", "U")).toBeNull();
    // Two columns of unknown meaning are no size and no tokens, whatever the formula looks like.
    expect(of("E + A/p^alpha + B/t^beta", "p", "t")).toBeNull();
    expect(allocationOf(chinchilla)).toBe(closed);
    expect(allocationOf(lawCalled("power-floor"))).toBeNull();
  });

  test("splits a law that uses the names it works with itself", () => {
    const { law } = lawFromFormula("E + x/N^y + x_/D^y_", roles());
    const found = numericAllocation(law, { N: "N", D: "D" });
    const expected = closed.optimum({ E: 1.8, A: 482, B: 2085, alpha: 0.35, beta: 0.37 }, 1e21);
    agree(found.optimum({ E: 1.8, x: 482, x_: 2085, y: 0.35, y_: 0.37 }, 1e21)?.N, expected?.N);
  });
});
