import { createReadStream } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { recognise } from "../../src/logs/columns.js";
import { type LogsRead, readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile, sharedJson } from "../support/shared.js";
import { errorOf, readText } from "./support.js";

const specimen = (name: string): Promise<LogsRead> =>
  readLogs([join(import.meta.dirname, "specimens", name)]);

/** A row as an object of its filled cells, without the settings. */
function cellsOf({ table }: LogsRead, row: number): Record<string, string> {
  const index = row < 0 ? table.rows + row : row;
  return Object.fromEntries(
    table.columns
      .filter(({ name }) => !/^(?:run|args\.|config\.|total)/.test(name))
      .map((column) => [column.name, column.text(index)])
      .filter(([, text]) => text !== ""),
  );
}

const columnOf = ({ table }: LogsRead, name: string): string[] => {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return Array.from({ length: table.rows }, (_, row) => column.text(row));
};
const filled = (logs: LogsRead, name: string): string[] => columnOf(logs, name).filter((text) => text !== "");
const codes = ({ warnings }: LogsRead): string[] => warnings.map(({ code }) => code);
const messageOf = ({ warnings }: LogsRead, code: string): string | undefined =>
  warnings.find((warning) => warning.code === code)?.message;
const quantity = ({ table }: LogsRead, name: string): string | undefined =>
  recognise(table, { map: new Map() }).quantities.get(name)?.column.name;

describeWithShared("real text logs of trainers", () => {
  interface Expected {
    format: string;
    points?: number;
    trainPoints?: number;
    validationPoints?: number;
    last: { step: number; D?: number; trainLoss?: number; loss?: number; seconds?: number };
    lastValidation?: { step: number; loss: number };
    config?: { layers: number; hidden: number; heads: number; sequence: number };
  }
  const read = async (name: string) => ({
    logs: await readLogs([sharedFile("data/logs", name)]),
    expected: sharedJson<Record<string, Expected>>("data/logs/expected.json")[name]!,
  });
  const numbers = (logs: LogsRead, name: string) => columnOf(logs, name).map((text) => Number(text || "NaN"));

  test("Megatron-DeepSpeed: arguments, iterations and evaluations behind the prefix of a rank", async () => {
    const { logs, expected } = await read("megatron_deepspeed_1793490.out");
    expect(logs.sources[0]!.format).toBe(expected.format);
    expect(filled(logs, "lm loss")).toHaveLength(expected.points!);
    expect(numbers(logs, "iteration").at(-1)).toBe(expected.last.step);
    expect(numbers(logs, "consumed tokens").at(-1)).toBe(expected.last.D);
    expect(numbers(logs, "lm loss").at(-1)).toBe(expected.last.trainLoss);
    const validation = numbers(logs, "valid/lm loss");
    const last = validation.findLastIndex((value) => !Number.isNaN(value));
    expect(validation[last]).toBe(expected.lastValidation!.loss);
    expect(numbers(logs, "iteration")[last]).toBe(expected.lastValidation!.step);
    const { layers, hidden, heads, sequence } = expected.config!;
    expect(filled(logs, "args.num_layers")).toEqual(Array(36).fill(String(layers)));
    expect(filled(logs, "args.hidden_size")[0]).toBe(String(hidden));
    expect(filled(logs, "args.num_attention_heads")[0]).toBe(String(heads));
    expect(filled(logs, "args.seq_length")[0]).toBe(String(sequence));
    expect(columnOf(logs, "parameters")[0]).toBe("355919872");
    expect(columnOf(logs, "params without embeddings")[0]).toBe("302311424");
    expect(quantity(logs, "loss")).toBe("valid/lm loss");
    expect(quantity(logs, "D")).toBe("consumed tokens");
    expect(messageOf(logs, "other-lines")).toMatch(/^\d+ lines of other text skipped$/);
    expect(codes(logs)).toEqual(["other-lines"]);
  });

  test("llm.c: training and validation of one step are one row", async () => {
    const { logs, expected } = await read("nanogpt_llmc_style.log");
    expect(logs.sources[0]!.format).toBe(expected.format);
    expect(filled(logs, "train_loss")).toHaveLength(expected.trainPoints!);
    expect(filled(logs, "val_loss")).toHaveLength(expected.validationPoints!);
    expect(logs.table.rows).toBe(9537);
    expect(cellsOf(logs, -1)).toEqual({ step: String(expected.last.step), val_loss: "3.275959" });
    expect(logs.warnings).toEqual([]);
  });

  test("modded-nanogpt: the time of the last line of a step counts, and that it starts again is said", async () => {
    const { logs, expected } = await read("modded_nanogpt_stdout.txt");
    expect(logs.sources[0]!.format).toBe(expected.format);
    expect(filled(logs, "val_loss")).toHaveLength(expected.validationPoints!);
    expect(logs.table.rows).toBe(3126);
    expect(cellsOf(logs, -1)).toEqual({
      step: String(expected.last.step),
      train_loss: "3.1785",
      val_loss: String(expected.last.loss),
      seconds: String(expected.last.seconds),
      step_avg_ms: "154.36",
    });
    expect(messageOf(logs, "time-restarts")).toContain("starts again at step 11:");
  });
});

// NVIDIA/Megatron-LM megatron/training/training.py: training_log, evaluate_and_print_results
describe("a Megatron-LM log", () => {
  test("counts tokens by samples and sequence, and keeps the passes after the training apart", async () => {
    const logs = await specimen("megatron_lm.log");
    expect(logs.sources[0]!.format).toBe("megatron");
    expect(columnOf(logs, "iteration")).toEqual(["100", "200", "300", "400"]);
    expect(columnOf(logs, "consumed tokens")).toEqual(["6553600", "13107200", "19660800", "26214400"]);
    expect(cellsOf(logs, -1)).toMatchObject({
      "lm loss": "4.410000E+00",
      "validation/lm loss": "4.402000E+00",
      "final validation/lm loss": "4.398000E+00",
      "test/lm loss": "4.415000E+00",
      parameters: "45000000",
    });
    expect(quantity(logs, "loss")).toBe("validation/lm loss");
    expect(messageOf(logs, "skipped-iterations")).toBe(
      "the log counts 3 skipped iterations and 1 without a finite loss",
    );
    expect(codes(logs)).toContain("tokens-computed");
    expect(codes(logs)).toContain("params-by-rank");
  });

  test("an argument that is not set is no setting", async () => {
    const logs = await specimen("megatron_lm.log");
    expect(logs.table.columns.map(({ name }) => name)).not.toContain("args.lr_decay_iters");
  });

  test("a loss that is not a number stays as it is, and a step that comes again is a new row", async () => {
    const line = (step: number, loss: string) => ` iteration ${step}/ 400 | lm loss: ${loss} |\n`;
    const logs = await readText(
      line(1, "3.1E+00") + line(2, "nan") + line(1, "3.2E+00") + line(1, "3.3E+00"),
    );
    expect(columnOf(logs, "iteration")).toEqual(["1", "2", "1", "1"]);
    expect(columnOf(logs, "lm loss")).toEqual(["3.1E+00", "nan", "3.2E+00", "3.3E+00"]);
  });

  test("one that ended before its first iteration is refused with the reason", async () => {
    const error = await errorOf(readText("------- arguments -------\n  lr ........ 0.1\n"));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: "no-rows", why: expect.stringContaining("before its first") });
  });

  test("of settings that change within the file the last counts, and that is said", async () => {
    const part = (lr: number, step: number) =>
      `----- arguments -----\n  lr ..... ${lr}\n----- end of arguments -----\n iteration ${step}/ 9 | lm loss: 3 |\n`;
    const logs = await readText(part(0.1, 1) + part(0.2, 2));
    expect(columnOf(logs, "args.lr")).toEqual(["0.2", "0.2"]);
    expect(messageOf(logs, "settings-change")).toContain('"args.lr"');
  });
});

// EleutherAI/gpt-neox megatron/logging.py: training_log; megatron/training.py: evaluate_and_print_results
test("a GPT-NeoX log: speed before the iteration, results of evaluations, defaults marked", async () => {
  const logs = await specimen("gpt_neox.log");
  expect(logs.sources[0]!.format).toBe("gpt-neox");
  expect(cellsOf(logs, -1)).toMatchObject({
    iteration: "20",
    "samples/sec": "51.310",
    lm_loss: "8.900123E+00",
    "validation/lm_loss": "8.850000E+00",
    "test/lm_loss": "8.870000E+00",
    parameters: "162322944",
  });
  expect(columnOf(logs, "args.hidden_size")).toEqual(["768", "768"]);
  expect(quantity(logs, "loss")).toBe("validation/lm_loss");
  expect(codes(logs)).toEqual(["other-lines"]);
});

// karpathy/llm.c train_gpt2.cu, llmc/logger.h
describe("an llm.c log", () => {
  test("what it prints: an evaluation is of the step before it, the first of step 0", async () => {
    const logs = await specimen("llmc_console.txt");
    expect(columnOf(logs, "step")).toEqual(["0", "1", "2", "3"]);
    expect(columnOf(logs, "val_loss")).toEqual(["11.009", "", "10.8121", ""]);
    expect(cellsOf(logs, 0)).toEqual({ step: "0", val_loss: "11.009", hellaswag: "0.245967" });
    expect(cellsOf(logs, 3)).toEqual({
      step: "3",
      train_loss: "10.8012",
      grad_norm: "14.90",
      learning_rate: "2.57e-06",
      step_ms: "2803.97",
      "bf16 MFU": "48.6%",
      tokens_per_second: "186978",
      tokens: "1572864",
    });
    expect(columnOf(logs, "config.total batch size")[0]).toBe("524288");
    expect(quantity(logs, "N")).toBe("config.num_parameters");
  });

  test("a resumed one: an evaluation before the first step is of the step before that", async () => {
    const logs = await readText("val loss 3.9\nstep  101/300 | loss 3.8 | 12 ms\n");
    expect(columnOf(logs, "step")).toEqual(["100", "101"]);
  });

  test("main.log with rates and norms", async () => {
    const logs = await readText("s:0 tel:10.98\ns:0 trl:10.97 lr:0.000001 norm:15.30\ns:0 eval:0.2461\n");
    expect(cellsOf(logs, 0)).toEqual({
      step: "0",
      val_loss: "10.98",
      train_loss: "10.97",
      learning_rate: "0.000001",
      grad_norm: "15.30",
      hellaswag: "0.2461",
    });
  });
});

// KellerJordan/modded-nanogpt train_gpt.py
test("a modded-nanogpt log is known by the listing of its source, however long that is", async () => {
  const print = 'print0(f"step:{step}/{n} val_loss:{val_loss:.4f} train_time:{t}ms step_avg:{t/step}ms")\n';
  const listing = `${print}${"x = 1  # a line of source\n".repeat(4000)}${"=".repeat(100)}\n`;
  const logs = await readText(`${listing}step:0/9 val_loss:10.8258 train_time:0ms step_avg:nanms\n`);
  expect(logs.sources[0]!.format).toBe("modded-nanogpt");
  expect(cellsOf(logs, 0)).toEqual({ step: "0", val_loss: "10.8258", seconds: "0" });
  expect(messageOf(logs, "other-lines")).toBe("4,001 lines of other text skipped");
});

// karpathy/nanoGPT train.py, configurator.py
test("a nanoGPT log: means over many batches beside those of one, and the printed configuration", async () => {
  const logs = await specimen("nanogpt.log");
  expect(columnOf(logs, "step")).toEqual(["0", "10", "250", "260", "500"]);
  expect(columnOf(logs, "val loss")).toEqual(["4.2823", "", "2.0655", "", "1.7260"]);
  expect(cellsOf(logs, 2)).toMatchObject({ "train loss": "1.9691", "iter loss": "2.0470", mfu: "11.90%" });
  expect(columnOf(logs, "mfu")[0]).toBe("");
  expect(quantity(logs, "loss")).toBe("val loss");
  expect(quantity(logs, "N")).toBe("number of parameters");
  expect(columnOf(logs, "config.n_embd")[0]).toBe("384");
  expect(columnOf(logs, "config.max_iters")[0]).toBe("500");
  expect(columnOf(logs, "tokens")).toEqual(["0", "163840", "4096000", "4259840", "8192000"]);
  expect(messageOf(logs, "tokens-computed")).toContain("step x tokens per iteration");
});

// pytorch/torchtitan torchtitan/components/metrics.py
test("a torchtitan log: without its colours, one rank, validation in its own column", async () => {
  const logs = await specimen("torchtitan.log");
  expect(columnOf(logs, "step")).toEqual(["1", "10", "20"]);
  expect(cellsOf(logs, 1)).toEqual({
    step: "10",
    train_loss: "4.3347",
    grad_norm: "2.0462",
    memory_gib: "2.49",
    tps: "187152",
    tflops: "101.61",
    mfu: "10.27%",
    val_loss: "4.4012",
    "validate memory_gib": "2.49",
    "validate tps": "201004",
  });
  expect(columnOf(logs, "total parameters")[0]).toBe("6163712");
  expect(columnOf(logs, "config.sequence length")[0]).toBe("2048");
  expect(quantity(logs, "loss")).toBe("val_loss");
  expect(messageOf(logs, "other-ranks")).toContain("rank 0 is read");
});

// allenai/OLMo olmo/train.py: log_metrics_to_console
test("an OLMo log: measures below their step, evaluations too; code of a traceback is no measure", async () => {
  const logs = await specimen("olmo.log");
  expect(columnOf(logs, "step")).toEqual(["1", "2", "3"]);
  expect(columnOf(logs, "train/CrossEntropyLoss")).toEqual(["11.25", "10.73", "nan"]);
  expect(columnOf(logs, "throughput/total_tokens")).toEqual(["4194304", "8388608", "12582912"]);
  expect(cellsOf(logs, 1)).toMatchObject({ "eval/c4_en-validation/CrossEntropyLoss": "10.81", epoch: "0" });
  expect(columnOf(logs, "parameters")[0]).toBe("1176832000");
  expect(quantity(logs, "loss")).toBe("eval/c4_en-validation/CrossEntropyLoss");
  expect(logs.table.columns.map(({ name }) => name).filter((name) => name.includes("cfg"))).toEqual([]);
});

// Lightning-AI/pytorch-lightning src/lightning/fabric/loggers/csv_logs.py
describe("PyTorch Lightning's metrics.csv", () => {
  test("rows of one step are one row, and the file is one run", async () => {
    const logs = await specimen("lightning_metrics.csv");
    expect(logs.sources[0]!.format).toBe("lightning");
    expect(logs.warnings).toEqual([]);
    expect(columnOf(logs, "step")).toEqual(["9", "19", "29", "39"]);
    expect(columnOf(logs, "val_loss")).toEqual(["", "3.91", "", "3.44"]);
    expect(columnOf(logs, "lr-AdamW")).toEqual(["0.001", "", "", ""]);
  });

  test.each([
    ["a full table of steps", "epoch,step,loss\n0,1,3.1\n0,2,3.0\n"],
    ["a table that names runs", "run,epoch,step,loss\na,0,1,\na,0,2,3.0\n"],
  ])("%s stays a table", async (_, text) => {
    expect((await readText(text)).sources[0]!.format).toBe("csv");
  });
});

describe("text logs in general", () => {
  test("chunks of any size give the same rows", async () => {
    const path = join(import.meta.dirname, "specimens", "torchtitan.log");
    const stdin = createReadStream(path, { highWaterMark: 7 });
    const whole = await specimen("torchtitan.log");
    const chunked = await readLogs(["-"], { stdin });
    for (let row = 0; row < 3; row++) expect(cellsOf(chunked, row)).toEqual(cellsOf(whole, row));
  });

  test("a last line that may be cut off is read, and that is said", async () => {
    expect(codes(await readText("s:0 trl:10.9\ns:1 trl:10.8"))).toEqual(["no-line-end"]);
    expect(codes(await readText("s:0 trl:10.9\ns:1 trl:10.8\n"))).toEqual([]);
  });

  test("JSON lines that quote such lines stay JSON lines", async () => {
    const text = '{"log": " iteration 1/ 2 | lm loss: 3 |", "loss": 3}\n';
    expect((await readText(text)).sources[0]!.format).toBe("jsonl");
  });

  test.each([
    "1 iteration".repeat(20_000),
    `s:1${" a:b".repeat(50_000)} x`,
    ` loss at iteration 1 ${"loss at iteration 1 ".repeat(10_000)}`,
    `step: 1 ${"loss: 1 ".repeat(50_000)}`,
    `    ${"a ".repeat(100_000)}=1`,
  ])("a hostile line costs no time (%#)", async (line) => {
    const start = performance.now();
    for (const format of ["megatron", "llmc", "olmo", "torchtitan", "modded-nanogpt", "nanogpt"])
      await errorOf(
        readLogs(["-"], { format, stdin: (await import("node:stream")).Readable.from([line]) }).then(() => {
          throw new Error("read");
        }),
      );
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
