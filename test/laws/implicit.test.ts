import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoundFunction, Expression } from "../../src/laws/expression/index.js";
import { parseFormula } from "../../src/laws/expression/index.js";
import { constant, variable } from "../../src/laws/jet.js";
import type { Compute, Law } from "../../src/laws/law.js";
import { lawFunction } from "../../src/laws/law-function.js";
import { lawCalled } from "../support/core.js";
import { seeded } from "../support/random.js";

const m4 = lawCalled("m4");
const steps = lawCalled("kaplan-steps-batch");

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Coefficients and inputs in each law's order. */
const cases: readonly [Law, fc.Arbitrary<{ c: number[]; at: number[] }>][] = [
  [
    m4,
    fc.record({
      c: fc.tuple(between(0, 0.5), between(0.8, 3), between(0.05, 3), between(0.5, 100), between(-1, -0.1)),
      at: fc.tuple(between(1, 1e6)),
    }),
  ],
  [
    steps,
    fc.record({
      c: fc.tuple(
        between(1e8, 1e14),
        between(0.05, 0.4),
        between(100, 1e4),
        between(0.3, 1.2),
        between(1e5, 1e9),
        between(0.1, 0.5),
      ),
      at: fc.tuple(between(1e6, 1e10), between(1e3, 1e6), between(1e4, 1e7)),
    }),
  ],
];

function bound(law: Law, at: readonly number[], given = new Map<string, Expression>()): BoundFunction {
  const free = law.parameters.map(({ name }) => name).filter((name) => !given.has(name));
  return lawFunction(law, null, { free, given }).bind(
    at.map((x) => Float64Array.of(x)),
    1,
  );
}

/** Value, gradient and packed Hessian of one row. */
function everything(of: BoundFunction, parameters: readonly number[]): number[] {
  const p = parameters.length;
  const [value, gradient, hessian] = [1, p, (p * (p + 1)) / 2].map((size) => new Float64Array(size));
  of.hessian(Float64Array.from(parameters), value, gradient, hessian);
  return [...value, ...gradient, ...hessian];
}

function overJets(law: Law, c: readonly number[], at: readonly number[]): number[] {
  const jets = law.parameters.map(({ name }, i) => [name, variable(c[i], i, c.length)] as const);
  const inputs = law.inputs.map(({ name }, i) => [name, constant(at[i])] as const);
  const { v, g, h } = (law.compute as Compute)(Object.fromEntries(jets), Object.fromEntries(inputs));
  return [v, ...g, ...h];
}

describe.each(cases.map(([law, numbers]) => [law.id, law, numbers] as const))(
  "%s, solved for its value",
  (_, law, numbers) => {
    test("satisfies its equation", () => {
      fc.assert(
        fc.property(numbers, ({ c, at }) => {
          const [y] = everything(bound(law, at), c);
          expect(residual(law, c, at, y)).toBeLessThan(1e-12);
        }),
        seeded(),
      );
    });

    test("has the same derivatives compiled and over jets", () => {
      fc.assert(
        fc.property(numbers, ({ c, at }) => {
          const [compiled, jets] = [everything(bound(law, at), c), overJets(law, c, at)];
          // Second derivatives divide by the equation's slope three times; each scaled by the parameters it is by.
          scaled(compiled, c).forEach((value, i) => {
            expect(Math.abs(value - scaled(jets, c)[i])).toBeLessThan(1e-10 * Math.max(1, Math.abs(value)));
          });
        }),
        seeded(),
      );
    });

    test("has the derivatives of difference quotients", () => {
      fc.assert(
        fc.property(numbers, ({ c, at }) => {
          const row = bound(law, at);
          const p = c.length;
          const exact = scaled(everything(row, c), c);
          for (let j = 0; j < p; j++) {
            const h = 1e-5;
            const moved = (sign: number) => c.map((value, i) => (i === j ? value * (1 + sign * h) : value));
            const [up, down] = [everything(row, moved(1)), everything(row, moved(-1))];
            const slope = (up[0] - down[0]) / (2 * h);
            const size = Math.max(...exact.map(Math.abs));
            // Central differences: h^2 of third derivatives, which grow with the others, and 1e-16/h.
            expect(Math.abs(exact[1 + j] - slope)).toBeLessThan(1e-6 * size);
            for (let i = j; i < p; i++) {
              const second = ((up[1 + i] - down[1 + i]) / (2 * h)) * c[i];
              expect(Math.abs(exact[1 + p + (i * (i + 1)) / 2 + j] - second)).toBeLessThan(1e-6 * size);
            }
          }
        }),
        seeded(40),
      );
    });
  },
);

/** Derivatives times the parameters they are by. */
function scaled(all: readonly number[], c: readonly number[]): number[] {
  const second = c.flatMap((a, i) => c.slice(0, i + 1).map((b) => a * b));
  return all.map((value, k) => value * [1, ...c, ...second][k]);
}

/** How far a value misses the law's equation as published, relative to its largest side. */
function residual(law: Law, c: readonly number[], at: readonly number[], y: number): number {
  if (law === m4) {
    const [eInf, e0, alpha, beta, exponent] = c;
    // ln of both sides; digits are lost where y is nearly one of the ends, all of them where it is the end.
    fc.pre(Math.min(y - eInf, e0 - y) > 1e-9);
    const left = Math.log(y - eInf) - alpha * Math.log(e0 - y);
    const right = Math.log(beta) + exponent * Math.log(at[0]);
    const lost = (1e-15 * y) / Math.min(y - eInf, e0 - y);
    return Math.max(0, Math.abs(left - right) / Math.max(1, Math.abs(right)) - 10 * lost);
  }
  const [Nc, aN, Sc, aS, B0, aB] = c;
  const [N, S, B] = at;
  const right = (Nc / N) ** aN + ((Sc / S) * (1 + B0 / (B * y ** (1 / aB)))) ** aS;
  return Math.abs(y - right) / right;
}

describe("at the ends of its range M4", () => {
  const value = (c: readonly number[], x: number) => everything(bound(m4, [x]), c);

  test("is at the floor without an amplitude, and nothing but the floor moves it", () => {
    const [y, ...derivatives] = value([0.1, 1, 0.7, 0, -0.5], 1e4);
    expect(y).toBe(0.1);
    expect(derivatives[0]).toBe(1);
    expect(derivatives.every(Number.isFinite)).toBe(true);
  });

  test("is at the plateau where it has no exponent there and the power alone would pass it", () => {
    const [y, ...derivatives] = value([0.1, 1, 0, 50, -0.5], 10);
    expect(y).toBe(1);
    expect(derivatives.every(Number.isFinite)).toBe(true);
  });

  test("with alpha = 0 is M2, and with alpha = 1 a logistic of ln x", () => {
    expect(value([0.1, 1, 0, 50, -0.5], 1e6)[0]).toBeCloseTo(0.1 + 50 * 1e6 ** -0.5, 14);
    const f = 50 * 1e4 ** -0.5;
    expect(value([0.1, 1, 1, 50, -0.5], 1e4)[0]).toBeCloseTo(0.1 + (0.9 * f) / (1 + f), 14);
  });
});

describe("the loss at a finite batch", () => {
  const c = [6.5e13, 0.077, 2100, 0.76, 2e8, 0.21];

  test("is that of the least steps that the critical batch leaves (arXiv 2001.08361, eq. 5.4)", () => {
    const [N, S, B] = [1e9, 1e5, 5e5];
    const [L] = everything(bound(steps, [N, S, B]), c);
    const least = S / (1 + 2e8 / L ** (1 / 0.21) / B);
    expect(L).toBeCloseTo((6.5e13 / N) ** 0.077 + (2100 / least) ** 0.76, 13);
  });

  test("takes fixed and tied parameters", () => {
    const given = new Map([
      ["aS", parseFormula("10*aN - 0.01")],
      ["B0", parseFormula("2e8")],
    ]);
    const at = [1e9, 1e5, 5e5];
    const [L, ...derivatives] = everything(bound(steps, at, given), [6.5e13, 0.077, 2100, 0.21]);
    const [whole, ...slopes] = everything(bound(steps, at), c);
    expect(L).toBe(whole);
    // aN moves aS ten times as fast.
    expect(derivatives[1]).toBeCloseTo(slopes[1] + 10 * slopes[3], 10);
  });
});
