import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { buildCorpus, type Corpus } from "./corpus.js";
import { largestGradientError } from "./gradient-check.js";
import { type RunSpec, sweepRuns } from "./plan.js";
import { appendSummary, finishedRuns, writeLog } from "./results.js";
import { type LogLine, type RunSummary, trainRun } from "./train.js";

/** What a worker sends back for a run. */
interface Outcome {
  readonly summary: RunSummary;
  readonly lines: readonly LogLine[];
}

/** A worker trains the runs it is sent, one after another. */
function serve(port: NonNullable<typeof parentPort>, corpus: Corpus): void {
  port.on("message", (spec: RunSpec) => {
    const lines: LogLine[] = [];
    const summary = trainRun(spec, corpus, (line) => lines.push(line));
    port.postMessage({ summary, lines } satisfies Outcome);
  });
}

/** Trains the given runs, except those that runs.csv holds already, on `workers` threads. */
function sweep(runs: readonly RunSpec[], corpus: Corpus, outFolder: string, workers: number): void {
  const logFolder = join(outFolder, "logs");
  const table = join(outFolder, "runs.csv");
  mkdirSync(logFolder, { recursive: true });
  const finished = finishedRuns(table, corpus.sha256);
  const waiting = runs.filter(({ run }) => !finished.has(run));
  console.log(
    `${corpus.characters} characters, ${waiting.length} runs to train, ${runs.length - waiting.length} done`,
  );
  for (let i = 0; i < Math.min(workers, waiting.length); i++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: corpus });
    const sendNext = () => {
      const spec = waiting.shift();
      if (spec === undefined) void worker.terminate();
      else worker.postMessage(spec);
    };
    worker.on("message", ({ summary, lines }: Outcome) => {
      writeLog(join(logFolder, `${summary.run}.jsonl`), lines);
      appendSummary(table, summary);
      console.log(`${summary.run}: loss ${summary.val_loss}, ${summary.seconds} s`);
      sendNext();
    });
    sendNext();
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      "check-gradient": { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      corpus: { type: "string", default: "node_modules" },
      without: { type: "string", multiple: true, default: [] },
      out: { type: "string", default: "examples/char-lm" },
      workers: { type: "string", default: "2" },
    },
  });
  if (values["check-gradient"]) {
    console.log(`largest relative error of the gradient: ${largestGradientError().toExponential(2)}`);
    return;
  }
  const runs = sweepRuns().filter(({ run }) => run.includes(values.only));
  if (values.list) {
    for (const { run, steps, batchTokens } of runs)
      console.log(`${run}: ${steps} steps of ${batchTokens} tokens`);
    return;
  }
  const corpus = buildCorpus(values.corpus, values.without);
  sweep(runs, corpus, values.out, Number(values.workers));
}

if (isMainThread) main();
else serve(parentPort!, workerData as Corpus);
