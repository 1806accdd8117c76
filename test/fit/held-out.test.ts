/** Which rows a backtest holds out. */
import { describe, expect, test } from "vitest";
import { type HeldOut, holdOut } from "../../src/fit/held-out.js";
import { lawFromFormula } from "../../src/laws/from-formula.js";
import type { Law } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { between, generator, shuffled } from "../support/random.js";

const chinchilla = lawCalled("chinchilla");

const heldOut = (columns: Record<string, readonly number[]>, law: Law = chinchilla) => {
  const inputs = new Map(Object.entries(columns).map(([name, column]) => [name, Float64Array.from(column)]));
  const [first] = inputs.values();
  return holdOut(
    law,
    { inputs, measured: first, weight: null, inverseNoise: null, rowOf: null },
    law.parameters.length,
  );
};

const split = (columns: Record<string, readonly number[]>, law?: Law): HeldOut => {
  const found = heldOut(columns, law);
  if (typeof found === "string") throw new Error(found);
  return found;
};

/** So many sizes at each of these products N D. */
function budgets(products: readonly number[], sizes: number): { N: number[]; D: number[] } {
  const N = products.flatMap((nd) =>
    Array.from({ length: sizes }, (_, j) => Math.sqrt(nd / 20) * 10 ** (0.2 * (j - (sizes - 1) / 2))),
  );
  return { N, D: N.map((n, i) => products[Math.floor(i / sizes)] / n) };
}

const SIX = [1e17, 3e17, 1e18, 3e18, 1e19, 3e19];

describe("the rows that are held out", () => {
  test("are the two largest of six budgets, whatever the order of the rows", () => {
    const { N, D } = budgets(SIX, 7);
    const { held, rest, cut, largest, decades } = split({ N, D });
    expect([held.length, rest.length]).toEqual([14, 28]);
    expect(Array.from(held).every((i) => N[i] * D[i] > 5e18)).toBe(true);
    expect(cut / 3e18).toBeCloseTo(1, 12);
    expect(largest / 3e19).toBeCloseTo(1, 12);
    // Half a decade for one budget, one for the other: log10(10/3) and 1.
    expect(decades).toBeCloseTo((Math.log10(10 / 3) + 1) / 2, 12);
    const order = shuffled([...N.keys()], generator(1));
    const again = split({ N: order.map((i) => N[i]), D: order.map((i) => D[i]) });
    expect(Array.from(again.held, (i) => order[i]).sort((a, b) => a - b)).toEqual(Array.from(held));
  });

  test("are whole budgets also where the runs of one spread by more than a tenth", () => {
    const { N, D } = budgets(SIX, 7);
    const spread = D.map((d, i) => d * 1.03 ** (i % 7));
    expect(split({ N, D: spread }).held).toHaveLength(14);
  });

  test("are one budget of three or of four, where two would leave too little", () => {
    expect(split(budgets(SIX.slice(0, 3), 9)).held).toHaveLength(9);
    expect(split(budgets([1e17, 1e18, 1e19, 1e20], 5)).held).toHaveLength(5);
  });

  test("are the upper third of runs that all differ, and at least four", () => {
    const random = generator(2);
    const scattered = (rows: number) => {
      const N = Array.from({ length: rows }, () => 10 ** between(random, 7, 9));
      return { N, D: N.map((n) => n * 10 ** between(random, 0.5, 2)) };
    };
    const { N, D } = scattered(60);
    const { held, rest } = split({ N, D });
    expect(held.length).toBeGreaterThanOrEqual(18);
    expect(held.length).toBeLessThanOrEqual(22);
    const scale = (i: number) => N[i] * D[i];
    expect(Math.min(...Array.from(held, scale))).toBeGreaterThan(Math.max(...Array.from(rest, scale)));
    const x = Array.from({ length: 10 }, (_, i) => 10 ** (4 + i / 2));
    expect(split({ x }, lawCalled("power-floor")).held).toHaveLength(4);
  });

  test("leave two rows for each parameter, over more than one budget and more than one size", () => {
    expect(heldOut(budgets(SIX, 2))).toMatch(/too little is left to fit: 12 rows over 6 budgets/);
    expect(heldOut(budgets(SIX.slice(0, 2), 10))).toMatch(/too little is left/);
    expect(heldOut(budgets(SIX.slice(0, 1), 20))).toMatch(/too little is left/);
    // All rows but those of the largest budget have one size.
    const large = budgets([1e20], 7);
    const N = [...Array.from({ length: 14 }, () => 1e8), ...large.N];
    const D = [...Array.from({ length: 14 }, (_, i) => 1e9 * 1.3 ** i), ...large.D];
    expect(heldOut({ N, D })).toMatch(/too little is left/);
  });

  test("lie a tenth of a decade beyond the rest on average", () => {
    const { N, D } = budgets([1e18, 1.05 * 1e18, 1.15e18, 1.25e18, 1.4e18], 7);
    expect(heldOut({ N, D })).toMatch(/too little is left/);
  });

  test("go by every k-th row where there are very many", () => {
    const x = Array.from({ length: 100_000 }, (_, i) => 1e3 * 1.0002 ** i);
    const { held, rest } = split({ x }, lawCalled("power-floor"));
    expect(held.length + rest.length).toBeGreaterThan(3000);
    expect(held.length + rest.length).toBeLessThanOrEqual(4000);
    expect(Math.min(...Array.from(held, (i) => x[i]))).toBeGreaterThan(x[rest[rest.length - 1]]);
  });
});

describe("the scale along which rows are larger", () => {
  const ofFormula = (text: string, roles: Record<string, "params" | "tokens" | "scale">): Law =>
    lawFromFormula(text, (name) => roles[name] ?? null).law;

  test("is the product of a size and tokens under any names, or the one input", () => {
    const law = ofFormula("E + A/size^a + B/seen^b + c*lr^2", {
      size: "params",
      seen: "tokens",
      lr: "scale",
    });
    const { N, D } = budgets(SIX, 7);
    const lr = N.map((_, i) => 1e-3 * (1 + (i % 3)));
    expect(split({ size: N, seen: D, lr }, law).along).toEqual(["size", "seen"]);
    expect(split({ x: N }, lawCalled("power-floor")).along).toEqual(["x"]);
  });

  test("is none for other inputs, or for values that are not above 0", () => {
    const law = ofFormula("a + b*p + c*q", { p: "scale", q: "scale" });
    const { N, D } = budgets(SIX, 7);
    expect(heldOut({ p: N, q: D }, law)).toMatch(/no scale, such as N D/);
    const x = Array.from({ length: 30 }, (_, i) => i - 3);
    expect(heldOut({ x }, lawCalled("power-floor"))).toMatch(/x is not above 0/);
  });
});
