import { describe, expect, test } from "vitest";
import type { PlanDocument } from "../../src/objects.js";
import { obeysTheRules, workspace } from "../support/cli.js";
import { isPlanDocument } from "../support/documents.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { runInOneProcess } from "../support/one-process.js";

const ON_H100 = ["--hardware", "h100", "--count", "512", "--price", "2.5", "--preset", "besiroglu"];

describe("a plan on hardware", () => {
  test("says hours, days, dollars, electricity and carbon, and which budget binds", async () => {
    const at = workspace();
    const args = ["plan", "--dollars", "$1M", "--deadline", "30d", ...ON_H100];
    const { stdout, exitCode } = await at.run(args);
    expect(exitCode).toBe(0);
    // 512 x 24 x 30 = 368,640 hours; x 2.5 = 921,600 dollars; x 0.7 kW x 1.1 = 283,853 kWh.
    for (const line of [
      /on 512 x NVIDIA H100 SXM 80 GB \(40 % of 989 TFLOP\/s bf16 each\)/,
      /accelerator hours +369k/,
      /time +30\.0 days/,
      /dollars +\$922k/,
      /electricity +284 MWh/,
      /CO2 +126 t/,
      /--dollars +\$1\.00M +\$922k +no/,
      /--deadline +30\.0 days +30\.0 days +yes/,
      /MFU 40 % \(--mfu\)/,
    ])
      expect(stdout).toMatch(line);
    const document = await at.json<PlanDocument>(args);
    isPlanDocument(document);
    expect(document.plans[0].run?.usd?.estimate).toBeCloseTo(921_600, 3);
  });

  test("takes accelerators of one's own, and says what a file of them lacks", async () => {
    const own = { id: "mine", peaks: { bf16: 100e12 }, watts: 300 };
    const at = workspace({
      "own.json": JSON.stringify([own]),
      "bad.yaml": "id: mine\npeaks: {bf16: fast}\n",
    });
    const { plans } = await at.json<PlanDocument>([
      ...[
        "plan",
        "--gpu-hours",
        "1000",
        "--hardware-file",
        "own.json",
        "--mfu",
        "50%",
        "--preset",
        "besiroglu",
      ],
    ]);
    expect(plans[0].budget.flops).toBeCloseTo(1000 * 3600 * 50e12, -8);
    const bad = await at.run(["plan", "--flops", "1e20", "--hardware-file", "bad.yaml"]);
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toMatch(/bad\.yaml: "peaks\.bf16"/);
  });

  test.each([
    [["--energy", "50"], /"50" has no unit: write it like 50MWh/],
    [["--energy", "50d"], /"50d": "d" is no suffix or unit/],
    [["--deadline", "30"], /has no unit[\s\S]*--deadline 30d/],
    [["--serve-memory", "80", "--flops", "1e22"], /has no unit: write it like 80GB/],
    [["--dollars", "5e5", "--throughput", "100"], /tokens a second are those of one size/],
    [["--flops", "1e22", "--hardware", "h10O"], /did you mean h100/],
  ])("%j is refused with the way out", async (args, message) => {
    const hardware = args.includes("--hardware")
      ? []
      : ["--hardware", "h100", "--count", "8", "--price", "2"];
    const run = await workspace().run(["plan", ...args, ...hardware]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(message);
    obeysTheRules(args, run);
  });
});

describe("a plan of a fit under limits", () => {
  test("has intervals for all it says, and its regret", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    await at.run(["fit", "runs.csv", "--bootstrap", "100"]);
    const args = ["plan", "--flops", "1e22", "--unique-tokens", "50B", "--serve-memory", "80GB"];
    const document = await at.json<PlanDocument>(args);
    isPlanDocument(document);
    const [{ epochs, limits = [], regret, assumptions }] = document.plans;
    expect(epochs?.low).toBeLessThan(epochs?.high ?? 0);
    for (const { shadowPrice, binds } of limits) {
      expect(shadowPrice?.low).not.toBeNull();
      if (binds) expect(shadowPrice?.high).toBeLessThan(0);
    }
    expect(regret?.extraLoss.mean).toBeGreaterThan(0);
    expect(assumptions.repeats).toMatch(/2305\.16264/);
    const { stdout } = await at.run([...args, "--explain"]);
    for (const words of ["regret", "epochs of the unique tokens", "how it came about", "100 resamples"])
      expect(stdout).toContain(words);
  });
});

describe("a ladder of budgets", () => {
  test("is a row a decade, both ends in, as CSV and as Markdown", async () => {
    const at = workspace();
    const csv = await at.run(["plan", "--table", "1e20..5e22", "--csv", ...ON_H100]);
    const [header, ...rows] = csv.stdout.trim().split("\n");
    expect(header).toMatch(/^group,law,flops,N,N_low,N_high,D,/);
    expect(rows.map((row) => Number(row.split(",")[2]))).toEqual([1e20, 1e21, 1e22, 5e22]);
    expect(Number(rows[1].split(",")[3])).toBeCloseTo(2.7785e9, -6);
    const markdown = await at.run(["plan", "--table", "1e20..5e22", "--markdown", ...ON_H100]);
    expect(markdown.stdout).toMatch(/^## Plan for 5e22 FLOPs\n\n\| {2}\| estimate \| 95 % interval \|/);
    expect(markdown.stdout).toMatch(/\| 1e21 \| 2\.78B \| 60\.0B \| 21\.6 \| 2\.306 \|/);
    const wrong = await at.run(["plan", "--table", "1e22", "--preset", "besiroglu"]);
    expect(wrong.stderr).toMatch(/two budgets are needed[\s\S]*--table 1e20\.\.1e26/);
  });
});

describe("the frontier", () => {
  const args = ["plan", "--flops", "1e23", "--serve-memory", "24GB", "--frontier", ...ON_H100];

  test("is a table with prices, then where limits bind, the floor, and how it came about", async () => {
    const [view, csv, markdown] = await runInOneProcess(
      [
        [...args, "--explain"],
        [...args, "--csv"],
        [...args, "--markdown"],
      ],
      workspace().path,
    );
    for (const line of [
      /^ +FLOPs +dollars +days +loss +N +D +next 1 % costs +next 0\.01 costs +binds$/m,
      /^ +1e22 +\$17\.6k +0\.571 +2\.141 +9\.05B +184B /m,
      /binds +--serve-memory from 1\.74e22 FLOPs \(\$30\.5k\)/,
      /floor +no budget within the limits goes below a loss of 1\.968/,
      /frontier +a row is the best design of its budget/,
    ])
      expect(view.stdout).toMatch(line);
    const [header, first] = csv.stdout.trim().split("\n");
    expect(header).toMatch(/,usd,wall_hours,binds,next_percent_flops,/);
    expect(first.split(",")).toHaveLength(header.split(",").length);
    expect(markdown.stdout).toMatch(/\| FLOPs \| dollars \| days \| loss \| N \| D \| next 1 % costs/);
    expect(markdown.stdout).toContain("- binds: --serve-memory from");
  });

  test("of the plans with the least risk has that as a column, and its own floor and limits", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    await at.run(["fit", "runs.csv", "--bootstrap", "60"]);
    const surely = ["plan", "--flops", "1e22", "--risk", "90%", "--max-params", "20B", "--frontier"];
    const [view, csv, markdown, reached] = await runInOneProcess(
      [
        [...surely, "--explain"],
        [...surely, "--csv"],
        [...surely, "--markdown"],
        ["plan", "--target-loss", "2.1", "--confidence", "90%", "--frontier", "1e21..1e22"],
      ],
      at.path,
    );
    for (const line of [
      /^ {2}the frontier of the 90 % quantile of the loss: its least cost, and what the next 1 %/m,
      /^ +FLOPs +loss +interval +90 % quantile +N +D +next 1 % takes/m,
      /binds +--max-params from [\d.]+e2[23] FLOPs$/m,
      /floor +no budget within the limits takes the 90 % quantile of the loss below 1\./,
      /frontier +a row is the design of its budget with the least R/,
    ])
      expect(view.stdout).toMatch(line);
    const [header, first] = csv.stdout.trim().split("\n");
    expect(header).toMatch(/,next_hundredth_usd,risk$/);
    expect(Number(first.split(",").at(-1))).toBeGreaterThan(1.7);
    expect(markdown.stdout).toMatch(/\| loss \| interval \| 90 % quantile \| N /);
    expect([reached.exitCode, reached.stdout]).toEqual([0, expect.stringMatching(/90 % quantile/)]);
  });

  test.each([
    [["--frontier", "1e24..1e20"], /it must rise/],
    [["--frontier", "1e24"], /two budgets are needed[\s\S]*--frontier 1e20\.\.1e24/],
    [["--frontier", "--table", "1e20..1e22"], /--frontier and --table contradict/],
    [["--risk", "often"], /it is mean, worst, or a quantile[\s\S]*--risk 90%/],
    [["--risk", "90%"], /--risk is over the resamples of a fit/],
    [["--target-task", "much"], /--target-task: cannot use "much"/],
    [["--confidence", "150%"], /must lie between 0 and 1/],
    [["--least", "money"], /one of cost, time/],
  ])("%j is refused with the way out", async (asked, message) => {
    const line = ["plan", "--flops", "1e22", "--preset", "besiroglu", ...asked];
    const [run] = await runInOneProcess([line], workspace().path);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(message);
    obeysTheRules(line, run);
  });
});

test("a throughput is read from a log: the median of the rows of each size, and the best size under them is planned", async () => {
  const log =
    "params,tokens,loss,tok_s\n1e8,2e9,3.5,300000\n1.3e9,2e10,2.9,24000\n1.3e9,3e10,2.8,26000\n7e9,1e10,3,4200\n";
  const at = workspace({ "t.csv": log });
  const args = [
    "plan",
    "--preset",
    "besiroglu",
    "--gpu-hours",
    "1000",
    "--hardware",
    "h100",
    "--batch",
    "1M",
  ];
  const document = await at.json<PlanDocument>([...args, "--throughput", "t.csv:tok_s"]);
  isPlanDocument(document);
  const [{ run, optimum, measuredCost, steps, assumptions }] = document.plans;
  expect(measuredCost?.throughput?.measured).toEqual([
    { params: 1e8, tokensPerSecond: 300_000 },
    { params: 1.3e9, tokensPerSecond: 25_000 },
    { params: 7e9, tokensPerSecond: 4200 },
  ]);
  // On the line between 1.3B and 7B, in logarithms.
  const share = Math.log(optimum.N.estimate / 1.3e9) / Math.log(7 / 1.3);
  const speed = 25_000 ** (1 - share) * 4200 ** share;
  expect(optimum.D.estimate / (3.6e6 * speed)).toBeCloseTo(1, 9);
  expect(run?.mfu).toBeCloseTo((speed * 6 * optimum.N.estimate) / 989e12, 9);
  expect(steps).toBe(Math.floor(optimum.D.estimate / 1e6));
  expect(assumptions.compute).toMatch(/3.00e5 at 1.00e8 parameters, 2.50e4 at 1.30e9 parameters/);
  const one = await at.json<PlanDocument>([...args, "--throughput", "t.csv:tok_s", "--params", "1.3B"]);
  expect(one.plans[0].optimum.D.estimate).toBeCloseTo(25_000 * 3.6e6, -3);
  const wrong = await at.run([...args, "--throughput", "t.csv:tok"]);
  expect(wrong.stderr).toMatch(/there is no column "tok"[\s\S]*"tok_s"/);
});

test("a class of hours at the speeds that the runs had: from their seconds, with the intervals of the fit", async () => {
  const runs = smallRuns().map((run) => ({
    ...run,
    seconds: run.tokens / (run.params <= 9e7 ? 2e5 : 2e5 * (9e7 / run.params) ** 0.7),
  }));
  const at = workspace({ "runs.csv": toCsv(runs), "times.csv": "params,seconds\n1e8,3\n" });
  await at.run(["fit", "runs.csv", "--bootstrap", "50"]);
  const args = ["plan", "--gpu-hours", "100", "--throughput"];
  const { stdout, exitCode } = await at.run([...args, "runs.csv:seconds"]);
  expect(exitCode).toBe(0);
  for (const line of [
    /^Plan for 100 accelerator hours/,
    /parameters N +1\.\d\dB {2}\[\d+M, 1\.\d\dB\]/,
    /each size with the tokens of its own throughput/,
    /speed +[\d.]+k tokens a second \[.*\] at the planned size/,
    /measured +6 sizes, from 200k a second at 20.0M parameters to 47.6k at 700M/,
    /beside +the best split by 6ND of the same hours has/,
    /certainty +intervals of the loss alone/,
    /accelerator hours +100/,
  ])
    expect(stdout).toMatch(line);
  const csv = await at.run([...args, "runs.csv:seconds", "--csv", "--price", "2"]);
  const [header, first] = csv.stdout.split("\n").map((line) => line.split(","));
  const cells = ["measured", "measured_unit", "gpu_hours", "usd"].map((name) => first[header.indexOf(name)]);
  expect(cells).toEqual(["10", "gpu-hours", "10", "20"]);
  const wrong = await at.run([...args, "times.csv:seconds"]);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toMatch(/"seconds" of times.csv is a time, and no column says how many tokens/);
});

test("a model that no memory of the cluster holds is planned, with a warning", async () => {
  const args = ["plan", "--preset", "besiroglu", "--gpu-hours", "100k", "--hardware", "h100", "--count", "4"];
  const { stderr } = await workspace().run(args);
  expect(stderr).toMatch(
    /take 565 GB \(16 bytes a parameter\), and 4 accelerators have 320 GB: --train-memory 320GB/,
  );
});

test("a fit of measured seconds says how it is planned with, and that plan is made", async () => {
  const runs = smallRuns().map((run) => ({
    ...run,
    seconds: 1e-14 * run.params ** 1.05 * run.tokens ** 0.98,
  }));
  const at = workspace({ "runs.csv": toCsv(runs) });
  await at.run(["fit", "runs.csv", "--bootstrap", "50"]);
  const timed = [
    "fit",
    "runs.csv",
    "--y",
    "seconds",
    "--formula",
    "k*N^a*D^b",
    "-o",
    "cost.json",
    "--bootstrap",
    "50",
  ];
  const { stdout } = await at.run(timed);
  const next = /next: scalefit (plan --cost-fit cost\.json --days 30)$/m.exec(stdout)?.[1] ?? "";
  const plan = await at.run(next.split(" "));
  expect(plan.exitCode).toBe(0);
  expect(plan.stdout).toMatch(/^Plan for 30\.0 days/);
});

test("a column called as a cost is fitted by a law of costs, and never by one of the loss; its plan as CSV has what was measured", async () => {
  // seconds = 1e-7 N^0.8 D^0.9, times 1 % of scatter that no resample sees twice alike.
  const rows = smallRuns().map((run, i) => ({
    ...run,
    seconds: 1e-7 * run.params ** 0.8 * run.tokens ** 0.9 * (1 + 0.01 * Math.sin(7 * i)),
  }));
  const at = workspace({ "runs.csv": toCsv(rows) });
  const cost = ["fit", "runs.csv", "--y", "seconds", "-o", "cost.json", "--bootstrap", "50"];
  const { stdout } = await at.run(cost);
  expect(stdout).toMatch(/^power-product {2}k \* x1\^a1 \* x2\^a2/);
  expect(stdout).toMatch(/a1 +0\.(79|80)/);
  expect(stdout).toMatch(/a2 +0\.(89|90)/);
  expect(stdout).not.toContain("chinchilla");
  await at.run(["fit", "runs.csv", "--y", "loss", "--bootstrap", "50"]);
  const plan = await at.run(["plan", "--cost-fit", "cost.json", "--days", "30", "--csv"]);
  const [header, ...lines] = plan.stdout.trim().split("\n");
  expect(header.split(",").slice(0, 5)).toEqual(["group", "law", "flops", "measured", "measured_unit"]);
  expect(lines.map((line) => line.split(",").slice(3, 5))).toEqual([
    ["259200", "seconds"],
    ["864000", "seconds"],
    ["2592000", "seconds"],
    ["7776000", "seconds"],
    ["25920000", "seconds"],
  ]);
});
