/**
 * The objects that flow between the rooms. Everyone may import this file; it imports nothing.
 * Result objects (`FitDocument`, `PlanDocument`, ...) are what `--json` prints and what the library returns.
 */

/** Trouble that does not stop the work: a code, the words, and where it applies. */
export interface Warning {
  code: string;
  message: string;
  /** The group of rows it speaks of, where the data are grouped. */
  group?: string;
  file?: string;
  /** Physical line numbers, counted from 1; the first 20. */
  lines?: number[];
}

/** An interval, or the reason why there is none. */
export interface Interval {
  low: number | null;
  high: number | null;
  reason?: string;
}

export interface Estimate extends Interval {
  estimate: number;
}

/** Rows that do not enter a fit, by file and reason. */
export interface Dropped {
  file: string;
  /** `where`, `not-last`, `not-finite`, `not-a-number`, `not-positive`, ... */
  code: string;
  reason: string;
  count: number;
  /** Physical line numbers, counted from 1; the first 20. */
  lines: number[];
}

/** Where a row came from. */
export interface RowSource {
  file: string;
  line: number;
}

/**
 * A column of a log. A cell that is one plain number is in `numbers`; any other cell is NaN there and is text.
 * `text(row)` is the cell as the file has it, for every row.
 */
export interface Column {
  /** The header as found (trimmed); nested JSON keys are joined with dots. */
  name: string;
  /** One entry a row; NaN where the cell is not one number by the cell grammar, or is missing. */
  numbers: Float64Array;
  text(row: number): string;
}

/** A log as columns, possibly pooled from several files. */
export interface Table {
  /** Names of the pooled files, as given by the user. */
  files: string[];
  rows: number;
  columns: Column[];
  /** The file and physical line of a row. */
  source(row: number): RowSource;
  /** Earlier steps of runs that were counted and not kept. */
  omitted?: readonly OmittedSteps[];
  /** What its columns hold over the rows looked at for that, where it was asked for. */
  passed?: readonly PassedRows[];
}

/** What the cells of a column are, counted. */
export interface CellTotals {
  filled: number;
  numbers: number;
  /** Infinite where there is no number. */
  low: number;
  high: number;
  /** A cell that is no number. */
  example: string | null;
}

/** The rows of one file that were looked at as steps: those that are omitted, and those that are in the table all the same. */
export interface PassedRows {
  file: string;
  /** By the place of the column in the table. */
  columns: ReadonlyMap<number, CellTotals>;
  /** Of quantities that follow from columns. */
  computed: ReadonlyMap<string, CellTotals>;
}

/** Rows of one run in one file that are not in the table: earlier steps, of which only the places are needed. */
export interface OmittedSteps {
  file: string;
  /** The cell of the run's name, and those of the columns that group rows, trimmed. */
  run: string;
  groups: string[];
  rows: number;
  /** The first lines, ascending. */
  lines: number[];
  /** Lines of rows that are in the table all the same. */
  kept: ReadonlySet<number>;
  /** All rows, those that are kept too: with the measured value written, and without it. */
  logged: StepSeries;
  unlogged: StepSeries;
  /** How many of them have a measured value that is a number. */
  measured: number;
  /** How many of them have a gradient norm, and one far above that of any run that learns. */
  norms: { known: number; wild: number };
  /** Lines that tell the course of the learning rate; null where no row has one. */
  rates: RateCourse | null;
  /** Columns, by their places, of which no row that is left out can say more about the end of the run. */
  sure: ReadonlySet<number>;
}

/** Lines of rows that are in the table: by them and the other rows there is told whether the rate came down. */
export interface RateCourse {
  /** The first of the highest rate, by step. */
  peak: number;
  /** The lowest rate from there on, if the rows came by step. */
  low: number;
  /** The lowest rate of all. */
  least: number;
  /** Whether the peak was the largest step so far when it came, so that `low` holds. */
  isInOrder: boolean;
}

/** Steps and lines of many rows, in the order they were passed over. */
export interface StepSeries {
  rows: number;
  /** The least and the greatest step of each stretch, and whether a step comes twice in it. */
  spans(): Iterable<{ low: number; high: number; isRepeated: boolean }>;
  places(): Iterable<{ step: number; line: number }>;
}

/** A column of a few texts (recipe, data set, a flag) that sorts rows into kinds. */
export interface Labels {
  column: string;
  /** In code-unit order. */
  levels: readonly string[];
  /** One an observation, as an index of `levels`. */
  level: Int32Array;
}

/** The inputs of a law and the measured value, columnar, in plain units (N, D as counts, C in FLOPs, loss as logged). */
export interface Observations {
  /** By the law's input name (`N`, `D`, `x`). */
  inputs: ReadonlyMap<string, Float64Array>;
  measured: Float64Array;
  /** Precision of each row: 1/s^2 with s its noise on the objective's scale, or null for all 1. */
  weight: Float64Array | null;
  /** Whether `weight` is 1/s^2 of noise of known size; otherwise only the proportions of the weights count. */
  isNoiseKnown?: boolean;
  /** The run (cluster) a row belongs to, as an index from 0, or null when every row is a run of its own. */
  run: Int32Array | null;
  /** Rows of the log that the observations are, where fits of several stages must share resamples. */
  rows?: Int32Array;
  /** What is drawn together, as indices of observations, where it is not the run; some may be empty. */
  units?: readonly Int32Array[];
  /** Columns of texts beside the numbers, in code-unit order of their names; absent where the rows are too many to look. */
  labels?: readonly Labels[];
  /** The stratum of each row, within which resamples are drawn, as an index; without it they are drawn from all rows. */
  stratum?: Int32Array;
  /** The name to show for a row (run id, or file:line). */
  label(row: number): string;
  source(row: number): RowSource;
}

/** How a fit's objective was set. */
export interface ObjectiveReport {
  name: string;
  /**
   * The Huber threshold, on the objective's scale, or in units of the rows' noise or of the fitted scale; null where there
   * is none.
   */
  delta: number | null;
  /** How delta came about, in words. */
  deltaRule: string | null;
  /** Where the noise of the rows is known: its median on the objective's scale, and the robust spread of r/s. */
  noise?: { median: number; scatter: number };
  /** Sum over rows of rho at the estimate; of a likelihood, the negative of its logarithm. */
  value: number;
  /** Of counts: Pearson's chi^2 / (n - p), at least 1 where trials are known; intervals are wider by its root. */
  dispersion?: number;
  /** The fitted scale of a likelihood, on the objective's scale or in units of the rows' noise. */
  scale?: number;
}

export interface SearchReport {
  /** Starts tried, and how many of them lie in the basin of the best minimum. */
  starts: number;
  reachedBest: number;
  /** Distinct minima found, and how far the next one lies above the best, relative to it. */
  minima: number;
  gapToNext: number | null;
  steps: number;
  /** Largest gradient component relative to the sum of the rows' absolute contributions to it. */
  gradient: number;
  /** Condition number of J'J in the solver's coordinates, columns scaled; null where it is singular. */
  condition: number | null;
  secondOpinion: SecondOpinion;
}

/** What ml-levenberg-marquardt made of the answer. */
export interface SecondOpinion {
  solver: string;
  /** Starts it was given, the answer itself among them. */
  starts: number;
  /** The best objective it reached, relative to ours; below 0 when it found something better. */
  relativeDifference: number | null;
  agrees: boolean;
}

export type FitStatus = "converged" | "at-bound" | "degenerate" | "max-iterations" | "stalled";

/** Quality of a fit. Relative errors are |predicted / measured - 1|; null where a measured value is 0. */
export interface FitMetrics {
  /** Share of the variance of the measured values explained. */
  r2: number | null;
  /** The same for their logs. */
  r2Log: number | null;
  rmse: number;
  meanRelativeError: number | null;
  worstRelativeError: number | null;
  /** sqrt(SUM r^2 / (n - p)) on the objective's scale; null without degrees of freedom. */
  residualStandardDeviation: number | null;
  /** From the Gaussian likelihood of the residuals on the objective's scale; comparable on equal rows and scale only. */
  aicc: number | null;
  bic: number | null;
  /** Mean relative error of every row as predicted by the fit to all others. */
  looMeanRelativeError: number | null;
}

/** Something a user must know about a fit; `numbers` and `rows` are what the words are made from. */
export interface Diagnosis {
  code: string;
  severity: "note" | "warning";
  message: string;
  numbers?: Record<string, number>;
  rows?: { label: string; file: string; line: number; relativeError: number }[];
}

export interface ParameterEstimate extends Estimate {
  standardError: number | null;
}

/** One stage of a chain: what it predicts, and how its own fit went. */
export interface FittedStage {
  output: string;
  formula: string;
  rows: number;
  objective: ObjectiveReport;
  status: FitStatus;
  search: SearchReport;
  metrics: FitMetrics;
  /** Where it has parameters in common with other stages and was fitted together with them. */
  joint?: JointStage;
}

/** A stage of several that were fitted as one problem: status and search are those of all of them. */
export interface JointStage {
  /** The outputs of the others. */
  with: string[];
  /** What it has in common with them. */
  parameters: string[];
  /**
   * What its residuals were measured by, so that a noisy stage does not outweigh a quiet one: the robust spread about a fit
   * of its own, on the objective's scale, or in units of the rows' noise where that is known.
   */
  spread: number;
}

/**
 * How the largest rows came out against the law fitted without them: what guards limits beyond the data against a law
 * that bends otherwise than the runs.
 */
export interface BacktestShift {
  /** Where the held-out rows lie about their prediction: log(observed / predicted), or observed - predicted for an objective on the raw scale. */
  m: number;
  /** null where neither refits nor a covariance give one. */
  standardError: number | null;
  /** Rows held out, and rows fitted without them. */
  heldOut: number;
  rest: number;
  /** The inputs whose product is the scale by which rows are the largest. */
  along: string[];
  /** The largest scale among the rest, and among all rows. */
  cut: number;
  largest: number;
  /** Mean decades of the held-out rows beyond the cut. */
  decades: number;
}

/** Or the reason why there is none. */
export type Backtest = BacktestShift | { m: null; reason: string };

/** How much larger an error is than another, relative to it, and how many standard errors of the difference that is. */
export interface ErrorDifference {
  relative: number;
  /** Null where the difference does not vary. */
  standardErrors: number | null;
}

/** How one law of several did on the same rows. */
export interface RankedLaw {
  law: string;
  size?: number;
  formula: string;
  /** How many are fitted. */
  parameters: number;
  /** Mean absolute error of rows as predicted by a fit that was made without them; rows of known noise s count as 1/s. */
  leaveOutError: number | null;
  /** That of the rows of the largest scales, as predicted by a fit to all smaller ones; null where none were hidden. */
  extrapolationError: number | null;
  /** Both as one, their geometric mean: the lower, the better. */
  heldOut: number | null;
  /** Against the chosen law; null for itself. */
  difference: { leaveOut: ErrorDifference; extrapolation: ErrorDifference | null } | null;
  aicc: number | null;
  bic: number | null;
  /**
   * Where on the rows below the largest scales the law is more than twice as far off as the first one tried: its fit to all
   * rows goes on from the one to these, and refits without some of the rows are short. Never of a law that is chosen, as
   * good or next.
   */
  rough?: true;
  /**
   * `as-good`: no law beats it, but the chosen one is simpler or closer; `equal`: it predicts the same as a law above;
   * `not-compared`: it could not be fitted to these rows, `reason` says why.
   */
  verdict: "chosen" | "as-good" | "worse" | "equal" | "not-compared";
  reason?: string;
}

/** How a law was chosen among several. */
export interface LawChoice {
  /** `auto`, or the ids as given. */
  asked: string;
  /** Rows that all laws were compared on, and how often some of them were left out. */
  rows: number;
  folds: number;
  /** The largest scales, which were predicted from the rest; null where there are too few. */
  hidden: { scale: string; above: number; rows: number } | null;
  /** What errors are: differences of logs, or of the values in units of their standard deviation. */
  errors: "log" | "spread";
  objective: string;
  /** The chosen law first, then by `heldOut`, at last those that could not be compared. */
  ranking: RankedLaw[];
  /** The best of the others, with its coefficients: what a plan can be held against. */
  runnerUp: { law: string; size?: number; coefficients: Record<string, number> } | null;
  /** In words: which law, why, how far ahead, how sure. */
  reason: string;
}

export interface FittedLaw {
  group: string | null;
  law: string;
  /** Of a family of laws: which member (breaks, domains). */
  size?: number;
  formula: string;
  /** What each input of the law was read from, and what the law predicts. */
  inputs: { name: string; quantity: string; column: string }[];
  measured: {
    column: string;
    /** What it is, where it is no loss: the law's name for its output. */
    name?: string;
  };
  parameters: Record<string, ParameterEstimate>;
  level: number;
  interval: string;
  objective: ObjectiveReport;
  status: FitStatus;
  search: SearchReport;
  metrics: FitMetrics;
  data: {
    rows: number;
    used: number;
    dropped: Dropped[];
    range: Record<string, [number, number]>;
    /** The largest N D of the rows used, for laws of N and D. */
    largestProduct: number | null;
  };
  diagnosis: Diagnosis[];
  /**
   * Of the estimates, from their covariance; null for a parameter that does not vary, and altogether without a covariance.
   * Not in fits that an earlier version saved.
   */
  correlations?: Correlations | null;
  /** How the law was chosen, where several were tried. */
  choice?: LawChoice;
  /**
   * Of a chain of laws: its stages; the figures above are then those of the output that is asked for first, and objective
   * and search those of all stages that were fitted together with it.
   */
  stages?: FittedStage[];
  /** Not in fits that an earlier version saved. */
  backtest?: Backtest;
  /** Where best sizes were estimated budget by budget: those, and what the law was put through. */
  optima?: Optima | EnvelopeOptima;
  /** Where it took from other families of runs what its own do not tell. */
  pooled?: Pooled;
}

/** Which way, and how many families there were, its own among them. */
export interface Pooled {
  way: PoolWay;
  families: number;
}

/** A correlation for each pair of parameters, row by row; null for one that does not vary. */
export interface Correlations {
  parameters: string[];
  values: (number | null)[][];
}

/** What planning and predicting need without the log. */
export interface FitMemory {
  draws: {
    parameters: string[];
    values: number[][];
    /** Limits from these draws move away from the estimate by this factor, where few clusters were drawn. */
    stretch?: number;
    /** The covariance of each draw as its lower triangle, (0,0), (1,0), (1,1), ...; for a bootstrap-t. */
    covariances?: number[][];
  };
  covariance: {
    parameters: string[];
    values: number[][];
    /** Of Student's t for limits from it: n - p, with a sandwich by clusters their number less 1, from optima theirs. */
    degrees?: number;
  } | null;
  /** Residuals on the objective's scale, at most 1,000. */
  residuals: number[];
  /** Fits without one unit (row or run) each, for the acceleration of BCa intervals. */
  leaveOneOut?: { parameters: string[]; values: number[][] };
}

export interface FitDocument {
  schema: "scalefit/fit@1";
  fits: FittedLaw[];
  warnings: Warning[];
}

export interface SavedFit extends Omit<FitDocument, "fits"> {
  fits: (FittedLaw & FitMemory)[];
  made: {
    version: string;
    options: Record<string, string | number | boolean | string[]>;
    seed: number;
    inputs: { name: string; sha256: string }[];
  };
}

/** A pooled fit as it is saved: nothing was searched, and its quality is that of the trials. */
export type PooledLaw = Omit<FittedLaw, "search" | "metrics"> & FitMemory & { pooled: Pooled };

/** What `compare --pool` saves; a family that takes nothing has a fit like any other. */
export interface SavedPool extends Omit<SavedFit, "fits"> {
  fits: (PooledLaw | SavedFit["fits"][number])[];
}

export interface PlanBudgetRow {
  flops: number;
  /** Of a plan under a measured cost: the budget in its unit; `flops` are then 6ND of the split. */
  measured?: number;
  N: Estimate;
  D: Estimate;
  loss: Estimate;
  tokensPerParameter: Estimate;
  /** Where a law of the best settings was given. */
  lr?: Estimate | null;
  batch?: Estimate | null;
  steps?: Estimate | null;
}

/** The best settings of a run; null where their law does not say. */
export interface Settings {
  /** Peak learning rate. */
  lr: Estimate | null;
  /** Tokens of a step. */
  batch: Estimate | null;
  /** D over the batch, not rounded. */
  steps: Estimate | null;
}

/** Learning rate and batch size at the planned N and D, by a law of the best settings. */
export interface PlannedHyperparameters extends Settings {
  law: string;
  source: string;
  /** Inputs of that law at the plan. */
  at: Record<string, number>;
  batchUnit: "tokens";
  /** Decades of each input outside the data behind that law: 0 inside, negative below; null where they are not known. */
  beyond: Record<string, number> | null;
  /** Which of the two fits the intervals carry. */
  uncertainty: string;
  /** What a published law counts how. */
  conventions: string | null;
  /** Why some are null. */
  unknown?: string[];
}

/** A model of another size than the best one, at the same budget. */
export interface OffOptimum {
  /** N over the best N. */
  factor: number;
  N: number;
  D: number;
  loss: Estimate;
  /** Loss above the optimum's. */
  extraLoss: Estimate;
  /** Share of the budget that the best split would need for the same loss, taken from 1. */
  wastedCompute: Estimate;
}

export interface Extrapolation {
  /** Above 0 beyond the largest, below 0 below the smallest; null without data. */
  decades: number | null;
  /** By how much a limit was moved outwards to guard against a wrong law: below 0 the lower one, above 0 the upper one. */
  shift: number;
  /** Whether that is of the log of the value or of the value itself: the scale of the fit's objective. */
  shiftScale: "log" | "raw" | "angle";
}

/** What is changed of a fit: its objective, its rows, its law, or its objective and its rows at once. */
export type SensitivityKind = "objective" | "rows" | "law" | "objective-and-rows";

/** The plan after one change of the fit, by point estimates. */
export interface SensitivityVariation {
  kind: SensitivityKind;
  /** Short: `squares-log`, `without 5 outliers`. */
  name: string;
  /** What was changed, in words. */
  changed: string;
  rows: number;
  /** As in the plan: `N`, `D`, `loss`, `tokensPerParameter`, or the law's own variables; null where there is no plan. */
  optimum: Record<string, number> | null;
  /** Which of these lie outside of the plan's intervals. */
  outsideInterval: string[];
  /** Whether it counts among the causes: a law that fits worse than the one taken does not. */
  counts: boolean;
  /** Why there is no plan, or why it does not count. */
  reason?: string;
}

/** How far one kind of choice moves the plan; the plan as it is counts too. */
export interface SensitivityCause {
  kind: Exclude<SensitivityKind, "objective-and-rows">;
  /** Least and greatest of every number. */
  ranges: Record<string, [number, number]>;
  /** Greatest over least of what is watched, and the choices that gave them. */
  factor: number;
  least: string;
  greatest: string;
}

/** How far a plan moves with choices that a researcher might as well have made. */
export interface Sensitivity {
  /** The number by which choices are compared: `tokensPerParameter`, or another where that is given. */
  watched: string;
  variations: SensitivityVariation[];
  /** The rows far off the curve on which the objectives disagree, in the order in which they were taken out. */
  outliers: (RowSource & { label: string })[];
  /** The kind that moves most first. */
  causes: SensitivityCause[];
  /** The factor between objectives with all rows, and without the outliers; null without objectives to compare. */
  interaction: { withOutliers: number; withoutOutliers: number } | null;
  /** Which choice moves the plan, in words; or why nothing was refitted. */
  text: string;
}

/** What the critical batch leaves of use. */
export interface PlannedUse {
  /** Accelerators that work, by the estimate. */
  count: number;
  /** Tokens. */
  criticalBatch: number;
  /** The loss for which it holds. */
  loss: number;
  /** Of the critical batch. */
  interval: Interval;
  /** Accelerators of use at its limits; null without any. */
  counts: { low: number; high: number } | null;
  /** Where the law of the critical batch comes from. */
  source: string;
  /** The losses behind it; null where they are not known. */
  lossRange: readonly [number, number] | null;
}

/** What a plan costs on given hardware. */
export interface PlannedRun {
  hardware: string;
  precision: string | null;
  /** Dense, of one accelerator. */
  peakFlopsPerSecond: number | null;
  /** What training gets out of one accelerator. */
  flopsPerSecond: number;
  mfu: number | null;
  count: number | null;
  usdPerGpuHour: number | null;
  watts: number | null;
  pue: number;
  kgCo2PerKwh: number;
  /** Where the figures of the accelerator come from. */
  source: string | null;
  /** What was taken because it was not given. */
  assumed: string[];
  gpuHours: Estimate;
  wallHours: Estimate | null;
  usd: Estimate | null;
  kwh: Estimate | null;
  kgCo2: Estimate | null;
  /** Where the critical batch leaves some of the accelerators without use: how many work, and why. */
  useful?: PlannedUse;
  /** Accelerators that a deadline needs, where their number is not given. */
  countForDeadline?: number;
  /** Why lines above are null. */
  unknown?: string[];
}

/** How the FLOPs of a plan were counted. */
export interface PlannedCost {
  rule: string;
  words: string;
  /** Training FLOPs of one token at the planned size. */
  flopsPerToken: Estimate;
  /** That over 6 N (k N of the coefficients' source). */
  over6nd: Estimate;
  /** Share of the parameters that a token passes. */
  activeShare: number;
  /** The shape that was counted; layers and heads need not be whole where a size picked it. */
  shape: Record<string, number | boolean> | null;
}

/** Serving over the life of a planned model. */
export interface PlannedInference {
  tokens: number;
  /** Price of a FLOP in serving over one in training. */
  pricePerFlop: number;
  trainFlops: Estimate;
  /** In FLOPs of training. */
  serveFlops: Estimate;
  /** The design that reaches the same loss for the least training, and what it costs more in total, as a share. */
  trainingOnly: { N: number; D: number; extraCost: Estimate | null } | null;
  /** Served tokens from which the plan is cheaper in total than that. */
  breakEvenTokens: Estimate | null;
}

export type LimitUnit =
  | "flops"
  | "usd"
  | "gpu-hours"
  | "kwh"
  | "days"
  | "bytes"
  | "parameters"
  | "tokens"
  /** The unit of a measured cost. */
  | "measured";

/** What a served model takes of memory. */
export interface PlannedServeMemory {
  weightBytes: number;
  /** Keys and values of all sequences that are served at once. */
  cacheBytes: number;
  context: number;
  /** Sequences. */
  batch: number;
  bytesPerParam: number;
  bytesPerCached: number;
  layers: number;
  kvHeads: number;
  headSize: number;
  /** Whether the shape was given whole; else it is that of the size. */
  isGiven: boolean;
}

/** A fitted cost law as the cost of a plan: seconds, joules, dollars, whatever was measured against sizes. */
export interface PlannedMeasuredCost {
  law: string;
  formula: string;
  /** Where its coefficients came from. */
  source: string;
  /** The column of its log, and what that counts. */
  column: string;
  unit: string;
  /** What stands for each input of its law: a formula of N, D and C = 6ND. */
  inputs: Record<string, string>;
  /** What the design takes, in the unit. */
  cost: Estimate;
  /** What there is of it; null where a loss was asked for. */
  budget: number | null;
  /** 6ND of the design over its cost. */
  flopsPerUnit: Estimate;
  /** The same as a share of the peak of the hardware; null where it is not known. */
  mfu: number | null;
  /** What the hardware at its MFU would be billed for the design by 6ND, in the unit; null without hardware. */
  by6nd: number | null;
  /** The best split by 6ND that has the same measured cost, and the loss it gives away. */
  split6nd: { N: number; D: number; loss: number; extraLoss: number } | null;
  /** How far the design lies beyond the measured sizes, in the input that is farthest out. */
  extrapolation: { decades: number | null; input: string | null };
  /** Whose uncertainty the intervals of the plan carry. */
  intervals: string;
  /** Where each size has the tokens of its own throughput: that of the design, and what was measured. */
  throughput?: {
    tokensPerSecond: Estimate;
    measured: { params: number; tokensPerSecond: number }[];
  };
}

/** A limit of a plan. */
export interface PlanLimit {
  /** The flag that set it. */
  limit: string;
  amount: number;
  unit: LimitUnit;
  /** What the plan takes of it. */
  used: number;
  binds: boolean;
  /** So much more of it changes the loss by the shadow price. */
  per: number;
  shadowPrice: Estimate | null;
  /** Where a loss is asked for: so much more of it changes the cost by this. */
  shadowCost?: { flops: Estimate; usd: Estimate | null };
  reason?: string;
}

/** A number over the draws: its mean, and what 95 % of them stay below. */
export interface OverDraws {
  mean: number;
  high: number;
}

/** What a plan may lose because the law is not known. */
export interface Regret {
  /** Loss above that of the design that is best under the draw. */
  extraLoss: OverDraws;
  /** Share of the budget that this one would have needed less for the same loss. */
  wastedShare: OverDraws;
  /** The same in FLOPs, and in dollars where there is a price; not of a measured cost. */
  extraFlops?: OverDraws;
  extraUsd?: OverDraws;
}

/** A split chosen over all draws at once, beside the one that is best by the estimate. */
export interface PlannedRisk {
  /** What of the loss over the draws is least. */
  measure: "mean" | "worst" | "quantile";
  /** Of a quantile. */
  share?: number;
  resamples: number;
  /** That mean, worst or quantile of the loss under the plan. */
  value: number;
  plain: { N: number; D: number; value: number };
  /** Loss by the estimate above the plain plan's: what the caution costs. */
  extraLoss: number;
}

/** A target reached with a chosen probability, beside the plan that reaches it by the estimate. */
export interface PlannedConfidence {
  share: number;
  resamples: number;
  /** Share of the resamples in which the plan reaches the target. */
  reached: number;
  plain: { N: number; D: number; flops: number; reached: number };
  /** What being so sure costs. */
  extraFlops: number;
  extraUsd?: number;
}

/** The plan of the least time beside that of the least cost. */
export interface PlannedTime {
  /** The cheapest design that reaches the target; null where it is the plan itself. */
  cheapest: { N: number; D: number; flops: number; trainFlops: number } | null;
  /** Share of the training time that the plan takes less, and of the cost that it takes more. */
  savedTime: Estimate;
  extraCost: Estimate;
}

/** What a little less loss costs; null with its reason where no compute within the limits gives it. */
export interface NextLoss {
  flops: Estimate | null;
  usd: Estimate | null;
  reason?: string;
}

/** A budget on the frontier of cost against loss. */
export interface FrontierRow extends PlanBudgetRow {
  gpuHours: number | null;
  /** Of training; null without a number of accelerators. */
  wallHours: number | null;
  usd: number | null;
  /** Of designs chosen over all resamples: the mean, worst or quantile of the loss that they make least. */
  risk?: number;
  /** Flags of the limits that bind there. */
  binds: string[];
  /** What the next hundredth of the loss above the floor costs, and the next 0.01 of the loss in its unit. */
  nextPercent: NextLoss;
  nextHundredth: NextLoss;
}

/** The least cost of each loss within the limits. */
export interface PlannedFrontier {
  rows: FrontierRow[];
  /** The loss that no budget within the limits goes below; null where the law says none. */
  floor: Estimate | null;
  /** Where the rows end before the range that was asked for does. */
  ends: { flops: number; reason: string } | null;
  /** From which budget on each limit binds; a least amount binds up to it. */
  limits: {
    limit: string;
    binds: "from" | "up-to";
    flops: Estimate | null;
    usd: Estimate | null;
    reason?: string;
  }[];
}

/** One step of a plan. */
export interface Explained {
  what: string;
  how: string;
}

export interface PlannedLaw {
  group: string | null;
  law: string;
  /** Where the coefficients came from. */
  source: string;
  /** What was asked: `flops`, `params`, `tokens`, `targetLoss`, `ratio`. */
  asked: Record<string, number>;
  /** Null where a law plans without a budget in FLOPs. */
  budget: { flops: number | null };
  /** `N`, `D`, `loss`, `tokensPerParameter`; laws in other variables use their names (`N_e`, `M`, `V`). */
  optimum: Record<string, Estimate>;
  /** Of a mixture: the column behind each share, and each of several losses there, with its part in their mean. */
  domains?: Record<string, string>;
  losses?: { group: string; weight: number; loss: Estimate }[];
  /** Training compute needed, where it was not given. */
  flops?: Estimate;
  extrapolation: Extrapolation;
  /** Where the fit's law was chosen among several: how many, and what the next one plans (null where it plans nothing). */
  choice?: {
    among: number;
    runnerUp: { law: string; size?: number; optimum: Record<string, number> | null } | null;
  };
  assumptions: Record<string, string | number>;
  neighbours: PlanBudgetRow[];
  /** The best splits of budgets that were asked for. */
  ladder?: PlanBudgetRow[];
  /** The frontier of cost against loss, where that was asked for. */
  frontier?: PlannedFrontier;
  /** Where the plan was chosen over all draws at once. */
  risk?: PlannedRisk;
  confidence?: PlannedConfidence;
  /** Where the least time was asked for. */
  least?: PlannedTime;
  /** Where a value of a task was asked for: the output of the chain that has it. */
  target?: { output: string; value: number };
  /** How each number came about, where that was asked for. */
  explanation?: Explained[];
  offOptimum: OffOptimum[];
  /** How FLOPs were counted, where that was asked for. */
  cost?: PlannedCost;
  /** The measured cost, where one was given: the plan is then under it. */
  measuredCost?: PlannedMeasuredCost;
  /** Hours, dollars and energy, where there is hardware. */
  run?: PlannedRun;
  inference?: PlannedInference;
  /** Where the sequences that are served at once were given. */
  serveMemory?: PlannedServeMemory;
  /** Tokens seen over unique ones, where these are limited. */
  epochs?: Estimate;
  /** Whole steps of the batch that was given. */
  steps?: number;
  /** Where a law of the best learning rate and batch size was given. */
  hyperparameters?: PlannedHyperparameters;
  limits?: PlanLimit[];
  /** Where the fit has draws and the split was free. */
  regret?: Regret;
  /** How far hidden runs at this distance were off in a backtest of the same log; absent without one. */
  expectedError?: ExpectedError;
  /** Where it was asked for: what other choices would have planned. */
  sensitivity?: Sensitivity;
}

export interface PlanDocument {
  schema: "scalefit/plan@1";
  plans: PlannedLaw[];
  warnings: Warning[];
}

/** What a fit of runs is expected to tell of the target; intervals are null where it can tell nothing. */
export interface ExpectedAtTarget {
  N: Estimate;
  D: Estimate;
  loss: Estimate;
  /**
   * Half the interval of what the design is for: of ln L (of L where the noise is no share of it), of ln N* (which is that of
   * ln D*), or the geometric mean over the parameters in their units.
   */
  halfWidth: number | null;
}

/** An isoFLOP grid with as many runs at the same cost. */
export interface DesignGrid extends ExpectedAtTarget {
  budgets: number;
  /** Sizes at each budget, those that do not divide at the dearest. */
  sizes: number;
  budgetFactor: number;
  sizeFactor: number;
  /** FLOPs of all its runs. */
  cost: number;
  /** Its interval's width over that of the designed runs. */
  factor: number | null;
}

/** One more run after those of a fit. */
export interface DesignNext {
  /** Where the sizes were given with their shapes. */
  shape?: { layers: number; width: number };
  N: number;
  D: number;
  flops: number;
  tokensPerParameter: number;
  /** ln of the interval's width before over that after, in nats. */
  information: number;
  informationPerFlop: number;
}

/** An estimator of the optimum in simulated campaigns. */
export interface SimulatedEstimator {
  runs: "designed" | "isoflop";
  estimator: "parametric fit" | "parabola" | "envelope";
  /** Campaigns in which it had an answer. */
  answered: number;
  /** What was estimated over the truth: median, and half the middle 95 %, of the logarithm. Null without an answer. */
  N: SimulatedQuality | null;
  D: SimulatedQuality | null;
  loss: SimulatedQuality | null;
}

export interface SimulatedQuality {
  /** Median of ln(estimate/truth), with the interval of that median. */
  bias: Estimate;
  /** Half the width of the middle 95 % of ln(estimate/truth). */
  spread: number;
  /** Share of the estimator's own intervals that held the truth; absent where it gives none. */
  coverage?: number;
}

export interface DesignSimulation {
  campaigns: number;
  seed: number;
  /** At the target; `law` and `source` where another law than the one in hand was true. */
  truth: { N: number; D: number; loss: number; law?: string; source?: string };
  noise: { value: number; isRelative: boolean };
  estimators: SimulatedEstimator[];
}

export interface DesignedLaw {
  group: string | null;
  law: string;
  source: string;
  /** What the runs are to pin down. */
  goal: "loss" | "N" | "D" | "parameters";
  asked: { flops: number; runs: number; target: number };
  /** From the dearest down; equal runs are seeds. `flops` is of one of them; `shape` where sizes were given with theirs. */
  runs: {
    N: number;
    D: number;
    flops: number;
    tokensPerParameter: number;
    seeds: number;
    shape?: { layers: number; width: number };
  }[];
  /** Of all runs together. */
  cost: { flops: number };
  /** The best split of the target by the estimate, and its compute in decades beyond the dearest run. */
  target: { flops: number; N: number; D: number; loss: number; decades: number };
  before: ExpectedAtTarget;
  after: ExpectedAtTarget;
  /** Standard errors as shares of the estimates; null where there is none. */
  parameters: { name: string; estimate: number; before: number | null; after: number | null }[];
  /** The same number of runs at other costs. */
  budgets: ({ flops: number; cost: number } & ExpectedAtTarget)[];
  isoflop: { usual: DesignGrid | null; best: DesignGrid | null; reason?: string };
  /** The best single next run at several costs, with --next. */
  next?: DesignNext[];
  noise: { value: number; isRelative: boolean; from: string };
  assumptions: Record<string, string | number>;
  simulation?: DesignSimulation;
}

export interface DesignDocument {
  schema: "scalefit/design@1";
  designs: DesignedLaw[];
  warnings: Warning[];
}

/** The sides of a transformer, as `shape` gives them and a count of FLOPs takes them. */
export interface ShapeSides {
  layers: number;
  /** d_model. */
  width: number;
  heads: number;
  /** Heads of keys and values: fewer than `heads` with grouped-query attention. */
  kvHeads: number;
  headSize: number;
  /** d_ff, of one expert where there are several. */
  ff: number;
  /** Whether the feed-forward block has a gate, and so three matrices. */
  isGated: boolean;
  vocab: number;
  /** Whether the output matrix is the embedding. */
  isTied: boolean;
  /** Tokens of a sequence. */
  context: number;
  /** Experts a layer; 1 for a dense model. */
  experts: number;
  /** Experts that a token passes, shared ones counted. */
  activeExperts: number;
}

/** What a transformer has and takes. */
export interface ShapeFigures {
  shape: ShapeSides;
  /** Width over layers. */
  aspect: number;
  params: { total: number; nonEmbedding: number; embedding: number; active: number };
  /** From the size that was asked for, as a share of it; null where none was. */
  difference: number | null;
  /** Training FLOPs of a token by rule; null by a rule that has no place for what the shape has. */
  flopsPerToken: Record<string, number | null>;
  kvCacheBytes: { perToken: number; perSequence: number };
  weightBytes: number;
}

export interface ShapeVocabulary {
  /** Whether the shapes have the law's. */
  auto: boolean;
  /** Best sizes for the recommended shape, not rounded. */
  approach1: number;
  approach2: number;
  /** Rounded up to the multiple of the widths; null where it is one. */
  padded: number | null;
  source: string;
}

/** A published model of about the size. */
export interface PublishedNeighbour {
  name: string;
  layers: number;
  width: number;
  params: number;
  source: string;
}

export interface TransformerShapes {
  asked: { params: number | null; counted: string; tolerance: number };
  /** From narrow to wide; one is recommended. */
  candidates: (ShapeFigures & { recommended: boolean })[];
  /** Why that one. */
  reason: string;
  vocabulary: ShapeVocabulary;
  published: PublishedNeighbour[];
  assumptions: Record<string, string | number>;
}

export interface ShapeLadder {
  asked: { from: number; to: number; runs: number };
  counted: string;
  /** Width over layers of the family. */
  aspect: number;
  /** From the smallest up; `size` is counted as asked. */
  rungs: (ShapeFigures & { size: number })[];
  assumptions: Record<string, string | number>;
}

/** Factors of a scaled convolutional network over its base. */
export interface CnnFactors {
  depth: number;
  width: number;
  resolution: number;
  flops: number;
  params: number;
  activations: number;
  /** Where memory bounds it: with the overhead that was given; else as the activations. */
  time: number;
}

/** A scaled network in whole layers, channels and pixels; null where the base does not say. */
export interface CnnNetwork {
  depth: number | null;
  width: number | null;
  resolution: number | null;
  /** Width of a group of channels. */
  group: number | null;
  flops: number | null;
  params: number | null;
  activations: number | null;
  milliseconds: number | null;
  /** FLOPs of the rounded network over those asked for, less 1. */
  flopsOff: number;
}

export interface CnnScaling {
  name: string;
  weights: { depth: number; width: number; resolution: number };
  factors: CnnFactors;
  network: CnnNetwork | null;
  recommended: boolean;
}

export interface CnnScalings {
  /** Factor of FLOPs. */
  scale: number;
  /** Share of the growth that goes to the width in fast scaling. */
  alpha: number;
  scalings: CnnScaling[];
  reason: string;
  /** Rules by training regime, with how far they are known. */
  advice: { rules: string[]; status: string; source: string };
  assumptions: Record<string, string | number>;
}

export interface ShapeDocument {
  schema: "scalefit/shape@1";
  transformer?: TransformerShapes;
  ladder?: ShapeLadder;
  cnn?: CnnScalings;
  warnings: Warning[];
}

export interface Prediction {
  group: string | null;
  law: string;
  at: Record<string, number>;
  value: Estimate;
  newRun: Interval;
  /** Of laws with several outputs, or answers of several numbers: all of them, by name. */
  values?: Record<string, Estimate>;
  /** What was solved for, where the law was asked backwards. */
  solved?: string;
  /** Where the row came from, for files. */
  run?: string;
  measured?: number;
  /** How far the estimate lies above the measured value, as a share of its size; missing where that is 0. */
  relativeError?: number;
  extrapolation?: Extrapolation;
}

export interface PredictDocument {
  schema: "scalefit/predict@1";
  source: string;
  level: number;
  predictions: Prediction[];
  metrics?: {
    r2: number | null;
    /** Null where a measured value is 0. */
    meanRelativeError: number | null;
    worstRelativeError: number | null;
    coverage: number | null;
  };
  warnings: Warning[];
}

/** How far predictions of hidden runs were off. Errors are predicted / measured - 1. */
export interface PredictionErrors {
  predictions: number;
  /** Distinct runs among them: one run may be predicted from several cuts. */
  runs: number;
  /** Of the size of the errors; null where every measured value is 0. */
  mean: number | null;
  /** Of that mean, by the scatter between runs and between cuts; null for a single run. */
  standardError: number | null;
  median: number | null;
  worst: number | null;
  /** The mean with its sign: above 0 the law predicts too much. */
  bias: number | null;
  /** The share of measured values inside the stated interval of a new run; null where there are no intervals. */
  coverage: number | null;
}

/** A law as a backtest tried it. */
export interface BacktestedLaw extends PredictionErrors {
  law: string;
  size?: number;
}

/** Runs above one scale, as predicted by fits to those up to it. */
export interface BacktestCut {
  /** The largest scale that was fitted. */
  scale: number;
  below: { rows: number; runs: number };
  above: { rows: number; runs: number };
  /** How many times larger than the cut the predicted rows are. */
  scaleUp: { median: number; largest: number };
  laws: BacktestedLaw[];
}

/** Error to expect at a distance beyond the largest run. */
export interface ExpectedError {
  law: string;
  size?: number;
  /** How many times larger than the largest run. */
  scaleUp: number;
  /**
   * `observed`: of hidden runs at least so far beyond their cut; `extrapolated`: none was so far, and errors of the farther
   * half are taken to grow in proportion to the decades.
   */
  kind: "observed" | "extrapolated";
  predictions: number;
  runs: number;
  mean: number;
  median: number;
  /** Nine in ten errors were smaller. */
  ninetieth: number;
  worst: number;
  /** The farthest hidden run beyond its cut. */
  largestScaleUp: number;
}

/** Hidden runs of one group of rows, predicted from smaller ones. */
export interface BacktestedGroup {
  group: string | null;
  /** What tells small rows from large ones: `N D`, or what an input was read from. */
  scale: string;
  measured: string;
  /** `final`: one row a run; `checkpoints`: all of them. */
  observed: "final" | "checkpoints";
  rows: number;
  runs: number;
  range: [number, number];
  /** Of the intervals whose coverage is counted. */
  level: number;
  /** How many resamples stand behind them. */
  resamples: number;
  cuts: BacktestCut[];
  /** Cuts, or laws at a cut (`law`), that could not be tried. */
  skipped: { scale: number; law?: string; reason: string }[];
  /** Places between two scales where the rows could have been cut too. */
  cutsLeftOut: number;
  byScaleUp: {
    from: number;
    /** Null for no upper end. */
    to: number | null;
    laws: BacktestedLaw[];
    /** The law that was closest, of several, on predictions that all made. */
    best: string | null;
  }[];
  /** Fits to so many runs drawn from those below each cut; null for all of them. Empty where not asked for. */
  byRuns: { runs: number | null; fits: number; laws: BacktestedLaw[] }[];
  /** At the scale that was asked for. */
  target: {
    scale: number;
    expected: (ExpectedError | { law: string; size?: number; reason: string })[];
  } | null;
}

export interface BacktestDocument {
  schema: "scalefit/backtest@1";
  backtests: BacktestedGroup[];
  warnings: Warning[];
}

/** The single predictions of one law, columnar. */
export interface BacktestErrors {
  law: string;
  size?: number;
  scaleUp: number[];
  relativeError: number[];
  /** Numbers of runs, from 0. */
  run: number[];
}

/** What a plan needs to quote a backtest. */
export interface SavedBacktest extends Omit<BacktestDocument, "backtests"> {
  backtests: (BacktestedGroup & { errors: BacktestErrors[] })[];
  made: SavedFit["made"];
}

export interface Finding {
  rule: string;
  severity: "ok" | "note" | "warning" | "error";
  run: string;
  measured: number;
  expected: Estimate;
  message: string;
  file?: string;
  line?: number;
}

export interface CheckDocument {
  schema: "scalefit/check@1";
  passed: boolean;
  /** Where the runs were held against registered plans: when, and from which fit. */
  against?: { registered: string; fit: { name: string; sha256: string } | null; plans: number };
  findings: Finding[];
  warnings: Warning[];
}

export interface LawsDocument {
  schema: "scalefit/laws@1";
  laws: {
    id: string;
    title: string;
    /** What the catalogue is ordered by. */
    topic: string;
    formula: string;
    output: { name: string; meaning: string };
    /** All outputs of a law that has several. */
    outputs?: { name: string; meaning: string }[];
    /** Of a family: what its size counts, the size shown here, and the sizes there are. */
    family?: { counts: string; size: number; limits: [number, number] };
    inputs: { name: string; quantity: string; unit: string; meaning: string }[];
    /** A bound is null where there is none. */
    parameters: { name: string; meaning: string; bounds: [number | null, number | null] }[];
    presets: {
      name: string;
      /** By the law's own parameter names. */
      coefficients: Record<string, number>;
      source: string;
      conventions: string;
      axes: Axes;
      warning: string | null;
    }[];
    source: string;
    /** What it can be solved for, besides its value. */
    answers: { kind: string; name: string; given: string[]; gives: string[]; meaning: string }[];
    notes: string[];
    examples: string[];
  }[];
  warnings: Warning[];
}

/** What became of a budget: where its least loss lies, or why it has none. */
export type BudgetCode = "inside" | "below-sizes" | "above-sizes" | "no-minimum" | "too-few-runs";

/** The best size of one budget. */
export interface BudgetOptimum {
  flops: number;
  runs: number;
  /** The smallest and the largest size trained. */
  sizes: [number, number];
  code: BudgetCode;
  /** Whether it stands in the line of all budgets. */
  used: boolean;
  /** Null where there is no minimum. */
  N: Estimate | null;
  D: Estimate | null;
  loss: number | null;
}

/** ln y = ln k + p ln C by least squares, with what its intervals at any C need. */
export interface FrontierLine {
  /** p. */
  exponent: number;
  /** ln y at the middle of ln C. */
  atMiddle: number;
  /** Weighted mean of ln C. */
  middle: number;
  /** Sum of weights, and of weighted squares of ln C about its mean. */
  weight: number;
  spread: number;
  /** Residual standard deviation of ln y at weight 1, with points - 2 degrees of freedom; null for two points. */
  residual: number | null;
  points: number;
}

/** A quantity that grows as coefficient C^exponent. */
export interface PowerOfCompute {
  coefficient: number;
  exponent: Estimate;
  line: FrontierLine;
  /** Standard deviation of the logarithm about the line; null for two points. */
  spread: number | null;
}

export interface OptimumAt {
  flops: number;
  N: Estimate;
  D: Estimate;
  /** By the power law with a floor through the least losses; null without one. */
  loss: number | null;
}

/** Where the surface of all runs has its optima, and how far the estimator misses them on it, without any noise. */
export interface OptimaBias {
  law: string;
  coefficients: Record<string, number>;
  /** a of N* = k C^a on the surface. */
  exponent: number;
  /** The estimator's a less the surface's own. */
  exponentError: number;
  /** The estimator's N* over the surface's own, less 1; by budget used, and at the budgets asked for. */
  budgets: { flops: number; N: number; error: number }[];
  asked: { flops: number; N: number; D: number; loss: number; error: number }[];
}

/** The compute optimum by an estimator that needs no law of the loss surface. */
export interface Optima {
  group: string | null;
  method: "parabola" | "akima";
  level: number;
  budgets: BudgetOptimum[];
  /** N* and D* against compute. */
  N: PowerOfCompute;
  D: PowerOfCompute;
  /** How D* was found: from C = k N D, or from a minimum in D of its own. */
  dataFrom: "compute" | "own-minimum";
  flopsPerParamToken: number;
  /** Least losses against compute, E + A/C^alpha; null where they are too few. */
  loss: { E: number; A: number; alpha: number } | null;
  asked: OptimumAt[];
  /** Null with the reason where no surface could be fitted. */
  bias: OptimaBias | null;
  biasReason?: string;
  notes: Diagnosis[];
}

/** The envelope of training curves: the least loss of any run at each compute. */
export interface EnvelopeOptima {
  method: "envelope";
  level: number;
  /** The stretches of compute in which one run is the best, from the least compute up. */
  stretches: { from: number; to: number; run: string; N: number; used: boolean }[];
  N: PowerOfCompute;
  D: PowerOfCompute;
  flopsPerParamToken: number;
  /** Places looked at, and those left out because the smallest or the largest size was the best there. */
  places: number;
  censored: number;
  /** The exponent of N* without such a share of each run's start; null where nothing is left. */
  sensitivity: { skip: number; exponent: number | null }[];
  asked: OptimumAt[];
  notes: Diagnosis[];
}

/** What the numbers of a log, or of a published set, count. What nothing says is `unknown`, or null. */
export interface Axes {
  /** Whether N counts embeddings; `active` are the parameters that one token sees. */
  params: "total" | "non-embedding" | "active" | "unknown";
  /** The unit of the loss; a perplexity is exp of nats. */
  loss: "nats" | "bits" | "perplexity" | "unknown";
  /** What it is a mean over. */
  per: "token" | "byte" | "character" | "word" | "unknown";
  /** Compute as 6 N D, or counted layer by layer. */
  compute: "6ND" | "counted" | "unknown";
  tokenizer: string | null;
  /** The text on which the loss is measured. */
  data: string | null;
}

/** A log's own column of compute over 6 N D of its parameters and tokens. */
export interface ComputeRatio {
  column: string;
  /** Rows that hold all three. */
  rows: number;
  median: number;
  low: number;
  high: number;
  /** Whether it is 6 N D in every row, but for rounding. */
  isProduct: boolean;
}

/** What the numbers of a log count, with what turns one way of counting into another. */
export interface AxesOfLog extends Axes {
  bytesPerToken: number | null;
  charactersPerToken: number | null;
  /** Whether its models have experts, so that a token sees a part of them. */
  isSparse: boolean;
}

/** One account of several groups of rows under one law. */
export interface RecipeAccount {
  /** A curve for each group, curves of one shape (the exponents in common), or one curve for all. */
  name: "separate" | "one-shape" | "one-curve";
  parameters: number;
  /** Sum of rho over all rows, on the objective and threshold that all accounts share. */
  objective: number;
  /** Null, as BIC is, where rows share errors. */
  aicc: number | null;
  bic: number | null;
}

/** A narrower account against separate curves. */
export interface RecipeTest {
  /** (F_narrow - F_wide) / F_wide of the sums of rho. */
  statistic: number;
  /** The probability of so large a statistic where the narrower account is true, by the wild bootstrap. */
  p: number;
  /** The same by the likelihood ratio in its F form; null where rows share errors, of which it knows nothing. */
  likelihoodRatio: number | null;
  resamples: number;
}

/** What is known of two curves at one scale. */
export interface CurveRow {
  scale: number;
  /** The value of the first curve less that of the second. */
  difference: Estimate;
  /** The group whose curve is surely the lower one; null where the interval of the difference holds 0. */
  lower: string | null;
  /** How much more of the scale the second curve needs for what the first reaches there; null where no amount is enough. */
  multiplier: { estimate: number | null } & Interval;
}

/** Where two curves cross. */
export interface Crossing {
  /** The crossing nearest to the data; null where there is none. */
  scale: Estimate | null;
  /** Where it was looked for. */
  range: { low: number; high: number };
  /** Share of the resamples in which the curves cross there. */
  shareCrossing: number;
  /** The group with the lower value before and after it. */
  lowerBefore?: string | null;
  lowerAfter?: string | null;
}

/** Two recipes by their curves. */
export interface CurvesApart {
  a: string;
  b: string;
  crossing: Crossing;
  rows: CurveRow[];
}

export interface ComparedPair extends CurvesApart {
  /** Whether they differ at all; corrected for the number of pairs (Holm). */
  p: number | null;
}

/** What kind of scaling a group of runs shows, with the rows that show it. */
export interface Regime {
  code:
    | "variance-limited"
    | "resolution-limited"
    | "steep"
    | "undecided"
    | "plateau"
    | "inverse"
    | "u-shaped"
    | "inverted-u"
    | "larger-is-worse";
  message: string;
  rows: { label: string; file: string; line: number }[];
}

/** How several recipes compare under one law. */
export interface RecipeComparison {
  law: string;
  formula: string;
  /** The scale along which the curves are compared: `C` is training compute, best split. */
  along: string;
  measured: string;
  level: number;
  groups: {
    group: string;
    runs: number;
    /** As many as runs, or their checkpoints. */
    rows: number;
    /** Smallest and largest scale. */
    range: [number, number];
    parameters: Record<string, ParameterEstimate>;
    meanRelativeError: number | null;
    regimes: Regime[];
  }[];
  /** Empty with the reason where they could not be made. */
  accounts: RecipeAccount[];
  tests: { oneCurve: RecipeTest; oneShape: RecipeTest | null } | null;
  reason?: string;
  /** Which account the rows ask for, in words. */
  verdict: { account: RecipeAccount["name"] | null; text: string };
  /** `decades` beyond the data: of all recipes, and of each its own. */
  scales: {
    scale: number;
    decades: number;
    values: { group: string; value: Estimate; decades: number }[];
  }[];
  pairs: ComparedPair[];
  /** The pairs if all exponents are the same, where the verdict is that they may be; from so many refits of all together. */
  oneShape?: { draws: number; pairs: CurvesApart[] };
}

export interface CompareDocument {
  schema: "scalefit/compare@1";
  mode: "recipes";
  recipes: RecipeComparison;
  warnings: Warning[];
}

/** One law of several, fitted to the rows that all of them can use. */
export interface ComparedLaw {
  /** As `--law` takes it; a formula of one's own is called so. */
  name: string;
  formula: string;
  verdict: RankedLaw["verdict"];
  parameters: Record<string, ParameterEstimate>;
  meanRelativeError: number | null;
  /** Null with the reason where it is no curve along the scale of the others. */
  along: string | null;
  reason?: string;
}

/** What one law says at a scale. */
export interface LawAtScale {
  name: string;
  value: Estimate;
  /** N, D and D/N of the best split; null where the law splits no budget. */
  optimum: Record<string, Estimate> | null;
}

/** Two laws on the same rows: where they say different things. */
export interface LawParting {
  a: string;
  b: string;
  /** The scale from which on each value lies outside of the other's interval; null where they do not part. */
  from: number | null;
  /** Where it was looked for. */
  range: { low: number; high: number };
  /** Value of a less that of b; draws of both saw the same resamples. */
  rows: { scale: number; difference: Estimate; apart: boolean }[];
}

/** How far a number of the plan moves between laws. */
export interface LawSpread {
  scale: number;
  /** Laws that the rows do not tell apart; all of them where there is but one of these. */
  among: "as-good" | "all";
  /** `loss` (the value), `N`, `D` or `tokensPerParameter`. */
  of: string;
  least: { law: string; value: number };
  greatest: { law: string; value: number };
  factor: number;
  /** Laws, as good by the rows, whose number lies outside of the chosen one's interval. */
  outside: string[];
}

/** Several laws on one log: which the rows ask for, and what follows from taking another. */
export interface LawsComparison {
  group: string | null;
  level: number;
  choice: LawChoice;
  laws: ComparedLaw[];
  /** The scale of the curves; null with the reason where the chosen law has none. */
  along: string | null;
  reason?: string;
  scales: { scale: number; decades: number; laws: LawAtScale[] }[];
  partings: LawParting[];
  spreads: LawSpread[];
  text: string;
}

export interface CompareLawsDocument {
  schema: "scalefit/compare@1";
  mode: "laws";
  measured: string;
  comparisons: LawsComparison[];
  warnings: Warning[];
}

/** A number by a fit, and by a published set. */
export interface BesidePreset {
  fit: Estimate | null;
  preset: number | null;
}

/** A fit and a published set at one scale. */
export interface PresetScale {
  scale: number;
  /** Distance from the data in decades. */
  decades: number;
  fit: Estimate;
  preset: number | null;
  /** Whether the published value lies in the fit's interval; null where there is none. */
  inside: boolean | null;
  /** The fit less the set. */
  difference: Estimate;
  /** How much of the scale the set needs for what the fit reaches, as a multiple; null where no amount is enough. */
  multiplier: CurveRow["multiplier"];
  /** N, D and D/N of the best split by both; null where one of them splits no budget. */
  optimum: Record<string, BesidePreset> | null;
}

/** How a published set does on rows that it has not seen. */
export interface PresetOnRows {
  rows: number;
  /** Mean of |predicted - measured| / measured, and of the same with its sign. */
  meanRelativeError: number;
  bias: number;
  worstRelativeError: number;
  /** Share of the rows at which its value lies in the fit's interval for one new run; null where there is none. */
  insideNewRun: number | null;
  /** What is to be added to all its values to halve the rows, and the mean relative error then: of its shape alone. */
  offset: number;
  meanRelativeErrorOfShape: number;
}

/** A fit held against one published set. */
export interface PresetComparison {
  group: string | null;
  preset: string;
  law: string;
  formula: string;
  source: string;
  conventions: string;
  axes: Axes;
  coefficients: Record<string, number>;
  /** Which of the fits it is held against: the one whose N counts what the set's does. */
  fit: number;
  /** What was turned into the other's, and by what its loss was multiplied. */
  converted: string[];
  factor: number;
  /** What is taken to be the same though nothing says so. */
  unknown: string[];
  /** Null with the reason where it predicts none of the rows. */
  rows: PresetOnRows | null;
  rowsReason?: string;
  /** Exponents by name, and those of the best split and of the loss in compute amid the data. */
  exponents: ({ name: string } & BesidePreset)[];
  /** The scale of both curves; null with the reason where they have none in common. */
  along: string | null;
  alongReason?: string;
  scales: PresetScale[];
  crossing: Crossing | null;
  text: string;
}

/** A fit of the user's own rows, N counted in one way. */
export interface FitBesidePresets {
  group: string | null;
  /** What N counts, and the column it is read from. */
  params: Axes["params"];
  column: string | null;
  law: string;
  formula: string;
  parameters: Record<string, ParameterEstimate>;
  rows: number;
  meanRelativeError: number | null;
  /** The log's column of compute against the 6 N D of this N, over all rows of the log; null where it lacks one of them. */
  compute: ComputeRatio | null;
}

export interface PresetsDocument {
  schema: "scalefit/compare@1";
  mode: "presets";
  measured: string;
  level: number;
  /** What the log counts, and from what that is known. */
  log: { axes: AxesOfLog; from: Partial<Record<keyof AxesOfLog, string>> };
  fits: FitBesidePresets[];
  presets: PresetComparison[];
  /** Sets that cannot be held against the log. */
  refused: { preset: string; reason: string; hint: string }[];
  warnings: Warning[];
}

/**
 * How a family of few runs is fitted: by its own runs alone (`alone`); with all but its level as the other families have it
 * (`level`); with the exponents of the others and its own coefficients (`fixed`); with one set of exponents for all families,
 * its own runs among those that tell it (`shared`); with all its parameters drawn to those of the others as strongly as
 * families are alike (`partial`).
 */
export type PoolWay = "alone" | "level" | "fixed" | "shared" | "partial";

/** How far one way was off on runs that were hidden, each family counting alike. */
export interface PoolErrors {
  way: PoolWay;
  /** Families that were tried; 0 with the reason where none could be. */
  families: number;
  /** Hidden runs that were predicted. */
  predictions: number;
  /** Mean over the families of their mean |predicted / measured - 1|. */
  mean: number | null;
  /** Of that mean, by the scatter between families; null for a single one. */
  standardError: number | null;
  /** The family with the largest mean error. */
  worst: { group: string; mean: number } | null;
  /** Share of the hidden runs inside the stated interval of a new run; null where there are no intervals. */
  coverage: number | null;
  reason?: string;
}

/** One way of fitting a family, with what speaks for it. */
export interface PooledWay extends PoolErrors {
  /** Of the fit to all of the family's runs; null with the reason where it cannot be made. */
  parameters: Record<string, number> | null;
  /** At each of the scales. */
  values: (number | null)[];
}

/** A family with what it takes from the others. */
export interface PooledFamily {
  group: string;
  runs: number;
  /** Smallest and largest scale. */
  range: [number, number];
  /** How many runs each family was given when its larger ones were hidden. */
  given: { group: string; runs: number; hidden: number }[];
  choice: { way: PoolWay; text: string };
  ways: PooledWay[];
  /** By the chosen way; their intervals hold what is taken over as it varies between families. */
  parameters: Record<string, ParameterEstimate>;
  /** Where a further family would lie of which no run is known. */
  another: Record<string, Estimate>;
  /** By the chosen way; empty with the reason for a law that is no curve along one scale. */
  values: { scale: number; decades: number; value: Estimate }[];
  reason?: string;
}

export interface PoolComparison {
  law: string;
  formula: string;
  /** The scale of `values`: `C` is training compute, best split. */
  along: string;
  measured: string;
  level: number;
  /** How many there are; `pooled` has the one that was asked for, or all. */
  families: number;
  pooled: PooledFamily[];
}

export interface PoolDocument {
  schema: "scalefit/compare@1";
  mode: "pool";
  pool: PoolComparison;
  warnings: Warning[];
}

/** Each family given its smallest runs, its larger ones predicted. */
export interface PoolBacktest {
  law: string;
  formula: string;
  measured: string;
  level: number;
  /** What runs are small or large by. */
  scale: string;
  families: { group: string; runs: number }[];
  byRuns: {
    /** Runs that the family was given, the smallest. */
    runs: number;
    /** How many times larger than the largest of those the hidden ones are: median over all, and the most. */
    scaleUp: { median: number; largest: number };
    ways: PoolErrors[];
  }[];
}

export interface PoolBacktestDocument {
  schema: "scalefit/backtest@1";
  mode: "pool";
  pool: PoolBacktest;
  warnings: Warning[];
}

/** Results of evaluations, one entry a model or checkpoint. Missing numbers are NaN. */
export interface Evaluations {
  /** What one decides between (data mix, architecture, optimizer); one name throughout where there is only one. */
  recipe: readonly string[];
  /** Params, tokens seen and FLOPs, as far as they are known. */
  N: Float64Array | null;
  D: Float64Array | null;
  C: Float64Array | null;
  /** Orders the checkpoints of a run; without it every entry is the end of a run. */
  step: Float64Array | null;
  seed: readonly string[] | null;
  run: readonly string[] | null;
  /** Scores by the metric's name. */
  metrics: ReadonlyMap<string, Float64Array>;
}

export type MetricDirection = "lower" | "higher";

/** A scale at which recipes were trained. */
export interface EvaluatedScale {
  /** As it is called: `190M`, `190M, 3.81B tokens`. */
  name: string;
  N: number | null;
  D: number | null;
  C: number | null;
  recipes: number;
  runs: number;
}

/** What a score varies by without any change of the recipe, as a standard deviation. */
export interface MetricNoise {
  from: "seeds" | "checkpoints";
  absolute: number;
  /** In shares of the mean score. */
  relative: number | null;
  degreesOfFreedom: number;
  /** Where it was measured. */
  scales: string[];
}

/** How often the order of two recipes at a small scale is that at the large one. */
export interface DecisionAccuracy extends Estimate {
  scale: string;
  recipes: number;
  pairs: number;
  /** Pairs of equal scores at either scale; they count one half. */
  ties: number;
  /** Pairs whose scores at the large scale lie within its noise; null where no noise is known. */
  withinNoise: number | null;
  /** The same share among the other pairs. */
  amongDistinct: number | null;
  /** By the mean of the last checkpoints and seeds at the small scale, not by one run's end. */
  averaged: number;
  /** Scores to average for the accuracy that is wanted, as if averaging took noise alone away. */
  toAverage: {
    of: "seeds" | "checkpoints";
    wanted: number;
    needed: number | null;
    /** What any number of them comes to. */
    ceiling: number;
    reason?: string;
  } | null;
}

/** The largest scale as a law through the smaller ones has it: mean of |predicted / measured - 1| over recipes. */
export interface MetricPrediction extends Interval {
  error: number | null;
  worst: number | null;
  law: string | null;
  recipes: number;
}

export interface MetricReport {
  metric: string;
  /** The metrics whose mean it is; absent where it is measured itself. */
  averageOf?: string[];
  /** Whether it is the mean of those of them with the largest signal-to-noise ratio. */
  isBestSubset?: boolean;
  direction: MetricDirection;
  values: number;
  /** Between recipes at the largest scale; null with the reason. */
  signal: {
    scale: string;
    recipes: number;
    mean: number;
    standardDeviation: number;
    relative: number | null;
    /** (max - min) / mean. */
    dispersion: number | null;
  } | null;
  signalReason?: string;
  noise: MetricNoise | null;
  noiseReason?: string;
  /** Standard deviation between recipes, less what noise adds to it, over the noise of one score. */
  snr: (Estimate & { pValue: number }) | null;
  snrReason?: string;
  /** (max - min) over the standard deviation of the last checkpoints about their mean, as in arXiv 2508.13144. */
  publishedSnr: number | null;
  /** By small scale, the smallest first. */
  decisionAccuracy: DecisionAccuracy[];
  decisionReason?: string;
  prediction: MetricPrediction;
  verdict: "decide" | "as-good" | "worse" | "within-noise" | "order-changes" | "unknown";
}

export interface MetricsDocument {
  schema: "scalefit/compare@1";
  mode: "metrics";
  /** The column of recipes; null where there is one recipe. */
  groupBy: string | null;
  recipes: string[];
  /** The smallest first; decisions are checked at the last one that several recipes share. */
  scales: EvaluatedScale[];
  /** The metric that large runs are judged by, where all are to predict one. */
  target: string | null;
  /** Last checkpoints of a run that count. */
  checkpoints: number;
  level: number;
  choice: { metric: string | null; reason: string; avoid: string[] };
  /** The best to decide by first. */
  metrics: MetricReport[];
  data: { rows: number; used: number; dropped: Dropped[] };
  warnings: Warning[];
}

/** A row of a log with its place about the efficient frontier. */
export interface ParetoRow {
  group: string | null;
  run: string;
  file: string;
  line: number;
  cost: number;
  value: number;
  onFrontier: boolean;
}

export interface ParetoDocument {
  schema: "scalefit/compare@1";
  mode: "pareto";
  cost: string;
  value: string;
  better: "lower" | "higher";
  /** Of each group, how many of its rows are on the frontier. */
  groups: { group: string | null; rows: number; onFrontier: number }[];
  /** By cost, then by value. */
  rows: ParetoRow[];
  warnings: Warning[];
}

/** What is odd about a run of a log. */
export type RunMark = "diverged" | "resumed" | "failed" | "unfinished" | "no-loss" | "not-decayed";

/** A run as `inspect` lists it: its last measured point, in plain units. */
export interface InspectedRun {
  run: string;
  file: string;
  line: number;
  /** Rows of the log, and of these with a measured value. */
  rows: number;
  points: number;
  step: number | null;
  N: number | null;
  D: number | null;
  C: number | null;
  loss: number | null;
  marks: RunMark[];
}

/** A column of a log as `inspect` lists it. */
export interface InspectedColumn {
  name: string;
  filled: number;
  numbers: number;
  /** Extremes of its plain numbers. */
  range: [number, number] | null;
  /** The first text that is no number. */
  example: string | null;
  /** The quantity that is read from it. */
  quantity: string | null;
}

/** A quantity that was recognised, or follows from others. */
export interface InspectedQuantity {
  quantity: string;
  title: string;
  /** Null where it is computed. */
  column: string | null;
  /** From the column's unit to the plain one. */
  factor: number;
  /** The unit and the convention of the column, or the formula. */
  note: string;
  rows: number;
  range: [number, number] | null;
  /** Other columns that could be meant. */
  alternatives: string[];
}

/** Training compute of the runs by one rule of counting, at the rows that stand for them. */
export interface ComputeByRule {
  rule: string;
  words: string;
  rows: number;
  /** In FLOPs. */
  range: [number, number];
  /** What it is times 6 N D, and times the column of compute. */
  over6nd: { median: number; low: number; high: number } | null;
  overColumn: { median: number; low: number; high: number } | null;
  /** What the log does not say and was taken for granted. */
  assumed: string[];
}

export interface InspectDocument {
  schema: "scalefit/inspect@1";
  files: { name: string; format: string; title: string; fileBytes: number; rows: number }[];
  rows: number;
  columns: InspectedColumn[];
  quantities: InspectedQuantity[];
  runs: {
    count: number;
    /** Rows with a measured value. */
    points: number;
    /** Rows that stand for the runs: those that a fit looks at. */
    observations: number;
    names: number;
    marks: Partial<Record<RunMark, number>>;
    list: InspectedRun[];
  };
  /** Columns that are shares of one training mixture; empty where there are none. */
  mixture: string[];
  /** By every rule that the log has the architecture for; empty where there is none. */
  compute: ComputeByRule[];
  /** Laws that the columns allow, the one that `fit` takes first. */
  laws: string[];
  dropped: Dropped[];
  warnings: Warning[];
}
