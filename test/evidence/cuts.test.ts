import fc from "fast-check";
import { expect, test } from "vitest";
import { cutsOf, scalesOf } from "../../src/evidence/cuts.js";

const needed = { rows: 3, runs: 3 };

test("runs of one budget that spread a little stay together, sizes without gaps are parted every 10 %", () => {
  expect(scalesOf([1, 1.08, 1.15, 10, 10.5, 100])).toEqual([0, 3, 5]);
  const even = Array.from({ length: 50 }, (_, i) => 1.05 ** i);
  const starts = scalesOf(even);
  expect(starts.length).toBeGreaterThan(20);
  for (const [k, start] of starts.entries())
    if (k > 0) expect(even[start] / even[starts[k - 1]]).toBeGreaterThan(1.1);
});

test("every run lies on one side of a cut, and what is predicted is larger than all that is fitted", () => {
  const rows = fc.array(fc.record({ run: fc.nat(12), size: fc.integer({ min: 1, max: 60 }) }), {
    minLength: 8,
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, (made) => {
      const sorted = made.toSorted((a, b) => a.size - b.size);
      const scale = Float64Array.from(sorted, ({ size }) => size);
      const run = Int32Array.from(sorted, (row) => row.run);
      for (const { scale: at, below, above, runsBelow, runsAbove } of cutsOf(scale, run, needed, 20).cuts) {
        const fitted = new Set(Array.from(below, (i) => run[i]));
        expect(Math.max(...Array.from(below, (i) => scale[i]))).toBe(at);
        for (const i of above) {
          expect(scale[i]).toBeGreaterThan(at);
          expect(fitted.has(run[i])).toBe(false);
        }
        expect(fitted.size).toBe(runsBelow);
        expect(runsBelow + runsAbove).toBe(new Set(run).size);
      }
    }),
    { numRuns: 60 },
  );
});

test("cuts that leave too little are named with the reason, and of many possible ones the first and last are kept", () => {
  const scale = Float64Array.from({ length: 30 }, (_, i) => 2 ** i);
  const all = cutsOf(scale, null, { rows: 6, runs: 4 }, 100);
  expect(all.skipped).toHaveLength(5);
  expect(all.skipped[4].reason).toBe("5 rows below, and 6 are needed");
  const some = cutsOf(scale, null, { rows: 6, runs: 4 }, 5);
  expect(some.cuts.map((cut) => cut.scale)).toHaveLength(5);
  expect(some.cuts[0].scale).toBe(all.cuts[0].scale);
  expect(some.cuts[4].scale).toBe(2 ** 28);
  expect(some.leftOut).toBe(all.cuts.length - 5);
});
