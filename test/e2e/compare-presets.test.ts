/** A log against published sets, and laws on one log, through the program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CompareLawsDocument, PresetsDocument } from "../../src/objects.js";
import { lawsComparedView } from "../../src/report/laws-compared-view.js";
import { presetsView } from "../../src/report/presets-view.js";
import { ROOT, workspace } from "../support/cli.js";

const LOG = readFileSync(join(ROOT, "examples/two-recipes/runs.csv"), "utf8");
const CHARS = readFileSync(join(ROOT, "examples/char-lm/runs.csv"), "utf8");
const QUICK = ["--bootstrap", "40"];
const PLAIN = ["--where", "recipe=plain"];
const SETS = ["compare", "runs.csv", ...PLAIN, "--preset", "besiroglu", ...QUICK];
const AXES = "params=total,loss=nats/token,tokenizer=sentencepiece-32k,data=MassiveText";
const table = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
const text = (rows: readonly (readonly string[])[]) => `${rows.map((row) => row.join(",")).join("\n")}\n`;

/** A log with one column changed, renamed or left out (null). */
function changed(
  log: string,
  column: string,
  as: string | null,
  value: (cell: string) => string = String,
): string {
  const [header, ...rows] = table(log);
  const j = header.indexOf(column);
  const turned = (row: string[], cell: string) =>
    row.flatMap((one, k) => (k !== j ? [one] : as === null ? [] : [cell]));
  return text([turned(header, as ?? ""), ...rows.map((row) => turned(row, value(row[j])))]);
}

describe("a log against published sets", () => {
  test("read as a stranger does, wide and narrow", async () => {
    const run = await workspace({ "runs.csv": LOG }).run([...SETS, "--axes", "params=total", "--json"]);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain("--axes loss=nats/token asserts it");
    expect(run.stderr).toContain("the tokenizer of the log is not known");
    const document = JSON.parse(run.stdout) as PresetsDocument;
    expect(document.mode).toBe("presets");
    await expect(presetsView(document, 120)).toMatchFileSnapshot("golden/compare-preset.txt");
    await expect(presetsView(document, 80)).toMatchFileSnapshot("golden/compare-preset-narrow.txt");
  });

  test("what is asserted is not said again, whatever the order of the rows and the number of threads; a perplexity is the loss it stands for", async () => {
    const [header, ...rows] = table(LOG);
    const turned = text([header, ...rows.reverse()]);
    const folder = workspace({
      "runs.csv": LOG,
      "turned.csv": turned,
      "ppl.csv": changed(LOG, "loss", "val_ppl", (cell) => String(Math.exp(Number(cell)))),
    });
    const rest = [...SETS.slice(2), "--axes"];
    const one = await folder.json<PresetsDocument>(["compare", "runs.csv", ...rest, AXES, "--workers", "1"]);
    const other = await folder.json<PresetsDocument>([
      "compare",
      "turned.csv",
      ...rest,
      AXES,
      "--workers",
      "2",
    ]);
    expect(one.warnings.map(({ code }) => code)).not.toContain("unknown-axis");
    expect(other.presets).toEqual(one.presets);
    const ppl = await folder.json<PresetsDocument>([
      "compare",
      "ppl.csv",
      ...rest,
      "params=total",
      "--y",
      "val_ppl",
    ]);
    expect(ppl.log.axes.loss).toBe("nats");
    expect(ppl.presets[0].rows?.bias).toBeCloseTo(one.presets[0].rows?.bias as number, 9);
    expect(ppl.warnings.map(({ code }) => code)).toContain("perplexity");
  });

  test("N without embeddings is a column, or follows from width and vocabulary: the same fit", async () => {
    const folder = workspace({
      "both.csv": CHARS,
      "total.csv": changed(CHARS, "params_non_embedding", null),
    });
    const rest = ["--preset", "kaplan-nd-table2", ...QUICK];
    const axes = "loss=nats/character,characters-per-token=1,params=total";
    const both = await folder.json<PresetsDocument>(["compare", "both.csv", ...rest, "--axes", axes]);
    const made = await folder.json<PresetsDocument>([
      ...["compare", "total.csv", ...rest, "--axes", `${axes},vocabulary=98,embeddings=tied`],
    ]);
    expect(both.fits[0].params).toBe("non-embedding");
    expect(made.fits[0].parameters).toEqual(both.fits[0].parameters);
    expect(made.presets[0].scales).toEqual(both.presets[0].scales);
  });
});

describe("compute counted otherwise than the set's", () => {
  const OVERTRAIN = ["--preset", "overtrain-c4", "--law", "overtrain", ...QUICK];
  const [header, ...rows] = table(LOG).map((row, i) => [...row, ...(i === 0 ? ["flops"] : [])]);
  const [N, D] = ["params", "tokens"].map((name) => header.indexOf(name));
  /** The log with FLOPs that are more than 6 N D, by more for small models. */
  const counted = text([
    header,
    ...rows.map((row) => [...row, String(6 * Number(row[N]) * Number(row[D]) * (1 + 1e7 / Number(row[N])))]),
  ]);

  test("is made anew from N and D, row by row: the same fit and the same curves as without its column", async () => {
    const folder = workspace({ "runs.csv": LOG, "counted.csv": counted });
    const [plain, made] = await Promise.all(
      ["runs.csv", "counted.csv"].map((name) =>
        folder.json<PresetsDocument>(["compare", name, ...PLAIN, ...OVERTRAIN]),
      ),
    );
    expect(made.fits[0].parameters).toEqual(plain.fits[0].parameters);
    expect(made.presets[0].scales).toEqual(plain.presets[0].scales);
    expect(made.presets[0].rows).toEqual(plain.presets[0].rows);
    expect(plain.log.axes.compute).toBe("6ND");
    expect(made.log.axes.compute).toBe("counted");
    expect(made.presets[0].converted.join()).toContain("6 N D of the log's params and tokens");
    const { low, high } = made.fits[0].compute ?? {};
    expect(low).toBeGreaterThan(1);
    expect(presetsView(made, 80)).toContain("FLOPs       6 N D of your params and tokens");
    expect(high).toBeGreaterThan(low as number);
  });

  test("gives no tokens", async () => {
    const folder = workspace({ "runs.csv": changed(counted, "tokens", null) });
    const args = ["compare", "runs.csv", ...PLAIN, "--preset", "besiroglu", ...QUICK, "--axes"];
    const said = await folder.run([...args, "compute=counted"]);
    expect(said.exitCode).toBe(2);
    expect(said.stderr).toContain("the log has no column for tokens: they would follow from C = 6 N D");
    const taken = await folder.run([...args, "params=total"]);
    expect(taken.stderr).toContain("how the log counts compute nothing says, and its tokens follow from it");
  });
});

describe("what cannot be compared says why, and what to do", () => {
  const refused = async (log: string, args: string[]) => {
    const run = await workspace({ "runs.csv": log }).run(["compare", "runs.csv", ...args, ...QUICK]);
    expect(run.exitCode).toBe(2);
    return run.stderr;
  };

  test("tokens of another tokenizer", async () => {
    const said = await refused(LOG, [...PLAIN, "--preset", "besiroglu", "--axes", "tokenizer=llama-3"]);
    expect(said).toContain("of two tokenizers can be compared");
  });

  test("a loss per byte without the bytes of a token", async () => {
    const said = await refused(changed(LOG, "loss", "val_bpb"), ["--preset", "besiroglu"]);
    expect(said).toContain("--axes bytes-per-token=");
  });

  test("N without embeddings where nothing gives them", async () => {
    const said = await refused(changed(LOG, "params", "params_non_embedding"), ["--preset", "besiroglu"]);
    expect(said).toContain("counts N with embeddings, the log counts it without embeddings");
    expect(said).toContain("vocab_size");
  });

  test("names and flags that are none", async () => {
    expect(await refused(LOG, ["--preset", "besirogl"])).toContain("did you mean besiroglu");
    expect(await refused(LOG, ["--preset", "besiroglu", "--axes", "param=total"])).toContain(
      "did you mean params",
    );
    expect(await refused(LOG, ["--group-by", "recipe", "--axes", "params=total"])).toContain(
      "--axes needs --preset",
    );
  });
});

describe("laws on one log", () => {
  test("read as a stranger does, wide and narrow", async () => {
    const folder = workspace({ "runs.csv": LOG });
    const args = ["compare", "runs.csv", ...PLAIN, "--law", "chinchilla,kaplan-nd,power-floor", ...QUICK];
    const document = await folder.json<CompareLawsDocument>([...args, "--workers", "2"]);
    expect(document.mode).toBe("laws");
    await expect(lawsComparedView(document, 120)).toMatchFileSnapshot("golden/compare-laws.txt");
    await expect(lawsComparedView(document, 80)).toMatchFileSnapshot("golden/compare-laws-narrow.txt");
  });

  test("a formula of one's own against the law of the columns", async () => {
    const { comparisons } = await workspace({ "runs.csv": LOG }).json<CompareLawsDocument>([
      ...["compare", "runs.csv", ...PLAIN, "--formula", "E + A/N^a + B/D^a", "--budgets", "1e20", ...QUICK],
    ]);
    expect(comparisons[0].laws.map(({ name }) => name).sort()).toEqual(["chinchilla", "formula"]);
    expect(comparisons[0].scales.map(({ scale }) => scale)).toEqual([1e20]);
    expect(comparisons[0].spreads.map(({ of }) => of)).toContain("tokensPerParameter");
  });

  test("a formula that is a law asked for already", async () => {
    const run = await workspace({ "runs.csv": LOG }).run([
      ...["compare", "runs.csv", "--formula", "E + A/N^alpha + B/D^beta", ...QUICK],
    ]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("chinchilla is asked for twice");
  });
});
