import { describe, expect, test } from "vitest";
import { envelopeOptima } from "../../src/index.js";
import { sharedJsonLines } from "../support/csv.js";
import { generator, normal } from "../support/random.js";
import { describeWithShared } from "../support/shared.js";
import { BESIROGLU, bestSize, lossOf } from "../support/sweeps.js";

const EXPONENT = BESIROGLU.beta / (BESIROGLU.alpha + BESIROGLU.beta);

/** Training curves of sizes from 1e7 to 1e11, each from 1e16 to 1e23 FLOPs, on the surface. */
function curves(sizes: number, noise = 0) {
  const data: Record<"N" | "C" | "loss", number[]> = { N: [], C: [], loss: [] };
  const run: string[] = [];
  const random = generator(9);
  for (let j = 0; j < sizes; j++) {
    const N = 1e7 * 10 ** ((4 * j) / (sizes - 1));
    for (let i = 0; i <= 280; i++) {
      const C = 1e16 * 10 ** (i / 40);
      data.N.push(N);
      data.C.push(C);
      data.loss.push(lossOf(BESIROGLU, N, C / (6 * N)) * Math.exp(noise * normal(random)));
      run.push(`size-${j}`);
    }
  }
  return { data, run };
}

const whole = { skip: 0, smoothing: 1 };

describe("approach 1", () => {
  test("on a surface finds its optimum, the more closely the more sizes there are", () => {
    const errors = [12, 40].map((sizes) => {
      const { N, D, asked } = envelopeOptima({ ...curves(sizes), ...whole, draws: 0, flops: [1e21] });
      expect(N.exponent.estimate + D.exponent.estimate).toBeCloseTo(1, 12);
      expect(6 * asked[0].N.estimate * asked[0].D.estimate).toBeCloseTo(1e21, -9);
      expect(Math.abs(N.exponent.estimate - EXPONENT)).toBeLessThan(0.02);
      return Math.abs(asked[0].N.estimate / bestSize(BESIROGLU, 1e21) - 1);
    });
    expect(errors[0]).toBeLessThan(0.1);
    expect(errors[1]).toBeLessThan(0.02);
  });

  test("by the corners of the hull finds it too", () => {
    const { N, asked } = envelopeOptima({
      ...curves(40),
      ...whole,
      variant: "hull",
      draws: 0,
      flops: [1e21],
    });
    expect(Math.abs(N.exponent.estimate - EXPONENT)).toBeLessThan(0.02);
    expect(Math.abs(asked[0].N.estimate / bestSize(BESIROGLU, 1e21) - 1)).toBeLessThan(0.05);
  });

  test("leaves out where the smallest or the largest size is the best, and says how much that is", () => {
    const { stretches, censored, places, notes } = envelopeOptima({ ...curves(12), ...whole, draws: 0 });
    expect(stretches[0]).toMatchObject({ run: "size-0", used: false });
    expect(stretches.slice(1, -1).every(({ used }) => used)).toBe(true);
    // 1e7 parameters are the best up to the compute at which the next size is.
    expect(stretches[0].to / stretches[1].from).toBeCloseTo(1, 1);
    expect(censored).toBeGreaterThan(0);
    expect(censored).toBeLessThan(places);
    expect(notes.map(({ code }) => code)).toContain("censored");
  });

  test("gives intervals from resampled runs, which hold the truth here", () => {
    const { N } = envelopeOptima({ ...curves(30, 0.002), draws: 200, skip: 0 });
    expect(N.exponent.low).toBeLessThan(EXPONENT);
    expect(N.exponent.high).toBeGreaterThan(EXPONENT);
    // Thirty sizes over four decades: far wider than 1500 independent points would say.
    expect((N.exponent.high ?? 0) - (N.exponent.low ?? 0)).toBeGreaterThan(0.005);
  });

  test("is the same for any order of rows, and for the same seed", () => {
    const { data, run } = curves(8, 0.002);
    const order = run.map((_, i) => (i * 101) % run.length);
    const pick = <T>(column: T[]): T[] => order.map((i) => column[i]);
    const mixed = { data: { N: pick(data.N), C: pick(data.C), loss: pick(data.loss) }, run: pick(run) };
    expect(envelopeOptima({ ...mixed, draws: 50 })).toEqual(envelopeOptima({ data, run, draws: 50 }));
  });

  test("smooths a curve without shifting it", () => {
    const noisy = curves(20, 0.01);
    const error = (smoothing: number) => {
      const { asked } = envelopeOptima({ ...noisy, skip: 0, smoothing, draws: 0, flops: [1e20] });
      return Math.abs(Math.log(asked[0].N.estimate / bestSize(BESIROGLU, 1e20)));
    };
    expect(error(21)).toBeLessThan(0.15);
    // Without noise a mean over 21 points on either side changes next to nothing.
    const smooth = curves(20);
    const [plain, averaged] = [1, 21].map(
      (smoothing) => envelopeOptima({ ...smooth, skip: 0, smoothing, draws: 0 }).N.exponent.estimate,
    );
    expect(averaged).toBeCloseTo(plain, 2);
  });

  test("is refused where one size makes all of it", () => {
    expect(() => envelopeOptima({ ...curves(2), ...whole })).toThrow(/fewer than two sizes/);
    const { data } = curves(3);
    expect(() => envelopeOptima({ data, run: ["a"] })).toThrow(/run has 1 values/);
  });
});

describeWithShared("the Gemstones curves", () => {
  const rows = sharedJsonLines("gemstones_fineweb_edu.jsonl");
  const take = (name: string) => rows.map((row) => Number(row[name]));
  const input = {
    data: { N: take("params_active_precise"), D: take("tokens"), loss: take("final_loss") },
    run: rows.map(({ width, depth }) => `${width}x${depth}`),
  };

  test("show how much the exponent hangs on what is cut off, as their authors say", () => {
    const { sensitivity } = envelopeOptima({ ...input, draws: 0 });
    const hull = envelopeOptima({ ...input, skip: 0, variant: "hull", draws: 0 }).N.exponent.estimate;
    const exponents = sensitivity.map(({ exponent }) => exponent ?? Number.NaN);
    // The paper: from 0.46 to 0.80 with the token cut-off.
    expect(hull).toBeLessThan(0.55);
    expect(exponents[0]).toBeLessThan(0.6);
    expect(exponents[1]).toBeGreaterThan(0.7);
    expect(exponents).toEqual([...exponents].sort((a, b) => a - b));
  });
});
