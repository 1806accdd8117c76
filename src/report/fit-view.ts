import { CUSTOM_ID } from "../laws/from-formula.js";
import type { Backtest, EnvelopeOptima, FitDocument, FittedLaw, JointStage, Optima } from "../objects.js";
import { budgetFor } from "../plan/cost-units.js";
import { escapeText, listOf } from "../text.js";
import { choiceView } from "./choice-view.js";
import {
  bracketed,
  coefficient,
  count,
  flops,
  levelText,
  missingIntervals,
  percent,
  plural,
  scientific,
  significant,
} from "./format.js";
import { envelopeView, optimaView } from "./optima-view.js";
import { table } from "./table.js";
import { labelled, titled } from "./words.js";

interface FitViewOptions {
  width: number;
  /** The file the fit was saved to, or null. */
  saved: string | null;
  /** Laws that `--law auto` would have tried besides the default. */
  others: readonly string[];
}

/** The fit for people: parameters first, then how sure, then caveats, then what to do next. */
export function fitView(document: FitDocument, options: FitViewOptions): string {
  const parts = document.fits.map((fit) => oneFit(fit, options.width));
  return `${parts.join("\n")}${otherLaws(options)}\n${nextStep(document, options.saved)}`;
}

const MOST_NAMES = 4;

/** Which other laws fit the columns, in one line. */
function otherLaws({ others, width }: FitViewOptions): string {
  if (others.length === 0) return "";
  const names = [...others.slice(0, MOST_NAMES), ...(others.length > MOST_NAMES ? ["others"] : [])];
  return labelled("law", `the default for these columns; --law auto would also try ${listOf(names)}`, width);
}

function oneFit(fit: FittedLaw, width: number): string {
  if (fit.optima !== undefined) return optimaFit(fit, fit.optima, width);
  const name = fit.group === null ? fit.law : `${escapeText(fit.group, 60)}: ${fit.law}`;
  const missing = withoutInterval(fit);
  return [
    `${titled(name, fit.formula, width)}\n`,
    parameterTable(fit, width),
    "\n",
    missing === null ? "" : labelled("intervals", missing, width),
    ...correlated(fit).map((pairs) => labelled("correlated", pairs, width)),
    labelled("quality", quality(fit), width),
    labelled("objective", objective(fit), width),
    labelled("columns", columns(fit), width),
    labelled("data", data(fit), width),
    labelled("search", search(fit), width),
    ...stages(fit, width),
    fit.backtest === undefined ? "" : labelled("backtest", backtest(fit, fit.backtest), width),
    choiceView(fit, width),
    ...fit.diagnosis
      .filter((found) => found.severity === "note")
      .map((found) => labelled("note", found.message, width)),
  ].join("");
}

/** Budgets and their optima; warnings stand on stderr already. */
function optimaFit(fit: FittedLaw, optima: Optima | EnvelopeOptima, width: number): string {
  const shown = { ...optima, notes: optima.notes.filter(({ severity }) => severity === "note") };
  const view = shown.method === "envelope" ? envelopeView(shown, width, fit.group) : optimaView(shown, width);
  return `${view}${labelled("columns", columns(fit), width)}${labelled("data", data(fit), width)}`;
}

function parameterTable(fit: FittedLaw, width: number): string {
  const columns = [
    { header: "parameter" },
    { header: "estimate", align: "right" as const },
    { header: `${levelText(fit.level)} interval` },
    { header: "s.e.", align: "right" as const, rank: 1 },
  ];
  const rows = Object.entries(fit.parameters).map(([name, p]) => [
    name,
    coefficient(p.estimate, p),
    bracketed(p, (value) => coefficient(value, p)),
    p.standardError === null ? "-" : significant(p.standardError, 2),
  ]);
  return table(columns, rows, width);
}

/** Why parameters have no interval: in one sentence where it is the same for all, else for each by its name. */
function withoutInterval({ parameters }: FittedLaw): string | null {
  const missing = Object.entries(parameters).filter(([, { low }]) => low === null);
  const reasons = new Set(missing.map(([, { reason }]) => reason));
  if (missing.length === Object.keys(parameters).length && reasons.size === 1)
    return missingIntervals(missing.map(([, estimate]) => estimate));
  const each = missing.flatMap(([name, { reason }]) => (reason === undefined ? [] : [`${name}: ${reason}`]));
  return each.length === 0 ? null : `none for ${each.join(", ")}`;
}

/** Above this two estimates move as one, and neither says much alone. */
const CLOSE = 0.95;

/** Pairs of estimates that go together, where the intervals rest on their covariance. */
function correlated({ interval, correlations }: FittedLaw): string[] {
  if (interval !== "covariance" || correlations == null) return [];
  const { parameters, values } = correlations;
  const pairs = parameters.flatMap((a, r) =>
    parameters.slice(0, r).flatMap((b, s) => {
      const value = values[r][s];
      if (value === null || !(Math.abs(value) > CLOSE)) return [];
      // Not 1.000 for what is not 1.
      return [`${b} and ${a} ${value.toFixed(Math.abs(value) < 0.9995 ? 3 : 5)}`];
    }),
  );
  return pairs.length === 0 ? [] : [pairs.join(", ")];
}

function quality(fit: FittedLaw): string {
  const { r2, meanRelativeError, worstRelativeError, aicc } = fit.metrics;
  const facts = [
    r2 === null ? "" : `R2 ${r2.toFixed(4)}`,
    meanRelativeError === null ? "" : `mean error ${percent(meanRelativeError)}`,
    worstRelativeError === null ? "" : `worst ${percent(worstRelativeError)}`,
    aicc === null ? "" : `AICc ${aicc.toFixed(1)}`,
  ];
  return facts.filter((fact) => fact !== "").join(" · ");
}

function objective(fit: FittedLaw): string {
  const { name, delta, deltaRule, value, noise, scale } = fit.objective;
  const threshold =
    delta === null ? "" : `, delta ${scientificOrPlain(delta)}${deltaRule === null ? "" : ` (${deltaRule})`}`;
  const known =
    noise === undefined
      ? ""
      : `; noise ${significant(noise.median, 2)} in the median row, the rows scatter by ${significant(noise.scatter, 2)} times theirs`;
  const sum =
    scale === undefined
      ? `sum ${value.toPrecision(8)}`
      : `scale ${scientificOrPlain(scale)}, negative log likelihood ${value.toPrecision(8)}`;
  return `${name}${threshold}; ${sum}${known}`;
}

const scientificOrPlain = (value: number): string =>
  value < 1e-3 || value >= 1e4 ? scientific(value, 3) : significant(value, 3);

/** An input with the quantity that it was read as, where that says more than its column: `x (C)`. */
const named = (name: string, quantity: string, column: string): string =>
  quantity === name || quantity === column ? name : `${name} (${quantity})`;

/** Which column each quantity was read from. */
function columns(fit: FittedLaw): string {
  const read = fit.inputs.map(
    ({ name, quantity, column }) => `${named(name, quantity, column)} = ${escapeText(column, 60)}`,
  );
  return [...read, `${fit.measured.name ?? "loss"} = ${escapeText(fit.measured.column, 60)}`].join(", ");
}

function data(fit: FittedLaw): string {
  const { rows, used, dropped, range } = fit.data;
  const ranges = fit.inputs.flatMap(({ name, quantity, column }) => {
    if (range[name] === undefined) return [];
    const [low, high] = range[name];
    const show = quantity === "C" ? flops : scaled;
    return [`${named(name, quantity, column)} ${show(low)} to ${show(high)}`];
  });
  const counts = new Map<string, number>();
  for (const { count: n, reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + n);
  const left = [...counts].map(([reason, n]) => `${n} ${reason}`).join("; ");
  return `${plural(used, "row")} of ${rows}, ${ranges.join(", ")}${left === "" ? "" : `; not used: ${left}`}`;
}

/** Counts as such; shares and scores with a few digits. */
const scaled = (value: number): string => (Math.abs(value) >= 10 ? count(value) : significant(value, 3));

/** How each stage of a chain fared. */
function stages({ stages: all }: FittedLaw, width: number): string[] {
  return (all ?? []).map(({ output, rows, objective: own, status, metrics, joint }) => {
    const { meanRelativeError: mean, worstRelativeError: worst } = metrics;
    const error =
      mean === null || worst === null ? "" : ` mean error ${percent(mean)}, worst ${percent(worst)};`;
    const together = joint === undefined ? "" : `; ${fittedWith(joint, own.name)}`;
    return labelled(output, `${status} on ${plural(rows, "row")};${error} ${own.name}${together}`, width);
  });
}

function fittedWith({ with: others, parameters, spread }: JointStage, objective: string): string {
  const unit = objective.endsWith("-log") ? percent(spread) : significant(spread, 2);
  return `fitted as one with ${listOf(others)} for ${listOf(parameters)}, its residuals measured by their spread of ${unit}`;
}

function search(fit: FittedLaw): string {
  const { search: s, status } = fit;
  const gap = s.gapToNext === null ? "" : `, the next one ${percent(s.gapToNext)} higher`;
  const opinion = s.secondOpinion.agrees
    ? "an independent solver agrees"
    : "an INDEPENDENT SOLVER FOUND BETTER";
  return `${status}; ${s.reachedBest} of ${plural(s.starts, "start")} reached the best of ${plural(s.minima, "minimum", "minima")}${gap}; ${opinion}`;
}

/** How the largest rows came out against the law fitted without them. */
function backtest({ objective: { name } }: FittedLaw, found: Backtest): string {
  if (found.m === null) return `none: ${found.reason}`;
  const { m, standardError, heldOut, rest, decades } = found;
  const isLog = name.endsWith("-log");
  const show = (value: number) => (isLog ? percent(value) : significant(value, 2));
  const error = standardError === null ? "" : ` (s.e. ${show(standardError)})`;
  const away = isLog ? Math.expm1(m) : m;
  return `the ${heldOut} largest runs, ${decades.toFixed(1)} decades beyond the other ${rest}, are ${show(Math.abs(away))} ${m < 0 ? "below" : "above"} the law fitted without them${error}`;
}

/** What to do next: a plan at ten times the compute of the largest run, or a prediction ten times as far out. */
function nextStep(document: FitDocument, saved: string | null): string {
  if (saved === null) return "";
  const budget = budgetOfCost(document.fits[0]);
  if (budget !== null)
    return `saved to ${escapeText(saved)}; next: scalefit plan --cost-fit ${escapeText(saved)} ${budget}\n`;
  const [{ stages, data }] = document.fits;
  if (stages?.[0].output === "lr" && data.largestProduct !== null)
    return `saved to ${escapeText(saved)}; next: scalefit plan --flops ${scientific(60 * data.largestProduct, 1)} --fit loss.json --lr-fit ${escapeText(saved)}\n`;
  const flag = saved === "scalefit.json" ? "" : ` --fit ${escapeText(saved)}`;
  return `saved to ${escapeText(saved)}; next: scalefit ${nextCommand(document.fits)}${flag}\n`;
}

/** Of what was measured of runs but is no loss: seconds, dollars. */
const budgetOfCost = ({ law, measured }: FittedLaw): string | null =>
  law === CUSTOM_ID || measured.name !== undefined ? budgetFor(measured.column) : null;

function nextCommand(fits: readonly FittedLaw[]): string {
  const budgets = fits.flatMap(({ optima, data: { range } }) => (optima === undefined ? [] : [range.C[1]]));
  if (budgets.length > 0) return `plan --flops ${scientific(10 * Math.max(...budgets), 1)}`;
  const largest = Math.max(...fits.map((fit) => fit.data.largestProduct ?? 0));
  if (largest > 0) return `plan --flops ${scientific(60 * largest, 1)}`;
  const ranges = Object.entries(fits[0].data.range);
  // Shares of one whole are all named alike, and add up to 1.
  if (ranges.length > 1 && ranges.every(([name, [, high]], i) => name === `r${i + 1}` && high <= 1)) {
    // Several losses have a best mixture between them; one alone goes to a corner.
    if (fits.length > 1) return "plan";
    const share = Math.floor(100 / ranges.length);
    const shares = ranges.map((_, i) => (i === 0 ? 100 - share * (ranges.length - 1) : share) / 100);
    return `predict --at "r=[${shares.join(",")}]"`;
  }
  const points = ranges.map(
    ([name, [, high]]) => `${name}=${high > 1 ? scientific(10 * high, 1) : significant(high, 2)}`,
  );
  return `predict --at ${points.join(",")}`;
}
