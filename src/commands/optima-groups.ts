/**
 * `fit --law isoflop` over several budgets: the best size of each by an estimator, and the law through them. Of one
 * budget the parabola itself is fitted, like any other law.
 */
import { UsageError } from "../errors.js";
import { accountFor } from "../fit/fit-observed.js";
import type { FitOptions } from "../fit/options.js";
import { RESAMPLES } from "../fit/options.js";
import { isoflop } from "../laws/isoflop.js";
import type { Law } from "../laws/law.js";
import type { BoundLaw } from "../laws/routing.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { EnvelopeOptima, Observations, Optima, SavedFit } from "../objects.js";
import { budgetsOf, type OptimaRuns } from "../optima/budgets.js";
import { ENVELOPE_DEFAULTS, envelopeOf } from "../optima/envelope.js";
import { curvesOf } from "../optima/from-columns.js";
import { type FrontierFit, frontierOfBudgets, frontierOfEnvelope } from "../optima/frontier-fit.js";
import { optimaOf } from "../optima/isoflop-optima.js";
import { OPTIMA_DEFAULTS } from "../optima/optima-options.js";
import type { RawFlags } from "./command.js";
import type { Group, Groups } from "./fit-group.js";
import { choiceFlag, listFlag } from "./flags.js";
import { missingInputs, type OpenedLog, observeLaw, type ReadLog, type WantedLaw } from "./logs.js";

const ESTIMATORS = ["parabola", "akima", "envelope"] as const;
type Estimator = (typeof ESTIMATORS)[number];

/** A plan is mostly for a run ten times larger than the largest so far. */
const NEXT = 10;

/**
 * The groups of a log with several budgets; null where it has one, or another law is asked for.
 *
 * @throws UsageError for flags that no estimator of optima has, DataError where the columns are not enough
 */
export function optimaGroups(log: OpenedLog, wanted: WantedLaw, options: FitOptions): Groups | null {
  const { flags } = log;
  const isAsked = wanted !== "by-columns" && "law" in wanted && wanted.law === isoflop;
  if (!isAsked) {
    if (flags.estimator !== undefined) throw onlyIsoflop();
    return null;
  }
  const estimator = choiceFlag(flags, "estimator", ESTIMATORS, "parabola");
  const bound = boundSweep(log);
  if (bound === null) {
    if (flags.estimator !== undefined) throw missingInputs(log, withCompute(false));
    return null;
  }
  const read = observeLaw(log, bound, "positive", estimator === "envelope" ? "all" : "last");
  const isOne = read.groups.every(({ observations }) => budgetsIn(observations) < 2);
  if (isOne && flags.estimator === undefined) return null;
  requirePlain(flags);
  const groups = read.groups.map((group) => ({
    name: group.group,
    start: startOf(group, read, estimator, options),
  }));
  return { groups, warnings: read.warnings, sources: read.sources };
}

/** Nothing is resampled apart from what the estimator resamples itself. */
const startOf =
  (group: ObservedGroup, read: ReadLog, estimator: Estimator, options: FitOptions): Group["start"] =>
  () => {
    const { optima, frontier } =
      estimator === "envelope" ? envelopeIn(group, options) : budgetsOptima(group, estimator, options);
    return { tasks: [], finish: () => savedFrom(group, read, optima, frontier, options) };
  };

interface Found {
  optima: Optima | EnvelopeOptima;
  frontier: FrontierFit;
}

const runsOf = ({ inputs, measured }: Observations): OptimaRuns => ({
  C: inputs.get("C") as Float64Array,
  N: inputs.get("N") as Float64Array,
  D: inputs.get("D") ?? null,
  loss: measured,
});

const budgetsIn = (observations: Observations): number =>
  observations.measured.length === 0 ? 0 : budgetsOf(runsOf(observations), OPTIMA_DEFAULTS.tolerance).length;

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);

function budgetsOptima(group: ObservedGroup, method: "parabola" | "akima", asked: FitOptions): Found {
  const { level, seed, bootstrap } = asked;
  const runs = runsOf(group.observations);
  const optima = optimaOf(runs, group.group, {
    ...OPTIMA_DEFAULTS,
    method,
    level,
    seed,
    draws: bootstrap === "auto" ? RESAMPLES : bootstrap,
    flops: [NEXT * largest(runs.C)],
  });
  return { optima, frontier: frontierOfBudgets(optima) };
}

function envelopeIn({ observations }: ObservedGroup, { level, seed, bootstrap }: FitOptions): Found {
  if (observations.run === null) throw withoutCurves();
  const runs = runsOf(observations);
  const names = Array.from(runs.C, (_, i) => observations.label(i));
  const envelope = envelopeOf(curvesOf(runs, names), {
    ...ENVELOPE_DEFAULTS,
    level,
    seed,
    draws: bootstrap === "auto" ? ENVELOPE_DEFAULTS.draws : bootstrap,
    flops: [NEXT * largest(runs.C)],
  });
  return { optima: envelope.optima, frontier: frontierOfEnvelope(envelope) };
}

/** The law through the optima, with the account of the rows behind them. */
function savedFrom(
  group: ObservedGroup,
  { columns }: ReadLog,
  optima: Optima | EnvelopeOptima,
  { law, parameters, interval, metrics, value, draws, covariance }: FrontierFit,
  { level }: FitOptions,
): SavedFit["fits"][number] {
  const least = `${columns.get("N")} at the least ${columns.get("loss")}`;
  const read = new Map([...columns].filter(([name]) => name === "C")).set("loss", least);
  const observed = { ...group, range: { C: group.range.C }, columns: read };
  const fit = accountFor(law, observed, new Map(), {
    law: law.id,
    formula: law.formula,
    parameters,
    level,
    interval,
    objective: { name: "squares-log", delta: null, deltaRule: null, value },
    status: "converged",
    search: CLOSED_FORM,
    metrics,
    diagnosis: optima.notes,
    backtest: { m: null, reason: "best sizes are no runs that could be held back" },
    draws,
    covariance,
    residuals: [],
  });
  return { ...fit, optima };
}

/** A line by least squares has one minimum, and is there at once. */
const CLOSED_FORM = {
  starts: 1,
  reachedBest: 1,
  minima: 1,
  gapToNext: null,
  steps: 0,
  gradient: 0,
  condition: null,
  secondOpinion: {
    solver: "none, the line has a closed form",
    starts: 0,
    relativeDifference: null,
    agrees: true,
  },
};

/** Sizes, budgets and losses of runs; tokens where the log has them. */
const withCompute = (hasTokens: boolean): Law => ({
  ...isoflop,
  inputs: [
    ...isoflop.inputs,
    input("C", "flops", "FLOPs", "training compute"),
    ...(hasTokens ? [input("D", "tokens", "tokens", "training tokens")] : []),
  ],
});

const input = (name: string, quantity: "flops" | "tokens", unit: string, meaning: string) => ({
  name,
  quantity,
  unit,
  meaning,
  range: [0, Number.POSITIVE_INFINITY] as const,
  zero: false,
  reads: [name],
  aliases: [],
});

/** What the runs are read from; null without compute, whose budgets then cannot be told apart. */
function boundSweep({ offered, recognised }: OpenedLog): BoundLaw | null {
  if (!offered.has("N") || !offered.has("C") || !offered.has("loss")) return null;
  const law = withCompute(recognised.quantities.has("D"));
  const from = new Map(law.inputs.map(({ name }) => [name, name]));
  return { law, from, measured: "loss", constants: new Map() };
}

/** Flags of a search, which estimators of optima have not. */
const NOT_HERE = ["objective", "delta", "interval", "resample", "cluster", "weight", "noise"];

function requirePlain(flags: RawFlags): void {
  const held = ["param", "fix", "tie"].find((name) => listFlag(flags, name).length > 0);
  const other = held ?? NOT_HERE.find((name) => flags[name] !== undefined);
  if (other === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `--${other} is not for --law isoflop over several budgets`,
    why: "each budget's optimum is found by least squares or interpolation, and a line is put through the optima",
    hint: "leave it out, choose one budget with --where, or fit --law chinchilla to all runs",
  });
}

const onlyIsoflop = (): UsageError =>
  new UsageError({
    code: "flags",
    message: "--estimator belongs to --law isoflop",
    hint: "add --law isoflop, or leave --estimator out",
  });

const withoutCurves = (): UsageError =>
  new UsageError({
    code: "flags",
    message: "--estimator envelope needs training curves: several rows a run",
    why: "each row of this log is a run of its own",
    hint: "give a log of the runs' losses over training, with a column that names the run, or take --estimator parabola",
  });
