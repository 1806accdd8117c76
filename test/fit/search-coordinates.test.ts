import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coordinatesOver } from "../../src/fit/search-coordinates.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import { lawFromFormula, quantityOfLetter } from "../../src/laws/from-formula.js";
import { laws } from "../../src/laws/index.js";
import type { Law, SearchCoordinates, StartRange } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { estimatesOf, fitTo, grid, spaced, valuesOf } from "../support/law-fits.js";
import { generator, normal, seeded } from "../support/random.js";

/** Laws that a fit works on in variables of their own, larger members of families too. */
const withCoordinates = laws
  .flatMap((law) => [law, ...(law.family?.tried ?? []).map((size) => law.family?.of(size) as Law)])
  .filter((law) => law.coordinates !== null);

/** A value where the search looks for it, moderate where it looks everywhere. */
function within(start: StartRange | undefined, [low, high]: readonly [number, number], u: number): number {
  if (start !== undefined && "between" in start) {
    const [a, b] = start.between;
    return start.spacing === "log" ? a * (b / a) ** u : a + (b - a) * u;
  }
  if (start !== undefined) return 1e3 * 10 ** u;
  return low >= 0 && high <= 1 ? 0.05 + 0.9 * u : 0.2 + 3 * u;
}

describe.each(withCoordinates.map((law) => [`${law.id}, ${law.parameters.length} parameters`, law] as const))(
  "the variables that a fit of %s works on",
  (_, law) => {
    const coordinates = law.coordinates as SearchCoordinates;
    const columns = law.inputs.map((_, k) => Float64Array.from(spaced(10 ** (2 + k), 10 ** (5 + k), 7)));
    const { compiled, free, map } = coordinatesOver(law, coordinates, columns);
    const bound = compiled.bind(columns, 7);
    const point = fc
      .array(fc.double({ min: 0.02, max: 0.98, noNaN: true }), {
        minLength: free.length,
        maxLength: free.length,
      })
      .map((shares) =>
        Float64Array.from(shares, (u, j) =>
          within(coordinates.variables[j].start, coordinates.variables[j].bounds, u),
        ),
      );

    test("stand one in the place of each parameter", () => {
      expect(map.names).toEqual(law.parameters.map(({ name }) => name));
      expect(free).toHaveLength(law.parameters.length);
    });

    test("give the law's value at the parameters they stand for", () => {
      fc.assert(
        fc.property(point, (theta) => {
          const values = new Float64Array(7);
          bound.value(theta, values);
          const parameters = map.of(theta);
          if (!parameters.every(Number.isFinite)) return;
          const c = Object.fromEntries(law.parameters.map(({ name }, j) => [name, parameters[j]]));
          values.forEach((value, i) => {
            const at = Object.fromEntries(law.inputs.map(({ name }, k) => [name, columns[k][i]]));
            const own = evaluateLaw(law, c, at);
            // M4 has no value where its plateau is below its floor.
            if (Number.isNaN(own)) expect(value).toBeNaN();
            // Farseer's b and a N^g may be a thousand times their sum, and stand in an exponent.
            else expect(Math.abs(value - own)).toBeLessThanOrEqual(1e-9 * Math.abs(own) + 1e-300);
          });
        }),
        seeded(60),
      );
    });

    test("have the derivatives of the parameters right", () => {
      fc.assert(
        fc.property(point, (theta) => {
          const p = theta.length;
          const jacobian = map.jacobian(theta);
          for (let j = 0; j < p; j++) {
            const h = 1e-6 * Math.max(Math.abs(theta[j]), 1e-3);
            const moved = (step: number) => map.of(theta.map((t, i) => (i === j ? t + step : t)));
            const [up, down] = [moved(h), moved(-h)];
            up.forEach((value, r) => {
              const quotient = (value - down[r]) / (2 * h);
              const size = Math.abs(jacobian[r * p + j]) + (1e-9 * Math.abs(value)) / h + 1e-12;
              if (Number.isFinite(quotient))
                expect(Math.abs(jacobian[r * p + j] - quotient)).toBeLessThan(1e-2 * size);
            });
          }
        }),
        seeded(30),
      );
    });
  },
);

describe("a fit in such variables", () => {
  const gamma = lawCalled("chinchilla-gamma");
  const c = { E: 1.8, A: 500, alpha: 0.35, B: 2000, beta: 0.37, gamma: 0.9 };
  const inputs = grid({ N: spaced(5e7, 1.6e10, 7), D: spaced(1e9, 3e11, 7) });
  const random = generator(3);
  const measured = valuesOf(gamma, c, inputs).map((L) => L * Math.exp(0.005 * normal(random)));
  const plain = fitTo(gamma, inputs, measured, { delta: 1e-2 });

  test("ends where a fit of the parameters themselves does, with the same covariance", () => {
    const asGiven = fitTo(gamma, inputs, measured, { delta: 1e-2 }, { starts: new Map(Object.entries(c)) });
    expect(plain.objective.value).toBeCloseTo(asGiven.objective.value, 14);
    for (const [name, { estimate, standardError }] of Object.entries(plain.parameters)) {
      // The parameters themselves are so ill conditioned that their end is right to few digits.
      expect(estimate / asGiven.parameters[name].estimate).toBeCloseTo(1, 5);
      expect((standardError as number) / (asGiven.parameters[name].standardError as number)).toBeCloseTo(
        1,
        4,
      );
    }
  });

  test("is the same under the names of a formula of one's own", () => {
    const roles = (name: string) => (["N", "D"].includes(name) ? quantityOfLetter(name) : null);
    const own = lawFromFormula("f + (b1/N^p + b2/D^w)^S", roles);
    expect(own.equals?.id).toBe("chinchilla-gamma");
    const renamed = estimatesOf(fitTo(own.law, inputs, measured, { delta: 1e-2 }));
    const { E, A, alpha, B, beta, gamma } = estimatesOf(plain);
    expect(renamed).toEqual({ f: E, b1: A, p: alpha, b2: B, w: beta, S: gamma });
  });

  test("leaves them where the user speaks of single parameters", () => {
    const fixed = fitTo(gamma, inputs, measured, { delta: 1e-2 }, { fixed: new Map([["gamma", 1]]) });
    const chinchilla = fitTo(lawCalled("chinchilla"), inputs, measured, { delta: 1e-2 });
    expect(fixed.objective.value).toBeCloseTo(chinchilla.objective.value, 12);
    expect(fixed.parameters.alpha.estimate).toBeCloseTo(chinchilla.parameters.alpha.estimate, 6);
  });
});
