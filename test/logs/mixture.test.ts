/** Mixtures in logs: which columns are taken for one, by themselves or as told, and what is refused. */
import { describe, expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { type MixtureColumns, mixtureIn } from "../../src/logs/mixture.js";
import { type LogsRead, readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { readText } from "./support.js";

const inLogs = ({ table }: LogsRead, flag?: string): MixtureColumns | null =>
  mixtureIn(table, recognise(table, { map: new Map() }), flag);

const inText = async (text: string, flag?: string) => inLogs(await readText(text), flag);

/** Rows of three shares after a run's name, with a loss. */
const log = (header: string, rows: readonly (readonly number[])[]) =>
  [`run,${header},loss`, ...rows.map((r, i) => `r${i},${r.join(",")},3.${i}`)].join("\n");

const THIRDS = [
  [0.5, 0.25, 0.25],
  [0.1, 0.2, 0.7],
  [0, 0, 1],
  [0.3, 0.3, 0.4],
];

describe("a mixture is found", () => {
  test("by a beginning that its headers share and a sum of 1", async () => {
    const found = await inText(log("prop_github,prop_books3,prop_pile_cc", THIRDS));
    expect(found?.names).toEqual(["prop_github", "prop_books3", "prop_pile_cc"]);
    expect(found?.domains).toEqual(["github", "books3", "pile_cc"]);
    expect(found?.warnings).toEqual([]);
  });

  test("by an end that its headers share", async () => {
    const found = await inText(log("web share,code share,books share", THIRDS));
    expect(found?.domains).toEqual(["web", "code", "books"]);
  });

  test("by three neighbours without a word in common", async () => {
    const found = await inText(log("web,code,books", THIRDS));
    expect(found?.names).toEqual(["web", "code", "books"]);
    expect(found?.domains).toEqual(found?.names);
  });

  test("where shares are rounded, and where single rows are wrong or have gaps", async () => {
    const rounded = log("w_a,w_b,w_c", [
      [0.333, 0.333, 0.333],
      [0.1, 0.2, 0.705],
      [0.2, 0.2, 0.2],
      ...THIRDS,
    ]);
    expect((await inText(rounded))?.names).toEqual(["w_a", "w_b", "w_c"]);
    const gap = `${log("w_a,w_b,w_c", THIRDS)}\nr9,0.5,,0.5,3.9`;
    expect((await inText(gap))?.names).toEqual(["w_a", "w_b", "w_c"]);
  });

  test("with the domain that no run uses", async () => {
    const rows = THIRDS.map(([a, b, c]) => [a, b, c, 0]);
    expect((await inText(log("mix.web,mix.code,mix.books,mix.math", rows)))?.domains).toEqual([
      "web",
      "code",
      "books",
      "math",
    ]);
  });

  test("by the headers that speak of one, where two sets add up to 1, and the other is named", async () => {
    const rows = THIRDS.map(([a, b, c]) => [c, b, a, a, b, c]);
    const found = await inText(log("p_x,p_y,p_z,train_x,train_y,train_z", rows));
    expect(found?.names).toEqual(["train_x", "train_y", "train_z"]);
    expect(found?.warnings.map(({ code }) => code)).toEqual(["several-mixtures"]);
    expect(found?.warnings[0]?.message).toContain('"p_x" to "p_z" (3)');
  });
});

describe("no mixture is found", () => {
  test.each([
    [
      "in columns that do not add up to 1",
      log(
        "prop_a,prop_b,prop_c",
        THIRDS.map(([a, b, c]) => [a, b, c / 2]),
      ),
    ],
    [
      "in one mixture over all rows",
      log(
        "prop_a,prop_b,prop_c",
        THIRDS.map(() => [0.2, 0.3, 0.5]),
      ),
    ],
    [
      "in a rate and what is left of it",
      "run,wins,losses_rate,loss\na,0.3,0.7,3\nb,0.4,0.6,3.1\nc,0.5,0.5,3.2",
    ],
    ["in accuracy and error", "run,accuracy,error,loss\na,0.3,0.7,3\nb,0.4,0.6,3.1\nc,0.5,0.5,3.2"],
    [
      "in per cent",
      log(
        "prop_a,prop_b,prop_c",
        THIRDS.map((r) => r.map((x) => 100 * x)),
      ),
    ],
    [
      "in switches of which one is on",
      "run,adam,sgd,lion,loss\na,1,0,0,3\nb,0,1,0,3.1\nc,0,0,1,3.2\nd,1,0,0,3.3",
    ],
    [
      "in accuracies near chance, whose digits say that their sum is no rounding",
      "run,t1_acc,t2_acc,t3_acc,t4_acc,loss\na,0.2512,0.2498,0.2507,0.2491,3\nb,0.2533,0.2488,0.2471,0.2519,3.1\nc,0.2501,0.2544,0.2463,0.2477,3.2",
    ],
  ])("%s", async (_, text) => {
    expect(await inText(text)).toBeNull();
  });
});

describe("a mixture that is named", () => {
  const text = log("web,code,books", THIRDS);

  test("is taken in the order of the flag", async () => {
    expect((await inText(text, "books, web,code"))?.names).toEqual(["books", "web", "code"]);
  });

  test("may be a pattern, and of two domains without a word in common", async () => {
    const two = "run,web,code,loss\na,0.3,0.7,3\nb,0.4,0.6,3.1";
    expect(await inText(two)).toBeNull();
    expect((await inText(two, "web,code"))?.names).toEqual(["web", "code"]);
    const rows = THIRDS.map(([a, b, c]) => [c, b, a, a, b, c]);
    const both = log("p_x,p_y,p_z,train_x,train_y,train_z", rows);
    expect((await inText(both, "p_*"))?.names).toEqual(["p_x", "p_y", "p_z"]);
  });

  test.each([
    ["web,cods,books", "unknown-column", "cods"],
    ["zeb_*", "unknown-column", "zeb_"],
    ["web", "mixture", "one column"],
    ["web,web,code", "mixture", "twice"],
    ["web,code", "mixture-sum", "add up to 1 within 1 % in 0 of 4 rows; here to 0.75"],
    ["web,code,loss", "mixture", "is not a share from 0 to 1"],
  ])("%s is refused: %s", async (flag, code, words) => {
    await expect(inText(text, flag)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test("in per cent is refused with the way out, and the line of the cell", async () => {
    const percent = log(
      "a,b,c",
      THIRDS.map((r) => r.map((x) => 100 * x)),
    );
    await expect(inText(percent, "a,b,c")).rejects.toMatchObject({
      code: "mixture",
      hint: expect.stringContaining("divide them by 100"),
      place: { line: 2 },
    });
  });
});

describeWithShared("the real logs", () => {
  test.each([
    ["mixture_dml_2domains.csv", ["github", "pile_cc"]],
    ["mixture_dml_3domains_410M.csv", ["github", "books3", "pile_cc"]],
  ])("%s has its proportions", async (file, domains) => {
    expect(inLogs(await readLogs([sharedFile("data", file)]))?.domains).toEqual(domains);
  });

  test("the 17 domains of the Pile are found, rounded to three digits as they are", async () => {
    const found = inLogs(await readLogs([sharedFile("data", "mixture_regmix/train_mixture_1m.csv")]));
    expect(found?.names).toHaveLength(17);
    expect(found?.domains.slice(0, 3)).toEqual(["arxiv", "freelaw", "nih_exporter"]);
    expect(found?.domains).toContain("pile_cc");
  });

  test.each([
    "bnsl_4digit_addition.csv",
    "chinchilla_epoch.csv",
    "data_constrained.csv",
    "gemstones_fineweb_edu.jsonl",
    "isoflop_llama3.csv",
    "isoflop_marin.csv",
    "isoflop_porian_refinedweb.csv",
    "lr_schedule_curves.csv",
    "mixture_regmix/train_pile_loss_1m.csv",
    "moe_routing_final.csv",
    "nanochat_isoflop_optima.csv",
    "obs_base_llm_benchmarks.csv",
    "olmo_ladder_tasks.csv",
    "overtraining_gadre.csv",
    "pythia_downstream.csv",
    "steplaw_dense_lr_bs.csv",
    "xlstm_llama_isoflop_runs.csv",
    "logs/wandb_export_moe_gshard.csv",
    "logs/spreadsheet_misfitting_dense.csv",
    "logs/wandb_history_olmo_190M-1xC.csv",
  ])("%s has none", async (file) => {
    expect(inLogs(await readLogs([sharedFile("data", file)]))).toBeNull();
  });
});
