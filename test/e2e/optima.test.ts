/** The best size of each budget, from a log to a plan, through the program. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isoflopOptima } from "../../src/index.js";
import type {
  EnvelopeOptima,
  Estimate,
  FitDocument,
  FittedLaw,
  Optima,
  PlanDocument,
  PredictDocument,
} from "../../src/objects.js";
import { ROOT, workspace } from "../support/cli.js";
import { isFitDocument, isPlanDocument, isPredictDocument, isSavedFit } from "../support/documents.js";
import { generator, normal } from "../support/random.js";
import { describeWithShared, sharedFile } from "../support/shared.js";

const BUDGETS = [1e18, 3e18, 1e19, 3e19, 1e20, 3e20];
/** N* = 0.1 C^0.5: parabolas of the loss in ln N about it, on a least loss of 1.8 + 3000/C^0.18. */
const best = (C: number) => 0.1 * C ** 0.5;
const least = (C: number) => 1.8 + 3000 / C ** 0.18;

function sweep(noise: number, budgets = BUDGETS): string {
  const random = generator(5);
  const lines = ["run,params,tokens,flops,loss"];
  for (const C of budgets)
    for (let i = -4; i <= 4; i++) {
      const N = best(C) * Math.exp(0.4 * i + 0.1);
      const loss = least(C) + 0.04 * (0.4 * i + 0.1) ** 2 + noise * normal(random);
      lines.push(`r${lines.length},${N},${C / (6 * N)},${C},${loss}`);
    }
  return `${lines.join("\n")}\n`;
}

const holds = ({ low, high }: Estimate, value: number) => (low ?? 0) <= value && value <= (high ?? 0);
const optimaIn = ({ optima }: FittedLaw) => optima as Optima;
const QUICK = ["--bootstrap", "0"];

describe("a sweep of six budgets", () => {
  const at = workspace({ "sweep.csv": sweep(0.002) });

  test("gives the optimum of each budget, the powers through them, and plans", async () => {
    const document = await at.json<FitDocument>(["fit", "sweep.csv", "--law", "isoflop"]);
    isFitDocument(document);
    isSavedFit(JSON.parse(at.read("scalefit.json")));
    const [fit] = document.fits;
    expect(fit.law).toBe("isoflop-frontier-loss");
    const { budgets, N, D, bias, notes } = optimaIn(fit);
    expect(budgets.map(({ flops, used }) => [flops, used])).toEqual(BUDGETS.map((C) => [C, true]));
    expect(
      budgets.filter((budget) => holds(budget.N as Estimate, best(budget.flops))).length,
    ).toBeGreaterThan(4);
    expect(holds(N.exponent, 0.5)).toBe(true);
    expect(holds(D.exponent, 0.5)).toBe(true);
    expect(fit.parameters.a).toMatchObject({ ...N.exponent });
    expect(fit.parameters.b).toMatchObject({ ...D.exponent });
    // What it is known to miss by is a number, not a word alone.
    expect(bias?.budgets).toHaveLength(6);
    expect(notes).toContainEqual(expect.objectContaining({ code: "estimator-bias" }));

    const planned = await at.json<PlanDocument>(["plan", "--flops", "1e22"]);
    isPlanDocument(planned);
    const [{ optimum, extrapolation }] = planned.plans;
    expect(holds(optimum.N, best(1e22))).toBe(true);
    expect(holds(optimum.D, 1e22 / (6 * best(1e22)))).toBe(true);
    expect(holds(optimum.loss, least(1e22))).toBe(true);
    expect(optimum.tokensPerParameter.estimate).toBeCloseTo(optimum.D.estimate / optimum.N.estimate, 9);
    expect(extrapolation.decades).toBeCloseTo(Math.log10(1e22 / 3e20), 9);
    expect(planned.warnings).toContainEqual(expect.objectContaining({ code: "extrapolation" }));
  });

  test("a plan has the very interval of the line", async () => {
    await at.run(["fit", "sweep.csv", "--law", "isoflop", "-o", "line.json"]);
    const [{ optimum }] = (await at.json<PlanDocument>(["plan", "--fit", "line.json", "--flops", "3e21"]))
      .plans;
    const rows = sweep(0.002)
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").map(Number));
    const column = (j: number) => rows.map((row) => row[j]);
    const data = { N: column(1), D: column(2), C: column(3), loss: column(4) };
    const [asked] = isoflopOptima({ data, flops: [3e21] }).asked;
    // The limits go through difference quotients of the coefficients, which nearly cancel at a far C = 1.
    for (const [planned, line] of [
      [optimum.N, asked.N],
      [optimum.D, asked.D],
    ])
      for (const limit of ["estimate", "low", "high"] as const)
        expect((planned[limit] as number) / (line[limit] as number)).toBeCloseTo(1, 3);
  });

  test("reads as people read it", async () => {
    const { stdout } = await at.run(["fit", "sweep.csv", "--law", "isoflop", "-o", "a.json"]);
    expect(stdout).toMatch(/^isoflop {2}best size of each budget: the vertex of a parabola/);
    expect(stdout).toMatch(/^ {2}N\* +\S+ C\^0\.\d+, exponent 95 % \[0\.\d+, 0\.\d+\]/m);
    expect(stdout).toMatch(/^ {2}columns +C = flops, N = params at the least loss$/m);
    expect(stdout).toMatch(/next: scalefit plan --flops 3e21 --fit a\.json$/m);
    const plan = await at.run(["plan", "--fit", "a.json", "--flops", "3e21"]);
    expect(plan.stdout).toMatch(/^Plan for 3e21 FLOPs\n/);
    expect(plan.stdout).toMatch(/1\.0 decades of compute beyond the largest/);
  });

  test("Akima's interpolation is another estimator, with its own bias said", async () => {
    const flags = ["--law", "isoflop", "--estimator", "akima", "--bootstrap", "200", "-o", "akima.json"];
    const [fit] = (await at.json<FitDocument>(["fit", "sweep.csv", ...flags])).fits;
    const { method, N, notes } = optimaIn(fit);
    expect(method).toBe("akima");
    expect(Math.abs(N.exponent.estimate - 0.5)).toBeLessThan(0.05);
    expect(notes.map(({ message }) => message).join()).toMatch(/Akima's interpolation follows the noise/);
    expect((await at.run(["plan", "--fit", "akima.json", "--flops", "1e21"])).exitCode).toBe(0);
  });

  test("answers backwards too", async () => {
    await at.run(["fit", "sweep.csv", "--law", "isoflop", "-o", "back.json"]);
    const solve = ["predict", "--fit", "back.json", "--solve"];
    const size = await at.json<PredictDocument>([...solve, "C", "--at", `N=${best(1e20)}`]);
    isPredictDocument(size);
    expect(holds(size.predictions[0].value, 1e20)).toBe(true);
    const loss = await at.json<PredictDocument>([...solve, "C_for_loss", "--at", `L=${least(1e20)}`]);
    expect(holds(loss.predictions[0].value, 1e20)).toBe(true);
    for (const [flags, hint] of [
      [["--params", "1e9"], /--solve C --at N=/],
      [["--target-loss", "2.5"], /--solve C_for_loss --at L=/],
      [[], /give the budget with --flops/],
    ] as const) {
      const { exitCode, stderr } = await at.run(["plan", "--fit", "back.json", ...flags]);
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(hint)]);
    }
  });

  test("of one budget the parabola itself is fitted", async () => {
    const one = ["fit", "sweep.csv", "--law", "isoflop", "--where", "flops=1e19", "--no-save", ...QUICK];
    const [fit] = (await at.json<FitDocument>(one)).fits;
    expect([fit.law, Object.keys(fit.parameters)]).toEqual(["isoflop", ["q0", "q1", "q2"]]);
    const { q1, q2 } = fit.parameters;
    expect(Math.exp(-q1.estimate / (2 * q2.estimate)) / best(1e19)).toBeCloseTo(1, 1);
  });

  test.each([
    [
      ["--law", "isoflop", "--objective", "huber"],
      /--objective is not for --law isoflop over several budgets/,
    ],
    [["--law", "isoflop", "--fix", "q0=1"], /--fix is not for --law isoflop/],
    [["--estimator", "akima"], /--estimator belongs to --law isoflop/],
    [["--law", "isoflop", "--estimator", "envelope"], /needs training curves/],
    [["--law", "isoflop", "--estimator", "parabel"], /did you mean parabola\?/],
  ])("%j is refused", async (flags, message) => {
    const { exitCode, stderr } = await at.run(["fit", "sweep.csv", ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

test("two budgets have a line and no interval, and a plan says why", async () => {
  const at = workspace({ "two.csv": sweep(0.002, [1e19, 1e21]) });
  const [fit] = (await at.json<FitDocument>(["fit", "two.csv", "--law", "isoflop"])).fits;
  expect(fit.law).toBe("isoflop-frontier");
  expect(fit.parameters.a).toMatchObject({ low: null, reason: expect.stringMatching(/two budgets/) });
  const [{ optimum }] = (await at.json<PlanDocument>(["plan", "--flops", "1e20"])).plans;
  expect(optimum.N).toMatchObject({ low: null, reason: expect.stringMatching(/two budgets/) });
  expect(optimum.N.estimate / best(1e20)).toBeCloseTo(1, 1);
});

test("budgets of which no least loss was seen are left out aloud, and a log without budgets is refused", async () => {
  const lines = sweep(0.001).trim().split("\n");
  // The smallest budget's runs are all larger than its best size.
  const cut = lines.filter(
    (line) => !/,1000000000000000000,/.test(line) || Number(line.split(",")[1]) > 1.3 * best(1e18),
  );
  const at = workspace({
    "cut.csv": `${cut.join("\n")}\n`,
    "none.csv": `${lines[0]}\n${scattered().join("\n")}\n`,
  });
  const document = await at.json<FitDocument>(["fit", "cut.csv", "--law", "isoflop"]);
  expect(document.warnings).toContainEqual(expect.objectContaining({ code: "budgets-not-used" }));
  expect(optimaIn(document.fits[0]).budgets[0].used).toBe(false);
  const { exitCode, stderr } = await at.run(["fit", "none.csv", "--law", "isoflop"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/0 of 12 budgets have a least loss/)]);
});

/** Runs at compute of their own each. */
const scattered = (): string[] =>
  Array.from({ length: 12 }, (_, i) => {
    const [N, D] = [1e8 * 1.3 ** i, 2e9 * 1.5 ** i];
    return `s${i},${N},${D},${6 * N * D},${3 - 0.05 * i}`;
  });

test("training curves have an envelope, and it plans", async () => {
  const random = generator(2);
  const lines = ["run,step,params,tokens,loss"];
  for (let i = 0; i < 12; i++) {
    const N = 1e7 * 1.8 ** i;
    // From a twentieth of what is best for the size to twenty times it.
    for (let step = 1; step <= 60; step++) {
      const D = (N / 20) * 400 ** (step / 60);
      const loss = (1.7 + 400 / N ** 0.35 + 400 / D ** 0.35) * Math.exp(0.001 * normal(random));
      lines.push(`c${i},${step},${N},${D},${loss}`);
    }
  }
  const at = workspace({ "curves.csv": `${lines.join("\n")}\n` });
  const flags = ["--law", "isoflop", "--estimator", "envelope", "--bootstrap", "100"];
  const document = await at.json<FitDocument>(["fit", "curves.csv", ...flags]);
  isFitDocument(document);
  isSavedFit(JSON.parse(at.read("scalefit.json")));
  const [fit] = document.fits;
  const { N, stretches } = fit.optima as EnvelopeOptima;
  expect(stretches.length).toBeGreaterThan(5);
  // Equal exponents: N* as C^0.5.
  expect(holds(N.exponent, 0.5)).toBe(true);
  const [{ optimum }] = (await at.json<PlanDocument>(["plan", "--flops", "1e20"])).plans;
  expect(holds(optimum.N, Math.sqrt(1e20 / 6))).toBe(true);
  expect(Object.keys(optimum)).toEqual(["N", "D", "tokensPerParameter"]);
});

test("the example's six budgets have an optimum each", async () => {
  const at = workspace();
  cpSync(join(ROOT, "examples/char-lm/runs.csv"), join(at.path, "runs.csv"));
  const [fit] = (await at.json<FitDocument>(["fit", "runs.csv", "--law", "isoflop"])).fits;
  const { budgets, N, D } = optimaIn(fit);
  expect(budgets.map(({ runs, used }) => [runs, used])).toEqual([10, 9, 8, 7, 8, 4].map((n) => [n, true]));
  expect(holds(N.exponent, 0.5)).toBe(true);
  expect(N.exponent.estimate + D.exponent.estimate).toBeCloseTo(1, 1);
});

describeWithShared("published sweeps", () => {
  test("Llama 3's through the program: exponents, best sizes at 1e22 and at 3.8e25", async () => {
    const at = workspace();
    cpSync(sharedFile("data/isoflop_llama3.csv"), join(at.path, "llama.csv"));
    const fit = ["fit", "llama.csv", "--law", "isoflop", "--where", "condition=raw_loss"];
    const { N, D } = optimaIn((await at.json<FitDocument>(fit)).fits[0]);
    expect(N.exponent.estimate).toBeCloseTo(0.463221, 6);
    expect(D.exponent.estimate).toBeCloseTo(0.536779, 6);
    const plan = async (flops: string) =>
      (await at.json<PlanDocument>(["plan", "--flops", flops])).plans[0].optimum;
    // Recorded with four digits, and three.
    expect((await plan("1e22")).N.estimate / 8.64e9).toBeCloseTo(1, 3);
    const large = await plan("3.8e25");
    expect(large.N.estimate / 3.933e11).toBeCloseTo(1, 3);
    expect(large.D.estimate / 1.61e13).toBeCloseTo(1, 2);
    // What was trained (arXiv 2407.21783, section 3.2.1): 402B parameters on 16.55T tokens.
    const holds = ({ low, high }: Estimate, value: number) =>
      (low ?? value) < value && value < (high ?? value);
    expect(holds(large.N, 402e9)).toBe(true);
    expect(holds(large.D, 16.55e12)).toBe(true);
  });

  test("ten experiments are ten groups, each with its recorded exponent where no vertex lies outside", async () => {
    const at = workspace();
    cpSync(sharedFile("data/isoflop_porian_refinedweb.csv"), join(at.path, "porian.csv"));
    const flags = ["--law", "isoflop", "--group-by", "experiment", "--no-save"];
    const { fits } = await at.json<FitDocument>(["fit", "porian.csv", ...flags]);
    const exponents = new Map(fits.map((fit) => [fit.group, optimaIn(fit).N.exponent.estimate]));
    expect(exponents.size).toBe(10);
    for (const [group, a] of [
      ["rw/base/short/kaplan/standard", 0.659],
      ["rw/base/short/chinchilla/standard", 0.563],
      ["rw/tuned/short/const/standard", 0.5137],
      ["rw/tuned/long/const/kaplan", 0.715],
      ["rw/tuned/short/const/attention", 0.5223],
    ] as const)
      expect(exponents.get(group)).toBeCloseTo(a, 3);
  });
});
