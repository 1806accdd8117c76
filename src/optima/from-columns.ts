/** The estimators of the compute optimum over plain columns: the library's face of them. */
import { UsageError } from "../errors.js";
import type { Diagnosis, EnvelopeOptima, Optima } from "../objects.js";
import type { OptimaRuns } from "./budgets.js";
import { type Curve, ENVELOPE_DEFAULTS, type EnvelopeOptions, envelopeOf } from "./envelope.js";
import { optimaOf } from "./isoflop-optima.js";
import { OPTIMA_DEFAULTS, type OptimaOptions } from "./optima-options.js";

export interface IsoflopInput extends Partial<OptimaOptions> {
  /** One entry a run, in plain units: `N`, `loss`, and `C` or `D` or both (C = k N D gives the one that is missing). */
  data: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * Approach 2: the best size of each budget, by a parabola or by Akima's interpolation, and N* = kN C^a, D* = kD C^b
 * through them.
 *
 *   isoflopOptima({ data: { N, C, loss }, flops: [1e22] }).N.exponent  // { estimate: 0.49, low: ..., high: ... }
 *
 * Rows with a value that is not a finite number above 0 are left out and counted in the notes.
 *
 * @returns vertices with their intervals, both powers of compute with t(m - 2) intervals, and the estimator's bias on
 *   the surface of the same runs
 * @throws UsageError for columns that are missing or of unequal length, or options that cannot be; DataError with fewer
 *   than two budgets whose least loss lies between the sizes
 * @see arXiv 2203.15556, section 3.2
 */
export function isoflopOptima({ data, ...options }: IsoflopInput): Optima {
  const settled = { ...OPTIMA_DEFAULTS, ...options };
  requireOptions(settled);
  const { columns, dropped } = usable(data, settled.flopsPerParamToken);
  const { N, C, D, loss } = columns;
  const runs: OptimaRuns = { N, C, D: data.D === undefined ? null : D, loss };
  const optima = optimaOf(runs, null, settled);
  return { ...optima, notes: [...dropped, ...optima.notes] };
}

export interface EnvelopeInput extends Partial<EnvelopeOptions> {
  /** One entry a point of a training curve: `N`, `loss`, and `C` or `D` so far. */
  data: Readonly<Record<string, ArrayLike<number>>>;
  /** The run of each point. */
  run: ArrayLike<string | number>;
}

/**
 * Approach 1: the size of the run with the least loss at each compute, over training curves.
 *
 * @throws UsageError for columns that are missing or of unequal length; DataError where fewer than two sizes between the
 *   smallest and the largest make the envelope
 * @see arXiv 2203.15556, section 3.1
 */
export function envelopeOptima({ data, run, ...options }: EnvelopeInput): EnvelopeOptima {
  const settled = { ...ENVELOPE_DEFAULTS, ...options };
  requireOptions(settled);
  requireLength("run", run.length, data);
  const { columns, rows, dropped } = usable(data, settled.flopsPerParamToken);
  const { optima } = envelopeOf(
    curvesOf(
      columns,
      rows.map((i) => String(run[i])),
    ),
    settled,
  );
  return { ...optima, notes: [...dropped, ...optima.notes] };
}

type Columns = Record<"N" | "C" | "D" | "loss", Float64Array>;

interface Usable {
  columns: Columns;
  /** The rows that are left, by their index as given. */
  rows: number[];
  dropped: Diagnosis[];
}

/** Columns completed by C = k N D, without the rows that cannot be used. */
function usable(data: IsoflopInput["data"], k: number): Usable {
  const given = (name: string) => (data[name] === undefined ? null : Float64Array.from(data[name]));
  const [N, C, D, loss] = ["N", "C", "D", "loss"].map(given);
  const lacking = N === null ? "N" : loss === null ? "loss" : C === null && D === null ? "C (or D)" : null;
  if (N === null || loss === null || lacking !== null)
    throw new UsageError({ code: "data", message: `data needs a column called ${lacking}` });
  for (const name of ["N", "C", "D"])
    if (data[name] !== undefined) requireLength(`data.${name}`, data[name].length, data);
  const flops = C ?? N.map((n, i) => k * n * (D as Float64Array)[i]);
  const tokens = D ?? flops.map((c, i) => c / (k * N[i]));
  const all = [N, flops, tokens, loss];
  const rows = [...N.keys()].filter((i) =>
    all.every((column) => column[i] > 0 && Number.isFinite(column[i])),
  );
  const [ownN, ownC, ownD, ownLoss] = all.map((column) => Float64Array.from(rows, (i) => column[i]));
  return {
    columns: { N: ownN, C: ownC, D: ownD, loss: ownLoss },
    rows,
    dropped: rows.length === N.length ? [] : [rowsDropped(N.length - rows.length, N.length)],
  };
}

function requireLength(name: string, length: number, { loss }: IsoflopInput["data"]): void {
  if (loss === undefined || length === loss.length) return;
  throw new UsageError({
    code: "data",
    message: `${name} has ${length} values and data.loss ${loss.length}`,
    hint: "give columns of one length",
  });
}

function rowsDropped(count: number, rows: number): Diagnosis {
  return {
    code: "not-positive",
    severity: "warning",
    message: `${count} of ${rows} rows are not used: a value is not a finite number above 0`,
    numbers: { rows, notUsed: count },
  };
}

/** Runs in the order of their names, each with its points by compute; a run's size is that of its first point. */
export function curvesOf({ N, C, loss }: Pick<Columns, "N" | "C" | "loss">, run: readonly string[]): Curve[] {
  const byRun = new Map<string, number[]>();
  run.forEach((name, i) => {
    const known = byRun.get(name);
    if (known === undefined) byRun.set(name, [i]);
    else known.push(i);
  });
  const names = [...byRun.keys()].sort((a, b) => (a < b ? -1 : 1));
  return names.map((name) => {
    const rows = (byRun.get(name) as number[]).sort((a, b) => C[a] - C[b] || loss[a] - loss[b]);
    const take = (column: Float64Array) => Float64Array.from(rows, (i) => column[i]);
    return { run: name, N: N[rows[0]], C: take(C), loss: take(loss) };
  });
}

/** Options that make no sense. @throws UsageError */
function requireOptions(options: {
  level: number;
  flops: readonly number[];
  flopsPerParamToken: number;
}): void {
  const { level, flops, flopsPerParamToken: k } = options;
  const fault = (message: string) => new UsageError({ code: "options", message });
  if (!(level > 0 && level < 1)) throw fault(`level must be between 0 and 1, not ${level}`);
  if (!(k > 0 && Number.isFinite(k))) throw fault(`flopsPerParamToken must be above 0, not ${k}`);
  const wrong = flops.find((value) => !(value > 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw fault(`a budget must be a finite number above 0, not ${wrong}`);
}
