import { describe, expect, test } from "vitest";
import { plan } from "../../src/index.js";
import { serveMemoryOf } from "../../src/plan/serve-memory.js";

const LLAMA_7B = { layers: 32, width: 4096, heads: 32, ff: 11_008, isGated: true, vocab: 32_000 };
const GB = 1e9;

describe("the memory of a served model", () => {
  test("has half a megabyte of keys and values a token of Llama 7B, an eighth of that with grouped queries", () => {
    const cached = (kvHeads?: number) =>
      serveMemoryOf({
        serveMemory: 80 * GB,
        serveContext: 1000,
        serveBatch: 3,
        cost: { shape: { ...LLAMA_7B, ...(kvHeads === undefined ? {} : { kvHeads }) } },
      }).partsOf(6.74e9)?.cacheBytes;
    expect(cached()).toBe(3000 * 524_288);
    expect(cached(4)).toBe((3000 * 524_288) / 8);
  });

  test("is that of the weights alone without sequences, as before", () => {
    const memory = serveMemoryOf({ serveMemory: 80 * GB });
    expect(memory.largest(80 * GB)).toBe(40e9);
    expect(memory.bytesOf(40e9)).toBe(80 * GB);
    expect(memory.partsOf(40e9)).toBeNull();
  });

  test("is filled by the largest size that leaves room for the cache, whatever is served", () => {
    for (const serveBatch of [1, 8, 64])
      for (const kvHeads of [undefined, 8]) {
        const memory = serveMemoryOf({
          serveMemory: 80 * GB,
          serveContext: 32_000,
          serveBatch,
          cost: { shape: kvHeads === undefined ? {} : { kvHeads } },
        });
        const N = memory.largest(80 * GB);
        expect(memory.bytesOf(N) / (80 * GB)).toBeCloseTo(1, 9);
        const parts = memory.partsOf(N);
        expect((parts?.weightBytes ?? 0) + (parts?.cacheBytes ?? 0)).toBeCloseTo(80 * GB, -2);
      }
  });
});

describe("a plan for a memory", () => {
  const asked = { preset: "besiroglu", flops: 1e23, serveMemory: 80 * GB };

  test("leaves room for the sequences it serves, and says so", () => {
    const [{ optimum, serveMemory, limits, assumptions }] = plan({
      ...asked,
      serveContext: 32_000,
      serveBatch: 16,
    }).plans;
    const { weightBytes = 0, cacheBytes = 0, layers = 0, kvHeads = 0, headSize = 0 } = serveMemory ?? {};
    expect(weightBytes).toBe(2 * optimum.N.estimate);
    expect(cacheBytes).toBeCloseTo(2 * 2 * layers * kvHeads * headSize * 32_000 * 16, -3);
    expect(weightBytes + cacheBytes).toBeCloseTo(80 * GB, -2);
    const memory = limits?.find(({ limit }) => limit === "--serve-memory");
    expect(memory?.binds).toBe(true);
    expect(memory?.used ?? 0).toBeCloseTo(80 * GB, -2);
    expect(memory?.shadowPrice?.estimate ?? 0).toBeLessThan(0);
    expect(assumptions.cache).toMatch(/16 sequences of 32000 tokens/);
  });

  test("is larger with fewer sequences and with smaller cached values", () => {
    const size = (question: object) => plan({ ...asked, ...question }).plans[0].optimum.N.estimate;
    const sizes = [
      size({ serveContext: 32_000, serveBatch: 64 }),
      size({ serveContext: 32_000, serveBatch: 16 }),
      size({ serveContext: 32_000, serveBatch: 16, cacheBytes: 1 }),
      size({}),
    ];
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(4);
  });

  test.each([
    [{ serveMemory: undefined, serveContext: 4096 }, /--serve-context is about the memory/],
    [{ cacheBytes: 1 }, /--cache-bytes is about the cache/],
    [
      { serveMemory: 20 * GB, serveContext: 32_000, serveBatch: 4, cost: { shape: LLAMA_7B } },
      /the shape .* and --serve-memory contradict/,
    ],
    [{ params: 70e9, serveContext: 4096 }, /parameters and --serve-memory contradict/],
  ])("%# is refused where it cannot be", (question, message) => {
    expect(() => plan({ ...asked, ...question })).toThrow(message);
  });
});
