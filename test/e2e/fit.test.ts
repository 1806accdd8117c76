import { mkdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FitDocument, FittedLaw, PlanDocument, SavedFit } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isErrorDocument, isFitDocument, isSavedFit } from "../support/documents.js";
import { makeRuns, type Row, smallRuns, TRUTH, toCsv, toJsonLines } from "../support/made-log.js";
import { generator, shuffled } from "../support/random.js";
import { shell } from "../support/shell.js";

/** Without resamples a fit takes a fifth of the time; most tests do not look at intervals. */
const QUICK = ["--bootstrap", "0", "--no-save"];

const log = toCsv(smallRuns());
const estimates = (fit: FittedLaw) =>
  Object.fromEntries(Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]));
const estimatesOf = (document: FitDocument) => estimates(document.fits[0]);
const codes = (document: { warnings: { code: string }[] }) => document.warnings.map(({ code }) => code);

describe("a fit", () => {
  test("finds the law that made the runs, within its 95 % intervals", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<FitDocument>(["fit", "runs.csv"]);
    isFitDocument(document);
    const [{ law, parameters, status, data }] = document.fits;
    expect(law).toBe("chinchilla");
    expect(status).toBe("converged");
    expect(data).toMatchObject({
      rows: 24,
      used: 24,
      dropped: [],
      range: { N: [20e6, 700e6], D: [1e8, 1.4e11] },
    });
    for (const [name, truth] of Object.entries(TRUTH)) {
      expect(parameters[name].low).toBeLessThan(truth);
      expect(parameters[name].high).toBeGreaterThan(truth);
    }
  });

  test("says in words what it found: parameters with intervals, quality, data and what to run next", async () => {
    const at = workspace({ "runs.csv": log });
    const { stdout, stderr, exitCode } = await at.run(["fit", "runs.csv"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    for (const word of ["chinchilla", "95 % interval", "alpha", "beta", "R2", "24 rows of 24", "converged"])
      expect(stdout).toContain(word);
    expect(stdout).toMatch(
      /backtest +the 8 largest runs, 0\.\d decades beyond the other 16, are \S+ % (above|below) the law fitted without them \(s\.e\.\s+\S+ %\)/,
    );
    expect(stdout).toMatch(/^saved to scalefit\.json; next: scalefit plan --flops \S+$/m);
  });

  test("warns that the law misfits the largest runs where these came out better than the others promise", async () => {
    const runs = smallRuns();
    const large = [...runs].sort((a, b) => b.params * b.tokens - a.params * a.tokens).slice(0, 8);
    const better = runs.map((run) => (large.includes(run) ? { ...run, loss: 0.96 * run.loss } : run));
    const at = workspace({ "runs.csv": toCsv(better) });
    const { stderr } = await at.run(["fit", "runs.csv"]);
    expect(stderr).toMatch(/warning: the law misfits the largest runs: .* % lower than the law/);
    const { plans } = await at.json<PlanDocument>(["plan", "--flops", "1e22"]);
    expect(plans[0].extrapolation.shift).toBeLessThan(-0.04);
    expect(plans[0].assumptions.wrongLaw).toContain("lower limit of the loss is moved down");
  });

  test("prints one document and nothing else with --json, and keeps the draws out of it", async () => {
    const at = workspace({ "runs.csv": log });
    const { stdout } = await at.run(["fit", "runs.csv", "--json"]);
    isFitDocument(JSON.parse(stdout));
    expect(stdout).not.toContain('"draws"');
    expect(stdout.length).toBeLessThan(20_000);
  });

  test("saves the document with 1,000 draws, the covariance, the residuals and how it was made", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<FitDocument>(["fit", "runs.csv"]);
    expect(at.files()).toEqual(["runs.csv", "scalefit.json"]);
    const saved = JSON.parse(at.read("scalefit.json")) as SavedFit;
    isSavedFit(saved);
    const [{ draws, covariance, residuals, ...published }] = saved.fits;
    expect(published).toEqual(document.fits[0]);
    expect(draws.parameters).toEqual(["E", "A", "alpha", "B", "beta"]);
    expect(draws.values).toHaveLength(1000);
    expect(covariance?.values).toHaveLength(5);
    expect(residuals).toHaveLength(24);
    expect(saved.made).toMatchObject({ seed: 1, options: {}, inputs: [{ name: "runs.csv" }] });
  });

  test("gives the same bytes twice for the same seed, and other intervals for another seed", async () => {
    const at = workspace({ "runs.csv": log });
    const once = await at.run(["fit", "runs.csv", "--seed", "3", "--json", "-o", "once.json"]);
    const twice = await at.run(["fit", "runs.csv", "--seed", "3", "--json", "-o", "twice.json"]);
    expect(twice.stdout).toBe(once.stdout);
    expect(at.read("twice.json")).toBe(at.read("once.json"));
    const other = await at.json<FitDocument>(["fit", "runs.csv", "--seed", "4", "--no-save"]);
    const first = JSON.parse(once.stdout) as FitDocument;
    expect(estimatesOf(other)).toEqual(estimatesOf(first));
    expect(other.fits[0].parameters.alpha.low).not.toBe(first.fits[0].parameters.alpha.low);
  });

  test("gives the same bytes on one processor as on all", async () => {
    // 1,200 rows: enough work for several threads.
    const rows = Array.from({ length: 50 }, (_, i) => smallRuns(i)).flat();
    const at = workspace({ "runs.csv": toCsv(rows.map((run, i) => ({ ...run, run: `run-${i}` }))) });
    const command = "scalefit fit runs.csv --delta 1e-3 --json --quiet";
    const all = await shell(`${command} -o all.json`, at.path);
    const one = await shell(`taskset -c 0 ${command} -o one.json`, at.path);
    expect({ ...one, stderr: "" }).toEqual({ exitCode: 0, stdout: all.stdout, stderr: "" });
    expect(at.read("one.json")).toBe(at.read("all.json"));
  });

  test("does not depend on the folder it runs in, nor on a log named by its absolute path", async () => {
    const runs = toCsv([...smallRuns(), { run: "bad", params: 1e8, tokens: 1e9, loss: "NaN" }]);
    const here = workspace({ "runs.csv": runs });
    const there = workspace({ "runs.csv": runs });
    const relative = await here.run(["fit", "runs.csv", "--json"]);
    const absolute = await there.run(["fit", `${there.path}/runs.csv`, "--json"]);
    expect(absolute.stdout).toBe(relative.stdout);
    expect(there.read("scalefit.json")).toBe(here.read("scalefit.json"));
  });

  test("does not change a number when rows and columns stand in another order or in two files", async () => {
    const runs = smallRuns();
    const at = workspace({ "runs.csv": log });
    const reference = await at.json<FitDocument>(["fit", "runs.csv", "--no-save"]);
    const numbers = ({ parameters, objective, metrics }: FittedLaw) => ({ parameters, objective, metrics });
    for (const seed of [1, 2, 3]) {
      const random = generator(seed);
      const rows = shuffled(runs, random);
      const columns = shuffled(Object.keys(runs[0]), random);
      const cut = 3 + Math.floor(random() * 18);
      at.write("all.csv", toCsv(rows, ",", columns));
      at.write("a.csv", toCsv(rows.slice(0, cut), ",", columns));
      at.write("b.csv", toCsv(rows.slice(cut)));
      const whole = await at.json<FitDocument>(["fit", "all.csv", "--no-save"]);
      const split = await at.json<FitDocument>(["fit", "b.csv", "a.csv", "--no-save"]);
      expect(numbers(whole.fits[0])).toEqual(numbers(reference.fits[0]));
      expect(numbers(split.fits[0])).toEqual(numbers(reference.fits[0]));
    }
  });
});

describe("the law", () => {
  const flopsOf = ({ params, tokens }: Row) => 6 * Number(params) * Number(tokens);
  /** One run a size, 20 tokens a parameter: what a log of compute alone looks like. */
  const ladder = makeRuns({
    seed: 5,
    noise: 0.002,
    sizes: [1e7, 2e7, 4e7, 8e7, 16e7, 32e7, 64e7, 128e7],
    tokensPerParameter: [20],
  });

  test.each([
    [
      "params, tokens and loss",
      smallRuns().map(({ params, tokens, loss }) => ({ params, tokens, loss })),
      "chinchilla",
    ],
    [
      "flops and params: tokens by C = 6ND",
      smallRuns().map((r) => ({ params: r.params, flops: flopsOf(r), loss: r.loss })),
      "chinchilla",
    ],
    ["flops alone", ladder.map((r) => ({ flops: flopsOf(r), loss: r.loss })), "power-floor"],
    ["params alone", ladder.map(({ params, loss }) => ({ params, loss })), "power-floor"],
    ["tokens alone", ladder.map(({ tokens, loss }) => ({ tokens, loss })), "power-floor"],
  ])("is chosen by the columns: %s", async (_, rows, law) => {
    const at = workspace({ "runs.csv": toCsv(rows) });
    const document = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    isFitDocument(document);
    expect(document.fits[0].law).toBe(law);
  });

  test("is the one of the other input where one never varies, said aloud", async () => {
    const rows = makeRuns({
      seed: 2,
      noise: 0.002,
      sizes: [3e8],
      tokensPerParameter: [2, 5, 10, 20, 50, 100, 200],
    });
    const at = workspace({ "runs.csv": toCsv(rows) });
    const { stderr, stdout } = await at.run(["fit", "runs.csv", "--json", ...QUICK]);
    expect((JSON.parse(stdout) as FitDocument).fits[0].law).toBe("power-floor");
    expect(stderr).toMatch(/warning: .*params|warning: N hardly varies/);
  });

  test("is the one that is asked for", async () => {
    const at = workspace({ "runs.csv": toCsv(ladder) });
    const document = await at.json<FitDocument>([
      "fit",
      "runs.csv",
      "--law",
      "power",
      "--map",
      "x=params",
      ...QUICK,
    ]);
    expect(document.fits[0].law).toBe("power");
    expect(Object.keys(document.fits[0].parameters)).toEqual(["A", "alpha"]);
    expect(document.fits[0].data.range).toEqual({ x: [1e7, 128e7] });
  });

  test("that does not exist is refused with the nearest names", async () => {
    const at = workspace({ "runs.csv": log });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "--law", "chinchila"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no law called "chinchila"');
    expect(stderr).toContain("did you mean chinchilla?");
  });

  test("that the columns are not enough for is refused with what is missing and what can be fitted", async () => {
    const at = workspace({ "runs.csv": toCsv(ladder.map(({ params, loss }) => ({ params, loss }))) });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "--law", "chinchilla"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/tokens \(D\)/);
    expect(stderr).toContain("--law power-floor");
  });
});

describe("which rows and columns take part", () => {
  test("two --where hold together, and the rows they leave out are counted under their own code", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<FitDocument>([
      "fit",
      "runs.csv",
      "--where",
      "params<500M",
      "--where",
      "loss<4.5",
      ...QUICK,
    ]);
    isFitDocument(document);
    const kept = smallRuns().filter(({ params, loss }) => params < 500e6 && loss < 4.5);
    const { rows, used, dropped } = document.fits[0].data;
    expect({ rows, used }).toEqual({ rows: 24, used: kept.length });
    expect(dropped.every(({ code }) => code === "where")).toBe(true);
    expect(codes(document)).not.toContain("where");
    at.write("kept.csv", toCsv(kept));
    const direct = await at.json<FitDocument>(["fit", "kept.csv", ...QUICK]);
    expect(estimatesOf(document)).toEqual(estimatesOf(direct));
  });

  test("--map takes a quantity from a column, with a factor for its unit", async () => {
    const rows = smallRuns().map(({ params, tokens, loss }) => ({
      "size (M)": params / 1e6,
      billions: tokens / 1e9,
      cross_entropy: loss,
    }));
    const at = workspace({ "runs.csv": log, "units.csv": toCsv(rows) });
    const maps = ["--map", "N=size (M):1e6", "--map", "D=billions:1e9", "--map", "loss=cross_entropy"];
    const mapped = await at.json<FitDocument>(["fit", "units.csv", ...maps, ...QUICK]);
    const direct = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    expect(mapped.fits[0].data.range.N).toEqual([20e6, 700e6]);
    // Factors round in the last place, so the numbers agree to rounding and not to the bit.
    for (const [name, value] of Object.entries(estimatesOf(direct)))
      expect(estimatesOf(mapped)[name] / value).toBeCloseTo(1, 8);
  });

  test("--y names the measured value", async () => {
    const rows = smallRuns().map(({ loss, ...run }) => ({ ...run, loss: 9, "eval/ppl_log": loss }));
    const at = workspace({ "runs.csv": log, "other.csv": toCsv(rows) });
    const other = await at.json<FitDocument>(["fit", "other.csv", "--y", "eval/ppl_log", ...QUICK]);
    const direct = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    expect(estimatesOf(other)).toEqual(estimatesOf(direct));
  });

  test("--group-by fits each group, names a group that is too small, and goes on", async () => {
    const adam = smallRuns(1).map((run) => ({ ...run, optimizer: "adamw" }));
    const muon = smallRuns(2).map((run) => ({ ...run, optimizer: "muon" }));
    const sgd = [smallRuns(3)[0], smallRuns(3)[5], smallRuns(3)[10]].map((run) => ({
      ...run,
      optimizer: "sgd",
    }));
    const at = workspace({ "runs.csv": toCsv([...adam, ...sgd, ...muon]), "adam.csv": toCsv(adam) });
    const run = await at.run(["fit", "runs.csv", "--group-by", "optimizer", "--json", ...QUICK]);
    expect(run.exitCode).toBe(0);
    const document = JSON.parse(run.stdout) as FitDocument;
    isFitDocument(document);
    expect(document.fits.map(({ group }) => group)).toEqual(["adamw", "muon"]);
    const small = document.warnings.filter(({ group }) => group === "sgd");
    expect(small).toHaveLength(1);
    expect(small[0].message).toMatch(/not fitted: .*3 usable rows/);
    expect(run.stderr).toMatch(/sgd: not fitted/);
    const alone = await at.json<FitDocument>(["fit", "adam.csv", ...QUICK]);
    expect(estimatesOf(document)).toEqual(estimatesOf(alone));
  });

  test("--group-by is refused when every group is too small", async () => {
    const rows = smallRuns().map((run, i) => ({ ...run, optimizer: `o${i % 8}` }));
    const at = workspace({ "runs.csv": toCsv(rows) });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "--group-by", "optimizer"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/3 usable rows/);
  });

  test("the last row of each run counts where the log has steps, said aloud", async () => {
    const steps = smallRuns().flatMap((run) =>
      [0.25, 0.5, 1].map((share) => ({
        ...run,
        step: 1000 * share,
        tokens: run.tokens * share,
        loss: Number((run.loss * (1 + 0.2 * (1 - share))).toFixed(4)),
      })),
    );
    const at = workspace({ "steps.csv": toCsv(steps), "runs.csv": log });
    const { stdout, stderr } = await at.run(["fit", "steps.csv", "--json", ...QUICK]);
    const document = JSON.parse(stdout) as FitDocument;
    expect(document.fits[0].data).toMatchObject({ rows: 72, used: 24 });
    expect(document.fits[0].data.dropped).toMatchObject([{ code: "not-last", count: 48 }]);
    expect(stderr).toMatch(/row of the largest "step" stands for its run/);
    const direct = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    expect(estimatesOf(document)).toEqual(estimatesOf(direct));
  });
});

describe("the options of the objective and the intervals", () => {
  test("--delta and --objective are used and printed", async () => {
    const at = workspace({ "runs.csv": log });
    const fixed = await at.json<FitDocument>(["fit", "runs.csv", "--delta", "1e-3", ...QUICK]);
    expect(fixed.fits[0].objective).toMatchObject({ name: "huber-log", delta: 1e-3 });
    const squares = await at.json<FitDocument>(["fit", "runs.csv", "--objective", "squares-log", ...QUICK]);
    expect(squares.fits[0].objective).toMatchObject({ name: "squares-log", delta: null });
    const automatic = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    expect(automatic.fits[0].objective.delta).toBeGreaterThan(1e-3);
    expect(automatic.fits[0].objective.deltaRule).toMatch(/1\.345/);
    const { stdout } = await at.run(["fit", "runs.csv", "--delta", "1e-3", ...QUICK]);
    expect(stdout).toMatch(/objective +huber-log, delta 0\.001/);
  });

  test("the objective's value is the sum of rho over the rows, r^2/2 for squares", async () => {
    const at = workspace({ "runs.csv": log });
    const [{ objective, parameters: p }] = (
      await at.json<FitDocument>(["fit", "runs.csv", "--objective", "squares-log", ...QUICK])
    ).fits;
    const sum = smallRuns().reduce((total, { params, tokens, loss }) => {
      const predicted =
        p.E.estimate + p.A.estimate / params ** p.alpha.estimate + p.B.estimate / tokens ** p.beta.estimate;
      return total + Math.log(predicted / loss) ** 2 / 2;
    }, 0);
    expect(objective.value / sum).toBeCloseTo(1, 9);
  });

  test("--bootstrap 0 takes the covariance: no draws are saved, and intervals are there", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<FitDocument>(["fit", "runs.csv", "--bootstrap", "0"]);
    const saved = JSON.parse(at.read("scalefit.json")) as SavedFit;
    isSavedFit(saved);
    expect(saved.fits[0].draws.values).toEqual([]);
    expect(saved.fits[0].covariance).not.toBeNull();
    expect(document.fits[0].interval).toBe("covariance");
    expect(document.fits[0].parameters.alpha.low).toBeLessThan(document.fits[0].parameters.alpha.estimate);
  });

  test("a lower --level gives narrower intervals", async () => {
    const at = workspace({ "runs.csv": log });
    const width = async (level: string) => {
      const { parameters } = (await at.json<FitDocument>(["fit", "runs.csv", "--level", level, "--no-save"]))
        .fits[0];
      return (parameters.alpha.high as number) - (parameters.alpha.low as number);
    };
    const [half, most, nearly] = [await width("0.5"), await width("80%"), await width("0.99")];
    expect(half).toBeLessThan(most);
    expect(most).toBeLessThan(nearly);
  });

  test.each([
    [["--delta", "0"], /--delta/],
    [["--delta", "-1e-3"], /--delta/],
    [["--objective", "hubr-log"], /huber-log/],
    [["--bootstrap", "-5"], /--bootstrap/],
    [["--bootstrap", "2.5"], /--bootstrap/],
    [["--level", "95"], /--level.*\n.*between 0 and 1/],
    [["--level", "0"], /--level/],
    [["--seed", "abc"], /--seed/],
    [["--interval", "exact"], /--interval/],
    [["--where", "loss"], /--where/],
    [["--where", "perplexity<3"], /perplexity/],
    [["--group-by", "optimiser"], /optimiser/],
    [["--map", "loss"], /--map/],
    [["--map", "loss=nope"], /nope/],
    [["--y", "nope"], /nope/],
  ])("%j is refused with the flag named", async (flags, says) => {
    const at = workspace({ "runs.csv": log });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
  });
});

describe("where the fit is saved", () => {
  test("-o names the file, and the command named as the next one uses it and runs", async () => {
    const at = workspace({ "runs.csv": log });
    const { stdout } = await at.run(["fit", "runs.csv", "-o", "fits.json", "--bootstrap", "0"]);
    expect(at.files()).toEqual(["fits.json", "runs.csv"]);
    const next = /^saved to fits\.json; next: (scalefit plan .* --fit fits\.json)$/m.exec(stdout)?.[1];
    expect(await shell(next ?? "false", at.path)).toMatchObject({ exitCode: 0 });
  });

  test("--no-save writes nothing", async () => {
    const at = workspace({ "runs.csv": log });
    await at.run(["fit", "runs.csv", "--no-save", "--bootstrap", "0"]);
    expect(at.files()).toEqual(["runs.csv"]);
  });

  test("an older fit is replaced as a whole", async () => {
    const at = workspace({ "runs.csv": log, "scalefit.json": `{"old": "${"x".repeat(500_000)}"}` });
    await at.run(["fit", "runs.csv"]);
    isSavedFit(JSON.parse(at.read("scalefit.json")));
  });

  test("the log itself is never overwritten", async () => {
    const at = workspace({ "runs.csv": log });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "-o", "./runs.csv"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/same file as an input/);
    expect(at.read("runs.csv")).toBe(log);
  });
});

describe("forms of the same log", () => {
  const rows = smallRuns();
  test.each([
    ["tab-separated text", "runs.tsv", toCsv(rows, "\t")],
    ["JSON lines", "runs.jsonl", toJsonLines(rows)],
    ["gzip", "runs.csv.gz", gzipSync(log)],
    ["packed JSON lines", "runs.jsonl.gz", gzipSync(toJsonLines(rows))],
  ])("%s gives the same numbers", async (_, name, content) => {
    const at = workspace({ "runs.csv": log, [name]: content });
    const other = await at.json<FitDocument>(["fit", name, ...QUICK]);
    const reference = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    expect(other.fits[0].parameters).toEqual(reference.fits[0].parameters);
    expect(other.warnings).toEqual([]);
  });

  test("standard input gives the same numbers", async () => {
    const at = workspace({ "runs.csv": log });
    const reference = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    for (const input of [log, gzipSync(log)]) {
      const piped = await at.json<FitDocument>(["fit", "-", ...QUICK], { input });
      expect(piped.fits[0].parameters).toEqual(reference.fits[0].parameters);
    }
  });
});

describe("what is wrong with a log", () => {
  /** Refused: exit 2, the message in words and as one JSON object, no file (asserted by `run`). */
  async function refused(files: Record<string, string>, args: string[]): Promise<string> {
    const at = workspace(files);
    const { exitCode, stderr } = await at.run(args);
    expect(exitCode, stderr).toBe(2);
    const again = await at.run([...args, "--json"]);
    expect(again.stderr).toBe(stderr);
    isErrorDocument(JSON.parse(again.stdout));
    return stderr;
  }

  test("a file that is not there is named", async () => {
    expect(await refused({}, ["fit", "no-such.csv"])).toMatch(/no-such\.csv: there is no such file/);
  });

  test("an empty folder is named as one", async () => {
    const at = workspace();
    mkdirSync(`${at.path}/runs`);
    const { exitCode, stderr } = await at.run(["fit", "runs"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/the folder "runs" holds no log/);
  });

  test("an empty file is said to be empty", async () => {
    expect(await refused({ "runs.csv": "" }, ["fit", "runs.csv"])).toMatch(/runs\.csv: the file is empty/);
  });

  test("empty standard input is said to be empty", async () => {
    expect(await refused({}, ["fit", "-"])).toMatch(/standard input is empty/);
  });

  test("a header without rows is said to be all there is", async () => {
    expect(await refused({ "runs.csv": "run,params,tokens,loss\n" }, ["fit", "runs.csv"])).toMatch(
      /runs\.csv:1: there are no rows/,
    );
  });

  test("a table without numbers is refused with the columns it has", async () => {
    const words = "a,b,c\nx,y,z\nu,v,w\n";
    const message = await refused({ "words.csv": words }, ["fit", "words.csv"]);
    expect(message).toMatch(/words\.csv/);
    expect(message).toMatch(/a, b, c/);
  });

  test("a missing loss column is refused with the columns found and the nearest names", async () => {
    const message = await refused({ "runs.csv": log.replace("loss", "lss") }, ["fit", "runs.csv"]);
    expect(message).toMatch(/no column for the loss/);
    expect(message).toMatch(/nearest.*"lss"/);
    expect(message).toMatch(/run, params, tokens, lss/);
    expect(message).toMatch(/--map loss=/);
  });

  test("fewer rows than parameters are refused with both counts and the file", async () => {
    const message = await refused({ "runs.csv": toCsv([0, 5, 10, 15].map((i) => smallRuns()[i])) }, [
      "fit",
      "runs.csv",
    ]);
    expect(message).toMatch(/runs\.csv/);
    expect(message).toMatch(/4 usable rows/);
    expect(message).toMatch(/5 parameters/);
  });

  test("a loss that is the same in all rows is refused", async () => {
    const flat = toCsv(smallRuns().map((run) => ({ ...run, loss: 3.1 })));
    const message = await refused({ "runs.csv": flat }, ["fit", "runs.csv"]);
    expect(message).toMatch(/3\.1 in all 24 rows/);
  });

  /** One bad cell in the fifth run, line 6. */
  const spoiled = (column: string, cell: string | number) =>
    toCsv(smallRuns().map((run, i) => (i === 4 ? { ...run, [column]: cell } : run)));

  test.each([
    ["text in a number cell", "loss", "oops", /runs\.csv: line 6: 1 row not used: "loss".*"oops"/],
    ["a loss that is not a number", "loss", "NaN", /line 6: 1 row not used: "loss".*not (finite|a number)/],
    ["an infinite loss", "loss", "inf", /line 6: 1 row not used: "loss"/],
    ["an empty loss", "loss", "", /line 6: 1 row not used: "loss"/],
    ["a negative loss", "loss", -2, /line 6: 1 row not used: "loss".*-2/],
    ["no params", "params", 0, /line 6: 1 row not used: "params".*0/],
    ["negative params", "params", -45e6, /line 6: 1 row not used: "params"/],
    ["negative tokens", "tokens", -1e9, /line 6: 1 row not used: "tokens"/],
    ["tokens beyond any number", "tokens", "1e400", /line 6: 1 row not used: "tokens"/],
  ])("%s costs that row, named with its line, and no other", async (_, column, cell, says) => {
    const at = workspace({
      "runs.csv": spoiled(column, cell),
      "without.csv": toCsv(smallRuns().filter((_, i) => i !== 4)),
    });
    const { stdout, stderr } = await at.run(["fit", "runs.csv", "--json", ...QUICK]);
    const document = JSON.parse(stdout) as FitDocument;
    isFitDocument(document);
    expect(stderr).toMatch(says);
    expect(document.fits[0].data).toMatchObject({ rows: 24, used: 23 });
    expect(document.fits[0].data.dropped).toMatchObject([{ file: "runs.csv", count: 1, lines: [6] }]);
    const without = await at.json<FitDocument>(["fit", "without.csv", ...QUICK]);
    expect(document.fits[0].parameters).toEqual(without.fits[0].parameters);
  });

  test("--quiet keeps the warnings off stderr, and the document still has them", async () => {
    const at = workspace({ "runs.csv": spoiled("loss", "oops") });
    const { stdout, stderr } = await at.run(["fit", "runs.csv", "--quiet", "--json", ...QUICK]);
    expect(stderr).toBe("");
    expect((JSON.parse(stdout) as FitDocument).warnings).toHaveLength(1);
  });

  test("--quiet does not silence an error", async () => {
    const { exitCode, stderr } = await workspace().run(["fit", "nope.csv", "--quiet"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("nope.csv");
  });

  test("equal rows are kept and counted in a warning", async () => {
    const runs = smallRuns();
    const at = workspace({ "runs.csv": toCsv([...runs, runs[3], runs[7]]) });
    const document = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
    expect(document.fits[0].data).toMatchObject({ rows: 26, used: 26 });
    expect(codes(document)).toContain("duplicate-rows");
  });
});

/** Cells that make a row unusable, by column. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  loss: ["", "NaN", "inf", "-inf", "null", "oops", "-1", "0", "1e400", "3.1.4"],
  params: ["", "0", "-5", "many", "70X"],
  tokens: ["", "0", "-1e9", "N/A", "1e999"],
};

describe("a property of all logs", () => {
  test("rows = used + dropped, and the lines of the dropped rows are named, whatever is wrong with them", async () => {
    const at = workspace();
    const runs = smallRuns();
    const fault = fc
      .constantFrom(...Object.keys(FAULTS))
      .chain((column) =>
        fc.record({ column: fc.constant(column), cell: fc.constantFrom(...FAULTS[column]) }),
      );
    // Of 24 rows at most six are spoiled, so that no column is text for the most part.
    const spoiledRows = fc.uniqueArray(fc.record({ row: fc.nat(23), fault }), {
      selector: ({ row }) => row,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(spoiledRows, fc.boolean(), async (spoiled, isBlankBetween) => {
        const rows: Row[] = [...runs];
        for (const { row, fault } of spoiled) rows[row] = { ...runs[row], [fault.column]: fault.cell };
        const text = toCsv(rows);
        at.write("runs.csv", isBlankBetween ? text.replaceAll("\n", "\n\n") : text);
        const document = await at.json<FitDocument>(["fit", "runs.csv", ...QUICK]);
        isFitDocument(document);
        const { data } = document.fits[0];
        expect(data.rows).toBe(24);
        expect(data.used).toBe(24 - spoiled.length);
        const lineOf = (row: number) => (isBlankBetween ? 2 * row + 3 : row + 2);
        const named = data.dropped.flatMap(({ lines }) => lines).sort((a, b) => a - b);
        expect(named).toEqual(spoiled.map(({ row }) => lineOf(row)).sort((a, b) => a - b));
        at.write("good.csv", toCsv(runs.filter((_, i) => !spoiled.some(({ row }) => row === i))));
        const good = await at.json<FitDocument>(["fit", "good.csv", ...QUICK]);
        expect(estimatesOf(document)).toEqual(estimatesOf(good));
      }),
      { seed: 20_260_101, numRuns: 6 },
    );
  });
});
