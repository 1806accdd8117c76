/**
 * A scaled convolutional network in whole layers, channels and pixels, and what it takes.
 *
 * @see facebookresearch/pycls pycls/models/scaler.py for the rounding
 */
import { UsageError } from "../errors.js";
import type { CnnNetwork } from "../objects.js";
import type { CompoundFactors } from "./cnn-compound.js";

/** A network to scale; what is left out stays unknown. Plain units. */
export interface CnnBase {
  /** Layers. */
  depth?: number;
  /** Channels. */
  width?: number;
  /** Pixels a side. */
  resolution?: number;
  /** Channels of a group; scales like the width. */
  group?: number;
  flops?: number;
  params?: number;
  activations?: number;
  /** Run time in milliseconds, and what of it does not grow. */
  ms?: number;
  overhead?: number;
}

export const BASE_NAMES = [
  "depth",
  "width",
  "resolution",
  "group",
  "flops",
  "params",
  "activations",
  "ms",
  "overhead",
] as const satisfies readonly (keyof CnnBase)[];

/** t = c0 + c1 activations, as a factor of the base's time; c0 = 0 where no overhead is given. */
export function timeFactor(base: CnnBase | null, activations: number): number {
  if (base?.overhead === undefined || base.ms === undefined) return activations;
  const share = base.overhead / base.ms;
  return share + (1 - share) * activations;
}

/** @param scale the factor of FLOPs that was asked for */
export function scaledNetwork(base: CnnBase, factors: CompoundFactors, scale: number): CnnNetwork {
  const depth = scaled(base.depth, factors.depth, (value) => Math.max(1, Math.round(value)));
  const group = scaled(base.group, factors.width, roundedGroup);
  const width = scaled(base.width, factors.width, (value) => roundedWidth(value, group));
  const resolution = scaled(base.resolution, factors.resolution, (value) => toMultiple(value, 4));
  const own = (rounded: number | null, from: number | undefined, factor: number) =>
    rounded === null || from === undefined ? factor : rounded / from;
  const d = own(depth, base.depth, factors.depth);
  const w = own(width, base.width, factors.width);
  const r = own(resolution, base.resolution, factors.resolution);
  const activations = d * w * r ** 2;
  const times = (value: number | undefined, factor: number) => (value === undefined ? null : value * factor);
  return {
    depth,
    width,
    resolution,
    group,
    flops: times(base.flops, d * w ** 2 * r ** 2),
    params: times(base.params, d * w ** 2),
    activations: times(base.activations, activations),
    milliseconds: times(base.ms, timeFactor(base, activations)),
    flopsOff: (d * w ** 2 * r ** 2) / scale - 1,
  };
}

const scaled = (from: number | undefined, factor: number, round: (value: number) => number): number | null =>
  from === undefined ? null : round(from * factor);

const toMultiple = (value: number, step: number): number => Math.max(1, Math.round(value / step)) * step;

/** 1, 2, 4 or a multiple of 8. */
function roundedGroup(value: number): number {
  const whole = Math.max(1, Math.round(value));
  if (whole <= 2) return whole;
  return whole <= 5 ? 4 : toMultiple(whole, 8);
}

/** A multiple of 8, and of the groups where there are any. */
function roundedWidth(value: number, group: number | null): number {
  const width = toMultiple(value, 8);
  return group === null || group > width ? width : toMultiple(width, group);
}

/** @throws UsageError */
export function requireBase(base: CnnBase): void {
  const fault = (message: string, hint: string) =>
    new UsageError({ code: "flag", message: `--base: ${message}`, hint });
  const example = "for example --base depth=27,width=48,resolution=224,flops=0.4G,params=4M,ms=30";
  for (const name of BASE_NAMES) {
    const value = base[name];
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw fault(`${name} must be a number above 0, not ${value}`, example);
  }
  const { ms, overhead, group, width } = base;
  if (overhead !== undefined && (ms === undefined || overhead >= ms))
    throw fault(
      ms === undefined
        ? `overhead=${overhead} is a part of a time that is not given`
        : `overhead=${overhead} is no part of ms=${ms}: ${Number((overhead - ms).toPrecision(3))} more, and nothing is left to grow`,
      "give ms, the whole time of the base, and a smaller overhead",
    );
  if (group !== undefined && width !== undefined && width % group !== 0)
    throw fault(
      `group=${group} does not divide width=${width}: ${width % group} channels are left over`,
      "give the width of one group",
    );
}
