/** A law of one's own: from a formula to a fit, a plan, a prediction and a check, and what is refused on the way. */
import { describe, expect, test } from "vitest";
import { plan, predict } from "../../src/index.js";
import type { PlanDocument, PredictDocument, SavedFit } from "../../src/objects.js";
import { type Workspace, workspace } from "../support/cli.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { generator, normal } from "../support/random.js";

interface FitJson {
  fits: {
    law: string;
    formula: string;
    status: string;
    parameters: Record<string, { estimate: number; low: number | null; reason?: string }>;
    objective: { value: number };
    diagnosis: { code: string; message: string }[];
  }[];
  warnings: { code: string; message: string }[];
}

interface ErrorJson {
  error: { code: string; message: string; why?: string; hint?: string };
}

const RUNS = toCsv(smallRuns());
const CHINCHILLA = "E + A/N^alpha + B/D^beta";
/** No law of the catalogue, and near enough to one to describe the same runs. */
const OWN = "E + (A/N^alpha + B/D^beta)^0.9";

const withRuns = (): Workspace => workspace({ "runs.csv": RUNS });
const quick = ["--bootstrap", "0", "--no-save"];

const fitWith = (at: Workspace, ...flags: string[]) =>
  at.json<FitJson>(["fit", "runs.csv", ...flags, ...quick]);
const refused = (at: Workspace, ...flags: string[]) =>
  at.json<ErrorJson>(["fit", "runs.csv", ...flags, ...quick], { exitCode: 2 });

/** A decay with two rates, over x from 0 to 10. */
function twoDecays(): string {
  const random = generator(7);
  return toCsv(
    Array.from({ length: 60 }, (_, i) => {
      const x = i / 6;
      return { x, y: 3 * Math.exp(-0.3 * x) + 5 * Math.exp(-2 * x) + 0.01 * normal(random) };
    }),
  );
}

describe("a formula that equals a law of the catalogue", () => {
  test("gives that law's numbers to the last digit, and says so", async () => {
    const at = withRuns();
    const law = await at.json<FitJson>(["fit", "runs.csv", "--law", "chinchilla", "--no-save"]);
    const formula = await at.json<FitJson>(["fit", "runs.csv", "--formula", CHINCHILLA, "--no-save"]);
    expect(formula.fits).toEqual(law.fits);
    expect(formula.warnings).toContainEqual(
      expect.objectContaining({ code: "equals-law", message: expect.stringContaining("chinchilla") }),
    );
  });

  test("gives them under other names and in another order too", async () => {
    const at = withRuns();
    const law = await at.json<FitJson>(["fit", "runs.csv", "--law", "chinchilla", "--no-save"]);
    const other = await at.json<FitJson>([
      ...["fit", "runs.csv", "--formula", "b1 * tokens^-q + L0 + a1 / params^p", "--no-save"],
    ]);
    const [{ parameters }] = other.fits;
    const [{ parameters: own }] = law.fits;
    expect([parameters.L0, parameters.a1, parameters.p, parameters.b1, parameters.q]).toEqual([
      ...[own.E, own.A, own.alpha, own.B, own.beta],
    ]);
    expect(other.fits[0].objective).toEqual(law.fits[0].objective);
    expect(other.warnings.map(({ code }) => code)).toContain("equals-law");
  });

  test("plans under other names as the law does", async () => {
    const at = withRuns();
    await at.run(["fit", "runs.csv", "--output", "law.json"]);
    await at.run(["fit", "runs.csv", "--formula", "L0 + a1/params^p + b1/tokens^q", "--output", "own.json"]);
    const plan = (fit: string) =>
      at.json<{ plans: { optimum: unknown; offOptimum: unknown }[] }>([
        ...["plan", "--fit", fit, "--flops", "1e20"],
      ]);
    const [law, own] = [await plan("law.json"), await plan("own.json")];
    expect(own.plans[0].optimum).toEqual(law.plans[0].optimum);
    expect(own.plans[0].offOptimum).toEqual(law.plans[0].offOptimum);
  });
});

describe("a formula over a column called as a law's input", () => {
  test("is that law of that column, saved, predicted with and checked against", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      x: 1000 * 2 ** i,
      loss: Number((0.4 + 9 / (1000 * 2 ** i) ** 0.3 + (i % 2 === 0 ? 1e-3 : -1e-3)).toFixed(5)),
    }));
    const at = workspace({ "runs.csv": toCsv(rows) });
    const fit = await at.json<FitJson>(["fit", "runs.csv", "--formula", "E + A / x^alpha"]);
    expect(fit.fits[0].law).toBe("power-floor");
    expect(fit.fits[0].parameters.alpha.estimate).toBeCloseTo(0.3, 1);
    expect((await at.run(["predict", "runs.csv"])).exitCode).toBe(0);
    expect((await at.run(["check", "runs.csv", "--tolerance", "2%"])).exitCode).toBe(0);
  });
});

describe("a formula over columns in millions and billions", () => {
  const inUnits = toCsv(
    smallRuns().map(({ run, params, tokens, loss }) => ({
      run,
      params_M: params / 1e6,
      tokens_B: tokens / 1e9,
      loss,
    })),
  );

  test("has its parameters in plain units, and is planned and predicted with as by the letters N and D", async () => {
    const at = workspace({ "runs.csv": inUnits });
    const fitOf = async (formula: string, file: string) =>
      (await at.json<FitJson>(["fit", "runs.csv", "--formula", formula, "--bootstrap", "50", "-o", file]))
        .fits[0];
    const named = await fitOf("F + A / params_M^a + B / tokens_B^b", "named.json");
    const lettered = await fitOf("F + A / N^a + B / D^b", "lettered.json");
    for (const name of ["F", "A", "a", "B", "b"])
      expect(named.parameters[name].estimate / lettered.parameters[name].estimate, name).toBeCloseTo(1, 9);
    const planned = async (file: string) =>
      (
        await at.json<{ plans: { optimum: Record<string, { estimate: number }> }[] }>([
          ...["plan", "--fit", file, "--flops", "1e21"],
        ])
      ).plans[0].optimum;
    const [a, b] = [await planned("named.json"), await planned("lettered.json")];
    for (const name of ["N", "D", "loss"])
      expect(a[name].estimate / b[name].estimate, name).toBeCloseTo(1, 9);
    const predicted = async (file: string) =>
      (
        await at.json<{ predictions: { value: { estimate: number } }[] }>([
          ...["predict", "--fit", file, "--params", "7B", "--tokens", "2T"],
        ])
      ).predictions[0].value.estimate;
    const value = await predicted("named.json");
    expect(value / (await predicted("lettered.json"))).toBeCloseTo(1, 9);
    const saved = JSON.parse(at.read("named.json")) as SavedFit;
    const atPoint = (at: Record<string, number>) => predict({ fit: saved, at }).predictions[0].value.estimate;
    expect(atPoint({ N: 7e9, D: 2e12 })).toBe(value);
    expect(atPoint({ params_M: 7e9, tokens_B: 2e12 })).toBe(value);
    const { exitCode } = await at.run(["check", "runs.csv", "--against", "named.json", "--tolerance", "5%"]);
    expect(exitCode).toBe(0);
  });

  test("that is no law of the catalogue is planned with too", async () => {
    const at = workspace({ "runs.csv": inUnits });
    const formula = "E + A/params_M^a + B/tokens_B^a";
    await at.run(["fit", "runs.csv", "--formula", formula, "--bootstrap", "50"]);
    const { plans } = await at.json<{ plans: { optimum: Record<string, { estimate: number }> }[] }>([
      ...["plan", "--flops", "1e21"],
    ]);
    const { N, D } = plans[0].optimum;
    expect((6 * N.estimate * D.estimate) / 1e21).toBeCloseTo(1, 9);
    expect(N.estimate).toBeGreaterThan(1e8);
  });
});

describe("a formula of one's own", () => {
  test("is saved, planned with, predicted with and checked against", async () => {
    const at = withRuns();
    const fit = await at.json<FitJson>(["fit", "runs.csv", "--formula", OWN, "--bootstrap", "200"]);
    expect(fit.fits[0]).toMatchObject({ law: "formula", formula: OWN, status: "converged" });

    const plan = await at.json<{
      plans: { optimum: Record<"N" | "D" | "loss", { estimate: number; low: number; high: number }> }[];
    }>(["plan", "--flops", "1e20"]);
    const { N, D, loss } = plan.plans[0].optimum;
    expect(6 * N.estimate * D.estimate).toBeCloseTo(1e20, -12);
    expect(N.low).toBeLessThan(N.estimate);
    expect(N.high).toBeGreaterThan(N.estimate);

    const predict = (params: number) =>
      at.json<{ predictions: { value: { estimate: number } }[] }>([
        ...["predict", "--params", String(params), "--tokens", String(1e20 / (6 * params))],
      ]);
    const at1 = (await predict(N.estimate)).predictions[0].value.estimate;
    expect(at1).toBeCloseTo(loss.estimate, 9);
    // The split is the best: a twentieth to either side is worse.
    for (const factor of [0.95, 1.05])
      expect((await predict(N.estimate * factor)).predictions[0].value.estimate).toBeGreaterThan(at1);

    const check = await at.json<{ passed: boolean; findings: unknown[] }>([
      ...["check", "runs.csv", "--tolerance", "5%"],
    ]);
    expect(check.passed).toBe(true);
    expect(check.findings).toHaveLength(24);
  });

  test("is planned and predicted with by the library as by the program", async () => {
    const at = withRuns();
    await at.run(["fit", "runs.csv", "--formula", OWN, "--bootstrap", "100"]);
    const saved = JSON.parse(at.read("scalefit.json")) as SavedFit;
    const planned = await at.json<PlanDocument>(["plan", "--flops", "1e20"]);
    expect(plan({ fit: saved, flops: 1e20 }).plans[0].optimum).toEqual(planned.plans[0].optimum);
    const predicted = await at.json<PredictDocument>(["predict", "--params", "1e9", "--tokens", "2e10"]);
    const [{ value, newRun }] = predicted.predictions;
    expect(predict({ fit: saved, at: { N: 1e9, D: 2e10 } }).predictions[0]).toMatchObject({ value, newRun });
    expect(() => predict({ fit: saved, at: { N: 1e9 } })).toThrow(/also needs at\.D/);
  });

  test("without N and D is predicted with, and says why it plans nothing", async () => {
    const at = workspace({ "decay.csv": twoDecays() });
    const formula = ["--formula", "a*exp(-k*x)+b*exp(-l*x)", "--y", "y", "--objective", "squares"];
    await at.run(["fit", "decay.csv", ...formula, "--bootstrap", "50"]);
    const { predictions } = await at.json<{ predictions: { value: { estimate: number } }[] }>([
      ...["predict", "--at", "x=1"],
    ]);
    expect(predictions[0].value.estimate).toBeCloseTo(3 * Math.exp(-0.3) + 5 * Math.exp(-2), 1);
    const plan = await at.json<ErrorJson>(["plan", "--flops", "1e20"], { exitCode: 2 });
    expect(plan.error.code).toBe("no-allocation");
  });

  test("with terms that can be swapped gives the answer nearest the given starts", async () => {
    const at = workspace({ "runs.csv": twoDecays() });
    const formula = ["--formula", "a*exp(-k*x)+b*exp(-l*x)", "--y", "y", "--objective", "squares"];
    const starts = (k: string, l: string) =>
      ["a=4", "b=4", `k=${k}`, `l=${l}`].flatMap((p) => ["--param", p]);
    const [slowFirst] = (await fitWith(at, ...formula, ...starts("0.1", "1"))).fits;
    const [fastFirst] = (await fitWith(at, ...formula, ...starts("1", "0.1"))).fits;
    expect(slowFirst.parameters.k.estimate).toBeCloseTo(0.3, 1);
    expect(fastFirst.parameters.k.estimate).toBeCloseTo(2, 0);
    expect(fastFirst.parameters.l.estimate).toBeCloseTo(slowFirst.parameters.k.estimate, 6);
  });

  test("with parameters that no rows can tell apart is degenerate, and they are named", async () => {
    const { fits } = await fitWith(withRuns(), "--formula", "E + A/N^alpha + A2/N^alpha");
    expect(fits[0].status).toBe("degenerate");
    const found = fits[0].diagnosis.find(({ code }) => code === "not-identified");
    expect(found?.message).toMatch(/^A, A2 cannot be told apart/);
  });

  test("may use the names of a machine's own things as parameters", async () => {
    const { fits } = await fitWith(
      withRuns(),
      "--formula",
      "constructor + toString/N^hasOwnProperty + valueOf/D",
    );
    expect(Object.keys(fits[0].parameters).sort()).toEqual([
      ...["constructor", "hasOwnProperty", "toString", "valueOf"],
    ]);
  });
});

describe("fixed and tied parameters", () => {
  test("hold in a law of the catalogue", async () => {
    const at = withRuns();
    const [fixed] = (await fitWith(at, "--law", "chinchilla", "--fix", "E=1.7")).fits;
    expect(fixed.parameters.E).toMatchObject({ estimate: 1.7, low: null, reason: "fixed" });
    const [tied] = (await fitWith(at, "--law", "chinchilla", "--tie", "beta=alpha")).fits;
    expect(tied.parameters.beta.estimate).toBe(tied.parameters.alpha.estimate);
    const [free] = (await fitWith(at, "--law", "chinchilla", "--delta", "1e-3")).fits;
    const [held] = (await fitWith(at, "--law", "chinchilla", "--delta", "1e-3", "--tie", "beta=alpha")).fits;
    expect(held.objective.value).toBeGreaterThan(free.objective.value);
  });

  test("at their free values give the free fit again", async () => {
    const at = withRuns();
    const squares = ["--law", "chinchilla", "--objective", "squares-log"];
    const [free] = (await fitWith(at, ...squares)).fits;
    const [held] = (await fitWith(at, ...squares, "--fix", `alpha=${free.parameters.alpha.estimate}`)).fits;
    expect(held.objective.value / free.objective.value).toBeCloseTo(1, 9);
    expect(held.parameters.B.estimate / free.parameters.B.estimate).toBeCloseTo(1, 5);
  });

  test("can be planned with", async () => {
    const at = withRuns();
    await at.run(["fit", "runs.csv", "--tie", "beta=alpha", "--bootstrap", "100"]);
    const { plans } = await at.json<{
      plans: { neighbours: { tokensPerParameter: { estimate: number } }[] }[];
    }>([...["plan", "--flops", "1e21"]]);
    // With equal exponents the best ratio of tokens to parameters is the same at every budget.
    const ratios = plans[0].neighbours.map(({ tokensPerParameter }) => tokensPerParameter.estimate);
    for (const ratio of ratios) expect(ratio / ratios[0]).toBeCloseTo(1, 9);
  });
});

describe("what is refused", () => {
  test("a formula that does not parse, with a caret under the spot, in JSON as well", async () => {
    const at = withRuns();
    const { error } = await refused(at, "--formula", "E + A/N^");
    const [said, shown, caret] = error.message.split("\n");
    expect(said).toMatch(/^cannot read the formula at character 9/);
    expect(shown).toBe("  E + A/N^");
    expect(caret.indexOf("^")).toBe(10);
    const run = await at.run(["fit", "runs.csv", "--formula", "E + A/N^"]);
    expect(run.stderr.split("\n").map((line) => line.trim())).toContain("^");
  });

  test.each([
    ["no parameters", ["--formula", "N*D"], /has no parameter to fit/],
    ["no names", ["--formula", "1.7"], /has no parameter to fit/],
    ["the name __proto__", ["--formula", "__proto__ + A/N^alpha"], /__proto__/],
    ["a formula and a law", ["--formula", CHINCHILLA, "--law", "power"], /contradict/],
    ["an unknown name to start", ["--formula", OWN, "--param", "alpa=1"], /no parameter called "alpa"/],
    ["an unknown name to fix", ["--law", "chinchilla", "--fix", "gamma=1"], /no parameter called "gamma"/],
    [
      "an unknown name to tie",
      ["--law", "chinchilla", "--tie", "gamma=alpha"],
      /no parameter called "gamma"/,
    ],
    [
      "an unknown name in a tie",
      ["--law", "chinchilla", "--tie", "beta=gamma"],
      /no parameter called "gamma"/,
    ],
    ["a tie to itself", ["--law", "chinchilla", "--tie", "beta=2*beta"], /cannot use "beta=2\*beta"/],
    ["a circle of ties", ["--tie", "beta=alpha", "--tie", "alpha=beta"], /--tie: cannot use "beta"/],
    [
      "a start outside its bounds",
      ["--formula", OWN, "--param", "alpha=3:[0,1]"],
      /cannot use "alpha=3:\[0,1\]"/,
    ],
    ["bounds the wrong way round", ["--formula", OWN, "--param", "alpha=1:[2,0]"], /cannot use/],
    ["a value that the law cannot have", ["--law", "chinchilla", "--fix", "E=-1"], /cannot use "E=-1"/],
    ["bounds wider than the law's", ["--law", "chinchilla", "--param", "E=1:[-5,5]"], /cannot use/],
    ["a parameter fixed twice", ["--fix", "E=1", "--fix", "E=2"], /cannot use "E=2"/],
    ["a parameter fixed and tied", ["--fix", "beta=1", "--tie", "beta=alpha"], /cannot use "beta"/],
    ["everything fixed", ["--formula", "A*N^-0.3", "--fix", "A=1"], /nothing is left to fit/],
    [
      "more parameters than rows",
      ["--formula", Array.from({ length: 30 }, (_, i) => `p${i}*N^${i / 30}`).join("+")],
      /24 usable rows/,
    ],
    ["a value that is not finite", ["--formula", "E + A/(N-N)"], /no finite value/],
    ["an overflow", ["--formula", "E + A*exp(exp(exp(N)))"], /no finite value/],
  ])("%s", async (_, flags, message) => {
    const { error } = await refused(withRuns(), ...flags);
    expect(error.message).toMatch(message);
  });

  test("a saved formula that was made hostile", async () => {
    const at = withRuns();
    await at.run(["fit", "runs.csv", "--formula", OWN, "--bootstrap", "20", "--output", "own.json"]);
    const saved = JSON.parse(at.read("own.json"));
    const hostile: [change: (fit: Record<string, unknown>) => void, says: RegExp][] = [
      [(fit) => Object.assign(fit, { formula: "process.exit(0)" }), /fits\.0\.formula/],
      [
        (fit) => Object.assign(fit, { formula: `${"(".repeat(20_000)}E${")".repeat(20_000)}` }),
        /fits\.0\.formula/,
      ],
      [(fit) => Object.assign(fit, { formula: "E".repeat(200_000) }), /fits\.0\.formula/],
      [(fit) => Object.assign(fit, { formula: "__proto__ + A/N" }), /fits\.0\.formula/],
      [(fit) => Object.assign(fit, { formula: `${OWN} + F` }), /fits\.0\.parameters\.F/],
      [(fit) => Reflect.deleteProperty(fit, "inputs"), /fits\.0\.inputs/],
      [(fit) => Object.assign(fit, { inputs: [] }), /fits\.0\.parameters\.(N|D)/],
    ];
    for (const [change, says] of hostile) {
      const changed = structuredClone(saved);
      change(changed.fits[0]);
      at.write("hostile.json", JSON.stringify(changed));
      const { error } = await at.json<ErrorJson>(["plan", "--fit", "hostile.json", "--flops", "1e20"], {
        exitCode: 2,
      });
      expect(error.message).toMatch(says);
      expect(error.message.length).toBeLessThan(2000);
    }
  });
});
