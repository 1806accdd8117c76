/** The flags of `plan` about money, hardware, limits and the count of FLOPs; apart from what reads them, for `--help` loads it. */
import type { FlagDefinition } from "./command.js";

/** What there is to spend, on what. */
export const BUDGET_FLAGS: readonly FlagDefinition[] = [
  { flags: "--flops <number>", description: "training budget, 1e22 or 22ZFLOP" },
  { flags: "--dollars <number>", description: "budget in dollars, $3M (with --hardware and --price)" },
  { flags: "--gpu-hours <number>", description: "budget in accelerator hours, 100k (with --hardware)" },
  {
    flags: "--days <number>",
    description: "budget of days on all accelerators, 30 (with --hardware and --count)",
  },
  { flags: "--energy <number>", description: "budget of electricity, 50MWh (with --hardware)" },
  { flags: "--deadline <time>", description: "the run has to end within, 30d (with --hardware and --count)" },
];

/** A fitted cost law in place of a count of FLOPs. */
export const MEASURED_COST_FLAGS: readonly FlagDefinition[] = [
  {
    flags: "--cost-fit <file>",
    description:
      "a saved fit of a measured cost (seconds, joules, dollars against sizes) in place of 6ND: budgets are then in what was measured",
  },
  { flags: "--cost-budget <number>", description: "budget in the numbers of that cost's log" },
  {
    flags: "--cost-unit <unit>",
    description: "what they count: seconds, gpu-hours, joules, dollars, ... (default: by the column's name)",
  },
  {
    flags: "--cost-at <K=F,...>",
    description: "inputs of the cost law by N, D and C = 6ND, bytes=2*N (default: by their columns)",
  },
];

/** A law of the best learning rate and batch size beside that of the loss. */
export const SETTINGS_FLAGS: readonly FlagDefinition[] = [
  {
    flags: "--lr-fit <file>",
    description:
      "a saved fit of the best learning rate and batch size (--law lr-batch, lr-batch-bowl): both at the planned size",
  },
  {
    flags: "--lr-preset <name>",
    description: "the same by a published law: steplaw or deepseek",
  },
];

export const HARDWARE_FLAGS: readonly FlagDefinition[] = [
  { flags: "--hardware <name>", description: "the accelerator: h100, a100, mi300x, tpu-v5p, ..." },
  {
    flags: "--hardware-file <file>",
    description: "accelerators of your own, JSON or YAML: id, name, peaks, memory, watts",
  },
  { flags: "--count <number>", description: "accelerators at once, 512" },
  { flags: "--precision <name>", description: "of training: bf16, fp8, ... (default: bf16)" },
  { flags: "--mfu <share>", description: "share of the peak that training reaches (default: 40%)" },
  {
    flags: "--throughput <rate@size>",
    description:
      "measured instead of the MFU: tokens a second of one accelerator at a size, 25000@1.3B, or of a log, runs.csv:COLUMN (or its seconds): each size then has its own",
  },
  { flags: "--price <number>", description: "dollars an accelerator hour" },
  { flags: "--pue <number>", description: "power of the site over that of its accelerators (default: 1.1)" },
  { flags: "--carbon <number>", description: "kg CO2 a kWh (default: 0.445, the world's average of 2024)" },
  {
    flags: "--least-batch <tokens>",
    description: "tokens one accelerator needs a step: no more work than the critical batch feeds",
  },
  {
    flags: "--critical-batch-fit <file>",
    description:
      "of --least-batch: a saved fit of the critical batch (--law bcrit), with its interval (default: as published)",
  },
  { flags: "--batch <tokens>", description: "tokens of a step: says how many steps the run has" },
];

/** What a transformer has beside its size, worded alike for `plan` and `shape`. */
export const BLOCK_FLAGS: readonly FlagDefinition[] = [
  { flags: "--kv-heads <number>", description: "heads of keys and values (grouped-query attention)" },
  { flags: "--gated", description: "the feed-forward block has a gate (SwiGLU)" },
  { flags: "--tied", description: "the output matrix is the embedding" },
  { flags: "--context <number>", description: "tokens of a sequence (default: 4096)" },
  { flags: "--experts <number>", description: "experts a layer" },
  { flags: "--active-experts <number>", description: "experts that a token passes (default: 2)" },
];

export const COST_FLAGS: readonly FlagDefinition[] = [
  {
    flags: "--flops-rule <name>",
    description:
      "how training FLOPs are counted: 6nd, kaplan, palm, chinchilla, deepseek, exact (default: 6nd; with a shape exact)",
  },
  { flags: "--layers <number>", description: "of the shape to be counted; with --width it fixes the size" },
  { flags: "--width <number>", description: "d_model" },
  { flags: "--heads <number>", description: "heads of attention (default: width / 128)" },
  { flags: "--head-size <number>", description: "width of a head (default: 128)" },
  {
    flags: "--ff <number>",
    description: "width of the feed-forward block (default: 4 times the width, gated 8/3)",
  },
  { flags: "--vocab <number>", description: "size of the vocabulary (default: 32k)" },
  ...BLOCK_FLAGS,
  { flags: "--active-share <share>", description: "share of the parameters that a token passes, 20%" },
  {
    flags: "--recompute <what>",
    description: "activations computed twice: none, selective (attention), full",
  },
];

export const LIMIT_FLAGS: readonly FlagDefinition[] = [
  {
    flags: "--unique-tokens <number>",
    description: "tokens there are without repeats, 200B: more are epochs",
  },
  { flags: "--min-tokens <number>", description: "train on at least so many" },
  { flags: "--max-tokens <number>", description: "train on at most so many" },
  { flags: "--max-params <number>", description: "the largest model" },
  { flags: "--serve-memory <bytes>", description: "memory for the weights when served, 80GB" },
  { flags: "--bytes-per-param <number>", description: "of --serve-memory (default: 2, bf16)" },
  {
    flags: "--serve-context <tokens>",
    description: "of --serve-memory: with room for keys and values of so many tokens a sequence, 32k",
  },
  { flags: "--serve-batch <number>", description: "of so many sequences served at once (default: 1)" },
  { flags: "--cache-bytes <number>", description: "of a cached key or value (default: 2)" },
  {
    flags: "--train-memory <bytes>",
    description: "memory for weights, gradients and optimizer of all accelerators, 40TB",
  },
  {
    flags: "--train-bytes-per-param <number>",
    description: "of --train-memory (default: 16, mixed precision with Adam)",
  },
  {
    flags: "--inference-tokens <number>",
    description: "tokens served over the model's life, 2T: the budget then pays for training and serving",
  },
  {
    flags: "--inference-price <number>",
    description: "price of a FLOP in serving over one in training (default: 1)",
  },
];
