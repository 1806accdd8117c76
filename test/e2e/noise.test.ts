/** `--noise` through the program. */
import { describe, expect, test } from "vitest";
import type { FitDocument } from "../../src/objects.js";
import { type Workspace, workspace } from "../support/cli.js";
import { smallRuns, toCsv } from "../support/made-log.js";

const PLAIN = ["--bootstrap", "0", "--no-save"];
const fitOf = async (at: Workspace, ...args: string[]) =>
  (await at.json<FitDocument>(["fit", "runs.csv", ...PLAIN, ...args])).fits[0];

/** The minimum of a convex function of one variable, by golden section. */
function minimum(f: (x: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  for (let k = 0; k < 120; k++) {
    const [c, d] = [b - golden * (b - a), a + golden * (b - a)];
    if (f(c) < f(d)) b = d;
    else a = c;
  }
  return (a + b) / 2;
}

describe("--noise with a column", () => {
  const rows = [1, 2, 3, 4, 5, 6, 7].map((x, i) => ({
    x,
    y: [2.1, 3.9, 6.4, 8.0, 12.9, 11.8, 14.3][i],
    err: [0.1, 0.1, 0.4, 0.2, 2, 0.3, 0.2][i],
  }));

  test("fits the sum of rho(r / s), as a search of the line finds it", async () => {
    const at = workspace({ "runs.csv": toCsv(rows) });
    const delta = 1.2;
    const args = ["--formula", "a*x", "--y", "y", "--objective", "huber", "--delta", String(delta)];
    const fit = await fitOf(at, ...args, "--noise", "err");
    const sum = (a: number) =>
      rows.reduce((total, { x, y, err }) => {
        const r = Math.abs(y - a * x) / err;
        return total + (r <= delta ? (r * r) / 2 : delta * (r - delta / 2));
      }, 0);
    const best = minimum(sum, 1, 3);
    // Golden section sees a parabola's bottom to the root of rounding.
    expect(fit.parameters.a.estimate).toBeCloseTo(best, 7);
    expect(fit.objective.value).toBeCloseTo(sum(best), 10);
    expect(fit.objective.delta).toBe(delta);
  });

  test("is in the unit of the measured value, or relative where it or its name says so", async () => {
    const runs = smallRuns().map((run, i) => {
      const share = [0.002, 0.004, 0.01][i % 3];
      return {
        ...run,
        err: share * run.loss,
        rel_err: share,
        pct: `${100 * share}%`,
        "err (%)": 100 * share,
      };
    });
    const at = workspace({ "runs.csv": toCsv(runs) });
    const alpha = async (noise: string) => (await fitOf(at, "--noise", noise)).parameters.alpha.estimate;
    const absolute = await alpha("err");
    for (const noise of ["rel_err", "pct", "err (%)", "rel_err:relative"])
      expect((await alpha(noise)) / absolute, noise).toBeCloseTo(1, 6);
    expect(Math.abs((await alpha("rel_err:absolute")) / absolute - 1)).toBeGreaterThan(1e-6);
    const { stderr } = await at.run(["fit", "runs.csv", ...PLAIN, "--noise", "rel_err"]);
    expect(stderr).toMatch(/"rel_err" is read as noise relative to each measured value, because of its name/);
  });

  test("leaves out rows without noise above 0, with their lines", async () => {
    const runs = smallRuns().map((run, i) => ({ ...run, err: i === 3 ? 0 : i === 7 ? "" : 0.01 }));
    const at = workspace({ "runs.csv": toCsv(runs) });
    const { data } = await fitOf(at, "--noise", "err");
    expect(data).toMatchObject({ rows: 24, used: 22 });
    expect(data.dropped.flatMap(({ lines }) => lines)).toEqual([5, 9]);
  });

  test("gives refits of the same bytes on one thread and on three", async () => {
    const runs = smallRuns().map((run, i) => ({ ...run, err: 0.005 + 0.002 * (i % 4) }));
    const at = workspace({ "runs.csv": toCsv([...runs, runs[5]]) });
    const saved = async (workers: string, ...args: string[]) => {
      const flags = ["--bootstrap", "60", "--workers", workers, ...args, "-o", "fit.json"];
      await at.run(["fit", "runs.csv", "--noise", "err", ...flags]);
      return at.read("fit.json");
    };
    expect(await saved("3")).toBe(await saved("1"));
    expect(await saved("3", "--resample", "residuals")).toBe(await saved("1", "--resample", "residuals"));
  });
});

describe("--noise with a number", () => {
  test("says the noise and how the rows scatter beside it", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    const { stdout } = await at.run(["fit", "runs.csv", ...PLAIN, "--noise", "0.3%"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
      /delta \S+ \(1\.345 times the robust spread of the residuals in units of their noise\); sum \S+; noise 0\.0030 in the median row, the rows scatter by \S+ times theirs/,
    );
    expect(stdout).toMatch(/noise 0\.0030|noise\s+0\.0030/);
  });

  test.each([
    ["of nothing", ["--noise", "0"], /must be above 0/],
    ["below 0", ["--noise=-1%"], /must be above 0/],
    ["beside weights", ["--noise", "1%", "--weight", "tokens"], /contradict each other/],
    ["of a column that is not there", ["--noise", "stderror"], /no column "stderror"/],
  ])("%s is refused", async (_, args, message) => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
