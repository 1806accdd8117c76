/**
 * Held-back largest runs of the shared data sets: `scalefit backtest` as a user gets it, the coverage of its stated 90 %
 * intervals and its errors by scale-up, one line a data set; then the time of 20 cuts, 3 laws and 1,000 rows.
 * `npm run bench -- backtest`, with SETS as a part of their names and COVERAGE_OF=covariance for limits without resamples.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backtestFiles } from "../../src/commands/backtest-files.js";
import type { RawFlags } from "../../src/commands/command.js";
import type { BacktestDocument, PredictionErrors } from "../../src/objects.js";
import { asCsv, manyRuns, sharedPath } from "./data.js";
import { ms, printTable, processorTime } from "./measured.js";

interface DataSet {
  name: string;
  file: string;
  flags: RawFlags;
  /** Whether the measured value is a pre-training loss. */
  isLoss: boolean;
}

const loss = (name: string, file: string, flags: RawFlags = {}): DataSet => ({
  name,
  file,
  flags,
  isLoss: true,
});

/** One more is one line here. */
export const DATA_SETS: readonly DataSet[] = [
  loss("chinchilla figure, 240", "chinchilla_epoch.csv", { where: ["loss<3.44699"] }),
  loss("llama 3 isoflops", "isoflop_llama3.csv", { where: ["condition=raw_loss"] }),
  loss("marin isoflops", "isoflop_marin.csv", { groupBy: "dataset" }),
  loss("porian refinedweb", "isoflop_porian_refinedweb.csv", { groupBy: "condition" }),
  loss("over-training", "overtraining_gadre.csv", { groupBy: "dataset", map: ["loss=loss_c4_val"] }),
  loss("repeated data", "data_constrained.csv", { where: ["subset=main"], law: "data-constrained" }),
  loss("moe routing", "moe_routing_final.csv", { groupBy: "router" }),
  loss("olmo ladder", "olmo_ladder_tasks.csv"),
  loss("xlstm isoflops", "xlstm_llama_isoflop_runs.csv", { groupBy: "context_length" }),
  loss("gemstones", "gemstones_fineweb_edu.jsonl"),
  loss("steplaw", "steplaw_dense_lr_bs.csv", { law: "lr-batch-bowl", where: ["smooth loss<3.5"] }),
];

/** The errors of all groups and laws of a document, predictions as weights; where a range is given, of its bins alone. */
function pooled(document: BacktestDocument, isIn: (from: number) => boolean): PredictionErrors | null {
  const all = document.backtests.flatMap(({ byScaleUp }) =>
    byScaleUp.filter(({ from }) => isIn(from)).flatMap(({ laws }) => laws),
  );
  const predictions = all.reduce((sum, one) => sum + one.predictions, 0);
  if (predictions === 0) return null;
  const mean = (of: (one: PredictionErrors) => number | null) =>
    all.reduce((sum, one) => sum + one.predictions * (of(one) ?? 0), 0) / predictions;
  return {
    predictions,
    runs: all.reduce((sum, one) => sum + one.runs, 0),
    mean: mean((one) => one.mean),
    standardError: null,
    median: null,
    worst: Math.max(...all.map((one) => one.worst ?? 0)),
    bias: mean((one) => one.bias),
    coverage: mean((one) => one.coverage),
  };
}

const percent = (value: number | null | undefined) => (value == null ? "-" : (100 * value).toFixed(2));

async function run(file: string, flags: RawFlags): Promise<BacktestDocument> {
  const global = { json: true, quiet: true, debug: false };
  const given = process.env.COVERAGE_OF === "covariance" ? { ...flags, bootstrap: "0" } : flags;
  const { document } = await backtestFiles({
    args: [file],
    flags: { save: false, ...given },
    global,
    width: 120,
  });
  return document as BacktestDocument;
}

export async function measureBacktest(): Promise<void> {
  const rows: string[][] = [];
  let [held, all] = [0, 0];
  for (const { name, file, flags, isLoss } of DATA_SETS.filter((set) =>
    set.name.includes(process.env.SETS ?? ""),
  )) {
    const before = processorTime();
    try {
      const document = await run(sharedPath("data", file), flags);
      const [every, ten] = [
        pooled(document, () => true),
        pooled(document, (from) => from === 5 || from === 10),
      ];
      held += (every?.coverage ?? 0) * (every?.predictions ?? 0);
      all += every?.predictions ?? 0;
      const laws = [
        ...new Set(
          document.backtests.flatMap(({ cuts }) => cuts.flatMap((cut) => cut.laws.map(({ law }) => law))),
        ),
      ];
      rows.push([
        `${name}${isLoss ? "" : " (no loss)"}`,
        laws.join(", "),
        String(document.backtests.length),
        String(document.backtests.reduce((sum, { cuts }) => sum + cuts.length, 0)),
        String(every?.predictions ?? 0),
        percent(every?.coverage),
        percent(every?.mean),
        percent(ten?.mean),
        percent(ten?.bias),
        percent(ten?.coverage),
        ms(processorTime() - before),
      ]);
    } catch (error) {
      rows.push([
        name,
        error instanceof Error ? error.message.slice(0, 60) : String(error),
        ...Array(9).fill("-"),
      ]);
    }
  }
  printTable(
    "hidden larger runs of public data, predicted from the smaller ones; errors and coverage of 90 % intervals in %",
    [
      "data",
      "law",
      "groups",
      "cuts",
      "predictions",
      "coverage",
      "error",
      "5-30x: error",
      "bias",
      "coverage",
      "CPU ms",
    ],
    rows,
  );
  console.log(`coverage over all predictions: ${percent(held / all)} %\n`);
  await measureTime();
}

async function measureTime(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "scalefit-bench-"));
  try {
    const { N, D, loss: measured } = manyRuns(1000);
    writeFileSync(join(folder, "runs.csv"), asCsv({ N: [...N], D: [...D], loss: [...measured] }));
    const [before, start] = [processorTime(), performance.now()];
    await run(join(folder, "runs.csv"), { law: "chinchilla,kaplan-nd,power-floor", workers: "1" });
    console.log(
      `20 cuts, 3 laws, 1,000 rows on one thread: ${ms(performance.now() - start)} ms (${ms(processorTime() - before)} ms of CPU); goal 5000 ms on two threads\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
