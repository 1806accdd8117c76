/** Which columns of all shared data sets are found by themselves, and which need `--map`, and why: a printed table. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Found, recognise } from "../../src/logs/columns.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, SHARED, sharedFile } from "../support/shared.js";

/** Of a file without one of N, D and the loss: why, and the flag that gives it where the file has it. */
const WITHOUT: Record<string, { why: string; map?: Record<string, string>; y?: string }> = {
  "bnsl_4digit_addition.csv": { why: "one variable, the size of the data: no N in the file" },
  "chinchilla_epoch.csv": { why: "no tokens in the file: D is C / 6N" },
  "lr_schedule_curves.csv": {
    why: "the size is the model's name (25M), the tokens are not there; a column `model` mostly holds names that are no sizes",
    map: { N: "model" },
  },
  "mixture_dml_2domains.csv": {
    why: "the size is the model's name, the tokens are not there",
    map: { N: "model" },
  },
  "mixture_dml_3domains_410M.csv": { why: "one size, told by the file's name; steps, no tokens" },
  "mixture_regmix/test_mixture_1m.csv": { why: "shares of domains: the losses are in the table beside it" },
  "mixture_regmix/train_mixture_1m.csv": { why: "shares of domains: the losses are in the table beside it" },
  "mixture_regmix/test_pile_loss_1m.csv": {
    why: "one size, told by the file's name; 13 losses, one a domain: --y chooses",
  },
  "mixture_regmix/train_pile_loss_1m.csv": {
    why: "one size, told by the file's name; 13 losses, one a domain: --y chooses",
  },
  "moe_routing_final.csv": { why: "steps and FLOPs a step, no tokens in the file" },
  "obs_base_llm_benchmarks.csv": {
    why: "accuracies of eight benchmarks, no loss: --y chooses",
    y: "MMLU",
  },
  "pythia_downstream.csv": {
    why: "accuracies and a perplexity, no loss: --y chooses",
    y: "lambada_ppl",
  },
  "logs/clip_model_profile.csv": { why: "a table of models without trainings" },
  "logs/hf_trainer_state.json": { why: "a trainer state has no N; its tokens were not counted" },
  "logs/llmfoundry_eval_c4_d512_1.0_heavy.json": {
    why: "accuracies of one model: N, D are in the record of its training",
  },
  "logs/lm_eval_pythia-1.4b-deduped_step143000.json": {
    why: "accuracies of one model, named by its size; no tokens",
  },
  "logs/lm_eval_pythia-2.8b-deduped_step143000.json": {
    why: "accuracies of one model, named by its size; no tokens",
  },
  "logs/lm_eval_pythia-410m-deduped_step143000.json": {
    why: "accuracies of one model, named by its size; no tokens",
  },
  "logs/wandb_export_moe_gshard.csv": { why: "the size stands in the run's name (model-12m) only" },
  "logs/wandb_history_olmo_190M-1xC.csv": { why: "the size stands in the file's name only" },
  "logs/wandb_history_olmo_370M-10xC.csv": { why: "the size stands in the file's name only" },
  "logs/wandb_history_xlstm_llama_500M.csv": {
    why: "steps and sequences a batch; their length is not in the file",
  },
  "logs/wandb_runs_xlstm_iso7.jsonl": {
    why: "steps and sequences a batch; their length is in the run's name",
  },
  "logs/wandb_summary_xlstm_llama_500M.json": {
    why: "steps and sequences a batch; their length is not in the file",
  },
};

const WANTED = ["N", "D", "C", "loss"] as const;
const FOLDERS = ["", "mixture_regmix", "logs"];

function dataFiles(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(sharedFile("data", folder))
      .filter((name) => /\.(?:csv|json|jsonl)$/.test(name) && name !== "expected.json")
      .map((name) => join(folder, name)),
  ).sort();
}

const shown = (found: Found | undefined) =>
  found === undefined
    ? "-"
    : `${found.column.name}${found.factor === 1 ? "" : ` x ${found.factor.toExponential()}`}`;

describeWithShared("the columns of all shared data sets", () => {
  test("what is found without a flag", { timeout: 60_000 }, async () => {
    const lines: string[] = [];
    for (const file of existsSync(SHARED) ? dataFiles() : []) {
      const { table, sources } = await readLogs([sharedFile("data", file)]);
      const { quantities } = recognise(table, { map: new Map() });
      lines.push(`${file} (${sources[0]!.format}, ${table.rows} rows)`);
      lines.push(`  ${WANTED.map((name) => `${name} = ${shown(quantities.get(name))}`).join(" · ")}`);
      const missing = ["N", "D", "loss"].filter((name) => !quantities.has(name));
      const reason = WITHOUT[file];
      // a file has a reason here if and only if something is missing
      expect([file, missing.length > 0]).toEqual([file, reason !== undefined]);
      if (reason === undefined) continue;
      lines.push(`  without ${missing.join(", ")}: ${reason.why}`);
      for (const [name, column] of Object.entries(reason.map ?? {})) {
        expect(missing).toContain(name);
        const mapped = recognise(table, { map: new Map([[name, { column }]]) });
        expect(mapped.quantities.get(name)!.column.name).toBe(column);
        lines.push(`  --map ${name}=${column}`);
      }
      if (reason.y === undefined) continue;
      expect(recognise(table, { map: new Map(), y: reason.y }).quantities.get("loss")!.column.name).toBe(
        reason.y,
      );
      lines.push(`  --y ${reason.y}`);
    }
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/shared-columns.txt");
  });
});
