import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { cleanTable } from "../../src/logs/clean-table.js";
import { recognise } from "../../src/logs/columns.js";
import { computeByRule } from "../../src/logs/compute-by-rule.js";
import { countFlops, shapeQuantity, withCountedFlops } from "../../src/logs/counted-flops.js";
import { Resolver } from "../../src/logs/resolve.js";
import type { FlopsRule } from "../../src/transformer/flops-rules.js";
import { observeText, readText } from "./support.js";

/** Compute by a rule over the rows of a log; null where something is missing. */
async function counted(text: string, rule: FlopsRule, given: Record<string, number> = {}) {
  const { table } = await readText(text);
  const recognised = recognise(table, { map: new Map() });
  const resolver = new Resolver(table, recognised);
  const result = countFlops(table, recognised, resolver, rule, new Map(Object.entries(given)));
  return { table, recognised, resolver, result };
}

async function values(text: string, rule: FlopsRule, given: Record<string, number> = {}): Promise<number[]> {
  const { result } = await counted(text, rule, given);
  if ("missing" in result) throw new Error(`missing: ${result.missing.join(", ")}`);
  return [...result.values];
}

const lines = (...rows: string[]): string => `${rows.join("\n")}\n`;

/** Forward products of a token, counted by hand: 24 d^2 a layer, 2 d (T + 1) of attention, the output matrix. */
const byHand = (L: number, d: number, T: number, V: number, ff = 4 * d): number =>
  3 * (L * (8 * d * d + 4 * d * ff + 2 * d * (T + 1)) + 2 * d * V);

describe("compute counted from the architecture", () => {
  test("of the example that counts its own products is that to the last FLOP", async () => {
    // flops.ts beside it counts them in another way; the vocabulary is that of vocabulary.ts
    const text = readFileSync("examples/char-lm/runs.csv", "utf8");
    const { table, result } = await counted(text, "exact", { vocabulary: 98 });
    if ("missing" in result) throw new Error(result.missing.join());
    const own = table.columns.find(({ name }) => name === "flops")!;
    expect(result.values).toEqual(own.numbers);
  });

  test("reads a shape that stands on one row of the run, and the tokens of each row", async () => {
    const text = lines(
      "run,step,tokens,loss,n_layer,d_model,vocab_size,block_size",
      "a,0,,4,2,64,100,32",
      "a,10,1000,3,,,,",
      "a,20,2000,2.5,,,,",
      "b,10,1000,3,3,128,100,32",
    );
    const [start, first, second, other] = await values(text, "exact");
    expect(start).toBeNaN();
    expect(first).toBe(1000 * byHand(2, 64, 32, 100));
    expect(second).toBe(2 * first!);
    expect(other).toBe(1000 * byHand(3, 128, 32, 100));
  });

  test("takes tokens from steps and batches, and never from compute", async () => {
    const shape = "n_layer,d_model,vocab_size,block_size";
    const steps = lines(`step,batch_size,loss,${shape}`, "10,8,3,2,64,100,32");
    expect(await values(steps, "exact")).toEqual([10 * 8 * 32 * byHand(2, 64, 32, 100)]);
    const compute = lines(`params,flops,loss,${shape}`, "1e6,1e15,3,2,64,100,32");
    expect((await counted(compute, "exact")).result).toEqual({ missing: ["D"] });
  });

  test("says what the log lacks for a rule", async () => {
    const text = lines("tokens,loss,n_layer,d_model,seq_len", "1e9,3,2,64,32");
    expect((await counted(text, "exact")).result).toEqual({ missing: ["vocabulary"] });
    expect((await counted(text, "6nd")).result).toEqual({ missing: ["N"] });
    expect((await values(text, "deepseek"))[0]).toBe(1e9 * (72 * 2 * 64 * 64 + 12 * 2 * 64 * 32));
  });

  const GATED = 3 * (2 * (8 * 64 * 64 + 6 * 64 * 170 + 2 * 64 * 33) + 2 * 64 * 100);
  test.each([
    ["a column says", "hidden_act", "swiglu", GATED],
    ["a column says not", "activation", "gelu", byHand(2, 64, 32, 100, 170)],
    // 2 layers of 4 d^2 + 3 d 170, and the embedding
    ["the params say", "params", String(2 * (4 * 64 * 64 + 3 * 64 * 170) + 100 * 64), GATED],
    ["nothing says", "note", "x", byHand(2, 64, 32, 100, 170)],
  ])("has the gate of the feed-forward as %s", async (_name, column, cell, perToken) => {
    const text = lines(
      `tokens,loss,n_layer,d_model,d_ff,vocab_size,seq_len,${column}`,
      `1000,3,2,64,170,100,32,${cell}`,
    );
    expect(await values(text, "exact")).toEqual([1000 * perToken]);
  });

  test("of models with experts is counted where the log says how many a token passes", async () => {
    const header = "tokens,loss,n_layer,d_model,vocab_size,seq_len,num_experts";
    const row = "1000,3,2,64,100,32,8";
    expect(await values(lines(header, row), "exact")).toEqual([Number.NaN]);
    expect(await values(lines(header, row), "kaplan")).toEqual([Number.NaN]);
    const [two] = await values(lines(`${header},num_experts_per_tok`, `${row},2`), "exact");
    // a second feed-forward block and the router
    expect(two).toBe(1000 * (byHand(2, 64, 32, 100, 8 * 64) + 6 * 2 * 64 * 8));
  });

  test("gives no params and no tokens back by C = 6 N D", async () => {
    const text = lines("tokens,loss,n_layer,d_model,vocab_size,seq_len", "1e9,3,2,64,100,32");
    const { table, recognised, result } = await counted(text, "exact");
    if ("missing" in result) throw new Error(result.missing.join());
    const made = withCountedFlops(table, recognised, {
      rule: "exact",
      words: "all",
      given: new Map(),
      counted: result,
    });
    const resolver = new Resolver(made.table, made.recognised);
    expect([...resolver.need("N").values]).toEqual([12 * 2 * 64 * 64 + 100 * 64]);
    expect([...resolver.need("C").values]).toEqual([1e9 * byHand(2, 64, 32, 100)]);
    expect(made.warnings[0]!.message).toMatch(
      /counted as all, from "tokens", "n_layer", .*taken for granted: attention as wide as the model and a feed-forward block/,
    );
  });

  test.each([
    ["layers", "depth"],
    ["ff", "feed_forward"],
    ["vocab", "vocabulary"],
    ["context", "sequence"],
    ["heads", "heads"],
    ["params", null],
    ["anything", null],
  ])("%s names %s", (name, quantity) => {
    expect(shapeQuantity(name)).toBe(quantity);
  });
});

describe("a column of compute that is not 6 N D", () => {
  test("is told by the rule that the shape of the runs fits", async () => {
    const rows = [256, 512].map((d) => {
      const N = 12 * 8 * d * d + 5000 * d;
      return `${N},1e9,${1e9 * byHand(8, d, 2048, 5000)},3,8,${d},5000,2048`;
    });
    const text = lines("params,tokens,flops,loss,n_layer,d_model,vocab_size,seq_len", ...rows);
    const { warnings } = await observeText(text, {
      inputs: ["N", "D", "C"].map((name) => ({ name, from: name })),
    });
    expect(warnings.find(({ code }) => code === "flops-not-6nd")?.message).toMatch(
      /it is 1\.00 times what the shape of the runs gives \(--flops-rule exact/,
    );
  });
});

describe("compute by every rule", () => {
  const byRule = async (text: string) => {
    const { table, recognised, resolver } = await counted(text, "6nd");
    return computeByRule(table, recognised, resolver, cleanTable(table, recognised, resolver));
  };

  test("stands beside 6 N D and the column at the last rows, tokens on other rows too", async () => {
    const N = 12 * 2 * 64 * 64;
    const text = lines(
      "run,step,params,tokens,flops,loss,n_layer,d_model,seq_len",
      `a,10,${N},1000,${6e3 * N},,2,64,32`,
      `a,20,${N},2000,${12e3 * N},3,2,64,32`,
      `a,30,,3000,,,,,`,
      `a,25,,,${15e3 * N},2.9,,,`,
    );
    const found = await byRule(text);
    expect(found.map(({ rule }) => rule)).toEqual(["6nd", "palm", "kaplan", "deepseek"].sort(byOrder));
    const [usual] = found;
    expect(usual).toMatchObject({ rows: 1, range: [15e3 * N, 15e3 * N], over6nd: { median: 1 } });
    expect(usual!.overColumn?.median).toBe(1);
    // 6 L d (T + 1) a token beside 6 N
    expect(found.find(({ rule }) => rule === "deepseek")?.over6nd?.median).toBeCloseTo(
      1 + (12 * 2 * 64 * 32) / (6 * N),
      12,
    );
  });

  test("is nothing where the log has no shape", async () => {
    expect(await byRule(lines("params,tokens,loss", "1e6,1e9,3"))).toEqual([]);
  });
});

const ORDER = ["6nd", "kaplan", "palm", "chinchilla", "deepseek", "exact"];
const byOrder = (a: string, b: string): number => ORDER.indexOf(a) - ORDER.indexOf(b);
