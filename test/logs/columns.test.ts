import { describe, expect, test } from "vitest";
import { DataError, InputError, UsageError } from "../../src/errors.js";
import { columnCalled, missingColumn, parseMapping, recognise } from "../../src/logs/columns.js";
import { Resolver } from "../../src/logs/resolve.js";
import { readText } from "./support.js";

/** Columns found in a table with this header and rows of the number 2e9. */
async function found(header: string, options: Parameters<typeof recognise>[1] = { map: new Map() }) {
  const row = header.split(",").map(() => "2e9");
  const { table } = await readText(`${header}\n${row.join(",")}\n${row.join(",")}\n`);
  const recognised = recognise(table, options);
  const entries = [...recognised.quantities].map(([name, { column, factor }]) => [
    name,
    factor === 1 ? column.name : [column.name, factor],
  ]);
  return { table, recognised, quantities: Object.fromEntries(entries) };
}

describe("names of quantities", () => {
  test.each([
    ["params", "N"],
    ["Parameters", "N"],
    ["n_params", "N"],
    ["num_params", "N"],
    ["Model Size", "N"],
    ["N", "N"],
    ["params_non_embedding", "N"],
    ["config.model.n_params", "N"],
    ["model/.num_params", "N"],
    ["nParams", "N"],
    ["parameter_count", "N"],
    ["tokens", "D"],
    ["train tokens", "D"],
    ["Training Tokens", "D"],
    ["D", "D"],
    ["seen_tokens", "D"],
    ["throughput/total_tokens", "D"],
    ["Pretraining Data Size", "D"],
    ["flops", "C"],
    ["Training FLOP", "C"],
    ["compute", "C"],
    ["budget", "C"],
    ["C", "C"],
    ["loss", "loss"],
    ["Loss", "loss"],
    ["val_loss", "loss"],
    ["valid loss", "loss"],
    ["eval/loss", "loss"],
    ["summary.eval/loss", "loss"],
    ["Validation Loss", "loss"],
    ["final_loss", "loss"],
    ["test_loss", "loss"],
    ["eval/paloma/macro_loss", "loss"],
    ["C4 Eval Loss", "loss"],
    ["eval/c4_en-validation/CrossEntropyLoss", "loss"],
    ["step", "step"],
    ["_step", "step"],
    ["trainer/global_step", "step"],
    ["run_name", "run"],
    ["Name", "run"],
    ["sys/name", "run"],
    ["experiment_key", "run"],
    ["seed", "seed"],
    ["unique_tokens", "U"],
    ["learning_rate", "lr"],
    ["num_experts", "experts"],
    ["num_attention_heads", "heads"],
    ["num_key_value_heads", "kv_heads"],
    ["config.model.head_dim", "head_size"],
    ["intermediate_size", "feed_forward"],
    ["num_experts_per_tok", "active_experts"],
    ["train_runtime", "seconds"],
    ["Runtime", "seconds"],
    ["world_size", "accelerators"],
    ["num GPUs", "accelerators"],
    ["energy_kwh", "energy"],
  ])("%s is %s", async (header, quantity) => {
    expect((await found(header)).quantities).toEqual({ [quantity]: header });
  });

  test.each([
    ["training_hours", "seconds", 3600],
    ["Training time (h)", "seconds", 3600],
    ["wall_clock_days", "seconds", 86_400],
    ["elapsed_min", "seconds", 60],
    ["energy_mwh", "energy", 1000],
    ["total_energy (MJ)", "energy", 1 / 3.6],
  ])("%s is %s in a unit of %d", async (header, quantity, factor) => {
    expect((await found(header)).quantities).toEqual({ [quantity]: [header, factor] });
  });

  test("a time in cells is read with its unit", async () => {
    const { table } = await readText("params,training_time\n1e9,30 days\n2e9,12h\n");
    const recognised = recognise(table, { map: new Map() });
    expect([...new Resolver(table, recognised).need("seconds").values]).toEqual([30 * 86_400, 12 * 3600]);
  });

  test("k is of experts where the model has some, and of attempts elsewhere", async () => {
    expect((await found("k")).quantities).toEqual({ attempts: "k" });
    expect((await found("num_experts,k")).quantities).toEqual({
      experts: "num_experts",
      active_experts: "k",
    });
  });

  test.each([
    "time",
    "step_time",
    "days to finish",
    "seconds_per_step",
    "elapsed time per iteration (s)",
    "loss_scale",
    "train/loss_max",
    "aux_loss",
    "loss_c4_val_lo95",
    "flops_per_step",
    "HW TFLOP/s/GPU",
    "gflops",
    "batch_tokens_per_param",
    "__proto__",
    "constructor",
  ])("%s is none of them", async (header) => {
    expect((await found(header)).quantities).toEqual({});
  });

  test.each(["perplexity", "val_ppl"])("%s is no loss by itself: its logarithm is", async (header) => {
    expect((await found(header)).quantities).toEqual({ perplexity: header });
  });

  test.each([
    ["params (M)", "N", 1e6],
    ["Model Size (B)", "N", 1e9],
    ["tokens [B]", "D", 1e9],
    ["Pretraining Data Size (T)", "D", 1e12],
    ["tokens (in billions)", "D", 1e9],
    ["params_m", "N", 1e6],
    ["tokens_in_billions", "D", 1e9],
    ["mparams", "N", 1e6],
    ["FLOPs (1E21)", "C", 1e21],
    ["FLOPs (10^18)", "C", 1e18],
    ["FLOPs (E)", "C", 1e18],
    ["C (ZFLOPs)", "C", 1e21],
    ["train_gflops", "C", 1e9],
    ["throughput/total_gflops", "C", 1e9],
    ["zflops", "C", 1e21],
    ["compute (PF-days)", "C", 8.64e19],
  ])("the unit in %s is a factor", async (header, quantity, factor) => {
    const { recognised } = await found(header);
    const { note, warnings, ...rest } = recognised.quantities.get(quantity)!;
    expect(rest.factor).toBe(factor);
    expect(note).toMatch(/unit/);
    expect(warnings[0]!.message).toContain(header);
  });

  test("a bracket that is no unit belongs to the name", async () => {
    const { recognised } = await found("params (non-embedding)");
    expect(recognised.quantities.get("N")).toMatchObject({
      factor: 1,
      note: expect.stringContaining("without embeddings"),
    });
  });
});

describe("several columns for one quantity", () => {
  test("validation is taken before training, and said", async () => {
    const { recognised } = await found("train_loss,val_loss");
    const loss = recognised.quantities.get("loss")!;
    expect(loss.column.name).toBe("val_loss");
    expect(loss.warnings[0]!.message).toMatch(/"val_loss", not "train_loss"/);
  });

  test("an exact name is taken before any other, a total before a part", async () => {
    expect((await found("code/eval_loss,loss,params_no_embed,params")).quantities).toEqual({
      N: "params",
      loss: "loss",
    });
  });

  test("beside a validation loss, the bare loss is the training's, and that is said", async () => {
    for (const name of ["val_loss", "eval_loss", "eval/loss", "Validation Loss"]) {
      const { recognised, quantities } = await found(`loss,${name}`);
      expect(quantities).toEqual({ loss: name });
      const said = recognised.quantities
        .get("loss")
        ?.warnings.map(({ message }) => message)
        .join();
      expect(said).toContain(`the loss is column "${name}", not "loss"`);
    }
  });

  test("a loss of the training is taken where there is no other", async () => {
    const names = "train/loss,eval_g0_loss,train_tokens,results.c4.tokens,results.c4.params";
    expect((await found(names)).quantities).toEqual({
      D: "train_tokens",
      N: "results.c4.params",
      loss: "eval_g0_loss",
    });
    expect((await found("train/loss,lr")).quantities).toEqual({ loss: "train/loss", lr: "lr" });
  });

  test("with experts, the parameters one token sees are N", async () => {
    const header = "total_parameter_count,dense_parameter_count,num_experts";
    expect((await found(header)).quantities.N).toBe("dense_parameter_count");
  });

  test("a column of labels gives way to one of numbers", async () => {
    const { table } = await readText("param_count,params\nkaplan,1e7\nkaplan,2e7\n");
    const { quantities } = recognise(table, { map: new Map() });
    expect(quantities.get("N")).toMatchObject({ column: { name: "params" }, alternatives: [] });
  });

  test("two columns of one name are no quantity, and the error names both by number", async () => {
    const { table, recognised } = await found("run,params,tokens,loss,loss");
    expect(recognised.quantities.has("loss")).toBe(false);
    const error = missingColumn(table, recognised, "loss");
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/"loss": columns 4 and 5/);
    expect(error.hint).toContain("--map loss=#4");
    const chosen = recognise(table, { map: new Map([["loss", { column: "#5" }]]) });
    expect(chosen.quantities.get("loss")!.column).toBe(table.columns[4]);
  });
});

describe("what the user says", () => {
  test("--map wins, under the quantity's name or another of its names, with its factor", async () => {
    const map = new Map([
      ["params", { column: "size", factor: 1e6 }],
      ["loss", { column: "ppl" }],
      ["x", { column: "width" }],
    ]);
    const { quantities } = await found("params,size,width,ppl", { map });
    expect(quantities).toEqual({
      N: ["size", 1e6],
      loss: "ppl",
      perplexity: "ppl",
      width: "width",
      x: "width",
    });
  });

  test("a mapped column keeps the unit in its name unless a factor is given", async () => {
    const column = "total params (M)";
    const unit = await found(column, { map: new Map([["N", { column }]]) });
    expect(unit.quantities.N).toEqual([column, 1e6]);
    const given = await found(column, { map: new Map([["N", { column, factor: 1 }]]) });
    expect(given.quantities.N).toBe(column);
  });

  test("--y names the measured column, which may be no loss", async () => {
    const { recognised } = await found("params,loss,accuracy", { map: new Map(), y: "accuracy" });
    expect(recognised.quantities.get("loss")).toMatchObject({ column: { name: "accuracy" }, kind: "plain" });
    const other = await found("loss,train_loss", { map: new Map(), y: "train_loss" });
    expect(other.quantities.loss).toBe("train_loss");
  });

  test("a column that is not there is a fault of the flag, with the nearest names", async () => {
    for (const options of [{ map: new Map([["N", { column: "parms" }]]) }, { map: new Map(), y: "parms" }]) {
      const call = found("params,tokens,loss", options);
      await expect(call).rejects.toBeInstanceOf(UsageError);
      await expect(call).rejects.toMatchObject({ hint: expect.stringContaining('did you mean "params"?') });
    }
  });

  test.each<[string, ReturnType<typeof parseMapping>]>([
    ["loss=eval/loss", { name: "loss", mapping: { column: "eval/loss" } }],
    ["N=size:1e6", { name: "N", mapping: { column: "size", factor: 1e6 } }],
    ["N = size : 1M", { name: "N", mapping: { column: "size", factor: 1e6 } }],
    ["loss=a=b:c", { name: "loss", mapping: { column: "a=b:c" } }],
  ])("--map %j is understood", (text, parsed) => {
    expect(parseMapping(text)).toEqual(parsed);
  });

  test.each(["", "loss", "loss=", "=x", "N=size:0", "N=size:-1"])("--map %j is refused", (text) => {
    expect(() => parseMapping(text)).toThrow(UsageError);
  });
});

test("the error for a missing quantity lists what there is, what is near, and the flag", async () => {
  const { table, recognised } = await found("run,params,tokens,lss");
  const error = missingColumn(table, recognised, "loss");
  expect(error).not.toBeInstanceOf(DataError);
  expect(error.message).toMatch(/no column for the loss; the nearest name is "lss"/);
  expect(error.why).toBe("the columns are: run, params, tokens, lss");
  expect(error.hint).toContain("--map loss=COLUMN");
});

test("ten thousand columns are not listed", async () => {
  const header = Array.from({ length: 10_000 }, (_, i) => `metric_${i}\u001b`).join(",");
  const { table, recognised } = await found(header);
  const error = missingColumn(table, recognised, "loss");
  expect(error.why!.length).toBeLessThan(1000);
  expect(error.why).not.toContain("\u001b");
});

test("a column is called by its name, without regard to case where that is one column, or by its number", async () => {
  const { table } = await found("Run,loss,LOSS");
  expect(columnCalled(table, "run")!.name).toBe("Run");
  expect(columnCalled(table, "LOSS")!.name).toBe("LOSS");
  expect(columnCalled(table, "Loss")).toBeNull();
  expect(columnCalled(table, "#2")!.name).toBe("loss");
  expect(columnCalled(table, "#9")).toBeNull();
});
