/** Plans under costs and limits against dense grids, closed forms and sums done by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Question } from "../../src/index.js";
import {
  accelerators,
  DataError,
  parametersOf,
  plan,
  trainFlopsPerToken,
  transformerShape,
} from "../../src/index.js";
import type { AllocationForms } from "../../src/laws/law.js";
import { budgetForms } from "../../src/plan/budget-forms.js";
import { NO_LIMITS } from "../../src/plan/budget-line.js";
import { costOf } from "../../src/plan/cost.js";
import { sourceFromCoefficients } from "../../src/plan/source.js";
import { lawCalled } from "../support/core.js";
import { seeded } from "../support/random.js";

const BESIROGLU = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };
const from = { law: "chinchilla", coefficients: BESIROGLU };
type Law = typeof BESIROGLU;

const lossAt = ({ E, A, B, alpha, beta }: Law, N: number, D: number) => E + A / N ** alpha + B / D ** beta;

/** Laws whose best sizes lie between 1e6 and 1e13 parameters. */
const someLaw = fc
  .record({
    E: fc.double({ min: 0, max: 3, noNaN: true }),
    alpha: fc.double({ min: 0.15, max: 0.6, noNaN: true }),
    beta: fc.double({ min: 0.15, max: 0.6, noNaN: true }),
    size: fc.double({ min: -0.5, max: 0.3, noNaN: true }),
    data: fc.double({ min: -0.5, max: 0.3, noNaN: true }),
  })
  .map(({ E, alpha, beta, size, data }) => ({
    E,
    alpha,
    beta,
    A: 10 ** size * 3e8 ** alpha,
    B: 10 ** data * 6e9 ** beta,
  }));

/** ln N from 1e5 to 1e13 in steps of 0.4 %. */
const GRID = Array.from({ length: 4600 }, (_, i) => 1e5 * Math.exp(i * 0.004));

describe("the line search", () => {
  test("agrees with the closed form on random laws", () => {
    const closed = lawCalled("chinchilla").allocation as AllocationForms;
    fc.assert(
      fc.property(someLaw, fc.double({ min: 19, max: 25, noNaN: true }), (c, decades) => {
        const source = sourceFromCoefficients(lawCalled("chinchilla"), c);
        const searched = budgetForms(source, closed, costOf({}, 6), NO_LIMITS, true);
        const flops = 10 ** decades;
        const [found, expected] = [searched.optimum(c, flops), closed.optimum(c, flops / 6)];
        expect(Math.abs((found?.N ?? 0) / (expected?.N ?? 1) - 1)).toBeLessThan(1e-9);
        const loss = lossAt(c, expected?.N ?? 1, expected?.D ?? 1);
        // 1e-16 of the loss is more of the part that compute can still take away.
        const part = (loss - c.E) / loss;
        expect(Math.abs((searched.flopsForLoss(c, loss) ?? 0) / flops - 1)).toBeLessThan(1e-11 / part);
      }),
      seeded(1000),
    );
  });

  const limited = fc.record({
    c: someLaw,
    decades: fc.double({ min: 19, max: 24, noNaN: true }),
    maxParams: fc.option(fc.double({ min: 7, max: 11, noNaN: true }), { nil: undefined }),
    minTokens: fc.option(fc.double({ min: 8, max: 11, noNaN: true }), { nil: undefined }),
    maxTokens: fc.option(fc.double({ min: 11.5, max: 14, noNaN: true }), { nil: undefined }),
    served: fc.option(fc.double({ min: 9, max: 13, noNaN: true }), { nil: undefined }),
  });

  test("is never worse than the best of a dense grid within the limits", () => {
    fc.assert(
      fc.property(limited, ({ c, decades, maxParams, minTokens, maxTokens, served }) => {
        const power = (exponent: number | undefined) => (exponent === undefined ? undefined : 10 ** exponent);
        const [flops, T] = [10 ** decades, power(served) ?? 0];
        const [mostN, leastD, mostD] = [power(maxParams), power(minTokens), power(maxTokens)];
        let best = Number.POSITIVE_INFINITY;
        for (const N of GRID) {
          const D = Math.min((flops - 2 * N * T) / (6 * N), mostD ?? Number.POSITIVE_INFINITY);
          if (N <= (mostN ?? N) && D > 0 && D >= (leastD ?? 0)) best = Math.min(best, lossAt(c, N, D));
        }
        fc.pre(Number.isFinite(best));
        const question: Question = { flops, maxParams: mostN, minTokens: leastD, maxTokens: mostD };
        const asked = T > 0 ? { ...question, cost: { inferenceTokens: T } } : question;
        const [{ optimum }] = plan({ law: "chinchilla", coefficients: c, ...asked }).plans;
        const { N, D, loss } = optimum;
        expect(loss.estimate).toBeLessThanOrEqual(best * (1 + 1e-12));
        expect(6 * N.estimate * D.estimate + 2 * N.estimate * T).toBeLessThanOrEqual(flops * (1 + 1e-9));
        expect(N.estimate).toBeLessThanOrEqual((mostN ?? N.estimate) * (1 + 1e-9));
        expect(D.estimate).toBeGreaterThanOrEqual((leastD ?? 0) * (1 - 1e-9));
        expect(D.estimate).toBeLessThanOrEqual((mostD ?? D.estimate) * (1 + 1e-9));
      }),
      seeded(200),
    );
  });

  test("finds what a grid finds with repeated data and an exact count", () => {
    const [Rd, Rn] = [15.387756, 5.309743];
    const { E, A, B, alpha, beta } = BESIROGLU;
    const worth = (unique: number, all: number, R: number) =>
      unique * (1 + R * (1 - Math.exp(-(all / unique - 1) / R)));
    const [flops, U] = [3e23, 1e11];
    let best = { N: 0, loss: Number.POSITIVE_INFINITY };
    for (let lnN = Math.log(1e9); lnN < Math.log(2e11); lnN += 1e-3) {
      const N = Math.exp(lnN);
      const D = flops / (6 * N);
      const seen = Math.min(U, D);
      const deserved = Math.min(N, ((alpha * A * seen ** beta) / (beta * B)) ** (1 / alpha));
      const loss = E + A / worth(deserved, N, Rn) ** alpha + B / worth(seen, D, Rd) ** beta;
      if (loss < best.loss) best = { N, loss };
    }
    const [{ optimum, epochs, limits }] = plan({ ...from, flops, uniqueTokens: U }).plans;
    expect(optimum.loss.estimate).toBeLessThanOrEqual(best.loss);
    expect(optimum.N.estimate / best.N).toBeCloseTo(1, 2);
    expect(epochs?.estimate).toBeCloseTo(optimum.D.estimate / U, 9);
    expect(limits?.find(({ limit }) => limit === "--unique-tokens")?.binds).toBe(true);
  });
});

describe("shadow prices", () => {
  test("are the derivative of the loss, and 0 where a limit does not bind", () => {
    const hardware = { accelerator: "h100", count: 512, mfu: 0.4, usdPerHour: 2.5 };
    const [{ limits = [], optimum, budget }] = plan({
      ...from,
      dollars: 5e5,
      deadlineDays: 60,
      hardware,
    }).plans;
    const [money, deadline] = limits;
    expect({ money: money.binds, deadline: deadline.binds }).toEqual({ money: true, deadline: false });
    expect(deadline.shadowPrice?.estimate).toBe(0);
    // dL*/dC = -(alpha beta/(alpha+beta)) (L* - E)/C, and dollars are FLOPs times a constant.
    const { alpha, beta, E } = BESIROGLU;
    const slope = (-(alpha * beta) / (alpha + beta)) * (optimum.loss.estimate - E);
    expect(((money.shadowPrice?.estimate ?? 0) * 5e5) / money.per / slope).toBeCloseTo(1, 3);
    expect(budget.flops).toBeCloseTo((5e5 / 2.5) * 3600 * 0.4 * 989e12, -12);
  });

  test("of a least number of tokens is positive: more of it costs loss", () => {
    const [{ limits = [] }] = plan({ ...from, flops: 1e22, minTokens: 1e12 }).plans;
    expect(limits.find(({ limit }) => limit === "--min-tokens")?.shadowPrice?.estimate).toBeGreaterThan(0);
  });
});

describe("counts of FLOPs", () => {
  test("GPT-3 has 175B parameters, and costs what its matrix products and causal attention add up to", () => {
    const gpt3 = transformerShape(
      { layers: 96, heads: 96, headSize: 128, ff: 49_152, vocab: 50_257, context: 2048, isTied: true },
      12_288,
    );
    const { total } = parametersOf(gpt3);
    expect(total).toBeGreaterThan(174e9);
    expect(total).toBeLessThan(176e9);
    // 6 N, and 6 L h q (S + 1) of causal attention.
    const exact = trainFlopsPerToken("exact", gpt3, "none");
    const byHand = 6 * (96 * 12 * 12_288 ** 2 + 50_257 * 12_288) + 6 * 96 * 12_288 * 2049;
    expect(exact).toBe(byHand);
    expect(trainFlopsPerToken("exact", gpt3, "full") / exact).toBeCloseTo(4 / 3, 12);
  });

  test("grouped queries and experts are counted as they are used", () => {
    // Llama 3 8B: 8.03e9 parameters (arXiv 2407.21783, table 3, with its vocabulary of 128,256).
    const llama = transformerShape(
      {
        layers: 32,
        heads: 32,
        kvHeads: 8,
        headSize: 128,
        ff: 14_336,
        isGated: true,
        vocab: 128_256,
        context: 8192,
      },
      4096,
    );
    expect(parametersOf(llama).total / 8.03e9).toBeCloseTo(1, 3);
    // Mixtral 8x7B: 46.7e9 in all, 12.9e9 a token (arXiv 2401.04088).
    const mixtral = transformerShape(
      {
        layers: 32,
        heads: 32,
        kvHeads: 8,
        headSize: 128,
        ff: 14_336,
        isGated: true,
        vocab: 32_000,
        context: 4096,
        experts: 8,
        activeExperts: 2,
      },
      4096,
    );
    const { total, active } = parametersOf(mixtral);
    expect(total / 46.7e9).toBeCloseTo(1, 2);
    expect(active / 12.9e9).toBeCloseTo(1, 2);
  });

  test("the planned design spends the budget by the rule in use, whatever the rule", () => {
    for (const rule of ["6nd", "kaplan", "palm", "chinchilla", "deepseek", "exact"] as const) {
      const [{ optimum, cost }] = plan({
        ...from,
        flops: 1e21,
        cost: { rule, shape: { context: 8192 } },
      }).plans;
      expect(((cost?.flopsPerToken.estimate ?? 0) * optimum.D.estimate) / 1e21, rule).toBeCloseTo(1, 9);
    }
  });

  test("of experts a share is paid for: the optimum of a budget so much larger", () => {
    const [shared] = plan({ ...from, flops: 1e22, cost: { activeShare: 0.25 } }).plans;
    const [dense] = plan({ ...from, flops: 4e22 }).plans;
    expect(shared.optimum.N.estimate / dense.optimum.N.estimate).toBeCloseTo(1, 12);
  });
});

describe("serving", () => {
  test("the plan breaks even with the cheapest to train where both cost the same in total", () => {
    const [{ optimum, inference }] = plan({ ...from, targetLoss: 2, cost: { inferenceTokens: 2e12 } }).plans;
    const T = inference?.breakEvenTokens?.estimate ?? Number.NaN;
    const total = (N: number, D: number) => 6 * N * D + 2 * N * T;
    const other = inference?.trainingOnly ?? { N: 0, D: 0 };
    expect(total(optimum.N.estimate, optimum.D.estimate) / total(other.N, other.D)).toBeCloseTo(1, 9);
    expect(T).toBeLessThan(2e12);
  });
});

describe("what cannot be planned", () => {
  test.each([
    [{ params: 70e9, flops: 1e23, serveMemory: 80e9 }, /--serve-memory contradict.*|1\.75 times/],
    [
      { targetLoss: 1.9, gpuHours: 1e4, hardware: { accelerator: "h100" } },
      /--target-loss 1\.9 and --gpu-hours contradict/,
    ],
    [{ flops: 1e20, cost: { inferenceTokens: 1e30 } }, /serv|inference/],
    [{ minTokens: 2e12, maxTokens: 1e12, flops: 1e22 }, /--min-tokens and --max-tokens contradict/],
    [{ dollars: 1e6 }, /--dollars cannot be turned into FLOPs without the hardware/],
    [{ dollars: 1e6, hardware: { accelerator: "h100" } }, /without a price/],
    [{ flops: 1e22, hardware: { accelerator: "h10" } }, /no accelerator called "h10"/],
    [{ flops: 1e22, hardware: { accelerator: "tpu-v4", precision: "fp8" as const } }, /no dense peak in fp8/],
    [
      { gpuHours: 10, hardware: { accelerator: "a100", throughput: { tokensPerSecond: 1e6, params: 7e9 } } },
      /times what NVIDIA A100/,
    ],
  ] satisfies [Question, RegExp][])("%j", (question, message) => {
    expect(() => plan({ ...from, ...question })).toThrow(message);
  });

  test("a loss below the floor of the limits", () => {
    expect(() => plan({ ...from, targetLoss: 1.85, maxParams: 1e8 })).toThrow(DataError);
  });
});

test("the catalogue has plain figures with their source", () => {
  const ids = accelerators.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { peaks, source, memoryBytes } of accelerators) {
    for (const peak of Object.values(peaks)) expect(peak).toBeGreaterThan(1e12);
    expect(memoryBytes).toBeGreaterThan(1e10);
    expect(source).toMatch(/20\d\d/);
  }
});

describe("under a target loss", () => {
  const hardware = { accelerator: "h100", usdPerHour: 2.5, mfu: 0.4 };
  const usdPerFlop = 2.5 / 3600 / (0.4 * 989e12);

  test("one more of a limit moves the cost, in FLOPs and in dollars", () => {
    const { E, A, B, alpha, beta } = BESIROGLU;
    // A model as large as the memory allows, on the tokens that then reach the loss.
    const costAt = (bytes: number) => {
      const N = bytes / 2;
      return 6 * N * (B / (2.05 - E - A / N ** alpha)) ** (1 / beta);
    };
    const [{ limits = [] }] = plan({ ...from, targetLoss: 2.05, serveMemory: 24e9, hardware }).plans;
    const [{ limit, binds, per, shadowPrice, shadowCost }] = limits;
    expect([limit, binds, per, shadowPrice]).toEqual(["--serve-memory", true, 1e8, null]);
    const slope = (costAt(24e9 * 1.0001) - costAt(24e9)) / (24e9 * 0.0001);
    expect((shadowCost?.flops.estimate ?? 0) / (slope * 1e8)).toBeCloseTo(1, 6);
    expect(shadowCost?.usd?.estimate).toBeCloseTo(slope * 1e8 * usdPerFlop, 3);
  });

  test("one more unique token lowers the cost, more memory than is used does not", () => {
    const question = { targetLoss: 2.05, uniqueTokens: 200e9, serveMemory: 200e9 };
    const [{ limits = [] }] = plan({ ...from, ...question }).plans;
    const [memory, unique] = limits;
    expect(memory).toMatchObject({ binds: false, shadowCost: { flops: { estimate: 0 }, usd: null } });
    const cost = (uniqueTokens: number) =>
      plan({ ...from, ...question, uniqueTokens }).plans[0].budget.flops ?? 0;
    const quotient = (cost(202e9) - cost(198e9)) / 4;
    expect((unique.shadowCost?.flops.estimate ?? 0) / quotient).toBeCloseTo(1, 2);
  });

  test("the least time is that of the cheapest training, and says what it costs more", () => {
    const question = { targetLoss: 2, cost: { inferenceTokens: 2e12 }, hardware };
    const [fast] = plan({ ...from, ...question, least: "time" }).plans;
    const [cheap] = plan({ ...from, ...question }).plans;
    const [training] = plan({ ...from, targetLoss: 2 }).plans;
    expect(fast.optimum.N.estimate / training.optimum.N.estimate).toBeCloseTo(1, 9);
    expect(fast.least?.cheapest?.N).toBeCloseTo(cheap.optimum.N.estimate, 0);
    const ratio = (fast.budget.flops ?? 0) / (cheap.budget.flops ?? 1);
    expect(fast.least?.extraCost.estimate).toBeCloseTo(ratio - 1, 9);
    const saved = 1 - (training.budget.flops ?? 0) / (cheap.inference?.trainFlops.estimate ?? 1);
    expect(fast.least?.savedTime.estimate).toBeCloseTo(saved, 9);
    const [plain] = plan({ ...from, targetLoss: 2, hardware, least: "time" }).plans;
    expect(plain.least).toMatchObject({ cheapest: null, extraCost: { estimate: 0 } });
  });

  test("a loss that no budget reaches within the limits is told with their floor", () => {
    const floor = BESIROGLU.E + BESIROGLU.A / 12e9 ** BESIROGLU.alpha;
    expect(() => plan({ ...from, targetLoss: floor - 0.001, serveMemory: 24e9 })).toThrow(DataError);
    try {
      plan({ ...from, targetLoss: floor - 0.001, serveMemory: 24e9 });
    } catch (error) {
      expect((error as DataError).why).toContain(floor.toPrecision(5));
    }
  });
});

describe("a value of a task as the target", () => {
  const hellaswag = { preset: "ladder-hellaswag" };

  test("is reached by the loss that the sigmoid inverted gives, for the least compute", () => {
    const [{ optimum, budget, asked, target }] = plan({ ...hellaswag, targetTask: { acc: 0.8 } }).plans;
    expect([asked, target]).toEqual([{ targetTask: 0.8 }, { output: "acc", value: 0.8 }]);
    expect(optimum.acc.estimate).toBeCloseTo(0.8, 9);
    const [a, l0, kk, b] = [-0.730111, 0.766735, 12.741707, 0.992104];
    expect(optimum.loss.estimate).toBeCloseTo(l0 - Math.log(a / (0.8 - b) - 1) / kk, 9);
    const back = plan({ ...hellaswag, flops: budget.flops ?? 0 }).plans[0].optimum;
    expect(back.acc.estimate).toBeCloseTo(0.8, 9);
    expect(back.N.estimate / optimum.N.estimate).toBeCloseTo(1, 9);
    // Alone, the value is that of the chain's last output.
    expect(plan({ ...hellaswag, targetTask: 0.8 }).plans[0].optimum).toEqual(optimum);
  });

  test("keeps to what is fixed", () => {
    const { optimum } = plan({ ...hellaswag, targetTask: 0.75, ratio: 20 }).plans[0];
    expect(optimum.acc.estimate).toBeCloseTo(0.75, 9);
    expect(optimum.tokensPerParameter.estimate).toBeCloseTo(20, 9);
  });

  test.each<[Question, RegExp]>([
    [{ targetTask: 0.99 }, /cannot be reached: at the floor of its loss the chain gives 0\.9679/],
    [{ targetTask: 0.1 }, /takes no training: the chain gives 0\.2620/],
    [{ targetTask: { bpb: 0.6 } }, /gives no "bpb" after its loss/],
    [{ targetTask: 1.2 }, /acc lies between 0 and 1/],
    [{ targetTask: 0.8, flops: 1e22 }, /--flops and --target-task contradict/],
    [{ targetTask: 0.8, targetLoss: 0.7 }, /--target-loss and --target-task contradict/],
  ])("%j is refused", (question, message) => {
    expect(() => plan({ ...hellaswag, ...question })).toThrow(message);
  });

  test("a law that is no chain has none", () => {
    expect(() => plan({ ...from, targetTask: 0.8 })).toThrow(/predicts no task from N and D/);
  });
});
