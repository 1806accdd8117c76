/**
 * A slow, broad solver of L = E + A/N^alpha + B/D^beta under Huber's loss of the logs, to judge the program's search
 * by: BFGS with exact gradients on the log-sum-exp form (arXiv 2203.15556, section D.3),
 *
 *   ln L = ln(exp(a - alpha x) + exp(b - beta z) + exp(e)),   x, z = centred ln N, ln D,
 *
 * from 200 random starts, the best of them run on to the end. It shares no code, coordinates or starts with `src/fit`.
 */
import type { Columns } from "./csv.js";
import { between } from "./random.js";

/** The exponents' bounds of the law; inside them alpha = LOW + (HIGH - LOW) / (1 + exp(-u)). */
const LOW = 0.01;
const HIGH = 4;
/** Coordinates: a, u of alpha, b, v of beta, e. */
const SIZE = 5;

export const STARTS = 200;
/** Evaluations for every start, for the best 12 of them, for the best 4 of those. */
const STAGES = [
  { keep: STARTS, evaluations: 30 },
  { keep: 12, evaluations: 120 },
  { keep: 4, evaluations: 1500 },
] as const;

const ABSOLUTE_STAGES = [
  { keep: STARTS, evaluations: 30, delta: 1e-2 },
  { keep: 40, evaluations: 100, delta: 1e-3 },
  { keep: 12, evaluations: 200, delta: 1e-4 },
  { keep: 12, evaluations: 400, delta: 1e-6 },
  { keep: 6, evaluations: 600, delta: 1e-8 },
  { keep: 6, evaluations: 600, delta: 1e-10 },
] as const;

interface Run {
  point: Float64Array;
  value: number;
}

export class MultiStart {
  private readonly x: Float64Array;
  private readonly z: Float64Array;
  private readonly y: Float64Array;
  private readonly level: number;

  constructor(
    { N, D, loss }: Columns,
    private delta: number,
  ) {
    this.x = centredLogs(N);
    this.z = centredLogs(D);
    this.y = Float64Array.from(loss, Math.log);
    this.level = this.y.reduce((sum, value) => sum + value, 0) / this.y.length;
  }

  /** The lowest end of the starts: the objective there (the sum over rows), E, and the exponents. */
  minimum(random: () => number): { value: number; E: number; alpha: number; beta: number } {
    let runs: Run[] = Array.from({ length: STARTS }, () => ({ point: this.start(random), value: 0 }));
    for (const { keep, evaluations } of STAGES) {
      runs = runs.slice(0, keep).map(({ point }) => this.descend(point, evaluations));
      runs.sort((p, q) => p.value - q.value);
    }
    const [{ value, point }] = runs;
    const exponent = (u: number) => LOW + (HIGH - LOW) / (1 + Math.exp(-u));
    return { value, E: Math.exp(point[4]), alpha: exponent(point[1]), beta: exponent(point[3]) };
  }

  /**
   * The least sum of absolute residuals: the same starts, at last with smaller and smaller thresholds, which near a
   * vertex leave the sum right to about delta a row.
   */
  leastAbsolute(random: () => number): number {
    let runs: Run[] = Array.from({ length: STARTS }, () => ({ point: this.start(random), value: 0 }));
    for (const { keep, evaluations, delta } of ABSOLUTE_STAGES) {
      this.delta = delta;
      runs = runs.slice(0, keep).map(({ point }) => this.descend(point, evaluations));
      runs.sort((p, q) => p.value - q.value);
    }
    return Math.min(...runs.map(({ point }) => this.sumOfAbsolute(point)));
  }

  private sumOfAbsolute(p: Float64Array): number {
    const exponent = (u: number) => LOW + (HIGH - LOW) / (1 + Math.exp(-u));
    const [alpha, beta] = [exponent(p[1]), exponent(p[3])];
    return this.y.reduce((sum, y, i) => {
      const m = Math.exp(p[0] - alpha * this.x[i]) + Math.exp(p[2] - beta * this.z[i]) + Math.exp(p[4]);
      return sum + Math.abs(y - Math.log(m));
    }, 0);
  }

  /** Shares of the loss for the three terms, exponents over two decades. */
  private start(random: () => number): Float64Array {
    const share = () => this.level + Math.log(between(random, 0.01, 1));
    const exponent = () => {
      const a = 0.02 * 100 ** random();
      return Math.log((a - LOW) / (HIGH - a));
    };
    return Float64Array.of(share(), exponent(), share(), exponent(), share());
  }

  /** The objective with its gradient in `g`. */
  private evaluate(p: Float64Array, g: Float64Array): number {
    const { x, z, y, delta } = this;
    const sa = 1 / (1 + Math.exp(-p[1]));
    const sb = 1 / (1 + Math.exp(-p[3]));
    const alpha = LOW + (HIGH - LOW) * sa;
    const beta = LOW + (HIGH - LOW) * sb;
    const a = p[0];
    const b = p[2];
    const floor = Math.exp(p[4]);
    let value = 0;
    let ga = 0;
    let gu = 0;
    let gb = 0;
    let gv = 0;
    let ge = 0;
    for (let i = 0; i < y.length; i++) {
      const size = Math.exp(a - alpha * x[i]);
      const data = Math.exp(b - beta * z[i]);
      const sum = size + data + floor;
      const r = y[i] - Math.log(sum);
      const inside = r <= delta && r >= -delta;
      const psi = inside ? r : r > 0 ? delta : -delta;
      value += inside ? 0.5 * r * r : delta * (Math.abs(r) - 0.5 * delta);
      const slope = -psi / sum;
      ga += slope * size;
      gu -= slope * size * x[i];
      gb += slope * data;
      gv -= slope * data * z[i];
      ge += slope * floor;
    }
    g[0] = ga;
    g[1] = gu * (HIGH - LOW) * sa * (1 - sa);
    g[2] = gb;
    g[3] = gv * (HIGH - LOW) * sb * (1 - sb);
    g[4] = ge;
    return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
  }

  /** BFGS with a line search for sufficient decrease and curvature (Wolfe), begun again when it no longer pays. */
  private descend(start: Float64Array, evaluations: number): Run {
    const point = start.slice();
    const g = new Float64Array(SIZE);
    let value = this.evaluate(point, g);
    const H = new Float64Array(SIZE * SIZE);
    const d = new Float64Array(SIZE);
    const next = new Float64Array(SIZE);
    const h = new Float64Array(SIZE);
    const Hw = new Float64Array(SIZE);
    let isFresh = true;
    identity(H);
    let spent = 1;
    while (spent < evaluations) {
      let slope = 0;
      let longest = 0;
      for (let j = 0; j < SIZE; j++) {
        d[j] = 0;
        for (let k = 0; k < SIZE; k++) d[j] -= H[j * SIZE + k] * g[k];
        slope += d[j] * g[j];
        longest = Math.max(longest, Math.abs(d[j]));
      }
      if (!(longest > 0) || !Number.isFinite(longest)) break;
      // A weak Wolfe search by doubling and halving.
      let t = isFresh ? Math.min(1, 0.1 / longest) : Math.min(1, 1 / longest);
      let low = 0;
      let high = Number.POSITIVE_INFINITY;
      let reached = Number.POSITIVE_INFINITY;
      let accepted = false;
      for (let k = 0; k < 30 && slope < 0; k++) {
        for (let j = 0; j < SIZE; j++) next[j] = point[j] + t * d[j];
        reached = this.evaluate(next, h);
        spent++;
        let steepness = 0;
        for (let j = 0; j < SIZE; j++) steepness += h[j] * d[j];
        if (!(reached <= value + 1e-4 * t * slope)) high = t;
        else {
          accepted = true;
          if (steepness >= 0.9 * slope) break;
          low = t;
        }
        if (high < Number.POSITIVE_INFINITY) {
          if (accepted && reached < value && k > 12) break;
          t = (low + high) / 2;
        } else t = 2 * low;
      }
      if (!(reached < value)) {
        if (isFresh) break;
        identity(H);
        isFresh = true;
        continue;
      }
      let sw = 0;
      for (let j = 0; j < SIZE; j++) sw += (next[j] - point[j]) * (h[j] - g[j]);
      if (sw > 1e-300) {
        // The first matrix takes the scale of the first step (Nocedal and Wright, eq. 6.20).
        if (isFresh) {
          let ww = 0;
          for (let j = 0; j < SIZE; j++) ww += (h[j] - g[j]) ** 2;
          for (let j = 0; j < SIZE; j++) H[j * SIZE + j] = sw / ww;
        }
        let wHw = 0;
        for (let j = 0; j < SIZE; j++) {
          Hw[j] = 0;
          for (let k = 0; k < SIZE; k++) Hw[j] += H[j * SIZE + k] * (h[k] - g[k]);
          wHw += Hw[j] * (h[j] - g[j]);
        }
        for (let j = 0; j < SIZE; j++) {
          const sj = next[j] - point[j];
          for (let k = 0; k < SIZE; k++) {
            const sk = next[k] - point[k];
            H[j * SIZE + k] += ((1 + wHw / sw) * sj * sk - Hw[j] * sk - sj * Hw[k]) / sw;
          }
        }
        isFresh = false;
      }
      point.set(next);
      g.set(h);
      value = reached;
    }
    return { point, value };
  }
}

function identity(H: Float64Array): void {
  H.fill(0);
  for (let j = 0; j < SIZE; j++) H[j * SIZE + j] = 1;
}

function centredLogs(column: readonly number[]): Float64Array {
  const logs = Float64Array.from(column, Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return logs.map((value) => value - mean);
}
