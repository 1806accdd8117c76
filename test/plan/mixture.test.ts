/** The mixture that is best for several fitted losses. */
import { describe, expect, test } from "vitest";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { Law } from "../../src/laws/law.js";
import { mixtureOptimum } from "../../src/plan/mixture.js";
import { type Source, sourceFromCoefficients } from "../../src/plan/source.js";
import { lawCalled } from "../support/core.js";

const law = lawCalled("mixture-exp").family?.of(3) as Law;
/** Each of three losses falls with its own domain and rises a little with the others. */
const truths = [
  { c: 2, k: 1, t1: -4, t2: 0.5, t3: 0.2 },
  { c: 1.5, k: 1, t1: 0.3, t2: -3, t3: 0.4 },
  { c: 2.5, k: 1, t1: 0.1, t2: 0.2, t3: -5 },
];
const sources = truths.map((c) => sourceFromCoefficients(law, c));
const mean = (r: readonly number[]) =>
  truths.reduce((sum, c) => sum + evaluateLaw(law, c, { r1: r[0], r2: r[1], r3: r[2] }) / 3, 0);

describe("the best mixture for several losses", () => {
  test("has the least mean of all mixtures in twentieths, and lies between the corners", () => {
    const best = mixtureOptimum(sources, [1, 1, 1]);
    const shares = best?.shares.map(({ estimate }) => estimate) ?? [];
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const share of shares) expect(share).toBeGreaterThan(0.1);
    expect(best?.loss.estimate).toBeCloseTo(mean(shares), 12);
    for (let a = 0; a <= 20; a++)
      for (let b = 0; a + b <= 20; b++)
        expect(mean([a / 20, b / 20, (20 - a - b) / 20])).toBeGreaterThan(best?.loss.estimate ?? 0);
    expect(best?.losses).toHaveLength(3);
    expect((best?.losses ?? []).reduce((sum, { estimate }) => sum + estimate / 3, 0)).toBeCloseTo(
      mean(shares),
      12,
    );
  });

  test("goes to the one loss that counts, as far as caps allow", () => {
    const best = mixtureOptimum(sources, [0.6, 0.6, 0.6], [1, 0, 0]);
    expect(best?.shares[0].estimate).toBeCloseTo(0.6, 12);
    // Of the others the third hurts less.
    expect(best?.shares[2].estimate).toBeCloseTo(0.4, 12);
    expect(mixtureOptimum(sources, [0.3, 0.3, 0.3])).toBeNull();
  });

  test("has its intervals from draws of all losses together, and says where there are none", () => {
    const without = mixtureOptimum(sources, [1, 1, 1]);
    expect(without?.loss).toMatchObject({ low: null, reason: "coefficients given without draws" });
    const drawn = sources.map(
      (source, i): Source => ({
        ...source,
        withoutDraws: null,
        draws: Array.from({ length: 99 }, (_, b) => ({ ...truths[i], t1: truths[i].t1 + (b - 49) / 200 })),
      }),
    );
    const best = mixtureOptimum(drawn, [1, 1, 1]);
    for (const share of best?.shares ?? []) {
      expect(share.low).toBeLessThan(share.estimate);
      expect(share.high).toBeGreaterThan(share.estimate);
    }
  });
});
