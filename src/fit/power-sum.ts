/**
 * Laws that are a sum of power terms, L = E + SUM_k A_k x_k^-a_k, in coordinates in which they are easy to fit.
 *
 * With x_k = ln X_k - mean(ln X_k) and phi_a(x) = (exp(-a x) - 1) / a (which tends to -x as a tends to 0):
 *
 *   ln L = mu + ln q,   q = 1 + SUM_k s_k phi_{a_k}(x_k)
 *
 * mu is the log loss at the centre of the data, s_k the local slopes, a_k the curvatures. Back to the law:
 * A'_k = e^mu s_k / a_k, E = e^mu - SUM_k A'_k, A_k = A'_k exp(a_k mean(ln X_k)). The scaled condition number of
 * J'J falls from 4.8e4 (A, B, E or their logs) to 9 on the Chinchilla data, and Newton's method no longer creeps
 * along the valley where an exponent goes to 0 and E trades off against the amplitudes.
 *
 * Where the best E would be negative the fit moves to the face E = 0, which has its own coordinates:
 *
 *   ln L = ln SUM_k exp(c_k - a_k x_k)
 */
import type { Kernel } from "./kernel.js";

/** One term of the sum: its amplitude and exponent by parameter name, and the column it falls with. */
export interface PowerTerm {
  amplitude: string;
  exponent: string;
  input: string;
}

/** A law as a sum of power terms, with the bounds of its exponents. */
export interface PowerSum {
  floor: string | null;
  terms: readonly PowerTerm[];
  /** Bounds of the exponents, in the order of the terms. */
  exponentBounds: readonly (readonly [number, number])[];
  /** The law's parameter names in its own order. */
  parameters: readonly string[];
}

/** Columns of centred logs, one a term, and their means. */
export interface Centred {
  logs: Float64Array[];
  means: Float64Array;
}

/** Logs of the columns of the terms, centred on their means (all rows count once, whatever their weight). */
export function centre(sum: PowerSum, inputs: ReadonlyMap<string, Float64Array>): Centred {
  const logs: Float64Array[] = [];
  const means = new Float64Array(sum.terms.length);
  sum.terms.forEach((term, k) => {
    const column = inputs.get(term.input) as Float64Array;
    const log = column.map(Math.log);
    let total = 0;
    for (let i = 0; i < log.length; i++) total += log[i];
    const mean = total / log.length;
    for (let i = 0; i < log.length; i++) log[i] -= mean;
    logs.push(log);
    means[k] = mean;
  });
  return { logs, means };
}

/** The longest step of an exponent: 30 % of itself, at least 0.15; longer ones leave the basin. */
const exponentReach = (a: number): number => Math.max(0.3 * Math.abs(a), 0.15);

abstract class PowerSumKernel implements Kernel {
  readonly scale = "log";
  abstract readonly size: number;
  abstract readonly lower: Float64Array;
  abstract readonly upper: Float64Array;
  rows: number;
  /** Per term and row: what `value` computed and `derivatives` uses again. */
  protected readonly held: Float64Array[];
  protected readonly q: Float64Array;

  constructor(
    readonly sum: PowerSum,
    readonly data: Centred,
  ) {
    this.rows = data.logs[0].length;
    this.held = data.logs.map((log) => new Float64Array(log.length));
    this.q = new Float64Array(this.rows);
  }

  abstract value(theta: Float64Array, out: Float64Array): boolean;
  abstract derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    jacobian: Float64Array,
    hessian: Float64Array,
  ): void;
  abstract reach(theta: Float64Array, j: number): number;
  abstract toParameters(theta: Float64Array): Float64Array;
  abstract parameterJacobian(theta: Float64Array): Float64Array;
  protected abstract like(data: Centred): PowerSumKernel;

  gather(rows: Int32Array, count: number, into?: Kernel): Kernel {
    const target =
      into instanceof PowerSumKernel && into.data.logs[0].length >= count
        ? into
        : this.like({
            logs: this.data.logs.map((log) => new Float64Array(log.length)),
            means: this.data.means,
          });
    for (let k = 0; k < this.data.logs.length; k++) {
      const from = this.data.logs[k];
      const to = target.data.logs[k];
      for (let i = 0; i < count; i++) to[i] = from[rows[i]];
    }
    target.rows = count;
    return target;
  }

  /** Row of a parameter in the Jacobian, by the law's own order. */
  protected rowOf(name: string): number {
    return this.sum.parameters.indexOf(name) * this.size;
  }

  /** The law's parameters from its floor and the amplitudes at the centre. */
  protected assemble(
    floor: number,
    amplitudes: ArrayLike<number>,
    exponents: ArrayLike<number>,
  ): Float64Array {
    const { sum, data } = this;
    const byName = new Map<string, number>();
    if (sum.floor !== null) byName.set(sum.floor, floor);
    sum.terms.forEach((term, k) => {
      byName.set(term.amplitude, amplitudes[k] * Math.exp(exponents[k] * data.means[k]));
      byName.set(term.exponent, exponents[k]);
    });
    return Float64Array.from(sum.parameters, (name) => byName.get(name) as number);
  }
}

/** The law with its floor, in (mu, s_1, a_1, s_2, a_2, ...). */
export class MeanValueKernel extends PowerSumKernel {
  readonly size: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;

  constructor(sum: PowerSum, data: Centred) {
    super(sum, data);
    this.size = 1 + 2 * sum.terms.length;
    this.lower = new Float64Array(this.size).fill(Number.NEGATIVE_INFINITY);
    this.upper = new Float64Array(this.size).fill(Number.POSITIVE_INFINITY);
    sum.exponentBounds.forEach(([low, high], k) => {
      this.lower[1 + 2 * k] = 0;
      this.lower[2 + 2 * k] = low;
      this.upper[2 + 2 * k] = high;
    });
  }

  protected like(data: Centred): PowerSumKernel {
    return new MeanValueKernel(this.sum, data);
  }

  value(theta: Float64Array, out: Float64Array): boolean {
    const { rows, q, held } = this;
    const mu = theta[0];
    q.fill(1, 0, rows);
    for (let k = 0; k < held.length; k++) {
      const s = theta[1 + 2 * k];
      const a = theta[2 + 2 * k];
      const x = this.data.logs[k];
      const e = held[k];
      for (let i = 0; i < rows; i++) {
        const em1 = Math.expm1(-a * x[i]);
        e[i] = em1;
        q[i] += (s * em1) / a;
      }
    }
    let inside = true;
    for (let i = 0; i < rows; i++) {
      if (!(q[i] > 0 && q[i] < Number.POSITIVE_INFINITY)) inside = false;
      out[i] = mu + Math.log(q[i]);
    }
    return inside;
  }

  derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    jacobian: Float64Array,
    hessian: Float64Array,
  ): void {
    const { size, held, q } = this;
    const packed = (size * (size + 1)) / 2;
    for (let i = from; i < to; i++) {
      const g = (i - from) * size;
      const h = (i - from) * packed;
      const inverse = 1 / q[i];
      jacobian[g] = 1;
      hessian[h] = 0;
      for (let k = 0; k < held.length; k++) {
        const js = 1 + 2 * k;
        const ja = js + 1;
        const s = theta[js];
        const a = theta[ja];
        const x = this.data.logs[k][i];
        const em1 = held[k][i];
        const xe = x * (em1 + 1);
        const phi = em1 / a;
        const phi1 = -(xe + phi) / a; // d phi / d a
        const phi2 = (x * xe - 2 * phi1) / a; // d^2 phi / d a^2
        jacobian[g + js] = phi * inverse;
        jacobian[g + ja] = s * phi1 * inverse;
        // d^2 ln q = d^2 q / q - (d ln q)(d ln q)': the first part is non-zero only within a term.
        const rowS = h + (js * (js + 1)) / 2;
        const rowA = h + (ja * (ja + 1)) / 2;
        hessian[rowS] = 0;
        hessian[rowA] = 0;
        for (let j = 1; j <= js; j++) hessian[rowS + j] = -jacobian[g + js] * jacobian[g + j];
        for (let j = 1; j <= ja; j++) hessian[rowA + j] = -jacobian[g + ja] * jacobian[g + j];
        hessian[rowA + js] += phi1 * inverse;
        hessian[rowA + ja] += s * phi2 * inverse;
      }
    }
  }

  reach(theta: Float64Array, j: number): number {
    return j > 0 && j % 2 === 0 ? exponentReach(theta[j]) : Number.POSITIVE_INFINITY;
  }

  /** E at these coordinates, relative to the loss at the centre; negative outside the law. */
  relativeFloor(theta: Float64Array): number {
    let floor = 1;
    for (let k = 0; k < this.held.length; k++) floor -= theta[1 + 2 * k] / theta[2 + 2 * k];
    return floor;
  }

  toParameters(theta: Float64Array): Float64Array {
    const level = Math.exp(theta[0]);
    const amplitudes = this.held.map((_, k) => (level * theta[1 + 2 * k]) / theta[2 + 2 * k]);
    const exponents = this.held.map((_, k) => theta[2 + 2 * k]);
    return this.assemble(level * this.relativeFloor(theta), amplitudes, exponents);
  }

  parameterJacobian(theta: Float64Array): Float64Array {
    const { sum, size, data } = this;
    const jacobian = new Float64Array(sum.parameters.length * size);
    const level = Math.exp(theta[0]);
    const floor = this.rowOf(sum.floor as string);
    jacobian[floor] = level * this.relativeFloor(theta);
    sum.terms.forEach((term, k) => {
      const js = 1 + 2 * k;
      const ja = js + 1;
      const s = theta[js];
      const a = theta[ja];
      jacobian[floor + js] = -level / a;
      jacobian[floor + ja] = (level * s) / (a * a);
      const unit = (level / a) * Math.exp(a * data.means[k]); // A = unit s
      const amplitude = this.rowOf(term.amplitude);
      jacobian[amplitude] = unit * s;
      jacobian[amplitude + js] = unit;
      jacobian[amplitude + ja] = unit * s * (data.means[k] - 1 / a);
      jacobian[this.rowOf(term.exponent) + ja] = 1;
    });
    return jacobian;
  }
}

/** The law without a floor (E = 0), in (c_1, a_1, c_2, a_2, ...). */
export class FloorlessKernel extends PowerSumKernel {
  readonly size: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;

  constructor(sum: PowerSum, data: Centred) {
    super(sum, data);
    this.size = 2 * sum.terms.length;
    this.lower = new Float64Array(this.size).fill(Number.NEGATIVE_INFINITY);
    this.upper = new Float64Array(this.size).fill(Number.POSITIVE_INFINITY);
    sum.exponentBounds.forEach(([low, high], k) => {
      this.lower[2 * k + 1] = low;
      this.upper[2 * k + 1] = high;
    });
  }

  protected like(data: Centred): PowerSumKernel {
    return new FloorlessKernel(this.sum, data);
  }

  value(theta: Float64Array, out: Float64Array): boolean {
    const { rows, held, q } = this;
    // Sum relative to the largest amplitude, so that nothing overflows before the log is taken.
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < held.length; k++) top = Math.max(top, theta[2 * k]);
    q.fill(0, 0, rows);
    for (let k = 0; k < held.length; k++) {
      const x = this.data.logs[k];
      const e = held[k];
      const c = theta[2 * k] - top;
      const a = theta[2 * k + 1];
      for (let i = 0; i < rows; i++) {
        e[i] = Math.exp(c - a * x[i]);
        q[i] += e[i];
      }
    }
    let inside = true;
    for (let i = 0; i < rows; i++) {
      if (!(q[i] > 0 && q[i] < Number.POSITIVE_INFINITY)) inside = false;
      out[i] = top + Math.log(q[i]);
    }
    return inside;
  }

  derivatives(
    _theta: Float64Array,
    from: number,
    to: number,
    jacobian: Float64Array,
    hessian: Float64Array,
  ): void {
    const { size, held, q } = this;
    const packed = (size * (size + 1)) / 2;
    for (let i = from; i < to; i++) {
      const g = (i - from) * size;
      const h = (i - from) * packed;
      for (let k = 0; k < held.length; k++) {
        const jc = 2 * k;
        const ja = jc + 1;
        const x = this.data.logs[k][i];
        const share = held[k][i] / q[i];
        jacobian[g + jc] = share;
        jacobian[g + ja] = -x * share;
        const rowC = h + (jc * (jc + 1)) / 2;
        const rowA = h + (ja * (ja + 1)) / 2;
        for (let j = 0; j <= jc; j++) hessian[rowC + j] = -share * jacobian[g + j];
        for (let j = 0; j <= ja; j++) hessian[rowA + j] = x * share * jacobian[g + j];
        hessian[rowC + jc] += share;
        hessian[rowA + jc] -= x * share;
        hessian[rowA + ja] += x * x * share;
      }
    }
  }

  reach(theta: Float64Array, j: number): number {
    return j % 2 === 1 ? exponentReach(theta[j]) : Number.POSITIVE_INFINITY;
  }

  toParameters(theta: Float64Array): Float64Array {
    const amplitudes = this.held.map((_, k) => Math.exp(theta[2 * k]));
    const exponents = this.held.map((_, k) => theta[2 * k + 1]);
    return this.assemble(0, amplitudes, exponents);
  }

  parameterJacobian(theta: Float64Array): Float64Array {
    const { sum, size, data } = this;
    const jacobian = new Float64Array(sum.parameters.length * size);
    sum.terms.forEach((term, k) => {
      const amplitude = this.rowOf(term.amplitude);
      const A = Math.exp(theta[2 * k] + theta[2 * k + 1] * data.means[k]);
      jacobian[amplitude + 2 * k] = A;
      jacobian[amplitude + 2 * k + 1] = A * data.means[k];
      jacobian[this.rowOf(term.exponent) + 2 * k + 1] = 1;
    });
    return jacobian;
  }
}

/**
 * Coordinates on the face E = 0 with the same level and slopes at the centre as `theta` of the mean-value kernel:
 * the exponents are stretched by SUM s_k/a_k, which makes the amplitudes add up to the level.
 */
export function ontoFace(theta: Float64Array, terms: number): Float64Array {
  let stretch = 0;
  for (let k = 0; k < terms; k++) stretch += theta[1 + 2 * k] / theta[2 + 2 * k];
  const face = new Float64Array(2 * terms);
  for (let k = 0; k < terms; k++) {
    const a = theta[2 + 2 * k] * stretch;
    face[2 * k] = theta[0] + Math.log(Math.max(theta[1 + 2 * k] / a, 1e-12));
    face[2 * k + 1] = a;
  }
  return face;
}

/** Coordinates of the mean-value kernel from a floor, amplitudes at the centre and exponents. */
export function meanValueCoordinates(
  floor: number,
  amplitudes: readonly number[],
  exponents: readonly number[],
) {
  const level = amplitudes.reduce((total, amplitude) => total + amplitude, floor);
  const theta = new Float64Array(1 + 2 * amplitudes.length);
  theta[0] = Math.log(level);
  amplitudes.forEach((amplitude, k) => {
    theta[1 + 2 * k] = (amplitude * exponents[k]) / level;
    theta[2 + 2 * k] = exponents[k];
  });
  return theta;
}
