/**
 * Held-back larger runs of the shared data sets: `scalefit backtest` as a user gets it, with its errors and the coverage of
 * its stated 90 % intervals, one line a data set: at the one cut of each group that hides nearest to a quarter of the runs
 * (the largest ones), and over all cuts. Then the time of 20 cuts, 3 laws and 1,000 rows.
 * `npm run bench -- backtest`, with SETS as a part of the names of data sets, and BOOTSTRAP=0 for limits from the covariance.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backtestFiles } from "../../src/commands/backtest-files.js";
import type { RawFlags } from "../../src/commands/command.js";
import type { BacktestDocument, BacktestedLaw } from "../../src/objects.js";
import { asCsv, manyRuns, PROGRAM, sharedPath } from "./data.js";
import { median, ms, printTable, processorTime } from "./measured.js";

interface DataSet {
  name: string;
  file: string;
  flags: RawFlags;
}

/** One more is one line here. */
const DATA_SETS: readonly DataSet[] = [
  { name: "chinchilla", file: "chinchilla_epoch.csv", flags: { where: ["loss<3.44699"] } },
  { name: "llama3", file: "isoflop_llama3.csv", flags: { where: ["condition=raw_loss"] } },
  { name: "marin", file: "isoflop_marin.csv", flags: { groupBy: "dataset" } },
  { name: "porian", file: "isoflop_porian_refinedweb.csv", flags: { groupBy: "experiment" } },
  {
    name: "over-training",
    file: "overtraining_gadre.csv",
    flags: { groupBy: "dataset", map: ["loss=loss_c4_val"] },
  },
  { name: "repeated data", file: "data_constrained.csv", flags: { where: ["subset=main", "val_loss<4.5"] } },
  {
    name: "moe routing",
    file: "moe_routing_final.csv",
    flags: {
      groupBy: "router_type",
      map: ["loss=loss_validation", "N=dense_parameter_count"],
      law: "power-floor",
    },
  },
  { name: "olmo ladder", file: "olmo_ladder_tasks.csv", flags: {} },
  { name: "xlstm", file: "xlstm_llama_isoflop_runs.csv", flags: { groupBy: "ctx" } },
  { name: "gemstones", file: "gemstones_fineweb_edu.jsonl", flags: { checkpoints: true, cuts: "6" } },
  {
    name: "steplaw",
    file: "steplaw_dense_lr_bs.csv",
    flags: { law: "lr-batch-bowl", where: ["smooth loss<3.5"], cuts: "4", bootstrap: "60" },
  },
];

/** Predictions with their number inside their intervals, and sums of their errors. */
interface Tally {
  predictions: number;
  held: number;
  errors: number;
  bias: number;
}

const tally = (laws: readonly BacktestedLaw[]): Tally =>
  laws.reduce(
    (sum, { predictions, coverage, mean, bias }) => ({
      predictions: sum.predictions + predictions,
      held: sum.held + predictions * (coverage ?? 0),
      errors: sum.errors + predictions * (mean ?? 0),
      bias: sum.bias + predictions * (bias ?? 0),
    }),
    { predictions: 0, held: 0, errors: 0, bias: 0 },
  );

/** At the cut of each group that hides nearest to a quarter of the runs. */
const ofLargest = ({ backtests }: BacktestDocument): BacktestedLaw[] =>
  backtests.flatMap(({ cuts, runs }) => {
    const distance = ({ above }: (typeof cuts)[number]) => Math.abs(above.runs / runs - 0.25);
    return cuts.reduce((a, b) => (distance(b) < distance(a) ? b : a)).laws;
  });

const ofBins = ({ backtests }: BacktestDocument, from: readonly number[] | null): BacktestedLaw[] =>
  backtests.flatMap(({ byScaleUp }) =>
    byScaleUp.filter((bin) => from?.includes(bin.from) ?? true).flatMap(({ laws }) => laws),
  );

const cells = ({ predictions, held, errors, bias }: Tally): string[] =>
  predictions === 0
    ? ["0", "-", "-", "-"]
    : [String(predictions), ...[held, errors, bias].map((sum) => ((100 * sum) / predictions).toFixed(2))];

async function run(file: string, flags: RawFlags): Promise<BacktestDocument> {
  const { BOOTSTRAP } = process.env;
  const { document } = await backtestFiles({
    args: [file],
    flags: { save: false, ...flags, ...(BOOTSTRAP === undefined ? {} : { bootstrap: BOOTSTRAP }) },
    global: { json: true, quiet: true, debug: false },
    width: 120,
  });
  return document as BacktestDocument;
}

export async function measureBacktest(): Promise<void> {
  const rows: string[][] = [];
  const largest: Tally[] = [];
  const all: Tally[] = [];
  for (const { name, file, flags } of DATA_SETS) {
    if (!name.includes(process.env.SETS ?? "")) continue;
    const before = processorTime();
    try {
      const document = await run(sharedPath("data", file), flags);
      const laws = new Set(ofBins(document, null).map(({ law }) => law));
      largest.push(tally(ofLargest(document)));
      all.push(tally(ofBins(document, null)));
      rows.push([
        name,
        [...laws].join(", "),
        ...cells(largest[largest.length - 1]),
        ...cells(all[all.length - 1]),
        ...cells(tally(ofBins(document, [5, 10]))),
        ms(processorTime() - before),
      ]);
    } catch (error) {
      rows.push([name, String(error).slice(0, 50), ...new Array<string>(13).fill("-")]);
    }
  }
  const figures = ["n", "held", "error", "bias"];
  printTable(
    "the largest quarter of the runs; all cuts; 5 to 30 times larger: predictions, and in % held by 90 % intervals, error, bias",
    ["data", "law", ...figures, ...figures, ...figures, "CPU ms"],
    rows,
  );
  console.log(`${heldIn(largest)} of the largest quarter; ${heldIn(all)} over all cuts\n`);
  measureTime();
}

/** The share held of all predictions, and as the mean of the data sets. */
function heldIn(sets: readonly Tally[]): string {
  const sum = (of: (one: Tally) => number) => sets.reduce((total, one) => total + of(one), 0);
  const pooled = sum(({ held }) => held) / sum(({ predictions }) => predictions);
  const mean = sum(({ held, predictions }) => held / predictions) / sets.length;
  return `held: ${(100 * pooled).toFixed(1)} % (${(100 * mean).toFixed(1)} % as the mean of ${sets.length} data sets)`;
}

/** Runs of the built program each, taken in turns: a busy machine lengthens some of them. */
const TURNS = 3;
const TIMED = ["chinchilla,power-floor,power", "chinchilla,kaplan-nd,power-floor"];

/** The built program on two threads, beside bare node: 20 cuts, three laws, 1,000 rows. */
function measureTime(): void {
  const folder = mkdtempSync(join(tmpdir(), "scalefit-bench-"));
  try {
    const { N, D, loss } = manyRuns(1000);
    writeFileSync(join(folder, "runs.csv"), asCsv({ N: [...N], D: [...D], loss: [...loss] }));
    const commands: [string, string[]][] = [
      ["node -e 0", ["-e", "0"]],
      ...TIMED.map((law): [string, string[]] => [
        law,
        [PROGRAM, "backtest", "runs.csv", "--law", law, "--workers", "2", "--no-save", "--json", "--quiet"],
      ]),
    ];
    const times = commands.map((): number[] => []);
    for (let turn = 0; turn < TURNS; turn++)
      commands.forEach(([, args], k) => {
        times[k].push(timed(args, folder));
      });
    printTable(
      `20 cuts, 3 laws, 1,000 rows on two threads, ${TURNS} turns; wanted: 5000 ms`,
      ["laws", "median ms", "least ms"],
      commands.map(([name], k) => [name, ms(median(times[k])), ms(Math.min(...times[k]))]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timed(args: readonly string[], cwd: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}
