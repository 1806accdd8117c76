/** A fit against published sets: rows from a published law, in one unit and another. */
import { describe, expect, test } from "vitest";
import { compareLaws, comparePresets, type PresetComparison } from "../../src/index.js";

const N: number[] = [];
const D: number[] = [];
const loss: number[] = [];
for (let i = 0; i < 5; i++)
  for (let j = 0; j < 5; j++) {
    const [n, d] = [6e7 * 2.5 ** i, 3e9 * 3 ** j];
    N.push(n);
    D.push(d);
    // besiroglu, with 0.3 % of what is no noise but differs from row to row as if it were.
    loss.push(
      (1.8172 + 482.01 / n ** 0.3478 + 2085.43 / d ** 0.3658) * (1 + 0.003 * Math.sin(37 * i + 91 * j)),
    );
  }
const SAME = {
  params: "total",
  loss: "nats",
  per: "token",
  tokenizer: "sentencepiece-32k",
  data: "MassiveText",
} as const;
const QUICK = { bootstrap: 100, presets: ["besiroglu"] };

describe("rows of the very set", () => {
  const { presets, warnings } = comparePresets({ data: { N, D, loss }, axes: SAME, ...QUICK });
  const [one] = presets;

  test("it predicts them, and lies inside the intervals", () => {
    expect(one.rows?.meanRelativeError).toBeLessThan(0.003);
    expect(one.rows?.insideNewRun).toBeGreaterThan(0.8);
    expect(one.scales.filter(({ inside }) => inside).length).toBeGreaterThanOrEqual(3);
    expect(warnings.map(({ code }) => code)).not.toContain("unknown-axis");
  });

  test("its exponents are the closed form's", () => {
    const of = (name: string) => one.exponents.find((exponent) => exponent.name === name)?.preset;
    expect(of("alpha")).toBe(0.3478);
    // a = beta / (alpha + beta)
    expect(of("best N in C")).toBeCloseTo(0.3658 / (0.3478 + 0.3658), 8);
    expect(of("best D in C")).toBeCloseTo(0.3478 / (0.3478 + 0.3658), 8);
  });
});

test("a log in bits per byte is compared as the same log in nats per token is", () => {
  const bytesPerToken = 4.2;
  const factor = 1 / (Math.LN2 * bytesPerToken);
  const of = (comparison: PresetComparison) =>
    comparison.scales.map(({ multiplier, inside, scale }) => ({ multiplier, inside, scale }));
  const [plain] = comparePresets({ data: { N, D, loss }, axes: SAME, ...QUICK }).presets;
  const [other] = comparePresets({
    data: { N, D, loss: loss.map((value) => factor * value) },
    axes: { ...SAME, loss: "bits", per: "byte", bytesPerToken },
    ...QUICK,
  }).presets;
  expect(other.factor).toBeCloseTo(factor, 12);
  expect(other.rows?.bias).toBeCloseTo(plain.rows?.bias as number, 9);
  of(other).forEach((row, k) => {
    const same = of(plain)[k];
    expect(row.inside).toBe(same.inside);
    expect(row.multiplier.estimate).toBeCloseTo(same.multiplier.estimate as number, 4);
    expect(row.multiplier.high ?? 0).toBeCloseTo(same.multiplier.high ?? 0, 3);
  });
});

test("compute is 6 N D of the rows, whatever their own count of it is; without N or D it cannot be", () => {
  const M = N.map((n, i) => D[i] / n);
  const C = N.map((n, i) => 6 * n * D[i] * (1 + 2e7 / n));
  const asked = { law: "overtrain", bootstrap: 100, presets: ["overtrain-c4"] };
  const { presets, log, fits } = comparePresets({ data: { N, D, M, C, loss }, ...asked });
  const { presets: plain } = comparePresets({ data: { N, D, M, loss }, ...asked });
  expect(presets[0].scales).toEqual(plain[0].scales);
  expect(presets[0].converted.join()).toContain('its column "C" is');
  expect(log.axes.compute).toBe("counted");
  expect(fits[0].compute?.high).toBeCloseTo(1 + 2e7 / 6e7, 9);
  expect(() =>
    comparePresets({ data: { N, C, loss }, axes: { ...SAME, compute: "counted" }, ...QUICK }),
  ).toThrow(/no column for tokens/);
});

test("a set that is worth half the compute everywhere is said to need twice as much", () => {
  // With N and D both scaled by 1/sqrt 2 in the law, the same loss is had at half the compute.
  const shift = Math.SQRT2;
  const better = N.map(
    (n, i) => 1.8172 + 482.01 / (shift * n) ** 0.3478 + 2085.43 / (shift * D[i]) ** 0.3658,
  );
  const noisy = better.map((value, i) => value * (1 + 0.0005 * Math.sin(17 * i)));
  const [one] = comparePresets({ data: { N, D, loss: noisy }, axes: SAME, ...QUICK }).presets;
  const [, middle] = one.scales;
  expect(middle.multiplier.estimate).toBeCloseTo(2, 1);
  expect(middle.inside).toBe(false);
});

test("sets that cannot be held against the rows are left out with the reason; where none is left it is an error", () => {
  const data = { N, D, loss };
  const { refused } = comparePresets({
    data,
    axes: SAME,
    bootstrap: 100,
    presets: ["besiroglu", "kaplan-nd-table2"],
  });
  expect(refused.map(({ preset }) => preset)).toEqual(["kaplan-nd-table2"]);
  expect(() => comparePresets({ data, axes: SAME, bootstrap: 100, presets: ["moe-hash"] })).toThrow(
    "no column for experts",
  );
});

describe("laws on rows of one of them", () => {
  const { comparisons } = compareLaws({
    data: { N, D, loss },
    law: "chinchilla,kaplan-nd,power-floor",
    bootstrap: 100,
  });
  const [one] = comparisons;

  test("the truth is chosen, and the others part from it", () => {
    expect(one.laws[0].name).toBe("chinchilla");
    const floorless = one.partings.find(({ b }) => b === "kaplan-nd");
    expect(floorless?.from).not.toBeNull();
    expect(floorless?.rows.at(-1)?.apart).toBe(true);
    expect(floorless?.rows.at(-1)?.difference.low).toBeGreaterThan(0);
  });

  test("a law of compute alone has values and no split", () => {
    const last = one.scales.at(-1)?.laws.find(({ name }) => name === "power-floor");
    expect(last?.value.low).not.toBeNull();
    expect(last?.optimum).toBeNull();
  });

  test("how far a plan moves is said of all laws where no other is as good", () => {
    const ratio = one.spreads.filter(({ of }) => of === "tokensPerParameter").at(-1);
    expect(ratio?.among).toBe("all");
    expect(ratio?.outside).toContain("kaplan-nd");
  });
});
