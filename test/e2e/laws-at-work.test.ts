/** Laws other than the usual one, from a log to a plan, through the program. */
import { describe, expect, test } from "vitest";
import type { Estimate, FitDocument, PlanDocument, PredictDocument, SavedFit } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isFitDocument, isPlanDocument, isPredictDocument } from "../support/documents.js";
import { generator, normal } from "../support/random.js";

/** A ladder of small runs: a task's loss from N and D, its accuracy from that loss. */
const LADDER = { A: 12, alpha: 0.2, B: 60, beta: 0.25, E: 0.5, a: -0.7, l0: 0.77, kk: 12, b: 0.97 };
function ladder(noise: number): string {
  const random = generator(3);
  const lines = ["run,params,tokens,bpb,acc"];
  for (const N of [2e8, 4e8, 8e8, 1.6e9])
    for (const ratio of [10, 20, 40, 100, 200]) {
      const D = ratio * N;
      const loss = LADDER.E + LADDER.A / N ** LADDER.alpha + LADDER.B / D ** LADDER.beta;
      const bpb = loss * Math.exp(noise * normal(random));
      const acc = LADDER.a / (1 + Math.exp(-LADDER.kk * (bpb - LADDER.l0))) + LADDER.b;
      lines.push(`r${lines.length},${N},${D},${bpb},${acc * Math.exp(noise * normal(random))}`);
    }
  return `${lines.join("\n")}\n`;
}

const within = ({ low, high }: Estimate, value: number) => (low ?? 0) <= value && value <= (high ?? 0);

describe("a chain: parameters and tokens, loss, accuracy", () => {
  const at = workspace({ "ladder.csv": ladder(0.004) });

  test("is fitted stage by stage, saved, predicted and planned with", async () => {
    const document = await at.json<FitDocument>([
      "fit",
      "ladder.csv",
      "--law",
      "task-ladder",
      "--bootstrap",
      "200",
    ]);
    isFitDocument(document);
    const [fit] = document.fits;
    expect(fit.stages?.map(({ output, rows }) => [output, rows])).toEqual([
      ["bpb", 20],
      ["acc", 20],
    ]);
    expect(fit.measured).toMatchObject({ name: "acc", column: "acc" });

    const predicted = await at.json<PredictDocument>(["predict", "--params", "7B", "--tokens", "2T"]);
    isPredictDocument(predicted);
    const [{ value, values }] = predicted.predictions;
    expect(Object.keys(values ?? {})).toEqual(["acc", "bpb"]);
    expect(values?.acc).toEqual(value);
    const loss = LADDER.E + LADDER.A / 7e9 ** LADDER.alpha + LADDER.B / 2e12 ** LADDER.beta;
    const truth = LADDER.a / (1 + Math.exp(-LADDER.kk * (loss - LADDER.l0))) + LADDER.b;
    expect(within(value, truth), `${JSON.stringify(value)} holds ${truth}`).toBe(true);

    const planned = await at.json<PlanDocument>(["plan", "--flops", "1e22"]);
    isPlanDocument(planned);
    const { optimum } = planned.plans[0];
    // The accuracy of the plan is the one of its own N and D.
    const there = await at.json<PredictDocument>([
      "predict",
      "--at",
      `N=${optimum.N.estimate},D=${optimum.D.estimate}`,
    ]);
    expect(optimum.acc.estimate).toBeCloseTo(there.predictions[0].value.estimate, 12);
    expect(optimum.loss.estimate).toBeCloseTo(there.predictions[0].values?.bpb.estimate ?? 0, 12);
  });

  test("is planned backwards: the least compute for a value of the task, and how much makes it sure", async () => {
    const [{ optimum, flops, target }] = (await at.json<PlanDocument>(["plan", "--target-task", "acc=85%"]))
      .plans;
    expect(target).toEqual({ output: "acc", value: 0.85 });
    expect(optimum.acc.low).toBeCloseTo(0.85, 9);
    expect(optimum.acc.high).toBeCloseTo(0.85, 9);
    const { A, alpha, B, beta, E, a, l0, kk, b } = LADDER;
    const loss = l0 - Math.log(a / (0.85 - b) - 1) / kk;
    // The true frontier: the budget whose best split has that loss.
    const best = (C: number) => {
      const N = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta));
      return E + A / N ** alpha + B / (C / 6 / N) ** beta;
    };
    let [low, high] = [1e18, 1e28];
    for (let i = 0; i < 100; i++) {
      const middle = Math.sqrt(low * high);
      if (best(middle) > loss) low = middle;
      else high = middle;
    }
    expect(within(optimum.loss, loss)).toBe(true);
    expect(within(flops as Estimate, high)).toBe(true);
    const args = ["plan", "--target-task", "acc=85%", "--confidence", "90%"];
    const [sure] = (await at.json<PlanDocument>(args)).plans;
    expect(sure.confidence?.reached).toBeGreaterThanOrEqual(0.9);
    expect(sure.flops?.estimate).toBeGreaterThan(flops?.estimate ?? Infinity);
    expect(sure.optimum.acc.low).toBeLessThan(0.85);
    const { stdout } = await at.run(args);
    expect(stdout).toMatch(/^Plan for acc 0\.85 with 90 % confidence/);
    expect(stdout).toMatch(/confidence +the target is reached in 9\S+ % of 200 resamples/);
  });

  test("reads as people read it", async () => {
    const { stdout } = await at.run([
      "fit",
      "ladder.csv",
      "--law",
      "task-ladder",
      "--bootstrap",
      "0",
      "--no-save",
    ]);
    expect(stdout).toMatch(/^task-ladder {2}bpb = E \+ A \/ N\^alpha/);
    expect(stdout).toMatch(/^ {2}bpb +\S+ on 20 rows; mean error/m);
    expect(stdout).toMatch(/^ {2}acc +\S+ on 20 rows; mean error/m);
  });

  test("has correlations within its stages, whose errors are apart, and the degrees of freedom of the lesser one", async () => {
    const args = ["fit", "ladder.csv", "--law", "task-ladder", "--bootstrap", "0", "--no-save"];
    const { fits } = await at.json<FitDocument>([...args, "--covariance", "sandwich"]);
    const { parameters, values } = fits[0].correlations ?? { parameters: [], values: [] };
    const of = (a: string, b: string) => values[parameters.indexOf(a)][parameters.indexOf(b)];
    expect(parameters).toHaveLength(9);
    expect(of("A", "alpha")).toBeGreaterThan(0.9);
    expect(of("A", "kk")).toBe(0);
    await at.run(["fit", "ladder.csv", "--law", "task-ladder", "--bootstrap", "0"]);
    // 20 rows: five parameters in the first stage, four in the second.
    expect((JSON.parse(at.read("scalefit.json")) as SavedFit).fits[0].covariance?.degrees).toBe(15);
  });

  test("refuses strata, which its stages need not share", async () => {
    const { exitCode, stderr } = await at.run([
      ...["fit", "ladder.csv", "--law", "task-ladder", "--strata", "params", "--no-save"],
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--strata is for a law of one stage, and "task-ladder" has 2/);
  });

  test("refuses an interval that it has not", async () => {
    const { exitCode, stderr } = await at.run([
      "fit",
      "ladder.csv",
      "--law",
      "task-ladder",
      "--interval",
      "profile",
      "--no-save",
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--interval profile is for a law of one stage/);
  });
});

describe("a law asked backwards", () => {
  const sigmoid = ["--law", "compute-sigmoid", "--coefficients", "R0=0.28,A=0.61,B=1.8,Cmid=2500"];

  test("gives the input that reaches a value", async () => {
    const at = workspace();
    const forth = await at.json<PredictDocument>(["predict", ...sigmoid, "--at", "C=3674.336230688997"]);
    const back = await at.json<PredictDocument>(["predict", ...sigmoid, "--solve", "C", "--at", "R=0.5"]);
    expect(forth.predictions[0].value.estimate).toBeCloseTo(0.5, 12);
    expect(back.predictions[0].value.estimate).toBeCloseTo(3674.336230688997, 6);
    expect(back.predictions[0].solved).toBe("C");
  });

  test("says what it can be asked for, and what is out of reach", async () => {
    const at = workspace();
    const unknown = await at.run(["predict", ...sigmoid, "--solve", "D", "--at", "R=0.5"]);
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot be solved for "D"/),
    ]);
    const beyond = await at.run(["predict", ...sigmoid, "--solve", "C", "--at", "R=0.7"]);
    expect([beyond.exitCode, beyond.stderr]).toEqual([2, expect.stringMatching(/no finite C at R=0.7/)]);
    const missing = await at.run(["predict", ...sigmoid, "--solve", "C", "--at", "Q=0.7"]);
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringMatching(/also needs R/)]);
  });
});

describe("lists", () => {
  const axes = ["--law", "observational", "--coefficients", "w=[1.2,-0.4,0.3],b=-0.7,h=0.95"];

  test("give the members of a family, in flags and in JSON alike", async () => {
    const at = workspace({ "at.json": JSON.stringify({ S: [0.5, 1, 0] }) });
    const flag = await at.json<PredictDocument>(["predict", ...axes, "--at", "S=[0.5,1,0]"]);
    const file = await at.json<PredictDocument>(["predict", ...axes, "--at", "@at.json"]);
    const apart = await at.json<PredictDocument>(["predict", ...axes, "--at", "S1=0.5,S2=1,S3=0"]);
    expect(flag.predictions[0].value.estimate).toBeCloseTo(0.95 / (1 + Math.exp(0.5)), 12);
    expect(file.predictions).toEqual(flag.predictions);
    expect(apart.predictions).toEqual(flag.predictions);
  });

  test.each([
    [["--at", "S=[0.5,1]"], /a list has 2 values, and the coefficients are for 3/],
    [["--at", "S=[0.5,1,x]"], /S=\[0.5,1,x\]/],
    [["--at", "Q=[1,2,3]"], /takes no list called "Q"/],
    [["--at", "S1=0.5,S2=1"], /also needs S3/],
    [["--at", "S=[0.5,1,0],S1=2"], /both S and S1 are given/],
  ])("of another form are refused: %j", async (flags, says) => {
    const { exitCode, stderr } = await workspace().run(["predict", ...axes, ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
  });
});

describe("files side by side", () => {
  test("a law of one file's inputs and another's losses is fitted by the key", async () => {
    const random = generator(11);
    const sizes = Array.from({ length: 12 }, (_, i) => 1e7 * 2 ** i);
    const losses = sizes.map((N, i) => [`m${i}`, 1.8 + 400 / N ** 0.34, 2.1 + 300 / N ** 0.3 + 0 * random()]);
    const at = workspace({
      "sizes.csv": `model,params\n${sizes.map((N, i) => `m${i},${N}`).join("\n")}\n`,
      "losses.csv": `model,web_loss,code_loss\n${losses
        .toReversed()
        .map((row) => row.join(","))
        .join("\n")}\n`,
    });
    const document = await at.json<FitDocument>([
      "fit",
      "sizes.csv",
      "losses.csv",
      "--join",
      "model",
      "--y",
      "*_loss",
      "--law",
      "power-floor",
      "--bootstrap",
      "0",
    ]);
    expect(document.fits.map(({ group }) => group)).toEqual(["web_loss", "code_loss"]);
    const exponents = document.fits.map(({ parameters }) => parameters.alpha.estimate);
    expect(exponents[0]).toBeCloseTo(0.34, 6);
    expect(exponents[1]).toBeCloseTo(0.3, 6);
  });
});

describe("values that cannot be", () => {
  const at = workspace({});

  test("unique tokens above the tokens in every row: the cure is said, not only that rows are missing", async () => {
    const rows = [1, 2, 4, 8].map((k) => `1e8,${k}e9,${2 * k}e9,${3 - k / 10}`);
    at.write("swapped.csv", ["params,tokens,unique_tokens,loss", ...rows, ""].join("\n"));
    const { exitCode, stderr } = await at.run(["fit", "swapped.csv"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /4 not used, the unique tokens exceed the tokens seen\n.*may be swapped: --map U=/,
    );
  });

  test("an accuracy above 1 is left out with its line; in per cent, none is", async () => {
    const accuracies = Array.from({ length: 12 }, (_, i) => 0.3 + 0.04 * i);
    const table = (values: readonly number[]) =>
      [
        "params,tokens,accuracy",
        ...values.map((y, i) => `${1e7 * 2 ** i},${1e9 * 2 ** (i % 5)},${y}`),
        "",
      ].join("\n");
    const fitted = (file: string) =>
      at.json<FitDocument>(["fit", file, "--y", "accuracy", "--law", "power-floor", "--bootstrap", "0"]);
    at.write("share.csv", table(accuracies.with(3, 1.3)));
    at.write("percent.csv", table(accuracies.map((y) => 100 * y)));
    const share = (await fitted("share.csv")).fits[0].data;
    expect(share).toMatchObject({ used: 11, dropped: [{ lines: [5], code: "out-of-range", count: 1 }] });
    expect((await fitted("percent.csv")).fits[0].data).toMatchObject({ used: 12, dropped: [] });
  });
});
