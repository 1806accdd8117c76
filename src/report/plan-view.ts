import type { Estimate, PlanDocument, PlannedLaw } from "../objects.js";
import { escapeText } from "../text.js";
import { expectedInWords } from "./backtest-view.js";
import { choicesInWords, measureInWords } from "./choice-of-plan-words.js";
import {
  bracketed,
  count,
  flops,
  levelText,
  loss,
  lossInterval,
  missingIntervals,
  percent,
  significant,
} from "./format.js";
import { frontierView } from "./frontier-view.js";
import { measuredText } from "./measured-cost-view.js";
import { accountView, amountText, dollars } from "./plan-account-view.js";
import { sensitivityView } from "./sensitivity-view.js";
import { SETTINGS, settingsInWords } from "./settings-words.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled } from "./words.js";

/** The plan for people: the answer, how sure, its neighbours, what another size costs, what it rests on. */
export function planView(document: PlanDocument, width: number): string {
  return document.plans.map((plan) => onePlan(plan, width)).join("\n");
}

const ratio = (value: number): string => significant(value, 3);
const wide = (value: Estimate, format: (v: number) => string) => bracketed(value, format);

function onePlan(plan: PlannedLaw, width: number): string {
  const group = plan.group === null ? "" : `${escapeText(plan.group, 60)}: `;
  const missing = missingIntervals(everyEstimate(plan));
  return [
    `${heading(`${group}${question(plan)}`)}\n\n`,
    answer(plan, width),
    "\n",
    ...accountView(plan, width),
    ...(plan.frontier === undefined
      ? plan.neighbours.length === 0
        ? []
        : [neighbours(plan, width), "\n"]
      : [frontierView(plan, width), "\n"]),
    ...(plan.offOptimum.length === 0 ? [] : [offOptimum(plan, width), "\n"]),
    ...(plan.sensitivity === undefined ? [] : [sensitivityView(plan, plan.sensitivity, width)]),
    missing === null ? "" : labelled("intervals", missing, width),
    labelled("from", plan.source, width),
    ...(plan.hyperparameters === undefined
      ? []
      : [labelled("settings", settingsInWords(plan.hyperparameters), width)]),
    ...(isSplit(plan) ? guards(plan, width) : []),
    ...(plan.cost === undefined ? [] : [labelled("count", countInWords(plan.cost), width)]),
    ...choices(plan, width),
    ...(plan.regret === undefined ? [] : [labelled("regret", regretInWords(plan.regret), width)]),
    plan.expectedError === undefined ? "" : labelled("expect", expectedInWords(plan.expectedError), width),
    labelled("assumes", assumptions(plan), width),
    ...(plan.explanation === undefined ? [] : ["\n", explained(plan.explanation, width)]),
  ].join("");
}

/** How each number came about. */
const explained = (steps: NonNullable<PlannedLaw["explanation"]>, width: number): string =>
  `  how it came about\n${steps.map(({ what, how }) => labelled(what.slice(0, 11), how, width)).join("")}`;

/** The count in use beside 6ND, and the shape behind it. */
function countInWords({ words, flopsPerToken, over6nd, shape }: NonNullable<PlannedLaw["cost"]>): string {
  const off = over6nd.estimate - 1;
  const beside =
    Math.abs(off) < 5e-4
      ? "as 6ND"
      : `${percent(Math.abs(off))} ${off > 0 ? "above" : "below"} 6ND of this size`;
  return [
    words,
    `${flops(flopsPerToken.estimate)} FLOPs a token, ${beside}`,
    ...(shape === null
      ? []
      : [
          `shape of ${significant(Number(shape.layers), 3)} layers, width ${significant(Number(shape.width), 4)}, vocabulary ${count(Number(shape.vocab))}, context ${count(Number(shape.context))}`,
        ]),
  ].join("; ");
}

/** What not knowing the law costs. */
function regretInWords({
  extraLoss,
  wastedShare,
  extraFlops,
  extraUsd,
}: NonNullable<PlannedLaw["regret"]>): string {
  const price = extraUsd === undefined ? "" : `, ${dollars(extraUsd.mean)}`;
  const mostPrice = extraUsd === undefined ? "" : `, ${dollars(extraUsd.high)}`;
  const less =
    extraFlops === undefined
      ? ""
      : `: it would reach the same for ${flops(extraFlops.mean)} FLOPs${price} less (95 % below ${flops(extraFlops.high)}${mostPrice})`;
  return `against the best split under each resample: +${significant(extraLoss.mean, 2)} loss on average (95 % below +${significant(extraLoss.high, 2)}), ${percent(wastedShare.mean)} of the budget (95 % below ${percent(wastedShare.high)})${less}`;
}

/** How a plan that is chosen otherwise than by the least of the estimate stands beside that one. */
const choices = (plan: PlannedLaw, width: number): string[] =>
  choicesInWords(plan).map(([label, words]) => labelled(label, words, width));

function everyEstimate({
  optimum,
  losses = [],
  flops: cost,
  neighbours: near,
  offOptimum: off,
  hyperparameters: found,
}: PlannedLaw): Estimate[] {
  const settings = [found?.lr, found?.batch, found?.steps].filter((one) => one !== undefined && one !== null);
  return [
    ...Object.values(optimum),
    ...losses.map((one) => one.loss),
    ...(cost === undefined ? [] : [cost]),
    ...settings,
    ...near.map((row) => row.loss),
    ...off.map((row) => row.wastedCompute),
  ];
}

/** The columns without the last one, which holds intervals, where there is none to show. */
function withoutEmpty(columns: TableColumn[], intervals: readonly Estimate[]): TableColumn[] {
  return intervals.some(({ low }) => low !== null) ? columns : columns.slice(0, -1);
}

/** Whether a budget was split between parameters and tokens; other optima have no compute to be far from. */
const isSplit = ({ optimum }: PlannedLaw): boolean => optimum.tokensPerParameter !== undefined;

/** How far beyond the data, and what guards the limits out there. */
function guards(plan: PlannedLaw, width: number): string[] {
  const { wrongLaw } = plan.assumptions;
  return [
    labelled("reach", reach(plan), width),
    ...(wrongLaw === undefined ? [] : [labelled("backtest", String(wrongLaw), width)]),
  ];
}

function assumptions(plan: PlannedLaw): string {
  const { assumptions: known } = plan;
  const { law, choice } = plan;
  const chosen =
    choice === undefined ? [] : [`the law ${law}, chosen among ${choice.among}${nextLaw(choice)}`];
  const held = known.held === undefined || plan.epochs !== undefined ? [] : [`planned at ${known.held}`];
  const optimum = known.optimum === undefined ? [] : [String(known.optimum)];
  const compute = isSplit(plan) ? [known.compute] : [];
  const parameters = isSplit(plan) ? [known.parameters] : [];
  const taken = [known.repeats, known.hardware, known.serving, known.cache].filter(
    (text) => text !== undefined,
  );
  return [...chosen, ...held, ...optimum, ...compute, known.schedule, ...parameters, ...taken].join("; ");
}

/** What the plan would be under the next law. */
function nextLaw({ runnerUp }: NonNullable<PlannedLaw["choice"]>): string {
  if (runnerUp === null) return "";
  const name = runnerUp.size === undefined ? runnerUp.law : `${runnerUp.law}:${runnerUp.size}`;
  if (runnerUp.optimum === null) return ` (next ${name}, which plans nothing here)`;
  const { tokensPerParameter: _ratio, ...optimum } = runnerUp.optimum;
  const numbers = Object.entries(optimum).map(
    ([variable, value]) => `${variable} ${variable === "loss" ? significant(value, 4) : inVariable(value)}`,
  );
  return ` (under the next, ${name}: ${numbers.join(", ")})`;
}

/** Names that have a flag of their own, and so a phrase. */
const PHRASED: ReadonlySet<string> = new Set([
  "flops",
  "params",
  "tokens",
  "targetLoss",
  "targetTask",
  "risk",
  "confidence",
  "ratio",
  "dollars",
  "gpuHours",
  "kwh",
  "days",
  "costBudget",
]);

/** Limits stand in a table of their own. */
const LIMITS: ReadonlySet<string> = new Set([
  "deadlineDays",
  "uniqueTokens",
  "minTokens",
  "maxTokens",
  "maxParams",
  "serveMemory",
  "trainMemory",
  "bytesPerParam",
  "serveContext",
  "serveBatch",
  "cacheBytes",
  "trainBytesPerParam",
  "batch",
  "leastBatch",
]);

function question({ asked, budget, domains, target, risk, least, measuredCost }: PlannedLaw): string {
  if (domains !== undefined) return "Best mixture";
  // The law's name for the budget that was asked for.
  const isBudget = asked.C !== undefined && asked.C === budget.flops;
  const others = Object.entries(asked).filter(
    ([name]) => !PHRASED.has(name) && !LIMITS.has(name) && !(isBudget && name === "C"),
  );
  const given = [
    ...others.map(([name, value]) => `${name} = ${name === "C" ? flops(value) : count(value)}`),
    asked.flops === undefined && !isBudget ? "" : `${flops(asked.flops ?? asked.C)} FLOPs`,
    asked.dollars === undefined ? "" : dollars(asked.dollars),
    asked.gpuHours === undefined ? "" : `${count(asked.gpuHours)} accelerator hours`,
    asked.kwh === undefined ? "" : amountText(asked.kwh, "kwh"),
    asked.days === undefined ? "" : amountText(asked.days, "days"),
    asked.costBudget === undefined || measuredCost === undefined
      ? ""
      : measuredText(asked.costBudget, measuredCost.unit),
    asked.params === undefined ? "" : `${count(asked.params)} parameters`,
    asked.tokens === undefined ? "" : `${count(asked.tokens)} tokens`,
    asked.ratio === undefined ? "" : `${count(asked.ratio)} tokens per parameter`,
    asked.targetLoss === undefined ? "" : `loss ${asked.targetLoss}`,
    target === undefined ? "" : `${target.output} ${target.value}`,
  ].filter((text) => text !== "");
  const cost =
    asked.flops === undefined && !isBudget && budget.flops !== null ? ` (${flops(budget.flops)} FLOPs)` : "";
  const sure = asked.confidence === undefined ? "" : ` with ${levelText(asked.confidence)} confidence`;
  const way =
    risk !== undefined
      ? `, with the least ${measureInWords(risk.share, risk.measure).replace(/^the /, "")} of the loss`
      : least !== undefined
        ? ", in the least time"
        : "";
  return given.length === 0 ? "Plan" : `Plan for ${given.join(" and ")}${sure}${way}${cost}`;
}

/** Shares by their domains, the loss, and each of the losses behind it. */
function mixtureRows({ optimum, domains = {}, losses = [] }: PlannedLaw): string[][] {
  const shares = Object.entries(domains).map(([name, column]) => [
    name === column ? name : `${escapeText(column, 50)} (${name})`,
    significant(optimum[name].estimate, 3),
    wide(optimum[name], (value) => significant(value, 3)),
  ]);
  const each = losses.map(({ group, weight, loss: own }) => [
    `loss ${escapeText(group, 50)} (${percent(weight, 3)} of the mean)`,
    loss(own),
    lossInterval(own),
  ]);
  const title = losses.length === 0 ? "predicted loss" : "predicted mean loss";
  return [...shares, [title, loss(optimum.loss), lossInterval(optimum.loss)], ...each];
}

function answer(plan: PlannedLaw, width: number): string {
  const { optimum, flops: cost, assumptions } = plan;
  const level = `${levelText(Number(assumptions.level))} interval`;
  const columns = [{ header: "" }, { header: "estimate", align: "right" as const }, { header: level }];
  if (plan.domains !== undefined) return table(columns, mixtureRows(plan), width);
  if (optimum.tokensPerParameter === undefined) {
    const rows = Object.entries(optimum).map(([name, value]) =>
      name === "loss"
        ? ["predicted loss", loss(value), lossInterval(value)]
        : [name, inVariable(value.estimate), wide(value, inVariable)],
    );
    return table(columns, rows, width);
  }
  const rows = [
    ["parameters N", count(optimum.N.estimate), wide(optimum.N, count)],
    ["tokens D", count(optimum.D.estimate), wide(optimum.D, count)],
    [
      "tokens per parameter",
      ratio(optimum.tokensPerParameter.estimate),
      wide(optimum.tokensPerParameter, ratio),
    ],
    ...(optimum.loss === undefined
      ? []
      : [["predicted loss", loss(optimum.loss), lossInterval(optimum.loss)]]),
  ];
  // What follows from the loss by a chain: an accuracy.
  for (const [name, value] of Object.entries(optimum).filter(([name]) => !USUAL.has(name)))
    rows.push([name, inVariable(value.estimate), wide(value, inVariable)]);
  if (plan.epochs !== undefined) {
    const digits = (value: number) => significant(value, 3);
    rows.push(["epochs of the unique tokens", digits(plan.epochs.estimate), wide(plan.epochs, digits)]);
  }
  if (cost !== undefined) {
    const name =
      plan.measuredCost !== undefined
        ? "FLOPs by 6ND"
        : plan.inference === undefined
          ? "training FLOPs"
          : "FLOPs with serving";
    rows.push([name, flops(cost.estimate), wide(cost, flops)]);
  }
  rows.push(...settingRows(plan.hyperparameters));
  return table(columns, rows, width);
}

/** Learning rate, batch and steps, where a law says them. */
const settingRows = (found: PlannedLaw["hyperparameters"]): string[][] =>
  found === undefined
    ? []
    : SETTINGS.flatMap(({ key, title, format }) => {
        const value = found[key];
        return value === null ? [] : [[title, format(value.estimate), wide(value, format)]];
      });

/** What every plan of a budget gives. */
const USUAL: ReadonlySet<string> = new Set(["N", "D", "loss", "tokensPerParameter"]);

/** A number in a law's own variable: counts as such, small ones with four digits. */
const inVariable = (value: number): string => (Math.abs(value) >= 1e3 ? count(value) : significant(value, 4));

function neighbours({ neighbours: near, ladder, budget, measuredCost }: PlannedLaw, width: number): string {
  const rows = ladder ?? near;
  const unit = measuredCost === undefined || measuredCost.unit === "units" ? "cost" : measuredCost.unit;
  const settings = SETTINGS.filter(({ key }) =>
    rows.some((row) => row[key] !== undefined && row[key] !== null),
  );
  const columns = [
    { header: measuredCost === undefined ? "FLOPs" : unit, align: "right" as const },
    { header: "N", align: "right" as const },
    { header: "D", align: "right" as const },
    { header: "D/N", align: "right" as const, rank: 2 },
    { header: "loss", align: "right" as const },
    ...settings.map(({ short }) => ({ header: short, align: "right" as const, rank: 3 })),
    { header: "interval of the loss", rank: 1 },
  ];
  const body = rows.map((row) => [
    row.measured === undefined
      ? row.flops === budget.flops
        ? heading(flops(row.flops))
        : flops(row.flops)
      : measuredText(row.measured, "units"),
    count(row.N.estimate),
    count(row.D.estimate),
    ratio(row.tokensPerParameter.estimate),
    loss(row.loss),
    ...settings.map(({ key, format }) => {
      const value = row[key];
      return value === undefined || value === null ? "-" : format(value.estimate);
    }),
    lossInterval(row.loss),
  ]);
  const shown = withoutEmpty(
    columns,
    rows.map((row) => row.loss),
  );
  return `  best splits of ${ladder === undefined ? "this budget and its neighbours" : "a ladder of budgets"}\n${table(shown, body, width)}`;
}

/** A small difference of losses: `+0.0113`, `+3.2e-5`. */
const extra = (value: number): string => `+${value < 1e-3 ? significant(value, 2) : value.toFixed(4)}`;

function offOptimum({ offOptimum: rows }: PlannedLaw, width: number): string {
  const columns = [
    { header: "model" },
    { header: "N", align: "right" as const },
    { header: "D", align: "right" as const, rank: 1 },
    { header: "loss", align: "right" as const },
    { header: "extra loss", align: "right" as const },
    { header: "compute wasted", align: "right" as const },
    { header: "interval", rank: 2 },
  ];
  const body = rows.map((row) => [
    row.factor < 1
      ? `${Number((1 / row.factor).toPrecision(2))}x smaller`
      : `${Number(row.factor.toPrecision(2))}x larger`,
    count(row.N),
    count(row.D),
    loss(row.loss),
    extra(row.extraLoss.estimate),
    percent(row.wastedCompute.estimate),
    bracketed(row.wastedCompute, (value) => percent(value)),
  ]);
  const shown = withoutEmpty(
    columns,
    rows.map((row) => row.wastedCompute),
  );
  return `  the price of another size at the same budget\n${table(shown, body, width)}`;
}

function reach({ extrapolation: { decades } }: PlannedLaw): string {
  if (decades === null) return "no log behind these coefficients: their source says how far they reach";
  if (Math.abs(decades) < 0.05) return "within the compute of the fitted runs";
  return decades > 0
    ? `${decades.toFixed(1)} decades of compute beyond the largest fitted run`
    : `${Math.abs(decades).toFixed(1)} decades of compute below the smallest fitted run`;
}
