import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, type ShapeAsked, type ShapeFigures, shape, UsageError } from "../../src/index.js";

const candidatesOf = (asked: ShapeAsked) => shape(asked).transformer?.candidates ?? [];
const recommended = (asked: ShapeAsked) => {
  const found = candidatesOf(asked).find((one) => one.recommended);
  if (found === undefined) throw new Error("no shape is recommended");
  return found;
};
const rungsOf = (asked: ShapeAsked) => shape(asked).ladder?.rungs ?? [];

/** Elements of every tensor of the model, one by one. */
function tensors({ shape: s }: ShapeFigures, experts: number): number {
  const matrices: [number, number][] = [];
  for (let layer = 0; layer < s.layers; layer++) {
    for (const heads of [s.heads, s.kvHeads, s.kvHeads]) matrices.push([s.width, heads * s.headSize]);
    matrices.push([s.heads * s.headSize, s.width]);
    for (let expert = 0; expert < experts; expert++) {
      matrices.push([s.width, s.ff], [s.ff, s.width]);
      if (s.isGated) matrices.push([s.width, s.ff]);
    }
    if (s.experts > 1) matrices.push([s.width, s.experts]);
    matrices.push([s.width, 1], [s.width, 1]);
  }
  matrices.push([s.width, 1], [s.vocab, s.width]);
  if (!s.isTied) matrices.push([s.vocab, s.width]);
  return matrices.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
}

/** Sizes from 100M to 1T; smaller ones are mostly vocabulary. */
const SIZE = fc.double({ min: 8, max: 12, noNaN: true }).map((decades) => 10 ** decades);
const FAMILY = fc.record({
  isGated: fc.boolean(),
  isTied: fc.boolean(),
  vocab: fc.constantFrom<number | "auto">(8192, 32_000, 50_257, "auto"),
  experts: fc.constantFrom(1, 8),
});

describe("shapes of a size", () => {
  test("have the parameters of their tensors, in the size's tolerance, in whole heads and steps", () => {
    fc.assert(
      fc.property(SIZE, FAMILY, (params, family) => {
        const found = candidatesOf({ ...family, params });
        expect(found.filter((one) => one.recommended)).toHaveLength(1);
        for (const one of found) {
          const { width, heads, headSize, kvHeads, ff, experts, activeExperts, layers } = one.shape;
          expect(tensors(one, experts)).toBe(one.params.total);
          expect(tensors(one, activeExperts)).toBe(one.params.active);
          expect(one.params.nonEmbedding + one.params.embedding).toBe(one.params.total);
          expect(Math.abs(one.difference ?? 1)).toBeLessThanOrEqual(0.05);
          expect(one.params.total / params - 1).toBeCloseTo(one.difference ?? 1, 12);
          expect([width % 8, ff % 8, width - heads * headSize, heads % kvHeads, layers % 1]).toEqual([
            0, 0, 0, 0, 0,
          ]);
          if (width >= 2048) expect([width % 128, ff % 128]).toEqual([0, 0]);
        }
      }),
      { numRuns: 15 },
    );
  });

  test("are larger for a larger size", () => {
    fc.assert(
      fc.property(SIZE, FAMILY, (params, family) => {
        const [small, large] = [params, 1.3 * params].map((size) => recommended({ ...family, params: size }));
        expect(large.params.total).toBeGreaterThan(small.params.total);
        expect(large.shape.width * large.shape.layers).toBeGreaterThan(
          small.shape.width * small.shape.layers,
        );
      }),
      { numRuns: 10 },
    );
  });

  test("stand about the usual proportion, or the one that was asked for", () => {
    const usual = candidatesOf({ params: 7e9 });
    expect(Math.min(...usual.map(({ aspect }) => aspect))).toBeLessThan(60);
    expect(Math.max(...usual.map(({ aspect }) => aspect))).toBeGreaterThan(200);
    expect(recommended({ params: 7e9, aspect: 60 }).aspect / 60).toBeCloseTo(1, 1);
  });

  test("take what is given: layers, width, heads, a feed-forward block, the multiple", () => {
    for (const one of candidatesOf({ params: 7e9, layers: 32 })) expect(one.shape.layers).toBe(32);
    for (const one of candidatesOf({ params: 7e9, width: 4096 })) expect(one.shape.width).toBe(4096);
    for (const one of candidatesOf({ params: 7e9, heads: 32 })) {
      expect(one.shape.heads).toBe(32);
      expect(one.shape.headSize % 8).toBe(0);
    }
    for (const one of candidatesOf({ params: 7e9, ff: 11_008, multiple: 256 })) {
      expect(one.shape.ff).toBe(11_008);
      expect(one.shape.width % 256).toBe(0);
    }
    // A width of heads that are not the model's, as in Gemma.
    const { shape: wide } = recommended({ params: 7e9, heads: 16, headSize: 256 });
    expect([wide.heads, wide.headSize]).toEqual([16, 256]);
  });

  test("count experts: what a token passes, by number or by share", () => {
    const {
      params,
      shape: one,
      flopsPerToken,
    } = recommended({ params: 47e9, experts: 64, activeShare: 0.1, ffRatio: 0.5 });
    expect(params.active / params.total).toBeCloseTo(0.1, 1);
    expect(one.activeExperts).toBeLessThan(10);
    expect(flopsPerToken["6nd"]).toBe(6 * params.active);
    expect(recommended({ params: 13e9, counted: "active", experts: 8 }).params.active / 13e9).toBeCloseTo(
      1,
      1,
    );
  });

  test("have the cache and the memory of their sides", () => {
    const { kvCacheBytes, weightBytes, params } = recommended({
      layers: 32,
      width: 4096,
      heads: 32,
      kvHeads: 8,
      context: 1000,
    });
    expect(kvCacheBytes).toEqual({
      perToken: 2 * 32 * 8 * 128 * 2,
      perSequence: 1000 * 2 * 32 * 8 * 128 * 2,
    });
    expect(weightBytes).toBe(2 * params.total);
  });

  test("leave out FLOPs by formulas that have no place for gates, grouped heads or experts", () => {
    const plain = recommended({ params: 1e9 }).flopsPerToken;
    expect(Object.values(plain).every((value) => value !== null)).toBe(true);
    const { kaplan, chinchilla, deepseek, exact } = recommended({ params: 1e9, isGated: true }).flopsPerToken;
    expect([kaplan, chinchilla, deepseek]).toEqual([null, null, null]);
    expect(exact).toBeGreaterThan(0);
  });

  test("warn of a size that is mostly vocabulary, and of a chain", () => {
    const codes = (asked: ShapeAsked) => shape(asked).warnings.map(({ code }) => code);
    expect(codes({ params: 20e6 })).toEqual(["embeddings"]);
    expect(codes({ params: 7e9, layers: 1000 })).toContain("proportion");
    expect(codes({ params: 7e9 })).toEqual([]);
  });

  test("say to what a vocabulary is padded, and take the law's where it is asked for", () => {
    expect(shape({ params: 175e9, vocab: 50_257 }).transformer?.vocabulary.padded).toBe(50_304);
    const { transformer } = shape({ params: 7e9, vocab: "auto" });
    const best = transformer?.candidates.find((one) => one.recommended)?.shape.vocab ?? 0;
    expect(transformer?.vocabulary).toMatchObject({ auto: true, padded: null });
    expect(Math.abs(best - (transformer?.vocabulary.approach1 ?? 0))).toBeLessThanOrEqual(64);
  });
});

describe("a ladder", () => {
  const SPAN = { from: 30e6, to: 1e9, runs: 6 };

  test("rises in equal steps of the logarithm, near its places, with one head size and proportion", () => {
    const rungs = rungsOf({ vocab: 8192, ladder: SPAN });
    rungs.forEach(({ size, difference, shape: one, aspect }, i) => {
      expect(size / (SPAN.from * (SPAN.to / SPAN.from) ** (i / 5)) - 1).toBeCloseTo(difference ?? 1, 9);
      expect(Math.abs(difference ?? 1)).toBeLessThan(0.1);
      expect(one.headSize).toBe(rungs[0].shape.headSize);
      expect(aspect / (shape({ vocab: 8192, ladder: SPAN }).ladder?.aspect ?? 0)).toBeGreaterThan(0.7);
      if (i > 0) expect(size).toBeGreaterThan(rungs[i - 1].size);
    });
  });

  test("takes over proportions, heads a key head and the gate of the large shape", () => {
    const asked = {
      params: 8e9,
      isGated: true,
      heads: 32,
      kvHeads: 8,
      ff: 14_336,
      layers: 32,
      width: 4096,
      vocab: 8192,
      tolerance: 0.2,
    };
    const { ladder, transformer } = shape({ ...asked, ladder: SPAN });
    expect(ladder?.aspect).toBe(128);
    expect(transformer?.candidates).toHaveLength(1);
    for (const { shape: one } of ladder?.rungs ?? []) {
      expect(one.heads / one.kvHeads).toBe(4);
      expect(one.isGated).toBe(true);
      expect(one.ff / one.width).toBeGreaterThan(3.4);
    }
  });

  test("rises for any span, whatever is counted", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 7, max: 8.5, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        fc.integer({ min: 2, max: 8 }),
        FAMILY,
        (least, span, runs, family) => {
          const ladder = { from: 10 ** least, to: 10 ** (least + span), runs };
          const sizes = rungsOf({ ...family, vocab: 8192, counted: "non-embedding", ladder }).map(
            ({ size }) => size,
          );
          expect(sizes).toHaveLength(runs);
          expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
        },
      ),
      { numRuns: 10 },
    );
  });

  test("warns where the small ones are mostly embeddings", () => {
    const { warnings } = shape({ ladder: { from: 5e6, to: 1e9, runs: 4 }, isTied: true });
    expect(warnings.map(({ code }) => code)).toEqual(["embeddings"]);
  });
});

describe("what cannot be", () => {
  test.each([
    [{}, /needs a size: --params/],
    [{ layers: 32 }, /--layers alone gives no size/],
    [{ params: 7e9, layers: 32, width: 2048 }, /--params 7B and --layers 32, --width 2048 contradict/],
    [{ params: 7e9, width: 65_536 }, /--params 7B and --width 65536 contradict/],
    [{ params: 7e9, width: 4096, heads: 30 }, /--width 4096 and --heads 30 contradict/],
    [{ params: 7e9, width: 4096, headSize: 100 }, /--width 4096 and --head-size 100 contradict/],
    [{ params: 7e9, width: 4100, multiple: 128 }, /--width 4100 and --multiple 128 contradict/],
    [{ params: 7e9, heads: 32, kvHeads: 7 }, /--kv-heads 7 and --heads 32 contradict/],
    [{ params: 7e9, heads: 32, kvHeads: 64 }, /--kv-heads 64 and --heads 32 contradict/],
    [{ params: 7e9, experts: 0 }, /--experts must be a whole number, 1 or more/],
    [{ params: 7e9, experts: 8, activeExperts: 9 }, /--active-experts 9 and --experts 8 contradict/],
    [{ params: 7e9, activeShare: 0.5 }, /--active-share 0.5 and a model without experts/],
    [{ params: 7e9, experts: 8, activeShare: 0.5, activeExperts: 2 }, /--active-experts and --active-share/],
    [{ params: 7e9, ff: 100, ffRatio: 4 }, /--ff and --ff-ratio contradict/],
    [{ params: 7e9, aspect: 100, layers: 32, width: 4096 }, /--aspect 100, --layers 32 and --width 4096/],
    [{ params: Number.NaN }, /--params must be above 0/],
    [{ params: 1e5 }, /100k parameters and a vocabulary of 32000 contradict/],
    [{ ladder: { from: 1e9, to: 1e8, runs: 6 } }, /--ladder must rise/],
    [{ ladder: { from: 1e7, to: 1e9, runs: 1 } }, /--runs must be a whole number from 2/],
    [{ ladder: { from: 1e7, to: 1e9, runs: 6 }, heads: 8 }, /--heads and --ladder contradict/],
  ] satisfies [ShapeAsked, RegExp][])("%j", (asked, message) => {
    expect(() => shape(asked)).toThrow(UsageError);
    expect(() => shape(asked)).toThrow(message);
  });

  test("by how much: the vocabulary that a size has no room for, the size that is not reached", () => {
    expect(() => shape({ params: 1e5 })).toThrow(
      expect.objectContaining({
        why: "at a width of 8 the embeddings and one layer take 512.8k, 412.8k more than there are",
      }),
    );
    expect(() => shape({ params: 7e9, layers: 32, width: 2048 })).toThrow(
      expect.objectContaining({ why: expect.stringContaining("1.742B parameters, 75.1 % less") }),
    );
  });

  test("steps that are too coarse for the size, or for the rungs", () => {
    expect(() => shape({ params: 20e6, multiple: 1024, vocab: 1024 })).toThrow(DataError);
    const ladder = { from: 1e7, to: 1.5e7, runs: 30 };
    expect(() => shape({ ladder, vocab: 256, multiple: 256 })).toThrow(DataError);
  });
});
