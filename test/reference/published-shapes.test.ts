/** Transformers and networks of others, through the library's public face: what their authors and checkpoints say. */
import { describe, expect, test } from "vitest";
import { type ShapeAsked, shape } from "../../src/index.js";
import { PUBLISHED_SHAPES } from "../../src/plan/published-shapes.js";
import { usualAspect } from "../../src/plan/shape-rules.js";
import { parametersOf } from "../../src/transformer/shape.js";

const recommended = (asked: ShapeAsked) => {
  const found = shape(asked).transformer?.candidates.find((one) => one.recommended);
  if (found === undefined) throw new Error("no shape is recommended");
  return found;
};

const LLAMA2 = { isGated: true, vocab: 32_000, context: 4096 };
const LLAMA3 = { isGated: true, kvHeads: 8, vocab: 128_256, context: 8192 };

describe("every parameter is counted", () => {
  // The numbers of elements of the published checkpoints, embedding and output matrix apart, no biases.
  test.each([
    ["Llama 2 7B", { layers: 32, width: 4096, heads: 32, ff: 11_008, ...LLAMA2 }, 6_738_415_616],
    ["Llama 2 13B", { layers: 40, width: 5120, heads: 40, ff: 13_824, ...LLAMA2 }, 13_015_864_320],
    [
      "Llama 2 70B",
      { layers: 80, width: 8192, heads: 64, kvHeads: 8, ff: 28_672, ...LLAMA2 },
      68_976_648_192,
    ],
    ["Mistral 7B", { layers: 32, width: 4096, heads: 32, kvHeads: 8, ff: 14_336, ...LLAMA2 }, 7_241_732_096],
    ["Llama 3 8B", { layers: 32, width: 4096, heads: 32, ff: 14_336, ...LLAMA3 }, 8_030_261_248],
    ["Llama 3 70B", { layers: 80, width: 8192, heads: 64, ff: 28_672, ...LLAMA3 }, 70_553_706_496],
    ["Llama 3 405B", { layers: 126, width: 16_384, heads: 128, ff: 53_248, ...LLAMA3 }, 405_853_388_800],
  ] as const)("%s", (_, asked, parameters) => {
    expect(recommended(asked).params.total).toBe(parameters);
  });

  test("Mixtral 8x7B has 46.7B, of which a token passes 12.9B (arXiv 2401.04088)", () => {
    const { params } = recommended({
      ...LLAMA2,
      layers: 32,
      width: 4096,
      heads: 32,
      kvHeads: 8,
      ff: 14_336,
      experts: 8,
      activeExperts: 2,
    });
    expect(params.total).toBe(46_702_792_704);
    expect(Math.round(params.active / 1e8)).toBe(129);
  });

  test("the table of published shapes has the sizes that were printed, to 3 %", () => {
    for (const { name, shape: one, printed } of PUBLISHED_SHAPES) {
      const counted = parametersOf(one);
      for (const kind of ["total", "nonEmbedding", "active"] as const) {
        const size = printed[kind];
        if (size !== undefined)
          expect(Math.abs(counted[kind] / size - 1), `${name} ${kind}`).toBeLessThan(0.03);
      }
      expect(one.heads * one.headSize, name).toBe(one.width);
    }
  });
});

describe("the usual proportion", () => {
  const dense = PUBLISHED_SHAPES.filter((one) => one.shape.experts === 1).map(({ name, shape: one }) => ({
    name,
    lnN: Math.log(parametersOf(one).nonEmbedding / 7e9),
    lnAspect: Math.log(one.width / one.layers),
  }));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  test("is the least-squares line through the published shapes up to 7B, and the mean of the larger ones", () => {
    // Those that print about 7B count as such.
    const small = dense.filter(({ lnN }) => lnN < 0.03);
    const [mx, my] = [mean(small.map(({ lnN }) => lnN)), mean(small.map(({ lnAspect }) => lnAspect))];
    const slope =
      small.reduce((sum, one) => sum + (one.lnN - mx) * (one.lnAspect - my), 0) /
      small.reduce((sum, one) => sum + (one.lnN - mx) ** 2, 0);
    expect(slope).toBeCloseTo(0.13, 2);
    expect(Math.exp(my - slope * mx) / 109).toBeCloseTo(1, 1);
    const large = dense.filter(({ lnN }) => lnN >= 0.03);
    expect(Math.exp(mean(large.map(({ lnAspect }) => lnAspect))) / 117).toBeCloseTo(1, 1);
  });

  test("is within a factor of two of every published shape", () => {
    for (const { name, lnN, lnAspect } of dense)
      expect(Math.abs(Math.log(usualAspect(7e9 * Math.exp(lnN))) - lnAspect), name).toBeLessThan(Math.log(2));
  });
});

test.each([
  ["GPT-3 175B", { params: 175e9, vocab: 50_257, isTied: true, context: 2048 }, [96, 12_288, 96, 49_152]],
  ["Llama 3 8B", { params: 8e9, ffRatio: 3.5, ...LLAMA3 }, [32, 4096, 32, 14_336]],
  ["Llama 3 70B", { params: 70e9, ffRatio: 3.5, ...LLAMA3 }, [80, 8192, 64, 28_672]],
  ["Llama 3 405B", { params: 405e9, ffRatio: 3.25, ...LLAMA3 }, [126, 16_384, 128, 53_248]],
] as const)("the recommended shape of its size and proportions is %s", (_, asked, sides) => {
  const { layers, width, heads, ff } = recommended(asked).shape;
  expect([layers, width, heads, ff]).toEqual(sides);
});

test("the best vocabularies are those of the authors' code: N_v = e^-1.589031 F^0.416362 at N_nv = e^-2.48465 F^0.5", () => {
  // arXiv 2407.13623, optimal_Nv_predict.py; the abstract has at least 216K for 70B, by another of its three ways.
  const one = recommended({ params: 70e9, layers: 80, width: 8192, vocab: 216_000, tolerance: 0.2 });
  const { vocabulary } = shape({ layers: 80, width: 8192 }).transformer ?? { vocabulary: { approach1: 0 } };
  const F = (one.params.nonEmbedding / Math.exp(-2.48465)) ** 2;
  expect(vocabulary.approach1 / ((Math.exp(-1.589031) * F ** 0.416362) / 8192)).toBeCloseTo(1, 4);
  expect(Math.abs(vocabulary.approach1 / 216e3 - 1)).toBeLessThan(0.1);
});
