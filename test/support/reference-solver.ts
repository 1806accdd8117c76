/**
 * Solvers that share nothing with the program's: another parametrisation (log-sum-exp of ln A, ln B, ln E with the
 * exponents squeezed into their bounds), BFGS, Nelder and Mead, and ml-levenberg-marquardt on reweighted squares.
 * They are slow and none is sure of the minimum; what counts is that none ever ends lower.
 */
import { levenbergMarquardt } from "ml-levenberg-marquardt";
import type { Columns } from "./csv.js";

const LOW = 0.01;
const HIGH = 4;
const squeeze = (u: number): number => LOW + (HIGH - LOW) / (1 + Math.exp(-u));
export const unsqueeze = (a: number): number => Math.log((a - LOW) / (HIGH - a));

/** Coordinates: ln A and ln B at the data's centre, the squeezed exponents, ln E. */
export type Point = [a: number, u: number, b: number, v: number, e: number];

export class ReferenceProblem {
  readonly n: number;
  private readonly x: Float64Array;
  private readonly z: Float64Array;
  private readonly y: Float64Array;
  private readonly means: [number, number];

  /** @param delta the Huber threshold; null for squares */
  constructor(
    { N, D, loss }: Columns,
    readonly delta: number | null,
  ) {
    const centred = (column: number[]): [Float64Array, number] => {
      const logs = column.map(Math.log);
      const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
      return [Float64Array.from(logs, (value) => value - mean), mean];
    };
    this.n = loss.length;
    const [x, meanN] = centred(N);
    const [z, meanD] = centred(D);
    this.x = x;
    this.z = z;
    this.means = [meanN, meanD];
    this.y = Float64Array.from(loss, Math.log);
  }

  /** The coordinates of a law's parameters; a floor of 0 becomes e^-60. */
  point(p: { E: number; A: number; B: number; alpha: number; beta: number }): Point {
    const inside = (a: number) => unsqueeze(Math.min(Math.max(a, LOW + 1e-9), HIGH - 1e-9));
    return [
      Math.log(Math.max(p.A, 1e-300)) - p.alpha * this.means[0],
      inside(p.alpha),
      Math.log(Math.max(p.B, 1e-300)) - p.beta * this.means[1],
      inside(p.beta),
      Math.log(Math.max(p.E, 1e-26)),
    ];
  }

  /** The objective, and its gradient into `g` where it is given. */
  value(p: readonly number[], g?: Float64Array): number {
    const [a, u, b, v, e] = p;
    const alpha = squeeze(u);
    const beta = squeeze(v);
    g?.fill(0);
    let total = 0;
    for (let i = 0; i < this.n; i++) {
      const ta = a - alpha * this.x[i];
      const tb = b - beta * this.z[i];
      const top = Math.max(ta, tb, e);
      const ea = Math.exp(ta - top);
      const eb = Math.exp(tb - top);
      const ee = Math.exp(e - top);
      const sum = ea + eb + ee;
      const r = this.y[i] - top - Math.log(sum);
      const size = Math.abs(r);
      const isLinear = this.delta !== null && size > this.delta;
      total += isLinear ? (this.delta as number) * (size - (this.delta as number) / 2) : (r * r) / 2;
      if (g === undefined) continue;
      const psi = isLinear ? Math.sign(r) * (this.delta as number) : r;
      g[0] -= (psi * ea) / sum;
      g[1] += (psi * ea * this.x[i]) / sum;
      g[2] -= (psi * eb) / sum;
      g[3] += (psi * eb * this.z[i]) / sum;
      g[4] -= (psi * ee) / sum;
    }
    if (g !== undefined) {
      g[1] *= ((alpha - LOW) * (HIGH - alpha)) / (HIGH - LOW);
      g[3] *= ((beta - LOW) * (HIGH - beta)) / (HIGH - LOW);
    }
    return total;
  }

  /** BFGS with halved steps. */
  descend(start: readonly number[], steps: number): number[] {
    const m = 5;
    let p = [...start];
    let g = new Float64Array(m);
    let f = this.value(p, g);
    let H = identity(m);
    for (let step = 0; step < steps; step++) {
      const d = H.map((row) => -row.reduce((sum, h, j) => sum + h * g[j], 0));
      const slope = d.reduce((sum, dj, j) => sum + dj * g[j], 0);
      if (!(slope < 0)) {
        H = identity(m);
        if (step > 0 && slope === 0) break;
        continue;
      }
      let t = Math.min(1, 2 / Math.max(...d.map(Math.abs)));
      let next = p;
      let lower = f;
      for (let k = 0; k < 40; k++, t /= 2) {
        next = p.map((pj, j) => pj + t * d[j]);
        lower = this.value(next);
        if (lower <= f + 1e-4 * t * slope) break;
      }
      if (!(lower < f)) break;
      const h = new Float64Array(m);
      f = this.value(next, h);
      const s = next.map((nj, j) => nj - p[j]);
      const w = Array.from(h, (hj, j) => hj - g[j]);
      const sw = s.reduce((sum, sj, j) => sum + sj * w[j], 0);
      if (sw > 1e-300) {
        const Hw = H.map((row) => row.reduce((sum, hj, j) => sum + hj * w[j], 0));
        const wHw = w.reduce((sum, wj, j) => sum + wj * Hw[j], 0);
        for (let i = 0; i < m; i++)
          for (let j = 0; j < m; j++)
            H[i][j] += ((1 + wHw / sw) * s[i] * s[j] - Hw[i] * s[j] - s[i] * Hw[j]) / sw;
      }
      p = next;
      g = h;
    }
    return p;
  }

  /** Nelder and Mead's simplex with the usual coefficients. */
  simplex(start: readonly number[], size: number, evaluations: number): number[] {
    const m = start.length;
    let corners = [start, ...start.map((_, j) => start.map((value, k) => value + (j === k ? size : 0)))].map(
      (point) => ({ point: [...point], value: this.value(point) }),
    );
    for (let spent = 0; spent < evaluations; spent++) {
      corners.sort((a, b) => a.value - b.value);
      const worst = corners[m];
      const centre = start.map((_, j) => corners.slice(0, m).reduce((sum, c) => sum + c.point[j], 0) / m);
      const along = (t: number) => {
        const point = centre.map((c, j) => c + t * (worst.point[j] - c));
        return { point, value: this.value(point) };
      };
      const reflected = along(-1);
      if (reflected.value < corners[0].value) {
        const expanded = along(-2);
        corners[m] = expanded.value < reflected.value ? expanded : reflected;
      } else if (reflected.value < corners[m - 1].value) corners[m] = reflected;
      else {
        const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
        if (contracted.value < Math.min(worst.value, reflected.value)) corners[m] = contracted;
        else {
          const [best] = corners;
          corners = corners.map(({ point }) => {
            const shrunk = point.map((value, j) => (value + best.point[j]) / 2);
            return { point: shrunk, value: this.value(shrunk) };
          });
          spent += m;
        }
      }
    }
    return corners.sort((a, b) => a.value - b.value)[0].point;
  }

  /** ml-levenberg-marquardt on squares reweighted to touch the objective, a few rounds. */
  reweighted(start: readonly number[], rounds: number): number[] {
    let p = [...start];
    for (let round = 0; round < rounds; round++) {
      const root = Array.from(this.y, (y, i) => {
        const r = Math.abs(y - this.predicted(p, i));
        return this.delta === null || r <= this.delta ? 1 : Math.sqrt(this.delta / r);
      });
      const { parameterValues } = levenbergMarquardt(
        { x: root.map((_, i) => i), y: root.map((w, i) => w * this.y[i]) },
        (q) => (i) => root[i] * this.predicted(q, i),
        {
          initialValues: p,
          minValues: [-80, -15, -80, -15, -80],
          maxValues: [40, 15, 40, 15, 40],
          maxIterations: 6,
          gradientDifference: 1e-6,
          centralDifference: true,
          errorTolerance: 0,
          damping: 1e-3,
        },
      );
      p = parameterValues;
    }
    return p;
  }

  private predicted([a, u, b, v, e]: readonly number[], i: number): number {
    const ta = a - squeeze(u) * this.x[i];
    const tb = b - squeeze(v) * this.z[i];
    const top = Math.max(ta, tb, e);
    return top + Math.log(Math.exp(ta - top) + Math.exp(tb - top) + Math.exp(e - top));
  }
}

const identity = (m: number): number[][] =>
  Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => (i === j ? 1 : 0)));
