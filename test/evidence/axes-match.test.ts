/** What can be turned from one way of counting into another, and what cannot. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AxesMatch,
  type AxesMismatch,
  isSameName,
  type LogAbilities,
  matchAxes,
} from "../../src/evidence/axes-match.js";
import { axesOf, UNKNOWN_AXES } from "../../src/laws/axes.js";
import { laws } from "../../src/laws/index.js";
import type { Axes, AxesOfLog } from "../../src/objects.js";

const SET: Axes = {
  params: "total",
  loss: "nats",
  per: "token",
  compute: "6ND",
  tokenizer: "gpt2",
  data: "C4",
};
const log = (own: Partial<AxesOfLog> = {}): AxesOfLog => ({
  ...SET,
  bytesPerToken: null,
  charactersPerToken: null,
  isSparse: false,
  ...own,
});
const matched = (
  set: Axes,
  own: AxesOfLog,
  has: Axes["params"][] = [],
  compute: Partial<LogAbilities> = {},
): AxesMatch | AxesMismatch =>
  matchAxes(set, own, {
    hasParams: (one) => has.includes(one),
    ...{ readsCompute: false, isProduct: false, fromCompute: [], ratio: () => null },
    ...compute,
  });
const done = (match: AxesMatch | AxesMismatch): AxesMatch => {
  if ("reason" in match) throw new Error(match.reason);
  return match;
};
const refusal = (match: AxesMatch | AxesMismatch): string => ("reason" in match ? match.reason : "");

test("where both count the same, nothing is converted and nothing is taken for granted", () => {
  expect(done(matched(SET, log()))).toEqual({ params: "total", factor: 1, converted: [], unknown: [] });
});

describe("losses", () => {
  test("nats and bits differ by ln 2", () => {
    expect(done(matched(SET, log({ loss: "bits" }))).factor).toBeCloseTo(1 / Math.LN2, 12);
    expect(done(matched({ ...SET, loss: "bits" }, log())).factor).toBeCloseTo(Math.LN2, 12);
  });

  test("bits per byte = nats per token / (ln 2 x bytes per token)", () => {
    const { factor } = done(matched(SET, log({ loss: "bits", per: "byte", bytesPerToken: 4.3 })));
    expect(factor).toBeCloseTo(1 / (Math.LN2 * 4.3), 12);
  });

  test("there and back is the loss as it was, whatever the units", () => {
    const unit = fc.constantFrom<Axes["loss"]>("nats", "bits");
    const per = fc.constantFrom<Axes["per"]>("token", "byte", "character");
    const size = fc.double({ min: 1, max: 10, noNaN: true });
    fc.assert(
      fc.property(
        unit,
        per,
        unit,
        per,
        size,
        size,
        (loss, of, other, ofOther, bytesPerToken, charactersPerToken) => {
          const sizes = { bytesPerToken, charactersPerToken };
          const there = done(
            matched({ ...SET, loss, per: of }, log({ loss: other, per: ofOther, ...sizes })),
          );
          const back = done(matched({ ...SET, loss: other, per: ofOther }, log({ loss, per: of, ...sizes })));
          expect(there.factor * back.factor).toBeCloseTo(1, 10);
        },
      ),
    );
  });

  test("without the bytes of a token there is no way from one to the other", () => {
    const reason = refusal(matched(SET, log({ loss: "bits", per: "byte" })));
    expect(reason).toContain("how many bytes a token has");
  });

  test("tokens of two tokenizers are not compared; spellings of one are one", () => {
    expect(refusal(matched(SET, log({ tokenizer: "llama-3" })))).toContain("of two tokenizers");
    expect(refusal(matched(SET, log({ tokenizer: "GPT-2" })))).toBe("");
    expect(isSameName("GPT-NeoX-20B", "gpt-neox")).toBe(true);
  });

  test("a unit that no one says is the set's, and said", () => {
    const { factor, unknown } = done(matched(SET, log({ loss: "unknown", per: "unknown" })));
    expect(factor).toBe(1);
    expect(unknown.join()).toContain("taken as nats per token");
  });
});

describe("parameters", () => {
  test("counted otherwise they are taken where the log knows them, else refused", () => {
    const set: Axes = { ...SET, params: "non-embedding" };
    expect(done(matched(set, log(), ["non-embedding"])).params).toBe("non-embedding");
    expect(refusal(matched(set, log()))).toContain(
      "counts N without embeddings, the log counts it with embeddings",
    );
  });

  test("of a dense model a token sees all, of experts it does not", () => {
    const set: Axes = { ...SET, params: "active" };
    expect(refusal(matched(set, log()))).toBe("");
    expect(refusal(matched(set, log({ isSparse: true })))).toContain("one token sees");
  });

  test("unknown on either side is said", () => {
    expect(done(matched(SET, log({ params: "unknown" }))).unknown.join()).toContain("--axes params=total");
    expect(done(matched({ ...SET, params: "unknown" }, log())).unknown.join()).toContain(
      "does not say what N",
    );
  });
});

describe("compute", () => {
  const counted = log({ compute: "counted" });
  const readsCompute = true;

  test("counted otherwise it matters to a law of compute alone", () => {
    expect(refusal(matched(SET, counted))).toBe("");
    expect(refusal(matched(SET, counted, [], { readsCompute }))).toContain("law of compute 6 N D");
    const set: Axes = { ...SET, compute: "counted" };
    expect(refusal(matched(set, log(), [], { readsCompute }))).toContain("law of compute counted layer");
  });

  test("it is made as 6 N D where N and D are known, and how far the log's own is from that is said", () => {
    const ratio = { column: "flops", rows: 9, median: 1.1, low: 0.9, high: 1.3, isProduct: false };
    const abilities = { readsCompute, isProduct: true, ratio: () => ratio };
    expect(done(matched(SET, counted, [], abilities)).converted).toEqual([
      'compute is made as 6 N D of the log\'s params and tokens; its column "flops" is 1.1 times that (0.9 to 1.3 over the 9 rows)',
    ]);
    const same = { ...abilities, ratio: () => ({ ...ratio, isProduct: true }) };
    expect(done(matched(SET, log(), [], same)).converted).toEqual([]);
  });

  test("tokens that follow from it are known where it is 6 N D, and nowhere else", () => {
    const fromCompute = ["D"];
    expect(done(matched(SET, log(), [], { fromCompute })).unknown).toEqual([]);
    expect(refusal(matched(SET, counted, [], { fromCompute }))).toContain("no column for tokens");
    const unsaid = log({ compute: "unknown" });
    expect(done(matched(SET, unsaid, [], { fromCompute })).unknown.join()).toContain("--axes compute=6ND");
  });
});

test("a set of which nothing is known can be held against any log, and all of it is said", () => {
  const { unknown } = done(matched(UNKNOWN_AXES, log()));
  expect(unknown.length).toBe(4);
});

test("every published loss of parameters says what N counts, or says nowhere that it does", () => {
  const silent = laws.flatMap(({ presets, output, inputs, stages }) =>
    output.quantity !== "loss" || stages.length > 0 || !inputs.some(({ quantity }) => quantity === "params")
      ? []
      : presets.filter((preset) => axesOf(preset).params === "unknown").map(({ name }) => name),
  );
  expect(silent).toEqual(["sardana-all", "fine-grained-moe", "fine-grained-dense"]);
});
