import { describe, expect, test } from "vitest";
import { observeText } from "./support.js";

/** What is said of a log by code; the cells of its rows are joined with commas. */
async function said(header: string, ...rows: readonly (string | number)[][]): Promise<Map<string, string>> {
  const loss = rows.map((cells, i) => [...cells, 4 - i / 10].join(","));
  const { warnings } = await observeText(`${header},loss\n${loss.join("\n")}\n`);
  return new Map(warnings.map(({ code, message }) => [code, message]));
}

const layers = (d: number, L: number): number => 12 * L * d * d;
const D = 1e10;

describe("params against the shape of the model", () => {
  const HEADER = "params,d_model,n_layers,tokens";
  const V = 50_257;

  test.each<[string, (d: number, L: number) => number]>([
    ["without embeddings", layers],
    ["with norms and biases", (d, L) => 1.02 * layers(d, L)],
    ["with gates in the feed-forward", (d, L) => (16 / 12) * layers(d, L)],
  ])("%s agree", async (_name, N) => {
    const found = await said(HEADER, ...[256, 512, 1024].map((d) => [N(d, 8), d, 8, D]));
    expect(found.has("params-not-shape")).toBe(false);
  });

  test.each<[string, string, (d: number, L: number) => number, RegExp]>([
    [
      "tied",
      "",
      (d, L) => layers(d, L) + V * d,
      /about 50300 weights a unit of width.*that size, or of 25100/,
    ],
    ["untied", "", (d, L) => layers(d, L) + 2 * V * d, /about 101000 weights.*that size, or of 50300/],
    ["beside gates", "", (d, L) => (16 / 12) * layers(d, L) + V * d, /about 50300 weights/],
    ["with norms", "", (d, L) => layers(d, L) + 2 * d * L + V * d, /about 50300 weights.*within 0\.0/],
    [
      "of a known feed-forward",
      ",d_ff",
      (d, L) => L * d * (4 * d + 3 * 6 * d) + V * d,
      /about 50300 weights/,
    ],
  ])(
    "that count embeddings %s are said to, with the vocabulary that they tell",
    async (_name, more, N, words) => {
      const rows = [128, 256, 512].map((d, i) => [N(d, 6 + i), d, 6 + i, D, ...(more === "" ? [] : [6 * d])]);
      const found = await said(`${HEADER}${more}`, ...rows);
      expect(found.has("params-not-shape")).toBe(false);
      expect(found.get("params-with-embeddings")).toMatch(words);
    },
  );

  test("that are none of such sums are said to differ", async () => {
    const rows = [128, 256, 512, 1024].map((d, i) => [(1 + 0.8 * (i % 2)) * (layers(d, 8) + V * d), d, 8, D]);
    expect((await said(HEADER, ...rows)).get("params-not-shape")).toMatch(
      /is not what width and depth give without embeddings/,
    );
    // of one shape nothing can be told apart
    const alike = [1, 2, 3].map((k) => [layers(256, 8) + V * 256, 256, 8, k * D]);
    expect((await said(HEADER, ...alike)).get("params-not-shape")).toMatch(/vocabulary of about 50000/);
  });

  test.each<[string, string, (d: number) => (string | number)[]]>([
    ["tied", "vocab_size", (d) => [layers(d, 8) + V * d, V]],
    ["untied", "vocab_size", (d) => [layers(d, 8) + 2 * V * d, V]],
    ["as another column says", "params_non_embedding", (d) => [layers(d, 8) + 3 * V * d, layers(d, 8)]],
    ["as the feed-forward's width says", "intermediate_size", (d) => [8 * d * (4 * d + 3 * 6 * d), 6 * d]],
  ])("are right with embeddings or layers %s", async (_name, column, counts) => {
    const rows = [128, 256].map((d) => {
      const [N, other] = counts(d);
      return [N!, other!, d, 8, D];
    });
    const found = await said(`params,${column},d_model,n_layers,tokens`, ...rows);
    expect(found.has("params-not-shape")).toBe(false);
  });

  test.each([
    [1e3, "thousands", "1e3"],
    [1e6, "millions", "1e6"],
    [1e9, "billions", "1e9"],
  ])("that are too small by %d are likely to be in %s", async (unit, words, factor) => {
    const found = await said(HEADER, ...[512, 1024].map((d) => [layers(d, 8) / unit, d, 8, D]));
    expect(found.get("params-not-shape")).toContain(`in ${words}: --map "N=params:${factor}"`);
  });

  test("of one row that differs name its line, and experts are left alone", async () => {
    const rows = [256, 512, 1024].map((d, i) => [layers(d, 8) * (i === 1 ? 10 : 1), d, 8, D]);
    expect((await said(HEADER, ...rows)).get("params-not-shape")).toMatch(
      /10\.0 times that in a row \(line 3\)/,
    );
    const sparse = await said(`${HEADER},num_experts`, ...rows.map((row) => [...row, 8]));
    expect(sparse.has("params-not-shape")).toBe(false);
  });
});

describe("tokens against steps and batches", () => {
  const HEADER = "params,tokens,steps,batch_size,seq_len";
  const row = (factor: number): number[] => [1e8, factor * 1000 * 64 * 1024, 1000, 64, 1024];

  test.each<[number, RegExp | null]>([
    [1, null],
    [1.2, null],
    [8, /8\.00 times that.*one of 8 devices/],
    [1e-9, /in billions: --map "D=tokens:1e9"/],
    [1 / 1024, /count sequences, or the batch to be one of tokens/],
    [0.6, /whether the batch grew/],
  ])("%d times them", async (factor, message) => {
    const words = (await said(HEADER, row(factor), row(factor))).get("tokens-not-steps");
    if (message === null) expect(words).toBeUndefined();
    else expect(words).toMatch(message);
  });

  test("a batch of tokens, by its name or its size, takes no length of a sequence", async () => {
    const named = await said("params,tokens,steps,batch_tokens,seq_len", [1e6, 1e8, 1e5, 1000, 64]);
    const large = await said(HEADER, [1e6, 1e9, 1000, 1e6, 64]);
    expect([named, large].map((found) => found.has("tokens-not-steps"))).toEqual([false, false]);
  });
});

describe("magnitudes that cannot be", () => {
  test.each<[string, (string | number)[], code: string, words: RegExp]>([
    ["params", [70, D, 1e20], "magnitude", /millions: --map N=params:1e6/],
    ["params", [7e16, 1e16, 1e29], "magnitude", /more than any training had.*--map N=params:1/],
    ["flops", [1e8, D, 2 * 1e18], "flops-not-6nd", /0\.333 times that.*the forward pass alone is 2 N D/],
    ["flops", [1e8, D, 8 * 1e18], "flops-not-6nd", /1\.33 times that.*activations computed anew/],
    ["flops", [1e8, D, 6e9], "flops-not-6nd", /--map "C=flops:1e9"/],
  ])("%s: %j", async (_column, cells, code, words) => {
    expect((await said("params,tokens,flops", cells, cells)).get(code)).toMatch(words);
  });

  test("a loss that no guess costs is likely to be a perplexity", async () => {
    const { warnings } = await observeText("params,tokens,loss\n1e7,2e8,45\n2e7,2e8,31\n");
    expect(warnings.find(({ code }) => code === "magnitude")?.message).toMatch(/if it is a perplexity/);
  });
});
