/** All shapes of a family near a size, on the lattice of widths and whole layers. */
import { DataError, type UsageError } from "../errors.js";
import { parametersOf, type TransformerShape } from "../transformer/shape.js";
import { memberOf, type ShapeFamily, widthStep } from "./shape-family.js";
import { type FamilyAsked, sizeOf } from "./shape-family-for.js";
import { type Counted, contradiction } from "./shape-question.js";

export interface Near {
  size: number;
  /** Share of the size by which a shape may be off. */
  tolerance: number;
  layers: number | null;
  width: number | null;
}

/** Proportions further than this from the usual one are no candidates, unless layers or width are given. */
const FURTHEST_ASPECT = 8;
/** Widths looked at, at most: of giant models only every so-many-th. */
const MOST_WIDTHS = 4000;
/** Layers looked at to each side of the best number, at most. */
const LAYERS_BESIDE = 16;

/** @returns at least one shape @throws UsageError or DataError where none is near enough, with the nearest */
export function shapesNear({ family, aspectFor, counted }: FamilyAsked, near: Near): TransformerShape[] {
  const { size, tolerance, layers, width } = near;
  const found: TransformerShape[] = [];
  let nearest: TransformerShape | null = null;
  const off = (shape: TransformerShape) => Math.abs(sizeOf(shape, counted) / size - 1);
  for (const d of width === null ? widthsUpTo(family, counted, near) : [width]) {
    const best = layers ?? wholeLayers(family, counted, d, size);
    const isFar = (shape: TransformerShape, factor: number) =>
      width === null &&
      layers === null &&
      Math.abs(Math.log(d / shape.layers / aspectFor(shape))) > Math.log(factor);
    // Of a width that is far off with its best layers the others are not worth a look.
    const isHopeless = isFar(memberOf(family, d, best), 2 * FURTHEST_ASPECT);
    const beside = layers === null && !isHopeless ? LAYERS_BESIDE : 0;
    for (let L = Math.max(1, best - beside); L <= best + beside; L++) {
      const shape = memberOf(family, d, L);
      if (nearest === null || off(shape) < off(nearest)) nearest = shape;
      if (off(shape) <= tolerance && !isFar(shape, FURTHEST_ASPECT)) found.push(shape);
    }
  }
  if (found.length > 0) return found;
  throw withoutShape(family, counted, near, nearest ?? memberOf(family, widthStep(family), layers ?? 1));
}

/** Widths at which the fewest layers are not too large already. */
function widthsUpTo(family: ShapeFamily, counted: Counted, { size, tolerance, layers }: Near): number[] {
  const step = widthStep(family);
  const fits = (k: number) =>
    sizeOf(memberOf(family, k * step, layers ?? 1), counted) <= size * (1 + tolerance);
  const most = mostThat(fits, 0);
  const stride = Math.ceil(most / MOST_WIDTHS);
  return Array.from(
    { length: stride === 0 ? 0 : Math.floor(most / stride) },
    (_, i) => (i + 1) * stride * step,
  );
}

/** The most layers of a width that are no larger than a size; 1 at least. */
function wholeLayers(family: ShapeFamily, counted: Counted, width: number, size: number): number {
  return mostThat((layers) => sizeOf(memberOf(family, width, layers), counted) <= size, 1);
}

/** The largest whole number that fits, where all below it do; the least one where none above it does. */
function mostThat(fits: (n: number) => boolean, least: number): number {
  let [low, high] = [least, least + 1];
  while (fits(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const short = (value: number): string => {
  const units: readonly (readonly [number, string])[] = [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  const [unit, suffix] = units.find(([one]) => Number((value / one).toPrecision(4)) >= 1) ?? [1, ""];
  return `${Number((value / unit).toPrecision(4))}${suffix}`;
};

const signed = (share: number): string =>
  `${Number((100 * Math.abs(share)).toPrecision(3))} % ${share < 0 ? "less" : "more"}`;

/** Why no shape is near a size: too many embeddings, both sides given, or a lattice that is too coarse. */
function withoutShape(family: ShapeFamily, counted: Counted, near: Near, nearest: TransformerShape): Error {
  const { size, tolerance, layers, width } = near;
  const narrowest = tightest(family, counted, near, nearest);
  if (narrowest !== null) return withoutRoom(family, near, counted, narrowest);
  const reached = sizeOf(nearest, counted);
  const percentage = Number((100 * tolerance).toPrecision(2));
  const what = counted === "total" ? "parameters" : `${counted} parameters`;
  const given = [
    ...(layers === null ? [] : [`--layers ${layers}`]),
    ...(width === null ? [] : [`--width ${width}`]),
  ].join(", ");
  if (given !== "")
    return contradiction(
      `--params ${short(size)} and ${given}`,
      `the nearest shape, ${nearest.layers} layers of ${nearest.width}, has ${short(reached)} ${what}, ${signed(reached / size - 1)}`,
      layers !== null && width !== null ? "leave one of the three out" : "give another, or leave it out",
    );
  if (Math.abs(reached / size - 1) <= tolerance)
    return new DataError({
      code: "no-shape",
      message: `no shape of a usual proportion has ${short(size)} ${what}`,
      why: `the nearest in size, ${nearest.layers} layers of ${nearest.width}, is a chain or a plate`,
      hint: `ask for a smaller --multiple than ${family.multiple} or --head-size than ${nearest.headSize}, or a smaller --vocab`,
    });
  return new DataError({
    code: "no-shape",
    message: `no shape in steps of ${widthStep(family)} lies within ${percentage} % of ${short(size)} ${what}`,
    why: `the nearest, ${nearest.layers} layers of ${nearest.width}, has ${short(reached)}, ${signed(reached / size - 1)}`,
    hint: `ask for a smaller --multiple than ${family.multiple} or --head-size than ${nearest.headSize}, or a wider --tolerance`,
  });
}

/** The narrowest shape whose embeddings and one layer are too much, where that leaves no sensible one; else null. */
function tightest(
  family: ShapeFamily,
  counted: Counted,
  { size, tolerance, width, layers }: Near,
  nearest: TransformerShape,
): TransformerShape | null {
  if (counted === "non-embedding") return null;
  const isNear = Math.abs(sizeOf(nearest, counted) / size - 1) <= tolerance;
  const next = width ?? (isNear ? nearest.width + widthStep(family) : nearest.width);
  const shape = memberOf(family, next, layers ?? 1);
  const { embedding } = parametersOf(shape);
  return sizeOf(shape, counted) > size && embedding > size / 2 ? shape : null;
}

function withoutRoom(
  family: ShapeFamily,
  { size, width: given }: Near,
  counted: Counted,
  narrowest: TransformerShape,
): UsageError {
  const { width, layers, vocab } = narrowest;
  const taken = sizeOf(narrowest, counted);
  const most = Math.floor(size / width / (family.isTied ? 1 : 2));
  return contradiction(
    given === null
      ? `${short(size)} parameters and a vocabulary of ${vocab}`
      : `--params ${short(size)} and --width ${given}`,
    `at a width of ${width} the embeddings and ${layers === 1 ? "one layer" : `${layers} layers`} take ${short(taken)}, ${short(taken - size)} more than there are`,
    `take a --vocab well below ${most}${family.isTied ? "" : ", or --tied"}, or count the size without it: --counted non-embedding`,
  );
}
