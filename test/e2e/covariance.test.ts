/** `--covariance` and the correlations, against the textbook's formulas for a straight line. */
import { describe, expect, test } from "vitest";
import type { FitDocument, PlanDocument, SavedFit } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { generator, normal } from "../support/random.js";

const random = generator(9);
/** A line whose noise grows with x, in six machines that share an error. */
const machines = Array.from({ length: 6 }, () => 0.5 * normal(random));
const rows = Array.from({ length: 24 }, (_, i) => {
  const x = 1 + i / 2;
  return { x, y: 2 * x - 1 + machines[i % 6] + 0.1 * x * normal(random), machine: `m${i % 6}` };
});
const LINE = ["--formula", "a*x+b", "--y", "y", "--objective", "squares", "--bootstrap", "0"];

/** Least squares of a line by its closed form, with (X'X)^-1 and the leverages. */
function line() {
  const n = rows.length;
  const mean = rows.reduce((sum, { x }) => sum + x, 0) / n;
  const sxx = rows.reduce((sum, { x }) => sum + (x - mean) ** 2, 0);
  const a = rows.reduce((sum, { x, y }) => sum + (x - mean) * y, 0) / sxx;
  const b = rows.reduce((sum, { y }) => sum + y, 0) / n - a * mean;
  const inverse = [
    [1 / sxx, -mean / sxx],
    [-mean / sxx, 1 / n + mean ** 2 / sxx],
  ];
  const residuals = rows.map(({ x, y }) => y - a * x - b);
  const leverages = rows.map(({ x }) => 1 / n + (x - mean) ** 2 / sxx);
  return { n, mean, a, b, inverse, residuals, leverages };
}

type Pair = [number, number];

/** (X'X)^-1 M (X'X)^-1, its diagonal's roots. */
function errorsOf(inverse: number[][], scores: readonly Pair[], factor = 1): Pair {
  const M = [0, 1].map((r) => [0, 1].map((s) => factor * scores.reduce((sum, g) => sum + g[r] * g[s], 0)));
  const times = (A: number[][], B: number[][]) =>
    [0, 1].map((r) => [0, 1].map((s) => A[r][0] * B[0][s] + A[r][1] * B[1][s]));
  const V = times(times(inverse, M), inverse);
  return [Math.sqrt(V[0][0]), Math.sqrt(V[1][1])];
}

const fitted = async (...args: string[]) => {
  const at = workspace({ "runs.csv": toCsv(rows) });
  return (await at.json<FitDocument>(["fit", "runs.csv", ...LINE, "--no-save", ...args])).fits[0];
};

describe("--covariance sandwich", () => {
  test("has HC3's standard errors, with Student's t of n - p", async () => {
    const { n, a, inverse, residuals, leverages } = line();
    const scores = rows.map(({ x }, i): Pair => {
      const u = residuals[i] / (1 - leverages[i]);
      return [u * x, u];
    });
    const [ea, eb] = errorsOf(inverse, scores);
    const { parameters } = await fitted("--covariance", "sandwich");
    expect(parameters.a.estimate).toBeCloseTo(a, 9);
    expect((parameters.a.standardError ?? 0) / ea).toBeCloseTo(1, 8);
    expect((parameters.b.standardError ?? 0) / eb).toBeCloseTo(1, 8);
    // t(0.975, 22) from a table.
    expect(n - 2).toBe(22);
    expect(((parameters.a.high ?? 0) - a) / ea).toBeCloseTo(2.0738731, 5);
  });

  test("has CR1's by clusters, with t of their number less 1, in plans from the saved fit too", async () => {
    const { n, a, inverse, residuals } = line();
    const scores = [0, 1, 2, 3, 4, 5].map((g): Pair => {
      const own = rows
        .map(({ x }, i): Pair => [residuals[i] * x, residuals[i]])
        .filter((_, i) => i % 6 === g);
      return [own.reduce((sum, [s]) => sum + s, 0), own.reduce((sum, [, s]) => sum + s, 0)];
    });
    const [ea] = errorsOf(inverse, scores, ((6 / 5) * (n - 1)) / (n - 2));
    const { parameters } = await fitted("--covariance", "sandwich", "--cluster", "machine");
    expect((parameters.a.standardError ?? 0) / ea).toBeCloseTo(1, 8);
    // t(0.975, 5) from a table.
    expect(((parameters.a.high ?? 0) - a) / ea).toBeCloseTo(2.5705818, 5);

    const at = workspace({
      "runs.csv": toCsv(smallRuns().map((run, i) => ({ ...run, machine: `m${i % 6}` }))),
    });
    const flags = ["--bootstrap", "0", "--covariance", "sandwich"];
    const width = async (...more: string[]) => {
      await at.run(["fit", "runs.csv", ...flags, ...more]);
      const { N } = (await at.json<PlanDocument>(["plan", "--flops", "1e22"])).plans[0].optimum;
      const [{ covariance }] = (JSON.parse(at.read("scalefit.json")) as SavedFit).fits;
      return { log: Math.log((N.high ?? 0) / (N.low ?? 1)), degrees: covariance?.degrees };
    };
    expect((await width()).degrees).toBe(24 - 5);
    expect((await width("--cluster", "machine")).degrees).toBe(5);
  });

  test("is refused with a bootstrap-t", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    const flags = ["--covariance", "sandwich", "--interval", "bootstrap-t"];
    expect((await at.run(["fit", "runs.csv", ...flags])).stderr).toContain("do not go together");
  });
});

describe("the correlations", () => {
  test("of a line are -mean(x) / sqrt(mean(x^2)), 1 on the diagonal", async () => {
    const { mean } = line();
    const squares = rows.reduce((sum, { x }) => sum + x * x, 0) / rows.length;
    const { correlations } = await fitted();
    expect(correlations?.parameters).toEqual(["a", "b"]);
    const [[aa, ab], [ba, bb]] = correlations?.values ?? [];
    expect([aa, bb]).toEqual([1, 1]);
    expect(ab).toBeCloseTo(-mean / Math.sqrt(squares), 9);
    expect(ba).toBeCloseTo(ab ?? 0, 12);
  });

  test("are null for a parameter that is held, and said where the intervals rest on them", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    const args = ["fit", "runs.csv", "--bootstrap", "0", "--no-save"];
    const { fits } = await at.json<FitDocument>([...args, "--fix", "E=1.7"]);
    const { parameters, values } = fits[0].correlations ?? { parameters: [], values: [] };
    expect(values[parameters.indexOf("E")]).toEqual([null, null, null, null, null]);
    expect(values[parameters.indexOf("A")][parameters.indexOf("alpha")]).toBeGreaterThan(0.9);
    const { stdout } = await at.run(args);
    expect(stdout).toMatch(/correlated .*A and alpha 0\.99\d, B and beta 0\.99\d/);
  });
});
