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
import { BLOCK } from "./evaluate.js";
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
    const log = new Float64Array(column.length);
    let total = 0;
    for (let i = 0; i < log.length; i++) {
      log[i] = Math.log(column[i]);
      total += log[i];
    }
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
  abstract readonly hasShift: boolean;
  abstract readonly lower: Float64Array;
  abstract readonly upper: Float64Array;
  abstract readonly curved: Int32Array;
  rows: number;
  /** Per term: what its derivatives are made from, over one block. */
  protected readonly powers: readonly Float64Array[];
  protected readonly q = new Float64Array(BLOCK);
  /** Where each part stands among the law's parameters. */
  private readonly places: { floor: number; amplitudes: number[]; exponents: number[] };

  constructor(
    readonly sum: PowerSum,
    readonly data: Centred,
  ) {
    this.rows = data.logs[0].length;
    this.powers = data.logs.map(() => new Float64Array(BLOCK));
    this.places = {
      floor: sum.floor === null ? -1 : sum.parameters.indexOf(sum.floor),
      amplitudes: sum.terms.map((term) => sum.parameters.indexOf(term.amplitude)),
      exponents: sum.terms.map((term) => sum.parameters.indexOf(term.exponent)),
    };
  }

  abstract value(theta: Float64Array, from: number, to: number, out: Float64Array): boolean;
  abstract derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    out: Float64Array,
    jacobian: Float64Array,
    hessian: Float64Array | null,
  ): boolean;
  abstract reach(theta: Float64Array, j: number): number;
  abstract toParameters(theta: Float64Array): Float64Array;
  abstract parameterJacobian(theta: Float64Array): Float64Array;
  protected abstract like(data: Centred): PowerSumKernel;

  gather(rows: Int32Array, count: number, into?: Kernel): Kernel {
    const target =
      into instanceof PowerSumKernel && into.data.logs[0].length >= count
        ? into
        : this.like({ logs: this.data.logs.map(() => new Float64Array(count)), means: this.data.means });
    for (let k = 0; k < this.data.logs.length; k++) {
      const from = this.data.logs[k];
      const to = target.data.logs[k];
      for (let i = 0; i < count; i++) to[i] = from[rows[i]];
    }
    target.rows = count;
    return target;
  }

  /** Logs of the sums of n rows, moved by `shift`; false where one is no positive number. */
  protected logsOfSums(shift: number, n: number, out: Float64Array): boolean {
    const { q } = this;
    for (let i = 0; i < n; i++) {
      if (!(q[i] > 0 && q[i] < Number.POSITIVE_INFINITY)) return false;
      out[i] = shift + Math.log(q[i]);
    }
    return true;
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
    const { data, places } = this;
    const parameters = new Float64Array(this.sum.parameters.length);
    if (places.floor >= 0) parameters[places.floor] = floor;
    for (let k = 0; k < data.means.length; k++) {
      parameters[places.amplitudes[k]] = amplitudes[k] * Math.exp(exponents[k] * data.means[k]);
      parameters[places.exponents[k]] = exponents[k];
    }
    return parameters;
  }
}

/** Place of the pair (j, k), k <= j, in a packed lower triangle. */
const packed = (j: number, k: number): number => (j * (j + 1)) / 2 + k;

/** The law with its floor, in (mu, s_1, a_1, s_2, a_2, ...). */
export class MeanValueKernel extends PowerSumKernel {
  readonly size: number;
  readonly hasShift = true;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly curved: Int32Array;

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
    this.curved = Int32Array.from(
      sum.terms.flatMap((_, k) => [packed(2 + 2 * k, 1 + 2 * k), packed(2 + 2 * k, 2 + 2 * k)]),
    );
  }

  protected like(data: Centred): PowerSumKernel {
    return new MeanValueKernel(this.sum, data);
  }

  value(theta: Float64Array, from: number, to: number, out: Float64Array): boolean {
    this.addUp(theta, from, to - from);
    return this.logsOfSums(theta[0], to - from, out);
  }

  /** q of n rows, and exp(-a x) - 1 of each term. */
  private addUp(theta: Float64Array, from: number, n: number): void {
    const { q, powers } = this;
    q.fill(1, 0, n);
    for (let k = 0; k < powers.length; k++) {
      const a = theta[2 + 2 * k];
      const slope = theta[1 + 2 * k] / a;
      const x = this.data.logs[k];
      const e = powers[k];
      for (let i = 0; i < n; i++) {
        const em1 = Math.expm1(-a * x[from + i]);
        e[i] = em1;
        q[i] += slope * em1;
      }
    }
  }

  derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    out: Float64Array,
    jacobian: Float64Array,
    hessian: Float64Array | null,
  ): boolean {
    const { q, powers } = this;
    const n = to - from;
    this.addUp(theta, from, n);
    if (!this.logsOfSums(theta[0], n, out)) return false;
    jacobian.fill(1, 0, n);
    for (let i = 0; i < n; i++) q[i] = 1 / q[i];
    for (let k = 0; k < powers.length; k++) {
      const atS = (1 + 2 * k) * n;
      const atA = atS + n;
      const s = theta[1 + 2 * k];
      const over = 1 / theta[2 + 2 * k];
      const x = this.data.logs[k];
      const e = powers[k];
      for (let i = 0; i < n; i++) {
        const em1 = e[i];
        const xi = x[from + i];
        const xe = xi * (em1 + 1);
        const phi = em1 * over;
        const phi1 = -(xe + phi) * over; // d phi / d a
        jacobian[atS + i] = phi * q[i];
        jacobian[atA + i] = s * phi1 * q[i];
        if (hessian === null) continue;
        const phi2 = (xi * xe - 2 * phi1) * over; // d^2 phi / d a^2
        hessian[2 * k * n + i] = phi1 * q[i];
        hessian[(2 * k + 1) * n + i] = s * phi2 * q[i];
      }
    }
    return true;
  }

  reach(theta: Float64Array, j: number): number {
    return j > 0 && j % 2 === 0 ? exponentReach(theta[j]) : Number.POSITIVE_INFINITY;
  }

  /** E at these coordinates, relative to the loss at the centre; negative outside the law. */
  relativeFloor(theta: Float64Array): number {
    let floor = 1;
    for (let k = 0; k < this.powers.length; k++) floor -= theta[1 + 2 * k] / theta[2 + 2 * k];
    return floor;
  }

  toParameters(theta: Float64Array): Float64Array {
    const level = Math.exp(theta[0]);
    const amplitudes = this.powers.map((_, k) => (level * theta[1 + 2 * k]) / theta[2 + 2 * k]);
    const exponents = this.powers.map((_, k) => theta[2 + 2 * k]);
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
  readonly hasShift = false;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly curved: Int32Array;

  constructor(sum: PowerSum, data: Centred) {
    super(sum, data);
    this.size = 2 * sum.terms.length;
    this.lower = new Float64Array(this.size).fill(Number.NEGATIVE_INFINITY);
    this.upper = new Float64Array(this.size).fill(Number.POSITIVE_INFINITY);
    sum.exponentBounds.forEach(([low, high], k) => {
      this.lower[2 * k + 1] = low;
      this.upper[2 * k + 1] = high;
    });
    this.curved = Int32Array.from(
      sum.terms.flatMap((_, k) => [
        packed(2 * k, 2 * k),
        packed(2 * k + 1, 2 * k),
        packed(2 * k + 1, 2 * k + 1),
      ]),
    );
  }

  protected like(data: Centred): PowerSumKernel {
    return new FloorlessKernel(this.sum, data);
  }

  value(theta: Float64Array, from: number, to: number, out: Float64Array): boolean {
    const top = this.addUp(theta, from, to - from);
    return this.logsOfSums(top, to - from, out);
  }

  /** The terms of n rows and their sum q, relative to the largest amplitude, so that nothing overflows: its log. */
  private addUp(theta: Float64Array, from: number, n: number): number {
    const { powers, q } = this;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < powers.length; k++) top = Math.max(top, theta[2 * k]);
    q.fill(0, 0, n);
    for (let k = 0; k < powers.length; k++) {
      const x = this.data.logs[k];
      const e = powers[k];
      const c = theta[2 * k] - top;
      const a = theta[2 * k + 1];
      for (let i = 0; i < n; i++) {
        e[i] = Math.exp(c - a * x[from + i]);
        q[i] += e[i];
      }
    }
    return top;
  }

  derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    out: Float64Array,
    jacobian: Float64Array,
    hessian: Float64Array | null,
  ): boolean {
    const { powers, q } = this;
    const n = to - from;
    const top = this.addUp(theta, from, n);
    if (!this.logsOfSums(top, n, out)) return false;
    for (let k = 0; k < powers.length; k++) {
      const atC = 2 * k * n;
      const atA = atC + n;
      const x = this.data.logs[k];
      const e = powers[k];
      for (let i = 0; i < n; i++) {
        const share = e[i] / q[i];
        const slope = -x[from + i] * share;
        jacobian[atC + i] = share;
        jacobian[atA + i] = slope;
        if (hessian === null) continue;
        hessian[3 * k * n + i] = share;
        hessian[(3 * k + 1) * n + i] = slope;
        hessian[(3 * k + 2) * n + i] = -x[from + i] * slope;
      }
    }
    return true;
  }

  reach(theta: Float64Array, j: number): number {
    return j % 2 === 1 ? exponentReach(theta[j]) : Number.POSITIVE_INFINITY;
  }

  toParameters(theta: Float64Array): Float64Array {
    const amplitudes = this.powers.map((_, k) => Math.exp(theta[2 * k]));
    const exponents = this.powers.map((_, k) => theta[2 * k + 1]);
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
