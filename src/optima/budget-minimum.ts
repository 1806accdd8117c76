/** Where the loss of one budget is least, by a parabola or by interpolation. */
import { percentileInterval } from "../fit/quantiles.js";
import { randomStream } from "../fit/random.js";
import type { BudgetCode, Estimate } from "../objects.js";
import { akimaMinimum } from "./akima.js";
import { parabolaVertex, type Vertex } from "./parabola.js";

/** The points of one budget: ln N (or ln D) and the loss, by size. */
export interface Valley {
  z: number[];
  loss: number[];
}

export interface ValleyMinimum {
  code: BudgetCode;
  /** ln N* and the loss there; null where there is none. */
  z: number | null;
  loss: number | null;
  /** The parabola through the points, for the spread about it; null with fewer than three sizes. */
  vertex: Vertex | null;
}

/** Which side of the sizes a place lies on. */
function placeOf(z: number, valley: Valley): BudgetCode {
  if (z < Math.min(...valley.z)) return "below-sizes";
  return z > Math.max(...valley.z) ? "above-sizes" : "inside";
}

/** The vertex of the parabola of the loss in ln N. */
export function parabolaMinimum(valley: Valley, leastRuns: number): ValleyMinimum {
  const vertex = parabolaVertex(valley.z, valley.loss);
  const none = { z: null, loss: null, vertex };
  if (valley.z.length < leastRuns || vertex === null) return { code: "too-few-runs", ...none };
  if (!(vertex.curvature > 0)) return { code: "no-minimum", ...none };
  return { code: placeOf(vertex.z, valley), z: vertex.z, loss: vertex.value, vertex };
}

/** The least point of Akima's interpolation of ln loss in ln N; of runs of one size the best counts. */
export function akimaMinimumOf(valley: Valley, leastRuns: number): ValleyMinimum {
  const vertex = parabolaVertex(valley.z, valley.loss);
  const best = bestOfEachSize(valley);
  if (best.z.length < leastRuns) return { code: "too-few-runs", z: null, loss: null, vertex };
  const { x, y, isInside } = akimaMinimum(best.z, best.loss.map(Math.log));
  const code = isInside ? "inside" : x === best.z[0] ? "below-sizes" : "above-sizes";
  return { code, z: isInside ? x : null, loss: isInside ? Math.exp(y) : null, vertex };
}

function bestOfEachSize({ z, loss }: Valley): Valley {
  const best = new Map<number, number>();
  z.forEach((size, i) => {
    best.set(size, Math.min(best.get(size) ?? Number.POSITIVE_INFINITY, loss[i]));
  });
  const sizes = [...best.keys()].sort((a, b) => a - b);
  return { z: sizes, loss: sizes.map((size) => best.get(size) as number) };
}

/** How far noise moves an interpolated minimum. */
export interface NoiseOptions {
  /** Standard deviation of ln loss. */
  noise: number;
  draws: number;
  seed: number;
  level: number;
}

/** Draws in which the minimum is still inside must be this share at least, or it is no matter of noise alone. */
const INSIDE = 0.5;

/** The interval of N* from draws of new noise on the losses, `index` telling the budgets' streams apart. */
export function noiseInterval(
  valley: Valley,
  index: number,
  { noise, draws, seed, level }: NoiseOptions,
): Pick<Estimate, "low" | "high" | "reason"> {
  const { z, loss } = bestOfEachSize(valley);
  const places: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const stream = randomStream(seed, index * draws + draw);
    const { x, isInside } = akimaMinimum(
      z,
      loss.map((value) => Math.log(value) + noise * stream.normal()),
    );
    if (isInside) places.push(Math.exp(x));
  }
  if (places.length < INSIDE * draws)
    return {
      low: null,
      high: null,
      reason: `with noise the minimum is at an end of the sizes in ${draws - places.length} of ${draws} draws`,
    };
  const [low, high] = percentileInterval(places, level);
  return { low, high };
}
