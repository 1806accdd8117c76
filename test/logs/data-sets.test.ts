import { expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { observeLogs } from "./support.js";

/** What is found without a flag in each real log; `column x factor` where the header has a unit. */
const FOUND: [file: string, rows: number, quantities: Record<string, string>][] = [
  ["bnsl_4digit_addition.csv", 14, { D: "dataset_size", loss: "test_loss" }],
  ["chinchilla_epoch.csv", 245, { N: "Model Size", C: "Training FLOP", loss: "loss" }],
  [
    "data_constrained.csv",
    309,
    { N: "params", D: "tokens", U: "unique_tokens", epochs: "epochs", loss: "val_loss", run: "run" },
  ],
  [
    "gemstones_fineweb_edu.jsonl",
    770,
    {
      N: "params_active_precise",
      D: "tokens",
      loss: "final_loss",
      step: "step",
      run: "run_name",
      active_params: "params_active_precise",
      width: "width",
      depth: "depth",
    },
  ],
  ["isoflop_llama3.csv", 266, { N: "params", D: "tokens", C: "budget", loss: "loss" }],
  ["isoflop_marin.csv", 170, { N: "params", D: "tokens", C: "budget", loss: "loss" }],
  ["isoflop_porian_refinedweb.csv", 1164, { N: "params", D: "tokens", C: "flops", loss: "loss" }],
  ["lr_schedule_curves.csv", 4162, { loss: "loss", step: "step", lr: "lr" }],
  ["mixture_dml_2domains.csv", 220, { loss: "loss", step: "step", run: "run" }],
  ["mixture_dml_3domains_410M.csv", 104, { loss: "loss", step: "step", run: "run" }],
  ["mixture_regmix/train_mixture_1m.csv", 512, {}],
  ["mixture_regmix/train_pile_loss_1m.csv", 512, { loss: "metric/the_pile_arxiv_val_loss" }],
  [
    "moe_routing_final.csv",
    195,
    {
      N: "dense_parameter_count",
      experts: "num_experts",
      loss: "loss_validation",
      step: "step",
      run: "hyper_id",
      seed: "seed",
      active_experts: "k",
      width: "d_model",
      depth: "num_blocks",
      heads: "num_heads",
    },
  ],
  ["nanochat_isoflop_optima.csv", 12, { N: "params", D: "tokens", C: "flops", loss: "val_bpb" }],
  [
    "obs_base_llm_benchmarks.csv",
    148,
    {
      N: "Model Size (B) x 1000000000",
      D: "Pretraining Data Size (T) x 1000000000000",
      C: "FLOPs (1E21) x 1e+21",
    },
  ],
  [
    "olmo_ladder_tasks.csv",
    24,
    {
      N: "params",
      D: "tokens",
      C: "train_gflops x 1000000000",
      loss: "c4_en_ce",
      run: "run",
      lr: "lr_peak",
      batch: "batch_tokens",
    },
  ],
  [
    "overtraining_gadre.csv",
    98,
    { N: "params", D: "tokens", loss: "loss_c4_val", run: "name", seed: "seed", lr: "lr", batch: "batch" },
  ],
  ["pythia_downstream.csv", 297, { N: "params", D: "tokens", step: "step" }],
  [
    "steplaw_dense_lr_bs.csv",
    1911,
    {
      N: "N",
      D: "D",
      loss: "loss",
      run: "exp_name",
      lr: "lr",
      batch: "bs",
      ratio: "D/N",
      width: "h",
      depth: "numl",
      feed_forward: "ffnh",
      heads: "numh",
    },
  ],
  [
    "xlstm_llama_isoflop_runs.csv",
    201,
    {
      N: "params",
      D: "tokens",
      C: "flops_6nd",
      loss: "val_loss",
      run: "run",
      batch: "global_batch",
      sequence: "ctx",
    },
  ],
  [
    "logs/wandb_export_marin_dclm.csv",
    85,
    {
      N: "parameter_count",
      D: "throughput/total_tokens",
      C: "throughput/total_gflops x 1000000000",
      loss: "eval/paloma/macro_loss",
      run: "Name",
      lr: "optimizer.learning_rate",
      batch: "trainer.train_batch_size",
      steps: "trainer.num_train_steps",
      width: "model.hidden_dim",
      depth: "model.num_layers",
    },
  ],
  ["logs/clip_model_profile.csv", 56, { N: "mparams x 1000000" }],
];

/** Rows used and dropped by a fit of N, D and the loss, as the data's page has them. */
const USED: [file: string, used: number, dropped: number][] = [
  ["chinchilla_epoch.csv", 245, 0],
  ["data_constrained.csv", 300, 9],
  ["gemstones_fineweb_edu.jsonl", 22, 748],
  ["isoflop_porian_refinedweb.csv", 1164, 0],
  ["olmo_ladder_tasks.csv", 24, 0],
  ["overtraining_gadre.csv", 98, 0],
  ["steplaw_dense_lr_bs.csv", 1911, 0],
  ["xlstm_llama_isoflop_runs.csv", 195, 6],
];

describeWithShared("real logs", () => {
  test.each(FOUND)("the quantities of %s are found", async (file, rows, quantities) => {
    const { table, dropped } = await readLogs([sharedFile("data", file)]);
    expect([table.rows, dropped]).toEqual([rows, []]);
    const found = [...recognise(table, { map: new Map() }).quantities];
    const named = found.map(([name, { column, factor }]) => [
      name,
      factor === 1 ? column.name : `${column.name} x ${factor}`,
    ]);
    expect(Object.fromEntries(named)).toEqual(quantities);
  });

  test.each(USED)("%s gives %d rows and drops %d", async (file, used, dropped) => {
    const group = observeLogs(await readLogs([sharedFile("data", file)])).groups[0]!;
    expect([group.used, group.rows - group.used]).toEqual([used, dropped]);
  });

  test("the tokens of the Chinchilla runs come from C = 6ND", async () => {
    const group = observeLogs(await readLogs([sharedFile("data", "chinchilla_epoch.csv")])).groups[0]!;
    const [N, D] = [group.observations.inputs.get("N")!, group.observations.inputs.get("D")!];
    // the smallest model of the file, by hand
    expect(N[0]).toBeCloseTo(57334197.40687078, 3);
    const flops = N.map((n, i) => 6 * n * D[i]!);
    expect(Math.max(...flops) / 1.3e22).toBeCloseTo(1, 1);
  });
});
