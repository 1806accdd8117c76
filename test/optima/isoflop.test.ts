import { describe, expect, test } from "vitest";
import { isoflopOptima } from "../../src/index.js";
import type { Optima } from "../../src/objects.js";
import { type Row, sharedCsv } from "../support/csv.js";
import { generator, normal } from "../support/random.js";
import { describeWithShared, sharedJson } from "../support/shared.js";
import { BESIROGLU, bestSize, isoFlopSweep, lossOf, type Truth } from "../support/sweeps.js";

/** N = 2 (C/1e18)^0.45 1e8 with losses that are parabolas in ln N: the estimator has nothing to miss. */
function parabolas(budgets: readonly number[], sizes = 7) {
  const data: Record<"N" | "C" | "loss", number[]> = { N: [], C: [], loss: [] };
  for (const C of budgets) {
    const best = 2e8 * (C / 1e18) ** 0.45;
    for (let j = 0; j < sizes; j++) {
      const z = (2 * j) / (sizes - 1) - 1;
      data.N.push(best * Math.exp(z));
      data.C.push(C);
      data.loss.push(3 * (C / 1e18) ** -0.05 + 0.1 * z * z);
    }
  }
  return data;
}

const BUDGETS = [1e18, 1e19, 1e20, 1e21];

describe("approach 2", () => {
  test("on parabolas finds every vertex and the power of compute through them", () => {
    const { N, D, budgets, asked } = isoflopOptima({ data: parabolas(BUDGETS), flops: [1e24] });
    expect(N.exponent.estimate).toBeCloseTo(0.45, 10);
    expect(D.exponent.estimate).toBeCloseTo(0.55, 10);
    budgets.forEach((budget, j) => {
      const best = 2e8 * (BUDGETS[j] / 1e18) ** 0.45;
      expect((budget.N?.estimate ?? 0) / best).toBeCloseTo(1, 9);
      expect(budget.loss).toBeCloseTo(3 * (BUDGETS[j] / 1e18) ** -0.05, 10);
      expect(budget.code).toBe("inside");
    });
    expect(asked[0].N.estimate / (2e8 * 1e6 ** 0.45)).toBeCloseTo(1, 8);
    expect(6 * asked[0].N.estimate * asked[0].D.estimate).toBeCloseTo(1e24, -12);
    // k_N k_D = 1/6.
    expect(N.coefficient * D.coefficient).toBeCloseTo(1 / 6, 10);
  });

  test("changes nothing by the order of rows, and takes compute or tokens", () => {
    const data = parabolas(BUDGETS);
    const plain = isoflopOptima({ data, flops: [1e22] });
    const order = data.N.map((_, i) => (i * 17) % data.N.length);
    const mixed = Object.fromEntries(
      Object.entries(data).map(([name, column]) => [name, order.map((i) => column[i])]),
    );
    expect(isoflopOptima({ data: mixed, flops: [1e22] })).toEqual(plain);
    const { C, ...rest } = data;
    const byTokens = isoflopOptima({
      data: { ...rest, D: C.map((c, i) => c / (6 * data.N[i])) },
      flops: [1e22],
    });
    expect(byTokens.N.exponent.estimate).toBeCloseTo(plain.N.exponent.estimate, 9);
  });

  test("moves with the units of size", () => {
    const data = parabolas(BUDGETS);
    const thousand = { ...data, N: data.N.map((n) => n / 1000), C: data.C };
    const [plain, scaled] = [data, thousand].map((given) => isoflopOptima({ data: given, flops: [1e22] }));
    expect(scaled.asked[0].N.estimate / plain.asked[0].N.estimate).toBeCloseTo(1e-3, 12);
    expect(scaled.N.exponent.estimate).toBeCloseTo(plain.N.exponent.estimate, 12);
  });

  test("joins runs within a tenth of compute into one budget", () => {
    const data = parabolas(BUDGETS);
    const random = generator(4);
    const C = data.C.map((c) => c * (1 + 0.04 * (random() - 0.5)));
    expect(isoflopOptima({ data: { ...data, C } }).budgets).toHaveLength(4);
    // As so many budgets none of them has four runs.
    expect(() => isoflopOptima({ data: { ...data, C }, tolerance: 1e-6 })).toThrow(/0 of 28 budgets/);
  });
});

describe("a budget is left out", () => {
  /** One more budget in which the losses are as given. */
  const withBudget = (losses: readonly number[]): Optima => {
    const data = parabolas(BUDGETS);
    losses.forEach((loss, j) => {
      data.N.push(1e9 * 2 ** j);
      data.C.push(1e22);
      data.loss.push(loss);
    });
    return isoflopOptima({ data });
  };
  const last = ({ budgets }: Optima) => budgets[budgets.length - 1];

  test.each([
    ["where the loss still falls towards the largest size", [3, 2.6, 2.3, 2.1, 2], "above-sizes"],
    ["where it still falls towards the smallest", [2, 2.1, 2.3, 2.6, 3], "below-sizes"],
    ["where the losses bend the other way", [2, 2.5, 2.6, 2.5, 2], "no-minimum"],
    ["with too few runs", [2.5, 2, 2.5], "too-few-runs"],
  ])("%s", (_, losses, code) => {
    const optima = withBudget(losses);
    expect(last(optima)).toMatchObject({ code, used: false });
    // The others' line is as without it.
    expect(optima.N.exponent.estimate).toBeCloseTo(0.45, 9);
    const note = optima.notes.find((found) => found.code === "budgets-not-used");
    expect(note).toMatchObject({ severity: "warning", numbers: { budgets: 5, notUsed: 1 } });
    expect(note?.message).toContain("1.00e22 FLOPs");
  });

  test("unless a minimum beyond the sizes is asked to stand, which is said", () => {
    const data = parabolas(BUDGETS);
    const cut = { N: [] as number[], C: [] as number[], loss: [] as number[] };
    // The last budget without its larger half: the vertex is beyond what is left, and still right here.
    data.N.forEach((n, i) => {
      if (data.C[i] === 1e21 && n > 2e8 * 1000 ** 0.45 * 0.99) return;
      for (const name of ["N", "C", "loss"] as const) cut[name].push(data[name][i]);
    });
    const [dropped, kept] = (["drop", "keep"] as const).map((outside) =>
      isoflopOptima({ data: cut, outside, leastRuns: 3 }),
    );
    expect(last(dropped)).toMatchObject({ code: "above-sizes", used: false });
    expect(last(kept)).toMatchObject({ code: "above-sizes", used: true });
    expect(kept.N.exponent.estimate).toBeCloseTo(0.45, 6);
    expect(kept.notes.map(({ code }) => code)).toContain("extrapolated-minimum");
  });
});

describe("what cannot be answered", () => {
  test("fewer than two budgets with a minimum are refused, with what would help", () => {
    expect(() => isoflopOptima({ data: parabolas([1e18]) })).toThrow(/1 of 1 budget has a least loss/);
    expect(() => isoflopOptima({ data: parabolas(BUDGETS, 3) })).toThrow(/0 of 4 budgets have/);
  });

  test("two budgets have no interval, and say why", () => {
    const { N } = isoflopOptima({ data: parabolas([1e18, 1e20]) });
    expect(N.exponent).toMatchObject({ low: null, high: null });
    expect(N.exponent.reason).toMatch(/two budgets/);
  });

  test("columns that are missing or of another length are named", () => {
    const { N, C, loss } = parabolas(BUDGETS);
    expect(() => isoflopOptima({ data: { N, loss } })).toThrow(/column called C \(or D\)/);
    expect(() => isoflopOptima({ data: { N, C } })).toThrow(/column called loss/);
    expect(() => isoflopOptima({ data: { N: N.slice(1), C, loss } })).toThrow(/data.N has 27 values/);
    expect(() => isoflopOptima({ data: { N, C, loss }, flops: [-1] })).toThrow(/budget must be/);
  });

  test("rows without a number above 0 are left out and counted", () => {
    const { N, C, loss } = parabolas(BUDGETS);
    const { notes, N: power } = isoflopOptima({
      data: { N: [...N, 1e9], C: [...C, 1e21], loss: [...loss, 0] },
    });
    expect(notes[0]).toMatchObject({ code: "not-positive", numbers: { rows: 29, notUsed: 1 } });
    expect(power.exponent.estimate).toBeCloseTo(0.45, 9);
  });
});

describe("the bias of the estimator", () => {
  test("on a noise-free surface is what it reports", () => {
    const sweep = isoFlopSweep(BESIROGLU, BUDGETS, 9, 0.9, 0, generator(1));
    const C = sweep.N.map((n, i) => 6 * n * sweep.D[i]);
    const { bias, budgets, N } = isoflopOptima({ data: { ...sweep, C } });
    expect(bias?.exponent).toBeCloseTo(0.3658 / (0.3658 + 0.3478), 6);
    bias?.budgets.forEach(({ flops, N: size, error }, j) => {
      expect(size / bestSize(BESIROGLU, flops)).toBeCloseTo(1, 6);
      expect(error).toBeCloseTo((budgets[j].N?.estimate ?? 0) / bestSize(BESIROGLU, flops) - 1, 6);
    });
    expect(bias?.exponentError).toBeCloseTo(N.exponent.estimate - (bias?.exponent ?? 0), 6);
  });

  test("grows where the exponents are unequal and the sizes reach far", () => {
    const unequal: Truth = { E: 1.7, A: 2e5, alpha: 0.66, B: 1400, beta: 0.35 };
    const worst = (truth: Truth, reach: number) => {
      const sweep = isoFlopSweep(truth, BUDGETS, 9, reach, 0, generator(1));
      const { bias } = isoflopOptima({ data: { ...sweep } });
      return Math.max(...(bias?.budgets ?? []).map(({ error }) => Math.abs(error)));
    };
    expect(worst(unequal, 0.9)).toBeGreaterThan(3 * worst(BESIROGLU, 0.9));
    expect(worst(unequal, 0.9)).toBeGreaterThan(4 * worst(unequal, 0.3));
  });

  test("is not told where it is not asked for", () => {
    const optima = isoflopOptima({ data: parabolas(BUDGETS), surface: "none" });
    expect(optima).toMatchObject({ bias: null, biasReason: "it was not asked for" });
  });

  test("is not told where compute is counted otherwise than 6 N D, and why", () => {
    const sweep = isoFlopSweep(BESIROGLU, BUDGETS, 9, 0.6, 0, generator(1));
    const C = sweep.N.map((n, i) => 6 * n * sweep.D[i] * 1.2);
    const optima = isoflopOptima({ data: { ...sweep, C } });
    expect(optima).toMatchObject({ bias: null, dataFrom: "own-minimum" });
    expect(optima.biasReason).toMatch(/not k N D/);
    // Tokens have a minimum of their own: here the same runs, so the same optimum.
    const [first] = optima.budgets;
    expect((first.D?.estimate ?? 0) / (1e18 / 6 / bestSize(BESIROGLU, 1e18))).toBeCloseTo(1, 1);
  });
});

interface SurfaceCheck {
  law: string;
  preset: string;
  params: { points: number; span_decades_each_side: number };
  inputs: { C: number };
  expected: { N_parabola: number; L_parabola: number; N_true: number };
  tol: number;
}

describeWithShared("the certified vertices of noise-free losses", () => {
  const checks = sharedJson<SurfaceCheck[]>("law-checks.json").filter(
    ({ law, preset }) => law === "isoflop" && preset === "besiroglu-surface",
  );

  test("are found, with the bias they show", () => {
    expect(checks).toHaveLength(4);
    const data: Record<"N" | "C" | "loss", number[]> = { N: [], C: [], loss: [] };
    for (const { inputs, params } of checks) {
      for (let j = 0; j < params.points; j++) {
        const decades = params.span_decades_each_side * ((2 * j) / (params.points - 1) - 1);
        const N = bestSize(BESIROGLU, inputs.C) * 10 ** decades;
        data.N.push(N);
        data.C.push(inputs.C);
        data.loss.push(lossOf(BESIROGLU, N, inputs.C / (6 * N)));
      }
    }
    const { budgets, bias } = isoflopOptima({ data });
    checks.forEach(({ expected, tol }, j) => {
      expect(Math.abs((budgets[j].N?.estimate ?? 0) / expected.N_parabola - 1)).toBeLessThan(tol);
      expect(Math.abs((budgets[j].loss ?? 0) / expected.L_parabola - 1)).toBeLessThan(tol);
      // The surface is a fit of the same losses: its own optimum is right to some 1e-6.
      expect(Math.abs((bias?.budgets[j].N ?? 0) / expected.N_true - 1)).toBeLessThan(1e-5);
    });
  });
});

/** Columns of rows of the shared isoFLOP tables. */
const columns = (rows: readonly Row[], compute: string) => {
  const take = (name: string) => rows.map((row) => Number(row[name]));
  return { C: take(compute), N: take("params"), D: take("tokens"), loss: take("loss") };
};

describeWithShared("real isoFLOP sweeps", () => {
  const llama = sharedCsv("isoflop_llama3.csv").filter((row) => row.condition === "raw_loss");

  test("Llama 3's gives the recorded exponents and optimum", () => {
    const { N, D, asked, budgets } = isoflopOptima({ data: columns(llama, "budget"), flops: [1e22, 3.8e25] });
    expect(budgets.filter(({ used }) => used)).toHaveLength(10);
    expect(N.exponent.estimate).toBeCloseTo(0.463221, 6);
    expect(D.exponent.estimate).toBeCloseTo(0.536779, 6);
    // Recorded with four digits.
    expect(asked[0].N.estimate / 8.64e9).toBeCloseTo(1, 3);
    expect(asked[1].N.estimate / 3.933e11).toBeCloseTo(1, 3);
    expect(asked[1].D.estimate / 1.61e13).toBeCloseTo(1, 3);
  });

  test("Llama 3's without flagged points has eight curves and a = 0.5", () => {
    const clean = llama.filter((row) => row.outlier === "False");
    const { N, budgets } = isoflopOptima({ data: columns(clean, "budget") });
    expect(budgets).toHaveLength(8);
    expect(N.exponent.estimate).toBeCloseTo(0.5, 6);
  });

  test.each([
    ["comma", true, 0.404929],
    ["comma", false, 0.426407],
    ["dclm", true, 0.423579],
    ["dclm", false, 0.431665],
  ])(
    "marin's %s (outliers: %s) gives the recorded exponent, and data by their own minimum",
    (dataset, all, a) => {
      const rows = sharedCsv("isoflop_marin.csv").filter(
        (row) => row.dataset === dataset && (all || row.outlier === "False"),
      );
      const { N, D, dataFrom } = isoflopOptima({ data: columns(rows, "budget") });
      expect(N.exponent.estimate).toBeCloseTo(a, 6);
      expect(dataFrom).toBe("own-minimum");
      // Compute here counts attention and head too: the two exponents need not add up to 1, and nearly do.
      expect(Math.abs(N.exponent.estimate + D.exponent.estimate - 1)).toBeLessThan(0.03);
    },
  );

  /** Experiment, the authors' exponent, that of plain parabolas, vertices inside the sizes. */
  const porian: [string, number, number, number][] = [
    ["rw/base/long/kaplan/kaplan", 0.8338, 1.2091, 8],
    ["rw/base/long/kaplan/standard", 0.7009, 1.0378, 9],
    ["rw/base/short/kaplan/standard", 0.6035, 0.659, 12],
    ["rw/base/short/chinchilla/standard", 0.5714, 0.563, 12],
    ["rw/tuned/short/const/standard", 0.497, 0.5137, 12],
    ["rw/tuned/long/const/kaplan", 0.7081, 0.715, 11],
    ["rw/base/long/kaplan/attention", 0.7159, 0.9015, 8],
    ["rw/base/short/kaplan/attention", 0.624, 0.7026, 10],
    ["rw/base/short/chinchilla/attention", 0.5778, 0.7355, 8],
    ["rw/tuned/short/const/attention", 0.5041, 0.5223, 12],
  ];
  const experiment = (name: string) =>
    columns(
      sharedCsv("isoflop_porian_refinedweb.csv").filter((row) => row.experiment === name),
      "flops",
    );

  test.each(porian)(
    "Porian et al.'s %s gives the recorded parabolas, outside vertices kept",
    (name, _, a, inside) => {
      const { N, budgets } = isoflopOptima({ data: experiment(name), outside: "keep", surface: "none" });
      expect(N.exponent.estimate.toFixed(4)).toBe(a.toFixed(4));
      expect(budgets.filter(({ code }) => code === "inside")).toHaveLength(inside);
    },
  );

  test.each(porian)("Porian et al.'s %s interpolated is what the authors print", (name, authors) => {
    const { N, budgets } = isoflopOptima({
      data: experiment(name),
      method: "akima",
      draws: 50,
      surface: "none",
    });
    // They take the median over draws of noise for the minimum of each budget; here it is the minimum itself.
    expect(Math.abs(N.exponent.estimate - authors)).toBeLessThan(0.003);
    expect(budgets.filter(({ used }) => used).length).toBeGreaterThanOrEqual(10);
  });

  test("vertices outside the sizes, which make nonsense of the parabolas, are dropped by themselves", () => {
    const { N, notes } = isoflopOptima({ data: experiment("rw/base/long/kaplan/kaplan") });
    expect(N.exponent.estimate).toBeLessThan(0.9);
    expect(notes.find(({ code }) => code === "budgets-not-used")?.numbers?.notUsed).toBe(3);
  });

  test("the Llama-style runs at context 8192 give about the paper's exponent of the Transformer", () => {
    const runs = sharedCsv("xlstm_llama_isoflop_runs.csv")
      .filter((row) => row.val_loss !== "" && row.ctx === "8192")
      .map((row) => ({ ...row, loss: row.val_loss }));
    const { N } = isoflopOptima({ data: columns(runs, "flops_6nd"), tolerance: 0.2 });
    // 0.575 with attention in compute, which is left out here.
    expect(Math.abs(N.exponent.estimate - 0.575)).toBeLessThan(0.02);
  });
});

describe("the t(m - 2) intervals", () => {
  /** Share of simulated sweeps whose 95 % interval of N* at ten times the largest budget holds the truth. */
  function coverage(sweeps: number): number {
    let held = 0;
    const budgets = [1e18, 3.2e18, 1e19, 3.2e19, 1e20, 3.2e20];
    for (let seed = 0; seed < sweeps; seed++) {
      const sweep = isoFlopSweep(BESIROGLU, budgets, 7, 0.6, 0.005, generator(1000 + seed));
      const { asked } = isoflopOptima({ data: { ...sweep }, flops: [3.2e21], surface: "none" });
      const truth = bestSize(BESIROGLU, 3.2e21);
      const { low, high } = asked[0].N;
      if (low !== null && high !== null && low <= truth && truth <= high) held++;
    }
    return held / sweeps;
  }

  test("hold the truth about as often as they say", () => {
    // Measured 92-95 % for sizes within 0.6 decades; 60 sweeps leave a standard deviation of 3 %.
    expect(coverage(60)).toBeGreaterThan(0.85);
  });

  test("of a vertex are as wide as its scatter over sweeps", () => {
    const vertices: number[] = [];
    const widths: number[] = [];
    const random = generator(77);
    for (let sweep = 0; sweep < 200; sweep++) {
      const data = parabolas(BUDGETS);
      const loss = data.loss.map((value) => value + 0.01 * normal(random));
      const [first] = isoflopOptima({ data: { ...data, loss }, outside: "keep", surface: "none" }).budgets;
      if (first.N?.low === null || first.N?.high === null || first.N === null) continue;
      vertices.push(Math.log(first.N.estimate));
      widths.push(Math.log(first.N.high / first.N.low) / 2);
    }
    const mean = vertices.reduce((sum, value) => sum + value, 0) / vertices.length;
    const spread = Math.sqrt(
      vertices.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (vertices.length - 1),
    );
    const width = widths.reduce((sum, value) => sum + value, 0) / widths.length;
    // t(16) for 95 % is 2.12; 200 sweeps leave 5 % on the spread, and the first order is short by some.
    expect(width / (2.12 * spread)).toBeGreaterThan(0.85);
    expect(width / (2.12 * spread)).toBeLessThan(1.15);
  });
});
