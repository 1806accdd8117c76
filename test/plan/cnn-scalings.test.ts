import { describe, expect, test } from "vitest";
import { DataError, type ShapeAsked, shape, UsageError } from "../../src/index.js";

const scaled = (cnn: NonNullable<ShapeAsked["cnn"]>) => {
  const made = shape({ cnn }).cnn;
  if (made === undefined) throw new Error("no scalings");
  return made;
};
const called = (cnn: NonNullable<ShapeAsked["cnn"]>, name: RegExp) => {
  const found = scaled(cnn).scalings.find((one) => name.test(one.name));
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

describe("a factor of FLOPs", () => {
  // arXiv 2103.06877, table 2: activations s^.5 by width, s by depth and resolution, s^(5/6) uniform, s^.6 by fast scaling.
  test.each([
    [
      /^fast dWr/,
      { depth: 8 ** 0.1, width: 8 ** 0.4, resolution: 8 ** 0.05, params: 8 ** 0.9, activations: 8 ** 0.6 },
    ],
    [
      /^uniform/,
      { depth: 2, width: Math.SQRT2, resolution: Math.SQRT2, params: 4, activations: 8 ** (5 / 6) },
    ],
    [/^width/, { depth: 1, width: Math.sqrt(8), resolution: 1, params: 8, activations: Math.sqrt(8) }],
    [/^depth/, { depth: 8, width: 1, resolution: 1, params: 8, activations: 8 }],
    [/^resolution/, { depth: 1, width: 1, resolution: Math.sqrt(8), params: 1, activations: 8 }],
  ])("%s", (name, factors) => {
    const { factors: found } = called({ scale: 8 }, name);
    for (const [key, value] of Object.entries({ ...factors, flops: 8, time: factors.activations }))
      expect(found[key as keyof typeof found], key).toBeCloseTo(value, 12);
  });

  test("EfficientNet's own 1.2, 1.1, 1.15 come back at their factor of FLOPs (arXiv 1905.11946)", () => {
    const { factors } = called({ scale: 1.2 * 1.1 ** 2 * 1.15 ** 2 }, /^EfficientNet/);
    expect(factors.depth).toBeCloseTo(1.2, 12);
    expect(factors.width).toBeCloseTo(1.1, 12);
    expect(factors.resolution).toBeCloseTo(1.15, 12);
  });

  test("weights of one's own are a way more", () => {
    const weights = { depth: 1, width: 2, resolution: 0 };
    expect(called({ scale: 8, weights }, /^own/).factors.depth).toBeCloseTo(2, 12);
  });

  test("fast scaling is recommended, and nothing for a smaller network", () => {
    const names = (scale: number) =>
      scaled({ scale })
        .scalings.filter((one) => one.recommended)
        .map(({ name }) => name);
    expect(names(8)).toEqual(["fast dWr, alpha 0.8"]);
    expect(names(0.5)).toEqual([]);
  });
});

describe("a network to scale", () => {
  const base = {
    depth: 27,
    width: 48,
    resolution: 224,
    group: 8,
    flops: 4e8,
    params: 4e6,
    activations: 6e6,
    ms: 30,
    overhead: 3,
  };

  test("comes in whole layers, channels of eights and of groups, pixels of fours, with what it takes then", () => {
    const { network } = called({ scale: 8, base }, /^fast/);
    // 27 * 8^.1 = 33.2, 8 * 8^.4 = 18.4 -> 16, 48 * 8^.4 = 110.3 -> 112, 224 * 8^.05 = 248.5 -> 248.
    expect(network).toMatchObject({ depth: 33, group: 16, width: 112, resolution: 248 });
    const [d, w, r] = [33 / 27, 112 / 48, 248 / 224];
    expect(network?.flops).toBeCloseTo(4e8 * d * w ** 2 * r ** 2, 3);
    expect(network?.params).toBeCloseTo(4e6 * d * w ** 2, 3);
    expect(network?.activations).toBeCloseTo(6e6 * d * w * r ** 2, 3);
    expect(network?.milliseconds).toBeCloseTo(3 + 27 * d * w * r ** 2, 9);
    expect(network?.flopsOff).toBeCloseTo((d * w ** 2 * r ** 2) / 8 - 1, 12);
  });

  test("what the base does not say stays unknown", () => {
    expect(called({ scale: 8, base: { ms: 10 } }, /^width/).network).toMatchObject({
      depth: null,
      flops: null,
      milliseconds: 10 * Math.sqrt(8),
    });
  });
});

describe("a run time to keep to", () => {
  test("picks the least alpha that does", () => {
    const { alpha, scalings } = scaled({ scale: 8, maxTime: 3.2 });
    expect(scalings[0].factors.time).toBeCloseTo(3.2, 12);
    expect(alpha).toBeGreaterThan(0.8);
    const base = { ms: 10, overhead: 5 };
    expect(scaled({ scale: 8, maxTime: 2, base }).scalings[0].factors.time).toBeCloseTo(2, 12);
    expect(scaled({ scale: 8, maxTime: 100 }).alpha).toBeCloseTo(1 / 3, 12);
  });

  test("is refused where width alone takes longer", () => {
    expect(() => scaled({ scale: 9, maxTime: 2 })).toThrow(DataError);
    expect(() => scaled({ scale: 9, maxTime: 2 })).toThrow(/width alone takes 3 times/);
  });
});

test("ResNet-RS's rules by training regime, with how far they are known (arXiv 2103.07579)", () => {
  const rules = (epochs: number | null) => scaled({ scale: 2, epochs }).advice.rules.join("; ");
  expect(rules(350)).toMatch(/for 350 epochs: scale depth/);
  expect(rules(90)).toMatch(/for 90 epochs: scale width/);
  expect(rules(200)).toMatch(/between the paper's regimes/);
  expect(rules(null)).toMatch(/scale depth.*scale width.*resolution more slowly/);
  expect(scaled({ scale: 2 }).advice.status).toMatch(/from memory, not checked/);
});

describe("what cannot be", () => {
  test.each([
    [{ scale: 0 }, /--scale must be a number above 0/],
    [{ scale: 2, alpha: 1.2 }, /--alpha must lie between 1\/3/],
    [{ scale: 2, weights: { depth: 0, width: 0, resolution: 0 } }, /one of them above 0/],
    [{ scale: 0.5, maxTime: 2 }, /--max-time limits a growth/],
    [{ scale: 2, base: { width: 50, group: 8 } }, /group=8 does not divide width=50/],
    [{ scale: 2, base: { ms: 3, overhead: 4 } }, /overhead=4 is no part of ms=3/],
  ] satisfies [NonNullable<ShapeAsked["cnn"]>, RegExp][])("%j", (cnn, message) => {
    expect(() => shape({ cnn })).toThrow(UsageError);
    expect(() => shape({ cnn })).toThrow(message);
  });
});
