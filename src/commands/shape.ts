import type { CommandDefinition } from "./command.js";
import { BLOCK_FLAGS } from "./plan-flag-list.js";

/** `scalefit shape`: a size, or a factor of FLOPs -> architectures of it -> view. */
export const shapeCommand: CommandDefinition = {
  name: "shape",
  summary: "architectures of a size: a transformer, experts, a ladder of small ones; a CNN scaled up",
  flags: [
    { flags: "--params <number>", description: "the size, 7B" },
    {
      flags: "--counted <what>",
      description: "what sizes count: total, non-embedding, active (default: total)",
    },
    { flags: "--tolerance <share>", description: "by how much a shape may be off the size (default: 5%)" },
    { flags: "--layers <n>", description: "fix the layers; with --width it is one shape" },
    { flags: "--width <n>", description: "fix the width, d_model" },
    { flags: "--aspect <number>", description: "width over layers (default: as usual for the size)" },
    { flags: "--heads <n>", description: "heads of attention (default: width / head size)" },
    {
      flags: "--head-size <n>",
      description: "width of a head (default: 128, of small models 64)",
    },
    {
      flags: "--ff <n>",
      description: "width of the feed-forward block, of an expert where there are several",
    },
    {
      flags: "--ff-ratio <number>",
      description: "the same over the width (default: 4, gated 8/3, rounded up to the multiple)",
    },
    { flags: "--vocab <n>", description: "size of the vocabulary, or auto: by law (default: 32k)" },
    ...BLOCK_FLAGS,
    {
      flags: "--active-share <share>",
      description: "the experts a token passes by their share of all parameters, 20%",
    },
    {
      flags: "--multiple <n>",
      description: "widths are multiples of it (default: 128, of small models less)",
    },
    { flags: "--bytes-per-param <number>", description: "of the weights in memory (default: 2, bf16)" },
    {
      flags: "--ladder <from..to>",
      description: "small shapes of one family, of that of --params if given: 10M..1B",
    },
    { flags: "--runs <n>", description: "how many of them (default: 6)" },
    {
      flags: "--cnn [d,w,r]",
      description: "scale a convolutional network instead, by these weights too: 0.1,0.8,0.1",
    },
    { flags: "--scale <number>", description: "with --cnn: the factor of FLOPs (default: 2)" },
    { flags: "--alpha <number>", description: "with --cnn: weight of the width (default: 0.8)" },
    {
      flags: "--max-time <number>",
      description: "with --cnn: times the base's run time at most; picks alpha",
    },
    {
      flags: "--base <K=V,...>",
      description:
        "with --cnn: the network to scale, any of depth, width, resolution, group, flops, params, activations, ms, overhead",
    },
    { flags: "--epochs <number>", description: "with --cnn: of training, for the rules by regime" },
    { flags: "--csv", description: "print the shapes as CSV" },
    { flags: "--markdown", description: "print them as Markdown" },
  ],
  examples: [
    { command: "scalefit shape --params 7B", does: "transformers of seven billion parameters" },
    {
      command: "scalefit shape --params 8B --gated --ff-ratio 3.5 --kv-heads 8 --vocab 128256 --context 8k",
      does: "the same in the proportions of Llama 3",
    },
    {
      command: "scalefit shape --params 13B --gated --vocab auto --tied",
      does: "with the vocabulary that a law has for it",
    },
    {
      command: "scalefit shape --params 47B --gated --experts 8 --active-experts 2 --kv-heads 8",
      does: "a mixture of eight experts, two of them a token",
    },
    {
      command: "scalefit shape --layers 96 --width 12288 --heads 96 --vocab 50257 --tied --context 2048",
      does: "what a given shape has and takes: GPT-3",
    },
    {
      command: "scalefit shape --params 7B --gated --ladder 30M..1B --runs 6 --csv",
      does: "six small shapes of its family, for design --sizes",
    },
    {
      command: "scalefit shape --cnn --scale 8 --base depth=27,width=48,resolution=224,flops=0.4G,ms=30",
      does: "a convolutional network at 8 times the FLOPs",
    },
  ],
  run: async (invocation) => (await import("./shape-run.js")).shapeRun(invocation),
};
