/**
 * The rows of one family in pooled coordinates: residuals, derivatives, and the least penalised objective
 *
 *   SUM rho(q (y - m(u))) / (kappa sigma^2) + (u - u_0)' Q (u - u_0) / 2
 *
 * over some of the coordinates, by Levenberg's steps; the penalty counts like so many more rows. rho is Huber's or r^2 / 2;
 * kappa is the share of rows within Huber's threshold, so that psi(r) / kappa has the spread sigma and stands for the
 * residuals in the linear model (Street, Carroll and Ruppert, Amer. Statist. 42, 1988).
 */
import type { BoundFunction } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import type { PoolCoordinates } from "./pool-coordinates.js";
import type { FamilySums } from "./random-effects.js";

/** How rows are judged: Huber's threshold (infinite for squares), kappa and sigma. */
export interface RowNoise {
  delta: number;
  kappa: number;
  sigma: number;
}

/** What the coordinates of a family are drawn to. */
export interface Penalty {
  /** Coordinates that are fitted; the others stay at the centre. */
  free: readonly number[];
  centre: Float64Array;
  /** Precision over the free coordinates, row-major. */
  precision: Float64Array;
}

const MOST_STEPS = 40;
const ENOUGH = 1e-9;

export class PoolRows {
  /** Measured values on the objective's scale. */
  readonly y: Float64Array;
  readonly rows: number;
  private readonly q: Float64Array;
  private readonly bound: BoundFunction;
  private readonly value: Float64Array;
  private readonly byParameter: Float64Array;
  /** q (y - m) at the last place. */
  private readonly residuals: Float64Array;
  /** q dm/du there, row-major. */
  private readonly J: Float64Array;

  constructor(
    law: Law,
    { inputs, measured, weight }: Observations,
    private readonly coordinates: PoolCoordinates,
    private readonly isLog: boolean,
  ) {
    const n = measured.length;
    const { size } = coordinates;
    const columns = law.inputs.map(({ name }) => inputs.get(name) as Float64Array);
    this.rows = n;
    this.bound = coordinates.layout.compile().bind(columns, n);
    this.y = isLog ? measured.map(Math.log) : Float64Array.from(measured);
    this.q = weight === null ? new Float64Array(n).fill(1) : weight.map(Math.sqrt);
    this.value = new Float64Array(n);
    this.byParameter = new Float64Array(n * size);
    this.residuals = new Float64Array(n);
    this.J = new Float64Array(n * size);
  }

  /** Fills residuals (and J); whether all are finite. */
  private at(u: Float64Array, y: Float64Array, withJ: boolean): boolean {
    const { size } = this.coordinates;
    const n = this.rows;
    const parameters = this.coordinates.parameters(u);
    if (withJ) this.bound.gradient(parameters, this.value, this.byParameter);
    else this.bound.value(parameters, this.value);
    let isAllFinite = true;
    for (let i = 0; i < n; i++) {
      const m = this.isLog ? Math.log(this.value[i]) : this.value[i];
      this.residuals[i] = this.q[i] * (y[i] - m);
      isAllFinite &&= Number.isFinite(this.residuals[i]);
    }
    if (!withJ) return isAllFinite;
    const chain = this.coordinates.jacobian(u);
    for (let i = 0; i < n; i++) {
      const factor = this.isLog ? this.q[i] / this.value[i] : this.q[i];
      for (let k = 0; k < size; k++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += this.byParameter[j * n + i] * chain[j * size + k];
        this.J[i * size + k] = factor * sum;
      }
    }
    return isAllFinite;
  }

  /** Predictions on the objective's scale. */
  predicted(u: Float64Array): Float64Array {
    this.at(u, this.y, false);
    return this.y.map((y, i) => y - this.residuals[i] / this.q[i]);
  }

  /** q (y - m) of the measured values. */
  residualsAt(u: Float64Array): Float64Array {
    this.at(u, this.y, false);
    return Float64Array.from(this.residuals);
  }

  /** Values with noise about predictions, as many as there are rows. */
  noisy(predicted: Float64Array, noise: () => number): Float64Array {
    return predicted.map((m, i) => m + noise() / this.q[i]);
  }

  /** The sums of the linear model about a place, z counted from there. */
  sums(u: Float64Array, { delta, kappa }: RowNoise): FamilySums {
    this.at(u, this.y, true);
    const { size } = this.coordinates;
    const JJ = new Float64Array(size * size);
    const Jz = new Float64Array(size);
    let zz = 0;
    for (let i = 0; i < this.rows; i++) {
      const z = Math.max(-delta, Math.min(delta, this.residuals[i])) / kappa;
      zz += z * z;
      for (let a = 0; a < size; a++) {
        const Ja = this.J[i * size + a];
        Jz[a] += Ja * z;
        for (let b = 0; b < size; b++) JJ[a * size + b] += Ja * this.J[i * size + b];
      }
    }
    return { JJ, Jz, zz, rows: this.rows };
  }

  /**
   * The place of the least penalised objective, from a start.
   *
   * @param y values to fit in place of the measured ones
   */
  penalised(start: Float64Array, noise: RowNoise, penalty: Penalty, y: Float64Array = this.y): Float64Array {
    const { free, centre } = penalty;
    let u = Float64Array.from(centre);
    for (const k of free) u[k] = start[k];
    let value = this.objective(u, noise, penalty, y);
    if (!Number.isFinite(value)) {
      u = Float64Array.from(centre);
      value = this.objective(u, noise, penalty, y);
    }
    for (let step = 0, damping = 1e-6; step < MOST_STEPS && damping < 1e9; step++) {
      const move = this.step(u, noise, penalty, y, damping);
      if (move === null) {
        damping = Math.max(10 * damping, 1e-4);
        continue;
      }
      const next = Float64Array.from(u);
      free.forEach((k, a) => {
        next[k] += move[a];
      });
      const there = this.objective(next, noise, penalty, y);
      if (!(there <= value)) {
        damping *= 8;
        if (value > 0 && there - value < 1e-12 * value) break;
        continue;
      }
      const gain = value - there;
      u = next;
      value = there;
      damping = Math.max(damping / 10, 1e-9);
      if (gain <= ENOUGH * (1 + value)) break;
    }
    return u;
  }

  private objective(
    u: Float64Array,
    { delta, kappa, sigma }: RowNoise,
    penalty: Penalty,
    y: Float64Array,
  ): number {
    if (!this.at(u, y, false)) return Number.POSITIVE_INFINITY;
    let rho = 0;
    for (const r of this.residuals) {
      const size = Math.abs(r);
      rho += size <= delta ? (r * r) / 2 : delta * (size - delta / 2);
    }
    return rho / (kappa * sigma * sigma) + penaltyAt(u, penalty);
  }

  private step(
    u: Float64Array,
    { delta, kappa, sigma }: RowNoise,
    { free, centre, precision }: Penalty,
    y: Float64Array,
    damping: number,
  ): Float64Array | null {
    if (!this.at(u, y, true)) return null;
    const { size } = this.coordinates;
    const m = free.length;
    const H = Float64Array.from(precision);
    const g = new Float64Array(m);
    const scale = 1 / (kappa * sigma * sigma);
    for (let i = 0; i < this.rows; i++) {
      const r = this.residuals[i];
      const weight = scale * (Math.abs(r) <= delta ? 1 : delta / Math.abs(r));
      for (let a = 0; a < m; a++) {
        const Ja = weight * this.J[i * size + free[a]];
        g[a] += Ja * r;
        for (let b = 0; b <= a; b++) H[a * m + b] += Ja * this.J[i * size + free[b]];
      }
    }
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) g[a] -= precision[a * m + b] * (u[free[b]] - centre[free[b]]);
    for (let a = 0; a < m; a++) H[a * m + a] *= 1 + damping;
    if (!choleskyInPlace(H, m)) return null;
    choleskySolveInPlace(H, g, m);
    return g;
  }
}

function penaltyAt(u: Float64Array, { free, centre, precision }: Penalty): number {
  const m = free.length;
  let sum = 0;
  for (let a = 0; a < m; a++)
    for (let b = 0; b < m; b++)
      sum += (u[free[a]] - centre[free[a]]) * precision[a * m + b] * (u[free[b]] - centre[free[b]]);
  return sum / 2;
}
