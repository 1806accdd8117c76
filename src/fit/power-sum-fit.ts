/**
 * A sum of power terms over given rows: polished from a start on the exact objective, the face E = 0 taken where the
 * floor would be negative.
 */
import type { Problem } from "./evaluate.js";
import type { Kernel } from "./kernel.js";
import type { Model, Refit, SearchOutcome, Solution } from "./model.js";
import type { Objective } from "./objective.js";
import {
  type Centred,
  centre,
  FloorlessKernel,
  MeanValueKernel,
  meanValueCoordinates,
  ontoFace,
  type PowerSum,
} from "./power-sum.js";
import { ROUGH_ROWS, searchMinimum } from "./power-sum-search.js";
import { startsFor } from "./search.js";
import { type Minimum, minimise, Workspace } from "./solve.js";

const POLISH = { tolerance: 1e-13, maxSteps: 300 };

/** Refits stop earlier than the estimate: 1e-14 of the objective is a millionth of a draw's own scatter. */
const REFIT = { tolerance: 1e-9, enough: 1e-14, foretold: 1e-18, maxSteps: 100 };

/** A sum of power terms over given rows, shared by the search, the resamples and the refits. */
export class PowerSumProblem implements Model {
  readonly effort = 1;
  readonly full: MeanValueKernel;
  readonly face: FloorlessKernel;
  private readonly workspaces: [Workspace, Workspace];
  private readonly logs: Float64Array;
  private found: readonly Float64Array[] | null = null;
  private few: PowerSumProblem | null = null;

  private constructor(
    readonly sum: PowerSum,
    data: Centred,
    readonly measured: Float64Array,
    readonly weight: Float64Array | null,
    readonly inverseNoise: Float64Array | null,
  ) {
    this.full = new MeanValueKernel(sum, data);
    this.face = new FloorlessKernel(sum, data);
    this.logs = measured.map(Math.log);
    this.workspaces = [new Workspace(this.full), new Workspace(this.face)];
  }

  get parameters(): readonly string[] {
    return this.sum.parameters;
  }

  static of(
    sum: PowerSum,
    inputs: ReadonlyMap<string, Float64Array>,
    measured: Float64Array,
    weight: Float64Array | null,
    inverseNoise: Float64Array | null = null,
  ): PowerSumProblem {
    return new PowerSumProblem(sum, centre(sum, inputs), measured, weight, inverseNoise);
  }

  /** Every k-th row, in the same coordinates; the problem itself when it has no more than `most` rows. */
  thinned(most: number): PowerSumProblem {
    const stride = Math.ceil(this.measured.length / most);
    if (stride === 1) return this;
    if (this.few !== null) return this.few;
    const pick = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
    const data = { logs: this.full.data.logs.map(pick), means: this.full.data.means };
    this.few = new PowerSumProblem(
      this.sum,
      data,
      pick(this.measured),
      this.weight === null ? null : pick(this.weight),
      this.inverseNoise === null ? null : pick(this.inverseNoise),
    );
    return this.few;
  }

  /** Measured values on the objective's scale. */
  observed(objective: Objective): Float64Array {
    return objective.scale === "log" ? this.logs : this.measured;
  }

  /** Its variables are centred on its rows; a search is as fast as what would carry them over. */
  over(): null {
    return null;
  }

  problem(kernel: Kernel, objective: Objective): Problem {
    const { weight, inverseNoise } = this;
    return { kernel, y: this.observed(objective), weight, inverseNoise, objective };
  }

  isInside(kernel: Kernel, theta: Float64Array): boolean {
    return kernel !== this.full || this.sum.floor === null || this.full.relativeFloor(theta) >= 0;
  }

  search(objective: Objective, earlier?: SearchOutcome): SearchOutcome {
    return searchMinimum(this, objective, earlier?.basins);
  }

  /** The whole search: it costs less than a part of others. */
  quickSearch(objective: Objective, start?: Float64Array): Solution {
    return start === undefined ? this.search(objective).best : this.polish(start, objective);
  }

  quickConfirmed(objective: Objective): Solution {
    return this.quickSearch(objective);
  }

  quickRefitter(start: Float64Array, objective: Objective): Refit {
    return this.refitter(start, objective);
  }

  /** The solution in coordinates of the mean-value kernel; from the face E = 0 a little inside. */
  warmStart({ kernel, minimum }: Solution): Float64Array {
    if (kernel instanceof MeanValueKernel) return minimum.theta;
    const amplitudes = this.sum.terms.map((_, k) => Math.exp(minimum.theta[2 * k]));
    const exponents = this.sum.terms.map((_, k) => minimum.theta[2 * k + 1]);
    const level = amplitudes.reduce((total, amplitude) => total + amplitude, 0);
    return meanValueCoordinates(1e-3 * level, amplitudes, exponents);
  }

  otherStarts(): readonly Float64Array[] {
    return this.thinned(ROUGH_ROWS).starts();
  }

  refitter(start: Float64Array, objective: Objective, observed = this.observed(objective)): Refit {
    const q = this.inverseNoise;
    const work = [new Workspace(this.full), new Workspace(this.face)] as const;
    // Made for the rows of the first refit, and again where one has more.
    let full: MeanValueKernel | undefined;
    let face = this.face;
    let y = new Float64Array(0);
    let inverseNoise: Float64Array | null = null;
    return (rows, count, weight) => {
      if (y.length < count) {
        y = new Float64Array(count);
        inverseNoise = q === null ? null : new Float64Array(count);
      }
      for (let i = 0; i < count; i++) y[i] = observed[rows[i]];
      if (q !== null && inverseNoise !== null) for (let i = 0; i < count; i++) inverseNoise[i] = q[rows[i]];
      full = this.full.gather(rows, count, full) as MeanValueKernel;
      // Both kernels read the same logs.
      if (face.data !== full.data) face = new FloorlessKernel(this.sum, full.data);
      face.rows = count;
      return polishOn(
        full,
        face,
        this.sum,
        start,
        work,
        (kernel) => ({ kernel, y, weight, inverseNoise, objective }),
        REFIT,
      );
    };
  }

  /** Polishes one start (in mean-value coordinates), going to the face E = 0 where the floor would be negative. */
  polish(start: Float64Array, objective: Objective, options = POLISH): Solution {
    return polishOn(
      this.full,
      this.face,
      this.sum,
      start,
      this.workspaces,
      (kernel) => this.problem(kernel, objective),
      options,
    );
  }

  /** Polishes one start in the coordinates of the face E = 0, and stays there. */
  polishFace(start: Float64Array, objective: Objective): Solution {
    const workspace = this.workspaceFor(this.face);
    const minimum = minimise(this.problem(this.face, objective), start, { ...POLISH, workspace });
    return solution(this.sum, this.face, minimum, true);
  }

  /** From the face E = 0 the way inside is tried too: what lies lower may change with the objective. */
  repolish(from: Solution, objective: Objective): Solution {
    const inside = this.polish(this.warmStart(from), objective);
    if (from.kernel !== this.face) return inside;
    const onFace = this.polishFace(from.minimum.theta, objective);
    return inside.minimum.value < onFace.minimum.value ? inside : onFace;
  }

  workspaceFor(kernel: Kernel): Workspace {
    return this.workspaces[kernel === this.face ? 1 : 0];
  }

  /** Starts of the search; they depend on the rows alone and serve every objective. */
  starts(): readonly Float64Array[] {
    this.found ??= startsFor(this.full, this.measured, this.sum.floor !== null);
    return this.found;
  }
}

/** Polishes on given kernels; shared by the fit and its resamples. */
export function polishOn(
  full: MeanValueKernel,
  face: FloorlessKernel,
  sum: PowerSum,
  start: Float64Array,
  [fullWork, faceWork]: readonly [Workspace, Workspace],
  problem: (kernel: Kernel) => Problem,
  options = POLISH,
): Solution {
  const hasFloor = sum.floor !== null;
  let free: Minimum | null = null;
  if (hasFloor) {
    free = minimise(problem(full), start, { ...options, workspace: fullWork });
    if (full.relativeFloor(free.theta) >= 0) return solution(sum, full, free, false);
  }
  const from = ontoFace(free?.theta ?? start, sum.terms.length);
  const bound = minimise(problem(face), from, { ...options, workspace: faceWork });
  return solution(sum, face, bound, hasFloor);
}

/** Share of the level at the centre of the data under which a term is none. */
const NOTHING = 1e-10;

function levelAtCentre(kernel: MeanValueKernel | FloorlessKernel, { theta }: Minimum): number {
  if (kernel instanceof MeanValueKernel) return Math.exp(theta[0]);
  return kernel.sum.terms.reduce((level, _, k) => level + Math.exp(theta[2 * k]), 0);
}

function solution(
  sum: PowerSum,
  kernel: MeanValueKernel | FloorlessKernel,
  minimum: Minimum,
  floorAtZero: boolean,
): Solution {
  const parameters = kernel.toParameters(minimum.theta);
  const held = floorAtZero && sum.floor !== null ? [sum.floor] : [];
  sum.terms.forEach((term, k) => {
    const [low, high] = sum.exponentBounds[k];
    const exponent = parameters[sum.parameters.indexOf(term.exponent)];
    const amplitude = sum.parameters.indexOf(term.amplitude);
    // Without a floor amplitudes are held as logs, which reach 0 only in the limit: what adds nothing to the rows is 0.
    const atCentre = parameters[amplitude] * Math.exp(-exponent * kernel.data.means[k]);
    if (atCentre < NOTHING * levelAtCentre(kernel, minimum)) parameters[amplitude] = 0;
    if (parameters[amplitude] <= 0) held.push(term.amplitude);
    else if (exponent <= low * (1 + 1e-9) || exponent >= high * (1 - 1e-9)) held.push(term.exponent);
  });
  return { minimum, kernel, parameters, held };
}
