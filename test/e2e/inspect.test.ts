import { describe, expect, test } from "vitest";
import type { FitDocument, InspectDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isInspectDocument } from "../support/documents.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { describeWithShared, sharedFile, sharedJson } from "../support/shared.js";

const STEPS =
  "step,lr,train_loss,val_loss\n0,0,9,\n50,1e-3,5,\n100,1e-3,4,4.1\n150,5e-4,3.6,\n200,0,3.5,3.55\n";

describe("a table of runs", () => {
  test("is described by its quantities, runs and what fits them", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    const document = await at.json<InspectDocument>(["inspect", "runs.csv"]);
    isInspectDocument(document);
    expect(document.runs.count).toBe(smallRuns().length);
    expect(document.laws[0]).toBe("chinchilla");
    const { stdout } = await at.run(["inspect", "runs.csv"]);
    expect(stdout).toMatch(/params \(N\)/);
    expect(stdout).toMatch(/next +scalefit fit runs\.csv fits chinchilla/);
  });

  test("comes out as one clean table that gives the same fit", async () => {
    const lines = toCsv(smallRuns())
      .split("\n")
      .map((line, i) => (i === 0 ? line.replace(/\bparams\b/, "Model Size (M)") : line));
    const at = workspace({ "runs.csv": lines.join("\n") });
    await at.run(["inspect", "runs.csv", "-o", "clean.csv"]);
    expect(at.read("clean.csv").split("\n")[0]).toMatch(/params,tokens,.*loss/);
    const fitted = (file: string) => at.json<FitDocument>(["fit", file, "--no-save", "--bootstrap", "20"]);
    const [before, after] = [await fitted("runs.csv"), await fitted("clean.csv")];
    expect(after.fits[0].parameters).toEqual(before.fits[0].parameters);
  });
});

test("tokens at the end of a run that logs them elsewhere are read as a fit reads them", async () => {
  const log = "run,step,params,tokens,loss\na,10,1e6,1000,\na,15,,,3\na,20,,2000,\n";
  const at = workspace({ "run.csv": log });
  const { runs } = await at.json<InspectDocument>(["inspect", "run.csv"]);
  expect(runs.list[0]).toMatchObject({ step: 15, N: 1e6, D: 1500 });
  expect((await at.run(["inspect", "run.csv", "-o", "clean.csv"])).exitCode).toBe(0);
  expect(at.read("clean.csv").split("\n")[1]).toBe("a,1000000,1500,3,15");
});

test("a mixture is named as such, and one without losses says what is missing", async () => {
  const shares = "index,train_web,train_code\n1,0.25,0.75\n2,0.5,0.5\n3,0.75,0.25\n4,0.125,0.875\n";
  const at = workspace({ "mixtures.csv": shares });
  const { mixture } = await at.json<InspectDocument>(["inspect", "mixtures.csv"]);
  expect(mixture).toEqual(["train_web", "train_code"]);
  const { stdout } = await at.run(["inspect", "mixtures.csv"]);
  expect(stdout).toMatch(/mixture +train_web, train_code\n +not used +index/);
  expect(stdout).toMatch(/next +a mixture without losses: .*--join/s);
});

test("a log turned into Parquet or CSV holds the same", async () => {
  const at = workspace({ "runs.csv": toCsv(smallRuns()) });
  const before = await at.json<InspectDocument>(["inspect", "runs.csv"]);
  for (const name of ["all.parquet", "all.csv"]) {
    await at.run(["inspect", "runs.csv", "--convert", name]);
    const after = await at.json<InspectDocument>(["inspect", name]);
    expect(after.columns).toEqual(before.columns);
    expect(after.runs.list.map(({ N, D, loss }) => [N, D, loss])).toEqual(
      before.runs.list.map(({ N, D, loss }) => [N, D, loss]),
    );
  }
});

describe("a folder of logs", () => {
  const files = {
    "runs/a/metrics.csv": STEPS,
    "runs/a/config.json": JSON.stringify({
      hidden_size: 512,
      num_hidden_layers: 8,
      optimizer: { name: "adamw" },
    }),
    "runs/b/metrics.csv": STEPS.replace("3.55", "3.25"),
    "runs/b/hparams.yaml": "hidden_size: 1024\nnum_hidden_layers: 8\noptimizer:\n  name: adamw\n",
    "runs/notes.md": "# notes",
    "runs/broken.json": '{"a": ',
  };

  test("is walked: a run a folder, its settings joined, the rest passed over with a word", async () => {
    const at = workspace(files);
    const document = await at.json<InspectDocument>(["inspect", "runs"]);
    expect(document.files.map(({ name }) => name)).toEqual(["runs/a/metrics.csv", "runs/b/metrics.csv"]);
    expect(document.runs.list.map(({ N, step, loss }) => ({ N, step, loss }))).toEqual([
      { N: 12 * 8 * 512 ** 2, step: 200, loss: 3.55 },
      { N: 12 * 8 * 1024 ** 2, step: 200, loss: 3.25 },
    ]);
    const said = document.warnings.map(({ code, file }) => `${code} ${file ?? ""}`.trim());
    expect(said).toContain("file-skipped runs/broken.json");
    expect(said).toContain("files-passed-over");
    expect(document.warnings.find(({ code }) => code === "settings")?.message).toBe(
      "2 files: 3 settings are joined to the log beside it",
    );
  });

  test("is the same through a pattern, and in another order of its files", async () => {
    const at = workspace(files);
    const walked = await at.json<InspectDocument>(["inspect", "runs"]);
    const matched = await at.json<InspectDocument>(["inspect", "runs/*/*.csv"]);
    const named = await at.json<InspectDocument>(["inspect", "runs/a/metrics.csv", "runs/b/metrics.csv"]);
    for (const other of [matched, named]) expect(other.runs).toEqual(walked.runs);
  });

  test("of absolute paths elsewhere is told apart by what differs in them, and by nothing else of them", async () => {
    const at = workspace(files);
    const own = workspace();
    const document = await own.json<InspectDocument>(["inspect", `${at.path}/runs`]);
    expect(document.runs.list.map(({ run }) => run)).toEqual(["a/metrics.csv", "b/metrics.csv"]);
    expect(JSON.stringify(document)).not.toContain(at.path);
  });

  test.each([
    [["inspect", "empty"], /holds no log/],
    [["inspect", "none/*.csv"], /no file matches/],
    [["inspect", "runs/broken.json"], /runs\/broken\.json/],
    [["inspect", "runs", "-o", "nowhere/clean.csv"], /does not exist/],
    [["inspect", "runs/a/metrics.csv", "-o", "runs/a/metrics.csv"], /overwrite the log/],
  ])("%j is refused", async (args, message) => {
    const at = workspace({ ...files, "empty/readme.md": "nothing" });
    const run = await at.run(args);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(message);
  });
});

test("a run whose series stand on different rows is read at its last measured step", async () => {
  const rows = "r,0,5e6,,\nr,10,,1000000,\nr,20,,,3.5\nr,30,,3000000,\n";
  const again = rows.replaceAll("r,", "s,").replace("3.5", "3.1");
  const at = workspace({ "runs.csv": `run,step,params,tokens,loss\n${rows}${again}` });
  const { stdout } = await at.run(["inspect", "runs.csv", "-o", "clean.csv"]);
  expect(stdout).toMatch(/2 runs/);
  const lines = at.read("clean.csv").trimEnd().split("\n");
  expect(lines[0]).toBe("run,params,tokens,loss,global_step");
  expect(lines.slice(1)).toEqual(["r,5000000,2000000,3.5,20", "s,5000000,2000000,3.1,20"]);
});

test("a run that ends before its learning rate has come down is named", async () => {
  const rows = (name: string, rates: number[]) =>
    rates.map((lr, i) => `${name},${i},1e6,${(i + 1) * 1e6},${lr},${4 - i / 10}`);
  const header = "run,step,params,tokens,lr,loss";
  const at = workspace({
    "runs.csv": [
      header,
      ...rows("whole", [1, 2, 1.5, 1, 0.5, 0.1]),
      ...rows("early", [1, 2, 1.9, 1.8, 1.7, 1.6]),
      "",
    ].join("\n"),
  });
  const document = await at.json<InspectDocument>(["inspect", "runs.csv"]);
  expect(document.runs.marks).toEqual({ "not-decayed": 1 });
  expect(document.warnings.find(({ code }) => code === "not-decayed")?.message).toMatch(/early/);
});

describeWithShared("the specimens of real logs", () => {
  interface Wanted {
    format?: string;
    runs?: number;
    rows?: number;
    points?: number;
    trainPoints?: number;
    validationPoints?: number;
    last?: { step?: number; N?: number; D?: number; loss?: number; seconds?: number; trainLoss?: number };
    lastValidation?: { step: number; loss: number };
    diverged?: boolean;
    distinctNames?: number;
    withoutLoss?: number;
    entries?: number;
    config?: Record<string, number>;
    metrics?: string[];
    params?: number;
    values?: Record<string, number>;
    columns?: Record<string, string> | string[];
  }
  const wanted = Object.entries(
    sharedJson<Record<string, Wanted | string>>("data/logs", "expected.json"),
  ).flatMap(([name, value]) => (typeof value === "string" ? [] : [[name, value] as const]));
  const inspected = (name: string) =>
    workspace().json<InspectDocument>(["inspect", sharedFile("data/logs", name)]);
  /** The recorded losses are rounded, some to four decimals. */
  const isNear = (a: number | null | undefined, b: number) => Math.abs((a ?? Number.NaN) - b) <= 5e-5;

  test.each(wanted)("%s", async (name, want) => {
    const document = await inspected(name);
    isInspectDocument(document);
    const { runs, columns } = document;
    const column = (called: string) => columns.find((one) => one.name === called);
    const quantity = (called: string) => document.quantities.find((one) => one.quantity === called);
    const found = {
      format: [...new Set(document.files.map(({ format }) => format))].join(),
      runs: runs.count,
      rows: document.rows,
      diverged: (runs.marks.diverged ?? 0) > 0,
      withoutLoss: runs.marks["no-loss"] ?? 0,
    };
    const { format, withoutLoss, diverged } = want;
    for (const [key, value] of Object.entries({
      format,
      runs: want.runs,
      rows: want.rows,
      withoutLoss,
      diverged,
    }))
      if (value !== undefined) expect(found, name).toHaveProperty(key, value);
    const training = column("train_loss") ?? column("lm loss") ?? null;
    if (want.trainPoints !== undefined) expect(training?.filled).toBe(want.trainPoints);
    if (want.points !== undefined) expect([training?.filled, document.rows]).toContain(want.points);
    if (want.validationPoints !== undefined) expect(runs.points).toBe(want.validationPoints);
    const [run] = runs.list;
    const { last, lastValidation } = want;
    if (last?.N !== undefined) expect(run.N).toBe(last.N);
    if (last?.D !== undefined) expect(quantity("D")?.range?.[1]).toBe(last.D);
    if (last?.step !== undefined) expect(quantity("step")?.range?.[1]).toBe(last.step);
    if (last?.loss !== undefined) expect(isNear(run.loss, last.loss), `${run.loss}`).toBe(true);
    if (last?.seconds !== undefined) expect(column("seconds")?.range?.[1]).toBe(last.seconds);
    if (lastValidation !== undefined) expect(run).toMatchObject(lastValidation);
    const { layers, hidden, sequence } = want.config ?? {};
    for (const [called, value] of Object.entries({ depth: layers, width: hidden, sequence }))
      if (value !== undefined) expect(quantity(called)?.range, called).toEqual([value, value]);
    for (const metric of want.metrics ?? []) expect(column(`metrics.${metric}`)?.filled).toBe(1);
    if (want.params !== undefined)
      expect(columns.filter((one) => one.name.startsWith("params."))).toHaveLength(want.params);
    for (const [called, value] of Object.entries(want.values ?? {}))
      expect(quantity(called)?.range).toEqual([value, value]);
    if (want.entries !== undefined)
      expect(document.warnings.some(({ message }) => message.includes(String(want.entries)))).toBe(true);
    if (Array.isArray(want.columns)) expect(columns.map((one) => one.name)).toEqual(want.columns);
    else if (want.columns !== undefined)
      for (const [called, from] of Object.entries(want.columns))
        expect(quantity(called)?.column).toBe(from.split(" (")[0]);
  });

  test("a log of training loss of megatron keeps its last value", async () => {
    const { trainLoss } = wanted.find(([name]) => name.startsWith("megatron"))?.[1].last ?? {};
    const at = workspace();
    const document = await at.json<InspectDocument>([
      "inspect",
      sharedFile("data/logs/megatron_deepspeed_1793490.out"),
      "--y",
      "lm loss",
    ]);
    expect(document.runs.list[0]).toMatchObject({ step: 3600, D: 943718400, loss: trainLoss });
  });
});

describe("what a log does not say itself", () => {
  const LOG = "name,size,seen,ppl\na,10,2,20\nb,20,4,15\nc,40,8,12\n";

  test("is said with --unit, and a perplexity is a loss", async () => {
    const at = workspace({ "runs.csv": LOG });
    const flags = ["--map", "N=size", "--map", "D=seen", "--unit", "N=M", "--unit", "tokens=B"];
    const document = await at.json<InspectDocument>(["inspect", "runs.csv", ...flags]);
    expect(document.runs.list.map(({ N, D, loss }) => ({ N, D, loss }))[0]).toEqual({
      N: 1e7,
      D: 2e9,
      loss: Math.log(20),
    });
    const refused = await at.run(["inspect", "runs.csv", ...flags, "--unit", "tokens=parsec"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/parsec.*is no unit of tokens/);
  });

  test("is said for good in a project file, above the folder too; a flag wins", async () => {
    const at = workspace({
      "scalefit.config.yaml": "map:\n  N: size:1e6\n  D: seen\n  lr: none\nunit:\n  D: B\n",
      "logs/runs.csv": LOG,
    });
    const cwd = `${at.path}/logs`;
    const document = await at.json<InspectDocument>(["inspect", "runs.csv"], { cwd });
    expect(document.runs.list[0]).toMatchObject({ N: 1e7, D: 2e9 });
    expect(document.warnings.find(({ code }) => code === "project-file")?.message).toMatch(
      /N=size:1e6, D=seen, D=B/,
    );
    const own = await at.json<InspectDocument>(["inspect", "runs.csv", "--unit", "D=T"], { cwd });
    expect(own.runs.list[0]).toMatchObject({ N: 1e7, D: 2e12 });
  });

  test.each([
    ["scalefit.config.json", "{", /cannot be read/],
    ["scalefit.config.toml", "maps = 1\n", /maps/],
  ])("a wrong %s is refused by name", async (name, content, message) => {
    const at = workspace({ [name]: content, "runs.csv": LOG });
    const run = await at.run(["inspect", "runs.csv"]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(name);
    expect(run.stderr).toMatch(message);
  });
});

describe("tokens from steps and batches", () => {
  const rows = [1, 2, 4, 8, 16, 32].map((k) => `${k}e7,${1000 * k},`);
  const table = (batch: string, cells: string) =>
    `params,iter,${batch},loss\n${rows.map((row, i) => `${row}${cells},${4 - i / 5}\n`).join("")}`;

  test.each([
    ["global_batch_size,seq_len", "32,1024", "step x batch x sequence"],
    ["batch_tokens,seq_len", "32768,1024", "step x batch"],
    ["batch_tokens", "32768", "step x batch"],
  ])(
    "of %s: counted once, the default law sees them, and the fit says how they came about",
    async (batch, cells, words) => {
      const folder = workspace({ "runs.csv": table(batch, cells) });
      const { fits } = await folder.json<FitDocument>(["fit", "runs.csv", "--bootstrap", "0", "--no-save"]);
      const [{ law, inputs, data }] = fits;
      expect(law).toBe("chinchilla");
      expect(data.range.D).toEqual([32_768e3, 32 * 32_768e3]);
      expect(inputs.find(({ name }) => name === "D")?.column).toBe(words);
    },
  );
});

describe("one size, several lengths", () => {
  const tokens = [1e9, 2e9, 4e9, 8e9, 2e10];
  const at = workspace({
    "sizes.csv": ["params,tokens,loss", ...tokens.map((D, i) => `1e8,${D},${3 - i / 12}`), ""].join("\n"),
    "lengths.csv": ["params,tokens,loss", ...tokens.map((N, i) => `${N},1e9,${3 - i / 12}`), ""].join("\n"),
  });

  test("the law that comes first is the one that a fit takes", async () => {
    const document = await at.json<InspectDocument>(["inspect", "sizes.csv"]);
    const { fits } = await at.json<FitDocument>(["fit", "sizes.csv", "--bootstrap", "0"]);
    expect([document.laws[0], fits[0].law]).toEqual(["power-floor", "power-floor"]);
  });

  test("a scale of one value is one mark at its axis", async () => {
    const { stdout } = await at.run(["inspect", "lengths.csv"]);
    expect(stdout.match(/1\.00B \|/g)).toHaveLength(1);
    expect(stdout).toMatch(/1\.00B +20\.0B {2}params/);
    const { stdout: other } = await at.run(["inspect", "sizes.csv"]);
    expect(other).toMatch(/\n +100M {2}params/);
  });
});
