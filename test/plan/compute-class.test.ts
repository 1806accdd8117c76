/** Classes of compute with a free size, against dense grids, plans by FLOPs and plans of fixed sizes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plan } from "../../src/index.js";
import { throughputAt } from "../../src/plan/throughput.js";
import { seeded } from "../support/random.js";

const BESIROGLU = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };
const from = { law: "chinchilla", coefficients: BESIROGLU };
const lossAt = (N: number, D: number) =>
  BESIROGLU.E + BESIROGLU.A / N ** BESIROGLU.alpha + BESIROGLU.B / D ** BESIROGLU.beta;

/** Sizes with their speeds: FLOPs a second that rise, fall and jump with the size. */
const speeds = fc
  .uniqueArray(fc.integer({ min: 70, max: 105 }), { minLength: 2, maxLength: 8 })
  .chain((sizes) =>
    fc.tuple(
      fc.constant(sizes.sort((a, b) => a - b).map((tenths) => 10 ** (tenths / 10))),
      fc.array(fc.double({ min: 13, max: 14.5, noNaN: true }), {
        minLength: sizes.length,
        maxLength: sizes.length,
      }),
    ),
  )
  .map(([sizes, rates]) =>
    sizes.map((params, i) => ({ params, tokensPerSecond: 10 ** rates[i] / (6 * params) })),
  );
const hours = fc.double({ min: 0.5, max: 4.5, noNaN: true }).map((decades) => 10 ** decades);

/** Tokens of a size in so many hours; beyond the sizes measured at the FLOPs a second of the nearest. */
function tokensOf(measured: Parameters<typeof throughputAt>[0], N: number, gpuHours: number): number {
  const at = throughputAt(measured, N);
  return 3600 * gpuHours * at.tokensPerSecond * (at.params / N);
}

describe("hours of accelerators with the size free", () => {
  test("go to the size whose own tokens leave the least loss of a dense grid", () => {
    fc.assert(
      fc.property(speeds, hours, (throughput, gpuHours) => {
        const [{ optimum, measuredCost, limits }] = plan({
          ...from,
          gpuHours,
          hardware: { throughput },
        }).plans;
        const N = optimum.N.estimate;
        expect(optimum.D.estimate / tokensOf(throughput, N, gpuHours)).toBeCloseTo(1, 9);
        let least = Number.POSITIVE_INFINITY;
        for (let x = Math.log(1e5); x < Math.log(1e13); x += 0.01)
          least = Math.min(least, lossAt(Math.exp(x), tokensOf(throughput, Math.exp(x), gpuHours)));
        for (const { params } of throughput)
          least = Math.min(least, lossAt(params, tokensOf(throughput, params, gpuHours)));
        expect(optimum.loss.estimate).toBeLessThanOrEqual(least * (1 + 1e-12));
        expect(measuredCost?.cost.estimate ?? 0).toBeCloseTo(gpuHours, 6);
        expect(measuredCost?.split6nd?.extraLoss ?? 0).toBeGreaterThanOrEqual(-1e-9);
        expect(limits?.[0]).toMatchObject({ limit: "--gpu-hours", binds: true });
      }),
      seeded(60),
    );
  });

  test("are those of the plan of a fixed size, and reach a loss in the hours that plan it", () => {
    fc.assert(
      fc.property(speeds, hours, (throughput, gpuHours) => {
        const hardware = { throughput };
        const [free] = plan({ ...from, gpuHours, hardware }).plans;
        const params = throughput[0].params * 1.3;
        const [fixed] = plan({ ...from, gpuHours, params, hardware }).plans;
        expect(fixed.optimum.D.estimate / tokensOf(throughput, params, gpuHours)).toBeCloseTo(1, 9);
        expect(fixed.optimum.loss.estimate).toBeGreaterThanOrEqual(free.optimum.loss.estimate * (1 - 1e-12));
        const [back] = plan({ ...from, targetLoss: free.optimum.loss.estimate, hardware }).plans;
        expect((back.run?.gpuHours.estimate ?? 0) / gpuHours).toBeCloseTo(1, 5);
      }),
      seeded(30),
    );
  });

  test("at the same FLOPs a second for every size are a plan of FLOPs", () => {
    const throughput = [1e7, 1e8, 3e9].map((params) => ({ params, tokensPerSecond: 1e14 / (6 * params) }));
    const [{ optimum, run }] = plan({ ...from, gpuHours: 1000, hardware: { throughput } }).plans;
    const [byFlops] = plan({ ...from, flops: 3.6e6 * 1e14 }).plans;
    for (const name of ["N", "D", "loss"])
      expect(optimum[name].estimate / byFlops.optimum[name].estimate).toBeCloseTo(1, 9);
    expect(run?.flopsPerSecond ?? 0).toBeCloseTo(1e14, -3);
  });
});

describe("throughputs of several sizes", () => {
  const throughput = [
    { params: 1e9, tokensPerSecond: 15_000 },
    { params: 1e8, tokensPerSecond: 90_000 },
  ];
  const hardware = { throughput, count: 8, usdPerHour: 2 };

  test("are bought by days of all accelerators and by dollars alike", () => {
    const sizes = [{ gpuHours: 384 }, { days: 2 }, { deadlineDays: 2 }, { dollars: 768 }].map(
      (budget) => plan({ ...from, ...budget, hardware }).plans[0],
    );
    for (const { optimum, run } of sizes) {
      expect(optimum.N.estimate).toBeCloseTo(sizes[0].optimum.N.estimate, 3);
      expect(run?.usd?.estimate).toBeCloseTo(768, 6);
      expect(run?.wallHours?.estimate).toBeCloseTo(48, 6);
    }
  });

  test("count at the largest one's FLOPs a second for what is asked in FLOPs, and that is said", () => {
    for (const question of [{ flops: 1e20 }, { gpuHours: 100, ladder: [1e20] }]) {
      const [{ run, measuredCost }] = plan({ ...from, ...question, hardware }).plans;
      expect(measuredCost).toBeUndefined();
      expect(run?.flopsPerSecond).toBeCloseTo(6 * 1e9 * 15_000, 0);
      expect(run?.assumed.join()).toMatch(/largest model measured \(1.00e9 parameters\) at all sizes/);
    }
  });

  test("are warned of where the plan lies beyond them, with what to do", () => {
    const warned = (question: object) =>
      plan({ ...from, hardware, ...question }).warnings.find(({ code }) => code === "cost-extrapolation")
        ?.message;
    expect(warned({ gpuHours: 1e5 })).toMatch(/times larger than the largest .*--max-params 1.00e9/);
    expect(warned({ gpuHours: 1e-2 })).toMatch(/times smaller than the smallest/);
    expect(warned({ gpuHours: 1e5, maxParams: 1e9 })).toBeUndefined();
    expect(warned({ gpuHours: 100 })).toBeUndefined();
  });

  test.each([
    [[]],
    [[...throughput, { params: 1e8, tokensPerSecond: 1 }]],
    [[{ params: 1e8, tokensPerSecond: 0 }, throughput[0]]],
  ])("are refused where they are none: %j", (wrong) => {
    expect(() => plan({ ...from, gpuHours: 10, hardware: { throughput: wrong } })).toThrow(
      /one throughput a size is needed/,
    );
  });
});
