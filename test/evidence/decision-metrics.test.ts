import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_METRICS_OPTIONS, decisionMetrics } from "../../src/evidence/decision-metrics.js";
import { benchmarkOf, directionOf } from "../../src/evidence/metric-names.js";
import { compareMetrics } from "../../src/index.js";
import type { Evaluations, MetricReport } from "../../src/objects.js";
import { metricsHeld } from "../support/metric-trials.js";
import { generator, normal, shuffled } from "../support/random.js";

interface Made {
  recipes?: number;
  sizes?: number[];
  checkpoints?: number;
  noise?: number;
  factor?: number;
  seed?: number;
}

/** Recipes 1 % apart on a power law, with noise in every checkpoint. */
function made({
  recipes = 5,
  sizes = [1e8, 4e8, 1.6e9],
  checkpoints = 5,
  noise = 0.002,
  factor = 1,
  seed = 3,
}: Made) {
  const random = generator(seed);
  const entries = Array.from({ length: recipes }, (_, r) =>
    sizes.flatMap((N) =>
      Array.from({ length: checkpoints }, (_, c) => ({
        recipe: `r${r}`,
        N,
        step: 1000 * (c + 1),
        loss: factor * (20 / N ** 0.1) * (1 + 0.01 * r) * (1 + noise * normal(random)),
      })),
    ),
  ).flat();
  return entries;
}

function evaluationsOf(entries: ReturnType<typeof made>): Evaluations {
  return {
    recipe: entries.map(({ recipe }) => recipe),
    N: Float64Array.from(entries, ({ N }) => N),
    D: null,
    C: null,
    step: Float64Array.from(entries, ({ step }) => step),
    seed: null,
    run: null,
    metrics: new Map([["loss", Float64Array.from(entries, ({ loss }) => loss)]]),
  };
}

const reportOf = (entries: ReturnType<typeof made>): MetricReport =>
  decisionMetrics(evaluationsOf(entries), DEFAULT_METRICS_OPTIONS).metrics[0];

describe("signal and noise", () => {
  test("the ratio is that of the spread of recipes to the noise of a checkpoint, within its interval", () => {
    const { snr, noise } = reportOf(made({ recipes: 8, seed: 11 }));
    // Eight recipes 1 % apart have a standard deviation of 2.4 %; the noise is 0.2 %.
    const truth = (0.01 * Math.sqrt(6)) / 0.002;
    expect(snr?.low).toBeLessThan(truth);
    expect(snr?.high).toBeGreaterThan(truth);
    // 24 degrees of freedom: within three standard errors, 1/sqrt(48) each.
    expect(Math.abs((noise?.relative ?? 0) / 0.002 - 1)).toBeLessThan(0.45);
    expect(noise?.degreesOfFreedom).toBe(8 * 3);
  });

  test("the drift of training that all recipes share is no noise", () => {
    const drifting = made({ noise: 0 }).map((one) => ({ ...one, loss: one.loss - one.step * 1e-5 }));
    const { noise, publishedSnr } = reportOf(drifting);
    expect(noise?.relative).toBeLessThan(1e-12);
    expect(publishedSnr).toBeGreaterThan(0);
  });

  test("it is the same in any unit of the score", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (seed, factor) => {
          const [one, other] = [reportOf(made({ seed })), reportOf(made({ seed, factor }))];
          expect((other.snr?.estimate ?? 0) / (one.snr?.estimate ?? 1)).toBeCloseTo(1, 8);
          expect(other.decisionAccuracy.map(({ estimate }) => estimate)).toEqual(
            one.decisionAccuracy.map(({ estimate }) => estimate),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  test("with one checkpoint and one seed the noise is null with its reason, and the rest is computed", () => {
    const { snr, snrReason, noise, noiseReason, signal, decisionAccuracy, prediction } = reportOf(
      made({ checkpoints: 1 }),
    );
    expect([snr, noise]).toEqual([null, null]);
    expect(snrReason).toMatch(/no noise can be measured/);
    expect(noiseReason).toMatch(/second seed or three checkpoints/);
    expect(signal?.recipes).toBe(5);
    expect(decisionAccuracy).toHaveLength(2);
    expect(decisionAccuracy[0].toAverage).toBeNull();
    expect(prediction.error).toBeLessThan(0.02);
  });
});

test("the order of two recipes without noise tells no metric: it may be chance", () => {
  const evaluations = evaluationsOf(made({ recipes: 2, checkpoints: 1 }));
  const { metrics, choice } = decisionMetrics(evaluations, DEFAULT_METRICS_OPTIONS);
  expect(metrics[0]).toMatchObject({ verdict: "unknown", snr: null });
  expect(choice.metric).toBeNull();
  expect(choice.reason).toContain("may be chance");
});

describe("decision accuracy", () => {
  test("a metric without noise that keeps its order has accuracy 1, and its law has the largest scale", () => {
    const { decisionAccuracy, prediction } = reportOf(
      made({ noise: 0, sizes: [1e8, 2e8, 4e8, 8e8, 1.6e9, 1.6e10] }),
    );
    for (const one of decisionAccuracy)
      expect(one).toMatchObject({ estimate: 1, averaged: 1, ties: 0, pairs: 10 });
    // All recipes in order are not yet all recipes there are.
    expect(decisionAccuracy[0].low).toBeGreaterThan(0.5);
    expect(decisionAccuracy[0].low).toBeLessThan(0.8);
    expect(prediction.error).toBeLessThan(1e-3);
  });

  test("a metric that turns its order round has accuracy 0 and is to be avoided", () => {
    const turned = made({}).map((one) => ({ ...one, loss: one.N < 1e9 ? 100 - one.loss : one.loss }));
    const { metrics, choice } = decisionMetrics(evaluationsOf(turned), DEFAULT_METRICS_OPTIONS);
    expect(metrics[0].decisionAccuracy.map(({ estimate }) => estimate)).toEqual([0, 0]);
    expect(metrics[0].verdict).toBe("order-changes");
    expect(choice).toMatchObject({ metric: null, avoid: ["loss"] });
  });

  test("scores that are equal count one half, and are told", () => {
    const tied = made({ noise: 0 }).map((one) => ({ ...one, loss: one.N < 1e9 ? 3 : one.loss }));
    expect(reportOf(tied).decisionAccuracy[0]).toMatchObject({ estimate: 0.5, ties: 10 });
  });

  test("more noise needs more checkpoints for the same accuracy", () => {
    const needed = (noise: number) =>
      reportOf(made({ noise, seed: 5 })).decisionAccuracy[1].toAverage?.needed ?? 1e9;
    expect(needed(0.002)).toBe(1);
    expect(needed(0.012)).toBeGreaterThan(1);
  });
});

test("intervals hold what is simulated, as in the measurement of test/bench", () => {
  const held = metricsHeld({ recipes: 6, snr: 2, of: "checkpoints", scores: 4 }, 80);
  // Of 80 draws with a chance of 95 %, fewer than 70 come once in 1,000.
  expect(held.snr).toBeGreaterThanOrEqual(70 / 80);
  expect(held.accuracy).toBeGreaterThanOrEqual(70 / 80);
  expect(held.prediction).toBeGreaterThanOrEqual(67 / 80);
});

test("the order of the rows changes nothing", () => {
  const entries = made({ noise: 0.01 });
  const text = (rows: typeof entries) =>
    JSON.stringify(decisionMetrics(evaluationsOf(rows), DEFAULT_METRICS_OPTIONS));
  for (const seed of [1, 2, 3]) expect(text(shuffled(entries, generator(seed)))).toBe(text(entries));
});

test("names say whether less is better, and the benchmark of a sub-task", () => {
  expect(["arc_bpb", "val/loss", "lambada_ppl", "acc_piqa", "exact_match", "MMLU"].map(directionOf)).toEqual([
    "lower",
    "lower",
    "lower",
    "higher",
    "higher",
    null,
  ]);
  expect(benchmarkOf("mmlu_stem_test_acc")).toEqual({ benchmark: "mmlu", measure: "acc" });
  expect(benchmarkOf("acc_arc_easy")).toEqual({ benchmark: "arc", measure: "acc" });
  expect(benchmarkOf("mmlu/abstract_algebra")).toEqual({ benchmark: "mmlu", measure: "" });
});

test("the library gives the document of the program, and refuses columns of unequal length", () => {
  const evaluations = evaluationsOf(made({}));
  const document = compareMetrics(evaluations);
  expect(document).toMatchObject({ schema: "scalefit/compare@1", mode: "metrics", checkpoints: 5 });
  expect(document.metrics[0]).toEqual(reportOf(made({})));
  expect(() => compareMetrics({ ...evaluations, N: Float64Array.of(1) })).toThrow(
    /N has 1 values and recipe 75/,
  );
});
