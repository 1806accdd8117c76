/** Rows in the order of their values: a sort by comparison says what it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderByValues } from "../src/order.js";
import { generator, seeded } from "./support/random.js";

const compared = (by: readonly Float64Array[]): number[] =>
  [...by[0].keys()].sort((a, b) => {
    const column = by.find((values) => values[a] !== values[b]);
    return column === undefined ? a - b : column[a] - column[b];
  });

describe("rows in the order of their values", () => {
  test("stand by the first column, equal ones by the next, and equal ones of all as they were", () => {
    const by = [Float64Array.of(2, 1, 2, 1, 2), Float64Array.of(5, 9, 4, 9, 4)];
    expect([...orderByValues(by)]).toEqual([1, 3, 2, 4, 0]);
  });

  test("are none for no rows", () => {
    expect(orderByValues([new Float64Array(0)])).toHaveLength(0);
  });

  // Few distinct values, neighbours that agree in their first 32 bits, and any positive numbers; few rows and many.
  const kinds: [string, (random: () => number) => number][] = [
    ["few values", (random) => 1 + Math.floor(4 * random())],
    ["near neighbours", (random) => 1e9 * (1 + Math.floor(1000 * random()) * Number.EPSILON)],
    ["any size", (random) => 10 ** (600 * random() - 300)],
    ["between", (random) => 2 + random()],
  ];
  test("are those of a sort by comparison", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.integer({ min: 1, max: 6000 }),
        fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 3 }),
        (seed, rows, columns) => {
          const random = generator(seed);
          const by = columns.map(([, value]) => Float64Array.from({ length: rows }, () => value(random)));
          expect([...orderByValues(by)]).toEqual(compared(by));
        },
      ),
      seeded(200),
    );
  });
});
