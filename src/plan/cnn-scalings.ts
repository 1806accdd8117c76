/**
 * A convolutional network scaled by a factor of FLOPs in several ways, side by side: what each does to depth, width,
 * resolution, parameters, activations and run time.
 *
 * @see arXiv 2103.06877; its code, facebookresearch/pycls pycls/models/scaler.py
 */
import { DataError, UsageError } from "../errors.js";
import type { CnnScaling, CnnScalings } from "../objects.js";
import { type CompoundWeights, compoundScaling } from "./cnn-compound.js";
import { type CnnBase, requireBase, scaledNetwork, timeFactor } from "./cnn-network.js";
import { resnetRules } from "./resnet-rules.js";

export interface CnnQuestion {
  /** Factor of FLOPs, > 0. */
  scale: number;
  /** Weight of the width in fast scaling, the rest shared by depth and resolution; between 1/3 (uniform) and 1. */
  alpha: number;
  /** Weights of one's own for depth, width, resolution. */
  weights: CompoundWeights | null;
  /** The run time may grow by so much; alpha is then the least that allows it. */
  maxTime: number | null;
  base: CnnBase | null;
  /** Of training: which of the rules by regime holds. */
  epochs: number | null;
}

export const CNN_DEFAULTS: Omit<CnnQuestion, "scale"> = {
  alpha: 0.8,
  weights: null,
  maxTime: null,
  base: null,
  epochs: null,
};

/** @throws UsageError for a question that contradicts itself, DataError for a run time that no scaling keeps to */
export function cnnScalings(asked: CnnQuestion): CnnScalings {
  requireCnnQuestion(asked);
  const { scale, base, maxTime } = asked;
  const isGrowth = scale > 1;
  const alpha = maxTime === null ? asked.alpha : alphaWithin(scale, maxTime, base);
  const scalings = waysOf(alpha, asked.weights).map(({ name, weights, recommended }): CnnScaling => {
    const factors = compoundScaling(weights, scale);
    return {
      name,
      weights,
      factors: { ...factors, time: timeFactor(base, factors.activations) },
      network: base === null ? null : scaledNetwork(base, factors, scale),
      recommended: recommended && isGrowth,
    };
  });
  return {
    scale,
    alpha,
    scalings,
    reason: reasonFor(alpha, asked),
    advice: resnetRules(asked.epochs),
    assumptions: {
      flops: "depth width^2 resolution^2",
      params: "depth width^2",
      activations: "depth width resolution^2",
      time:
        base?.overhead === undefined
          ? "as the activations, where memory bounds it (arXiv 2103.06877); where compute does, as the FLOPs"
          : "overhead + (time - overhead) times the activations, where memory bounds it; where compute does, as the FLOPs",
      ...(base === null
        ? {}
        : { rounding: "width to 8 or its groups, resolution to 4, layers to whole ones" }),
    },
  };
}

/** Of EfficientNet's grid search: depth 1.2, width 1.1, resolution 1.15 for a factor of 1.92 (arXiv 1905.11946). */
const EFFICIENTNET: CompoundWeights = {
  depth: Math.log(1.2),
  width: 2 * Math.log(1.1),
  resolution: 2 * Math.log(1.15),
};

/** Depth, width, resolution = (1 - alpha)/2, alpha, (1 - alpha)/2: 0.8 is the authors' fast scaling. */
const fast = (alpha: number): CompoundWeights => ({
  depth: (1 - alpha) / 2,
  width: alpha,
  resolution: (1 - alpha) / 2,
});

function waysOf(alpha: number, own: CompoundWeights | null) {
  const way = (name: string, weights: CompoundWeights, recommended = false) => ({
    name,
    weights,
    recommended,
  });
  return [
    way(`fast dWr, alpha ${Number(alpha.toPrecision(3))}`, fast(alpha), true),
    way("uniform dwr", { depth: 1, width: 1, resolution: 1 }),
    way("EfficientNet 1.2, 1.1, 1.15", EFFICIENTNET),
    way("width alone", { depth: 0, width: 1, resolution: 0 }),
    way("depth alone", { depth: 1, width: 0, resolution: 0 }),
    way("resolution alone", { depth: 0, width: 0, resolution: 1 }),
    ...(own === null ? [] : [way(`own ${own.depth}, ${own.width}, ${own.resolution}`, own)]),
  ];
}

/** Uniform scaling is the family's slowest member, width alone its fastest. */
const [LEAST_ALPHA, MOST_ALPHA] = [1 / 3, 1];

/** Activations grow as s^(1 - alpha/2): alpha = 2 (1 - ln a / ln s) for a factor a. */
function alphaWithin(scale: number, maxTime: number, base: CnnBase | null): number {
  const share = overheadShare(base);
  const activations = (maxTime - share) / (1 - share);
  const alpha =
    activations > 0 ? 2 * (1 - Math.log(activations) / Math.log(scale)) : Number.POSITIVE_INFINITY;
  if (alpha <= MOST_ALPHA + 1e-12) return Math.min(MOST_ALPHA, Math.max(LEAST_ALPHA, alpha));
  const least = share + (1 - share) * Math.sqrt(scale);
  throw new DataError({
    code: "unreachable-time",
    message: `--max-time ${maxTime} cannot be kept at ${scale} times the FLOPs: width alone takes ${Number(least.toPrecision(3))} times the base's time`,
    why: "activations, and with them the time where memory bounds it, grow at least as the square root of the FLOPs",
    hint: `allow ${Number(least.toPrecision(3))}, or ask for a --scale of ${Number((Math.max(0, activations) ** 2).toPrecision(3))}`,
  });
}

const overheadShare = (base: CnnBase | null): number =>
  base?.overhead === undefined || base.ms === undefined ? 0 : base.overhead / base.ms;

function reasonFor(alpha: number, { maxTime, scale }: CnnQuestion): string {
  if (scale <= 1)
    return "none is recommended: the authors scale up, and their tests say nothing of smaller networks";
  const how = `activations grow by ${Number((scale ** (1 - alpha / 2)).toPrecision(3))}, uniform scaling's by ${Number((scale ** (5 / 6)).toPrecision(3))}`;
  return maxTime === null
    ? `${how}, at nearly its accuracy by the authors' tests (arXiv 2103.06877)`
    : `${how}: the least alpha whose time is no more than ${maxTime} times the base's`;
}

function requireCnnQuestion({ scale, alpha, weights, maxTime, base, epochs }: CnnQuestion): void {
  const fault = (message: string, hint: string) => new UsageError({ code: "flag", message, hint });
  for (const [flag, value] of [
    ["--scale", scale],
    ["--max-time", maxTime],
    ["--epochs", epochs],
  ] as const)
    if (value !== null && !(value > 0 && value <= 1e15))
      throw fault(`${flag} must be a number above 0, not ${value}`, `for example ${flag} 8`);
  if (!(alpha >= LEAST_ALPHA - 1e-12 && alpha <= MOST_ALPHA))
    throw fault(
      `--alpha must lie between 1/3 (uniform) and 1 (width alone), not ${alpha}`,
      "for example --alpha 0.8",
    );
  if (maxTime !== null && scale <= 1)
    throw fault(`--max-time limits a growth, and --scale ${scale} is none`, "give a --scale above 1");
  if (weights !== null) {
    const all = [weights.depth, weights.width, weights.resolution];
    if (!all.every((one) => one >= 0 && Number.isFinite(one)) || all.every((one) => one === 0))
      throw fault("--cnn: weights are 0 or more, and one of them above 0", "for example --cnn 0.1,0.8,0.1");
  }
  if (base !== null) requireBase(base);
}
