/**
 * Names that logs use for the field's quantities. Data, not code: to teach a name, add it to its list.
 *
 * A name is compared in its plain form (`plainName` in columns.ts): lower case, everything but letters and digits as
 * one `_`, units in brackets taken off. `full` names must be the whole header; `path` names may also be the end of a
 * path (`eval/loss`, `config.model.n_params`). Earlier names are preferred to later ones.
 */
import type { Quantity } from "./numbers.js";

/** The quantities that are recognised by themselves. */
export type QuantityName =
  | "N"
  | "D"
  | "C"
  | "loss"
  | "step"
  | "run"
  | "seed"
  | "U"
  | "lr"
  | "batch"
  | "experts"
  | "ratio"
  | "epochs"
  | "streams"
  | "width"
  | "depth"
  | "vocabulary"
  | "steps"
  | "granularity"
  | "sparsity"
  | "active_params"
  | "encoder_params"
  | "decoder_params"
  | "weight_bits"
  | "activation_bits"
  | "kv_bits"
  | "post_bits"
  | "teacher_loss"
  | "attempts"
  | "trials"
  | "accuracy"
  | "error"
  | "reward";

export interface QuantityAliases {
  quantity: QuantityName;
  /** In words, for messages: `params (N)`. */
  title: string;
  /** How its cells are read. */
  kind: Quantity;
  /** Headers compared as they are, capitals included. */
  letters: readonly string[];
  full: readonly string[];
  path: readonly string[];
  /** Names that count what one token sees; taken before totals where the model has experts. */
  ofOneToken?: RegExp;
  /** What to say when a name of a certain convention is taken. */
  notes?: readonly { pattern: RegExp; note: string }[];
}

const NON_EMBEDDING = [
  "non_embedding_params",
  "non_embedding_parameters",
  "nonembedding_params",
  "non_emb_params",
  "params_non_embedding",
  "params_nonembedding",
  "params_non_emb",
  "params_no_embed",
  "params_no_embedding",
  "params_wo_embedding",
  "params_without_embeddings",
  "parameters_non_embedding",
  "n_params_non_embedding",
  "num_params_non_embedding",
  "n_non_embedding_params",
  "num_non_embedding_params",
  "num_non_embedding_parameters",
  "total_non_emb_params",
  "total_non_embedding_params",
];

/** Experts come first: whether a model has some decides which count is its N. */
export const ALIASES: readonly QuantityAliases[] = [
  {
    quantity: "experts",
    title: "the number of experts",
    kind: "count",
    letters: [],
    full: ["experts"],
    path: ["num_experts", "n_experts", "number_of_experts", "expert_count", "moe_num_experts"],
  },
  {
    quantity: "N",
    title: "params (N)",
    kind: "params",
    letters: ["N"],
    full: ["size", "model_scale", "n_parameter", "weights"],
    path: [
      "params",
      "parameters",
      "n_params",
      "num_params",
      "n_parameters",
      "num_parameters",
      "number_of_parameters",
      "number_of_params",
      "parameter_count",
      "param_count",
      "params_count",
      "total_params",
      "total_parameters",
      "total_parameter_count",
      "total_param_count",
      "params_total",
      "num_total_params",
      "model_params",
      "model_parameters",
      "model_num_params",
      "model_size",
      "modelsize",
      "model_n_params",
      "trainable_params",
      "trainable_parameters",
      "num_trainable_params",
      "nparams",
      "active_params",
      "active_parameters",
      "n_active_params",
      "num_active_params",
      "params_active",
      "params_active_precise",
      "active_parameter_count",
      "dense_parameter_count",
      ...NON_EMBEDDING,
    ],
    ofOneToken: /active|dense/,
    notes: [
      { pattern: /non_?emb|no_embed|wo_emb|without_emb/, note: "counted without embeddings" },
      { pattern: /active|dense/, note: "counted as the parameters one token sees" },
    ],
  },
  {
    quantity: "D",
    title: "tokens (D)",
    kind: "tokens",
    letters: ["D"],
    full: [
      "data",
      "dataset_size",
      "data_size",
      "training_data_size",
      "pretraining_data_size",
      "train_data_size",
    ],
    path: [
      "tokens",
      "train_tokens",
      "training_tokens",
      "tokens_trained",
      "trained_tokens",
      "tokens_seen",
      "seen_tokens",
      "num_input_tokens_seen",
      "consumed_tokens",
      "tokens_consumed",
      "total_tokens",
      "tokens_total",
      "total_train_tokens",
      "total_training_tokens",
      "n_tokens",
      "num_tokens",
      "num_train_tokens",
      "n_train_tokens",
      "number_of_tokens",
      "ntokens",
      "pretraining_tokens",
      "pretrain_tokens",
      "dataset_tokens",
      "token_count",
      "tokens_processed",
      "goal_train_tokens",
    ],
  },
  {
    quantity: "C",
    title: "compute (C)",
    kind: "flops",
    letters: ["C"],
    full: [
      "flops",
      "flop",
      "compute",
      "budget",
      "flops_budget",
      "flop_budget",
      "compute_budget",
      "flops_6nd",
    ],
    path: [
      "training_flops",
      "training_flop",
      "train_flops",
      "train_flop",
      "total_flops",
      "total_flop",
      // as the Hugging Face Trainer spells it
      "total_flos",
      "total_train_flops",
      "total_training_flops",
      "training_compute",
      "train_compute",
      "total_compute",
      "compute_flops",
      "flops_total",
      "train_flops_total",
      "model_flops_total",
    ],
  },
  {
    quantity: "loss",
    title: "the loss",
    kind: "loss",
    letters: ["L", "loss", "Loss", "LOSS"],
    full: [],
    path: [
      "loss",
      "final_loss",
      "val_loss",
      "validation_loss",
      "valid_loss",
      "eval_loss",
      "loss_val",
      "loss_validation",
      "loss_valid",
      "loss_eval",
      "final_val_loss",
      "final_validation_loss",
      "final_eval_loss",
      "val_ce_loss",
      "dev_loss",
      "test_loss",
      "loss_test",
      "heldout_loss",
      "macro_loss",
      "cross_entropy",
      "cross_entropy_loss",
      "ce_loss",
      "nll",
      "lm_loss",
      "train_loss",
      "training_loss",
      "loss_train",
      "final_train_loss",
      "val_bpb",
      "bpb",
      "bits_per_byte",
    ],
    notes: [
      { pattern: /bpb|bits_per_byte/, note: "in bits per byte" },
      { pattern: /train/, note: "a training loss" },
    ],
  },
  {
    quantity: "step",
    title: "the step",
    kind: "count",
    letters: [],
    full: [
      "step",
      "steps",
      "iteration",
      "iterations",
      "iter",
      "iters",
      "train_step",
      "training_step",
      "optimizer_step",
    ],
    path: [
      "global_step",
      "globalstep",
      "train_global_step",
      "trainer_global_step",
      "train_step",
      "update_step",
    ],
  },
  {
    quantity: "run",
    title: "the run's name",
    kind: "plain",
    letters: [],
    full: [
      "run",
      "run_id",
      "run_name",
      "runid",
      "runname",
      "name",
      "id",
      "exp_name",
      "experiment_name",
      "exp_id",
      "experiment_id",
      "trial",
      "trial_id",
      "job_id",
      "job_name",
      "hyper_id",
      // of Comet and of Neptune (`sys/name`, `sys/id`)
      "experiment_key",
      "sys_name",
      "sys_id",
    ],
    path: [],
  },
  {
    quantity: "seed",
    title: "the seed",
    kind: "count",
    letters: [],
    full: ["seed", "random_seed", "rng_seed", "torch_seed", "model_seed", "data_seed"],
    path: ["seed", "random_seed", "train_seed", "trainer_seed", "torch_seed"],
  },
  {
    quantity: "U",
    title: "unique tokens (U)",
    kind: "tokens",
    letters: ["U"],
    full: [],
    path: ["unique_tokens", "n_unique_tokens", "num_unique_tokens", "tokens_unique", "unique_train_tokens"],
  },
  {
    quantity: "lr",
    title: "the learning rate",
    kind: "plain",
    letters: [],
    full: ["lr", "eta"],
    path: [
      "learning_rate",
      "peak_lr",
      "lr_peak",
      "max_lr",
      "lr",
      "peak_learning_rate",
      "optim_lr",
      "optimizer_lr",
    ],
  },
  {
    quantity: "batch",
    title: "the batch size",
    kind: "tokens",
    letters: [],
    full: ["batch", "bs", "bsz", "batch_size"],
    path: [
      "batch_tokens",
      "tokens_per_batch",
      "global_batch_size",
      "global_batch",
      "train_batch_size",
      "batch_size",
    ],
  },
  {
    quantity: "ratio",
    title: "tokens per parameter (M)",
    kind: "plain",
    letters: ["M"],
    full: [],
    path: [
      "tokens_per_param",
      "tokens_per_parameter",
      "tokens_per_params",
      "token_param_ratio",
      "d_n",
      "token_multiplier",
      "tokens_to_params_ratio",
    ],
  },
  {
    quantity: "epochs",
    title: "the epochs",
    kind: "plain",
    letters: [],
    full: ["epoch", "epochs"],
    path: ["num_epochs", "n_epochs", "train_epochs", "epochs_seen"],
  },
  {
    quantity: "streams",
    title: "parallel streams (P)",
    kind: "count",
    letters: ["P"],
    full: ["streams"],
    path: ["num_streams", "parallel_streams", "n_streams"],
  },
  {
    quantity: "width",
    title: "the width",
    kind: "count",
    letters: [],
    full: ["width", "d_model", "hidden", "hidden_size", "dim", "h"],
    path: ["d_model", "hidden_size", "hidden_dim", "model_width", "n_embd", "embed_dim", "embedding_dim"],
  },
  {
    quantity: "depth",
    title: "the depth",
    kind: "count",
    letters: [],
    full: ["depth", "layers", "numl"],
    path: ["n_layer", "n_layers", "num_layers", "num_hidden_layers", "model_depth"],
  },
  {
    quantity: "vocabulary",
    title: "the vocabulary (V)",
    kind: "count",
    letters: ["V"],
    full: ["vocab", "vocabulary"],
    path: ["vocab_size", "vocabulary_size", "n_vocab"],
  },
  {
    quantity: "steps",
    title: "training steps (S)",
    kind: "count",
    letters: ["S"],
    full: [],
    path: [
      "total_steps",
      "num_steps",
      "train_steps",
      "training_steps",
      "max_steps",
      "n_steps",
      "num_train_steps",
      "optimizer_steps",
    ],
  },
  {
    quantity: "granularity",
    title: "the granularity (G)",
    kind: "plain",
    letters: ["G"],
    full: ["granularity"],
    path: ["expert_granularity", "moe_granularity"],
  },
  {
    quantity: "sparsity",
    title: "the sparsity",
    kind: "plain",
    letters: [],
    full: ["sparsity"],
    path: ["moe_sparsity", "expert_sparsity"],
  },
  {
    quantity: "active_params",
    title: "active params",
    kind: "params",
    letters: ["N_act"],
    full: [],
    path: [
      "active_params",
      "active_parameters",
      "n_active_params",
      "num_active_params",
      "params_active",
      "params_active_precise",
      "active_parameter_count",
    ],
  },
  {
    quantity: "encoder_params",
    title: "encoder params (N_e)",
    kind: "params",
    letters: ["N_e"],
    full: [],
    path: ["encoder_params", "encoder_parameters", "params_encoder", "n_encoder_params"],
  },
  {
    quantity: "decoder_params",
    title: "decoder params (N_d)",
    kind: "params",
    letters: ["N_d"],
    full: [],
    path: ["decoder_params", "decoder_parameters", "params_decoder", "n_decoder_params"],
  },
  {
    quantity: "weight_bits",
    title: "bits of the weights",
    kind: "plain",
    letters: ["P_w"],
    full: ["wbits", "w_bits"],
    path: ["weight_bits", "bits_weight", "weight_precision"],
  },
  {
    quantity: "activation_bits",
    title: "bits of the activations",
    kind: "plain",
    letters: ["P_a"],
    full: ["abits", "a_bits"],
    path: ["activation_bits", "act_bits", "activation_precision"],
  },
  {
    quantity: "kv_bits",
    title: "bits of the KV cache",
    kind: "plain",
    letters: ["P_kv"],
    full: [],
    path: ["kv_bits", "kv_cache_bits", "kv_precision"],
  },
  {
    quantity: "post_bits",
    title: "bits after training",
    kind: "plain",
    letters: ["P_post"],
    full: [],
    path: ["ptq_bits", "post_bits", "quantized_bits", "post_training_bits"],
  },
  {
    quantity: "teacher_loss",
    title: "the teacher's loss",
    kind: "loss",
    letters: ["L_T"],
    full: [],
    path: ["teacher_loss", "loss_teacher", "teacher_val_loss"],
  },
  {
    quantity: "attempts",
    title: "attempts (k)",
    kind: "count",
    letters: [],
    full: ["k", "attempts"],
    path: ["num_attempts", "n_attempts"],
  },
  {
    quantity: "trials",
    title: "the trials",
    kind: "count",
    letters: [],
    full: ["trials"],
    path: ["n_trials", "num_trials", "n_samples", "num_samples", "n_items", "num_items"],
  },
  {
    quantity: "accuracy",
    title: "the accuracy",
    kind: "plain",
    letters: [],
    full: ["acc", "score"],
    path: [
      "accuracy",
      "acc",
      "eval_acc",
      "val_acc",
      "test_acc",
      "val_accuracy",
      "test_accuracy",
      "eval_accuracy",
      "exact_match",
    ],
  },
  {
    quantity: "error",
    title: "the error rate",
    kind: "plain",
    letters: [],
    full: ["err", "error"],
    path: ["error_rate", "err", "error", "test_error", "val_error", "eval_error", "top1_error"],
  },
  {
    quantity: "reward",
    title: "the reward",
    kind: "plain",
    letters: [],
    full: ["reward"],
    path: ["pass_rate", "mean_reward", "eval_reward", "val_reward", "reward_mean"],
  },
];

/** Words in a header that say how the loss was measured, for headers that no list has (`C4 Eval Loss`). */
export const LOSS_WORDS = {
  measures: ["loss", "ce", "nll", "bpb"],
  validation: ["val", "valid", "validation", "eval", "evaluation", "test", "dev", "heldout", "holdout"],
  training: ["train", "training"],
  /** Words of columns that are near a loss but none: spreads, bounds, perplexities, parts of a loss. */
  not: [
    "max",
    "min",
    "std",
    "stderr",
    "var",
    "lo95",
    "hi95",
    "lo",
    "hi",
    "low",
    "high",
    "lower",
    "upper",
    "ppl",
    "perplexity",
    "scale",
    "aux",
    "auxiliary",
    "balance",
    "balancing",
    "z",
    "router",
    "routing",
    "delta",
    "diff",
    "weight",
    "predicted",
    "pred",
    "acc",
    "accuracy",
  ],
} as const;

/** Powers of ten of the units that headers use: `params (M)`, `tokens [B]`, `FLOPs (1E21)`. */
export const HEADER_UNITS: ReadonlyMap<string, number> = new Map([
  ["k", 3],
  ["thousand", 3],
  ["thousands", 3],
  ["m", 6],
  ["mm", 6],
  ["mio", 6],
  ["million", 6],
  ["millions", 6],
  ["b", 9],
  ["bn", 9],
  ["billion", 9],
  ["billions", 9],
  ["t", 12],
  ["tn", 12],
  ["trillion", 12],
  ["trillions", 12],
]);

/** Powers of ten of the prefixes of FLOPs: `train_gflops`, `ZFLOPs`, `FLOPs (E)`. */
export const FLOP_PREFIXES: ReadonlyMap<string, number> = new Map([
  ["k", 3],
  ["m", 6],
  ["g", 9],
  ["b", 9],
  ["t", 12],
  ["p", 15],
  ["e", 18],
  ["z", 21],
  ["y", 24],
]);
