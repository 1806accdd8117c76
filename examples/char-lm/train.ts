import { type Corpus, contextLength, WindowStream } from "./corpus.js";
import { trainingFlopsPerToken } from "./flops.js";
import { Model } from "./model.js";
import { AdamW, learningRate } from "./optimizer.js";
import { nonEmbeddingCount, parameterCount } from "./parameters.js";
import type { RunSpec } from "./plan.js";

/** Lines a run writes to its log, evenly spaced. */
const logLines = 120;
/** Evaluations on the validation set, evenly spaced; the last comes after the last step. */
const evaluations = 4;
/** Part of the steps, at the end, over which the training loss of the summary is averaged. */
const summaryShare = 0.1;

/** One line of a run's log. Losses are in nats per character. */
export interface LogLine {
  readonly step: number;
  readonly tokens: number;
  /** Mean training loss since the line before. */
  readonly loss: number;
  /** Loss on the validation set, where it was measured. */
  readonly val_loss?: number;
  readonly lr: number;
  readonly seconds: number;
}

/** One row of runs.csv; the names are its columns. */
export interface RunSummary {
  readonly run: string;
  readonly budget: number;
  readonly params: number;
  readonly params_non_embedding: number;
  readonly tokens: number;
  readonly flops: number;
  readonly val_loss: number;
  readonly train_loss: number;
  readonly seed: number;
  readonly d_model: number;
  readonly layers: number;
  readonly heads: number;
  readonly context: number;
  readonly batch_tokens: number;
  readonly steps: number;
  readonly lr: number;
  readonly seconds: number;
  readonly unique_chars: number;
  readonly corpus_chars: number;
  readonly corpus_sha256: string;
}

/** Trains one model from scratch, handing each line of its log to `log`. */
export function trainRun(spec: RunSpec, corpus: Corpus, log: (line: LogLine) => void): RunSummary {
  const { steps, batchTokens } = spec;
  const started = performance.now();
  const model = new Model(spec.shape, batchTokens, spec.seed);
  const optimizer = new AdamW(model.parameters);
  const stream = new WindowStream(corpus.train, spec.seed);
  const inputs = new Uint8Array(batchTokens);
  const targets = new Uint8Array(batchTokens);
  const losses = new Float64Array(steps);
  let logged = 0;
  let valLoss = Number.NaN;
  for (let step = 1; step <= steps; step++) {
    const rate = learningRate(step, steps, spec.rate);
    stream.fill(inputs, targets);
    losses[step - 1] = model.lossAndGradient(inputs, targets);
    optimizer.update(rate);
    const evaluates = isDue(step, steps, evaluations);
    if (evaluates) valLoss = validationLoss(model, corpus.validation);
    if (!evaluates && !isDue(step, steps, logLines)) continue;
    const line = {
      step,
      tokens: step * batchTokens,
      loss: rounded(mean(losses, logged, step)),
      ...(evaluates && { val_loss: rounded(valLoss) }),
      lr: rounded(rate),
      seconds: secondsSince(started),
    };
    log(line);
    logged = step;
  }
  const trainLoss = mean(losses, Math.floor((1 - summaryShare) * steps), steps);
  return summarise(spec, corpus, valLoss, trainLoss, secondsSince(started));
}

/** Mean loss over the validation set, in nats per character. */
function validationLoss(model: Model, windows: Uint8Array): number {
  const stride = contextLength + 1;
  const perBatch = model.tokens / contextLength;
  const inputs = new Uint8Array(model.tokens);
  const targets = new Uint8Array(model.tokens);
  const batches = windows.length / stride / perBatch;
  let total = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let w = 0; w < perBatch; w++) {
      const start = (batch * perBatch + w) * stride;
      inputs.set(windows.subarray(start, start + contextLength), w * contextLength);
      targets.set(windows.subarray(start + 1, start + stride), w * contextLength);
    }
    total += model.loss(inputs, targets);
  }
  return total / batches;
}

function summarise(
  spec: RunSpec,
  corpus: Corpus,
  valLoss: number,
  trainLoss: number,
  seconds: number,
): RunSummary {
  const tokens = spec.steps * spec.batchTokens;
  return {
    run: spec.run,
    budget: spec.budget,
    params: parameterCount(spec.shape),
    params_non_embedding: nonEmbeddingCount(spec.shape),
    tokens,
    flops: tokens * trainingFlopsPerToken(spec.shape),
    val_loss: rounded(valLoss),
    train_loss: rounded(trainLoss),
    seed: spec.seed,
    d_model: spec.shape.dModel,
    layers: spec.shape.layers,
    heads: spec.shape.heads,
    context: contextLength,
    batch_tokens: spec.batchTokens,
    steps: spec.steps,
    lr: rounded(spec.rate),
    seconds,
    // One epoch at most, without repetition: each training token is a character seen for the first time.
    unique_chars: tokens,
    corpus_chars: corpus.characters,
    corpus_sha256: corpus.sha256,
  };
}

/** Whether `step` ends one of `parts` equal parts of the run. */
function isDue(step: number, steps: number, parts: number): boolean {
  return Math.floor((step * parts) / steps) > Math.floor(((step - 1) * parts) / steps);
}

function mean(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i]!;
  return sum / (to - from);
}

function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 10) / 100;
}
