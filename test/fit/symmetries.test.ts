/** What must not change a fit, and what must change it in a known way. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import type { SavedFit } from "../../src/objects.js";
import { fitRows } from "../support/core.js";
import type { Columns } from "../support/csv.js";
import { between, generator, seeded, shuffled } from "../support/random.js";
import { BESIROGLU, randomLog, type Truth } from "../support/sweeps.js";

const seeds = fc.integer({ min: 0, max: 1e6 });

const noisyLog = (seed: number, rows = 30): Columns => {
  const random = generator(seed);
  return randomLog(BESIROGLU, { rows, noise: between(random, 0.002, 0.01), outliers: 0.1 }, random);
};

const picked = (log: Columns, order: readonly number[]): Columns => ({
  N: order.map((i) => log.N[i]),
  D: order.map((i) => log.D[i]),
  loss: order.map((i) => log.loss[i]),
});

const fitted = (log: Columns, options: Partial<scalefit.FitOptions> = {}): SavedFit["fits"][number] =>
  scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: 40, ...options }).fits[0];

/** All numbers of a fit but the positions of its rows. */
const withoutRows = ({ diagnosis, ...rest }: SavedFit["fits"][number]) =>
  JSON.stringify({ ...rest, diagnosis: diagnosis.map(({ code, numbers }) => ({ code, numbers })) });

function expectClose(a: number, b: number, tolerance: number) {
  expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.max(Math.abs(a), Math.abs(b)));
}

describe("a fit", () => {
  test("has the same bytes for any order of the rows", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = noisyLog(seed);
        const other = picked(log, shuffled([...log.N.keys()], generator(seed + 1)));
        expect(withoutRows(fitted(other))).toBe(withoutRows(fitted(log)));
      }),
      seeded(15),
    );
  });

  test("has the same bytes for any order of the columns", () => {
    const { N, D, loss } = noisyLog(5);
    const turned = scalefit.fit({ law: "chinchilla", data: { loss, D, N }, bootstrap: 40 });
    expect(withoutRows(turned.fits[0])).toBe(withoutRows(fitted({ N, D, loss })));
  });

  test("scales with the units: A by u^alpha, B by v^beta, and E, A, B with the loss", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.double({ min: -9, max: 3, noNaN: true }),
        fc.double({ min: -12, max: 3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (seed, n, d, l) => {
          const log = noisyLog(seed);
          const [u, v, c] = [10 ** n, 10 ** d, 10 ** l];
          const own = fitted(log);
          const other = fitted({
            N: log.N.map((N) => N * u),
            D: log.D.map((D) => D * v),
            loss: log.loss.map((loss) => loss * c),
          });
          expect(other.status).toBe(own.status);
          // Delta is on the log scale: the same. Products and logs are rounded, and the answer stands as still as
          // its gradient (1e-7 at a kink): 1e-6 for parameters and delta, and the sum has an error twice as steep.
          expectClose(other.objective.delta ?? 0, own.objective.delta ?? 1, 1e-6);
          expectClose(other.objective.value, own.objective.value, 1e-6);
          const scaled = (p: Record<string, number>) => ({
            E: p.E * c,
            A: p.A * c * u ** p.alpha,
            B: p.B * c * v ** p.beta,
            alpha: p.alpha,
            beta: p.beta,
          });
          const estimate = (fit: typeof own) =>
            Object.fromEntries(Object.entries(fit.parameters).map(([name, p]) => [name, p.estimate]));
          const expected = scaled(estimate(own));
          for (const [name, value] of Object.entries(estimate(other)))
            expectClose(value, expected[name as keyof typeof expected], 1e-6);
          // Draws are polished to 1e-9 of their objective only: amplitudes to about 1e-4.
          const names = own.draws.parameters;
          own.draws.values.slice(0, 5).forEach((draw, b) => {
            const mine = scaled(Object.fromEntries(names.map((name, j) => [name, draw[j]])));
            const theirs = Object.fromEntries(names.map((name, j) => [name, other.draws.values[b][j]]));
            expectClose(theirs.alpha, mine.alpha, 1e-3);
            expectClose(theirs.beta, mine.beta, 1e-3);
          });
        },
      ),
      seeded(15),
    );
  });

  test("predicts the same whatever the units it was made in", () => {
    const log = noisyLog(11);
    const own = scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: 0 });
    const millions = scalefit.fit({
      law: "chinchilla",
      data: { N: log.N.map((N) => N / 1e6), D: log.D.map((D) => D / 1e9), loss: log.loss },
      bootstrap: 0,
    });
    const value = (fit: SavedFit, N: number, D: number) =>
      scalefit.predict({ fit, at: { N, D } }).predictions[0].value.estimate;
    expectClose(value(millions, 70e3, 1400), value(own, 70e9, 1400e9), 1e-9);
  });
});

describe("weights", () => {
  const options = { objective: "squares-log", bootstrap: 0 } as const;
  const estimates = (fit: { parameters: Record<string, { estimate: number }> }) =>
    Object.fromEntries(
      Object.entries(fit.parameters).map(([name, p]) => [name, p.estimate]),
    ) as unknown as Truth;

  test("of 2 are for squares the same as rows that stand twice", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = noisyLog(seed);
        const random = generator(seed + 2);
        const weight = log.N.map(() => (random() < 0.4 ? 2 : 1));
        const doubled = picked(
          log,
          weight.flatMap((w, i) => (w === 2 ? [i, i] : [i])),
        );
        const once = fitRows(log, { ...options, weight });
        const twice = fitRows(doubled, options);
        // The same sum from another order of additions and another centre; parameters as for units.
        expectClose(once.objective.value, twice.objective.value, 1e-10);
        for (const [name, value] of Object.entries(estimates(once)))
          expectClose(value, estimates(twice)[name as keyof Truth], 1e-6);
      }),
      seeded(20),
    );
  });

  test("that are all equal change the sum and not the estimates: of Huber's sum with delta in units of the noise", () => {
    const log = noisyLog(3);
    const delta = 1e-3;
    const plain = fitRows(log, { delta, bootstrap: 0 });
    const seven = fitRows(log, {
      delta: delta * Math.sqrt(7),
      bootstrap: 0,
      weight: log.N.map(() => 7),
    });
    expectClose(seven.objective.value, 7 * plain.objective.value, 1e-12);
    for (const [name, value] of Object.entries(estimates(plain)))
      expectClose(value, estimates(seven)[name as keyof Truth], 1e-9);
  });
});

describe("equal rows", () => {
  test("count as often as they stand there, whatever the objective", () => {
    // A copy that differs in the last bits is no equal row: it is fitted by itself.
    const nearly = (column: readonly number[]) => column.map((value) => value * (1 + 1e-13));
    for (const objective of ["huber-log", "absolute-log", "envelope-log", "huber"] as const) {
      const log = noisyLog(8);
      const options = { objective, bootstrap: 0 };
      const joined = fitted(
        picked(
          log,
          [...log.N.keys()].flatMap((i) => [i, i]),
        ),
        options,
      );
      const apart = fitted(
        {
          N: [...log.N, ...nearly(log.N)],
          D: [...log.D, ...nearly(log.D)],
          loss: [...log.loss, ...log.loss],
        },
        options,
      );
      expectClose(joined.objective.value, apart.objective.value, 1e-8);
      expectClose(joined.parameters.alpha.estimate, apart.parameters.alpha.estimate, 1e-5);
    }
  });
});
