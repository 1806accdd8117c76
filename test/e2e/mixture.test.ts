/** The best mixture of training data, from a log to a plan, through the program. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Estimate, FitDocument, PlanDocument, PlannedLaw } from "../../src/objects.js";
import { type Workspace, workspace } from "../support/cli.js";
import { generator, normal } from "../support/random.js";
import { describeWithShared, sharedFile } from "../support/shared.js";

/** c + exp(t . r) of three validation sets over web, code and books. */
const TRUTHS = {
  web: { c: 2, t: [-4, 0.5, 0.2] },
  code: { c: 1.5, t: [0.3, -3, 0.4] },
  books: { c: 2.5, t: [0.1, 0.2, -5] },
};
type Domain = keyof typeof TRUTHS;
const DOMAINS = Object.keys(TRUTHS) as Domain[];
const lossAt = (domain: Domain, r: readonly number[]) =>
  TRUTHS[domain].c + Math.exp(TRUTHS[domain].t.reduce((sum, t, j) => sum + t * r[j], 0));

/** 40 random mixtures, a loss column for each validation set. */
function wide(): string {
  const random = generator(8);
  const lines = ["run,web,code,books,loss_web,loss_code,loss_books"];
  for (let i = 0; i < 40; i++) {
    const parts = DOMAINS.map(() => -Math.log(1 - random()));
    const total = parts.reduce((sum, part) => sum + part, 0);
    const r = parts.map((part) => part / total);
    const losses = DOMAINS.map((domain) => lossAt(domain, r) * Math.exp(0.002 * normal(random)));
    lines.push([`m${i}`, ...r, ...losses].join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** The best of all mixtures in hundredths for a weighted mean of the true losses. */
function bestInHundredths(weights: readonly number[], caps: readonly number[] = [1, 1, 1]): number[] {
  let best: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a <= 100; a++)
    for (let b = 0; a + b <= 100; b++) {
      const r = [a / 100, b / 100, (100 - a - b) / 100];
      const loss = DOMAINS.reduce((sum, domain, i) => sum + weights[i] * lossAt(domain, r), 0);
      if (loss >= least || r.some((share, j) => share > caps[j] + 1e-9)) continue;
      [best, least] = [r, loss];
    }
  return best;
}

const holds = ({ low, high }: Estimate, value: number, by = 0.01) =>
  (low ?? 0) - by <= value && value <= (high ?? 0) + by;
const sharesOf = ({ optimum }: PlannedLaw) => ["r1", "r2", "r3"].map((name) => optimum[name]);

async function planIn(at: Workspace, flags: readonly string[] = []): Promise<PlannedLaw> {
  const { schema, plans } = await at.json<PlanDocument>(["plan", ...flags]);
  expect([schema, plans.length]).toEqual(["scalefit/plan@1", 1]);
  return plans[0];
}

describe("losses of three validation sets over one mixture", () => {
  const at = workspace({ "mix.csv": wide() });
  const mixture = ["--mixture", "web,code,books"];
  const fit = ["fit", "mix.csv", "--law", "mixture-exp", "--y", "loss_*", ...mixture, "--bootstrap", "200"];

  test("have one best mixture, with intervals from the draws of all fits", async () => {
    const { fits } = await at.json<FitDocument>(fit);
    expect(fits.map(({ group }) => group)).toEqual(["loss_web", "loss_code", "loss_books"]);
    const plan = await planIn(at);
    expect(Object.keys(plan.optimum)).toEqual(["r1", "r2", "r3", "loss"]);
    expect(plan.domains).toEqual({ r1: "web", r2: "code", r3: "books" });
    const shares = sharesOf(plan);
    expect(shares.reduce((sum, { estimate }) => sum + estimate, 0)).toBeCloseTo(1, 12);
    const truth = bestInHundredths([1, 1, 1]);
    shares.forEach((share, j) => {
      expect(holds(share, truth[j]), `${JSON.stringify(share)} holds ${truth[j]}`).toBe(true);
    });
    const mean = DOMAINS.reduce((sum, domain) => sum + lossAt(domain, truth) / 3, 0);
    expect(holds(plan.optimum.loss, mean, 0.002)).toBe(true);
    const losses = plan.losses ?? [];
    expect(losses.map(({ group, weight }) => [group, weight])).toEqual(
      fits.map(({ group }) => [group, 1 / 3]),
    );
    expect(losses.reduce((sum, { loss }) => sum + loss.estimate / 3, 0)).toBeCloseTo(
      plan.optimum.loss.estimate,
      12,
    );
  });

  test("are weighed, and shares are capped", async () => {
    await at.run(fit);
    const weighed = await planIn(at, ["--weights", "loss_web=3,loss_code=1"]);
    const truth = bestInHundredths([3, 1, 0]);
    sharesOf(weighed).forEach((share, j) => {
      expect(holds(share, truth[j])).toBe(true);
    });
    expect(weighed.losses?.map(({ weight }) => weight)).toEqual([0.75, 0.25]);
    const capped = await planIn(at, ["--weights", "*=1", "--at", "cap=[0.25,1,1]"]);
    expect(capped.optimum.r1.estimate).toBeCloseTo(0.25, 9);
    const best = bestInHundredths([1, 1, 1], [0.25, 1, 1]);
    expect(holds(capped.optimum.r2, best[1])).toBe(true);
    const one = await planIn(at, ["--weights", '{"loss_code": 2}']);
    expect(one.optimum.r2.estimate).toBeCloseTo(1, 9);
    expect(one.losses).toBeUndefined();
  });

  test("read as people read them", async () => {
    await at.run(fit);
    const { stdout } = await at.run(["plan"]);
    expect(stdout).toMatch(/^Best mixture\n/);
    expect(stdout).toMatch(/^ {2}web \(r1\) +0\.\d+ +\[0\.\d+, 0\.\d+\]$/m);
    expect(stdout).toMatch(/^ {2}predicted mean loss +\d\.\d+ +\[/m);
    expect(stdout).toMatch(/^ {2}loss loss_code \(33\.3 % of the mean\)/m);
  });

  test("a mixture beyond those that were tried is said to be one", async () => {
    await at.run(fit);
    const { stderr } = await at.run(["plan", "--weights", "loss_web=1"]);
    expect(stderr).toMatch(/beyond those that were fitted \("web" 1\.000, at most 0\.\d+ tried/);
  });

  test.each([
    [["--weights", "loss_wb=1"], /no loss called "loss_wb"\n {2}did you mean "loss_web"/],
    [["--weights", "loss_web=-1"], /a weight is a number of 0 or more/],
    [["--weights", "loss_web"], /each entry is NAME=WEIGHT/],
    [["--weights", "loss_web=1,loss_web=2"], /given twice/],
    [["--weights", "*=0"], /all weights are 0/],
    [["--at", "cap=[0.2,0.2,0.2]"], /the caps leave room for 0\.6 of a mixture/],
    [["--flops", "1e20"], /has no use for "C"/],
  ])("%j is refused", async (flags, message) => {
    await at.run(fit);
    const { exitCode, stderr } = await at.run(["plan", ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("without resamples the mixture is there and its interval is not", async () => {
    const quick = workspace({ "mix.csv": wide() });
    await quick.run([...fit.slice(0, -1), "0"]);
    const { optimum } = await planIn(quick);
    expect(optimum.r1).toMatchObject({ low: null, reason: expect.stringMatching(/no resamples/) });
    // One fit has the interval of its covariance.
    const single = await planIn(quick, ["--weights", "loss_web=1", "--at", "cap=[0.5,1,1]"]);
    expect(single.optimum.loss.low).not.toBeNull();
  });
});

test("--weights belongs to mixtures", async () => {
  const { exitCode, stderr } = await workspace().run(["plan", "--flops", "1e22", "--weights", "a=1"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/--weights is for laws of a mixture/)]);
});

describeWithShared("published mixtures", () => {
  test("the data mixing law's three domains: the optimum of SciPy on the same coefficients, below any mixture tried", async () => {
    const at = workspace();
    cpSync(sharedFile("data/mixture_dml_3domains_410M.csv"), join(at.path, "dml.csv"));
    const where = ["--where", "step=60000", "--group-by", "val_domain", "--bootstrap", "200"];
    expect((await at.run(["fit", "dml.csv", ...where])).exitCode).toBe(0);
    const plan = await planIn(at);
    // SLSQP from 20 random starts.
    const expected = [0.27146071, 0.22424711, 0.50429218];
    sharesOf(plan).forEach(({ estimate }, j) => {
      expect(estimate).toBeCloseTo(expected[j], 4);
    });
    expect(plan.optimum.loss.estimate).toBeCloseTo(2.3997819310647825, 8);
    // The best of the 32 mixtures tried, (0.25, 0.125, 0.625), has 2.4067.
    expect(plan.optimum.loss.estimate).toBeLessThan(2.4067);
    expect(plan.optimum.loss.high).toBeGreaterThan(2.4067);
  });
});
