/** A plan for other programs and pages: CSV of its budgets, Markdown of all of it. */
import type {
  Estimate,
  FrontierRow,
  PlanBudgetRow,
  PlanDocument,
  PlanLimit,
  PlannedLaw,
} from "../objects.js";
import { escapeText } from "../text.js";
import { choicesInWords } from "./choice-of-plan-words.js";
import { csvText } from "./csv.js";
import { bracketed, count, flops, levelText, loss, lossInterval, significant } from "./format.js";
import { frontierColumns, frontierInWords } from "./frontier-view.js";
import { cellText, markdownTable } from "./markdown.js";
import { amountText, dollars } from "./plan-account-view.js";
import { SETTINGS, settingsInWords } from "./settings-words.js";

/** The budgets of a plan: its frontier, its ladder, or its neighbours. */
const rowsOf = ({ frontier, ladder, neighbours }: PlannedLaw): PlanBudgetRow[] =>
  frontier?.rows ?? ladder ?? neighbours;

const NUMBERS = ["N", "D", "tokensPerParameter", "loss"] as const;

/** A row a budget, every number in full with its limits; empty cells where there are none. */
export function planCsv({ plans }: PlanDocument): string {
  const isFrontier = plans.some(({ frontier }) => frontier !== undefined);
  const isChosen = plans.some(({ frontier }) => frontier?.rows.some(({ risk }) => risk !== undefined));
  const isMeasured = plans.some(({ measuredCost }) => measuredCost !== undefined);
  const settings =
    isFrontier || plans.every(({ hyperparameters }) => hyperparameters === undefined) ? [] : SETTINGS;
  const header = [
    "group",
    "law",
    "flops",
    ...(isMeasured ? ["measured", "measured_unit"] : []),
    ...NUMBERS.flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    ...settings.flatMap(({ column }) => [column, `${column}_low`, `${column}_high`]),
    "gpu_hours",
    "usd",
    ...(isFrontier ? FRONTIER : []),
    ...(isChosen ? ["risk"] : []),
  ];
  const cell = (value: number | null | undefined): string =>
    value === null || value === undefined ? "" : String(value);
  const rows = plans.flatMap((plan) =>
    rowsOf(plan).map((row) => {
      const hours = hoursOf(plan, row);
      const price = plan.run?.usdPerGpuHour ?? null;
      return [
        plan.group === null ? "" : escapeText(plan.group, 200),
        plan.law,
        cell(row.flops),
        ...(isMeasured ? [cell(row.measured), plan.measuredCost?.unit ?? ""] : []),
        ...NUMBERS.flatMap((name) => [cell(row[name].estimate), cell(row[name].low), cell(row[name].high)]),
        ...settings.flatMap(({ key }) => [
          cell(row[key]?.estimate),
          cell(row[key]?.low),
          cell(row[key]?.high),
        ]),
        cell(hours),
        cell(hours === null || price === null ? null : hours * price),
        ...(isFrontier
          ? onFrontier(row as FrontierRow).map((value) => (typeof value === "string" ? value : cell(value)))
          : []),
        ...(isChosen ? [cell((row as FrontierRow).risk)] : []),
      ];
    }),
  );
  return csvText(header, rows);
}

/** Accelerator hours of a budget; where each size has its own speed they are the budget. */
const hoursOf = ({ run, measuredCost }: PlannedLaw, { flops, measured }: PlanBudgetRow): number | null =>
  measuredCost?.throughput !== undefined
    ? (measured ?? null)
    : run === undefined
      ? null
      : flops / run.flopsPerSecond / 3600;

/** What a row of the frontier has beside those of any budget. */
const FRONTIER = [
  "wall_hours",
  "binds",
  ...["next_percent", "next_hundredth"].flatMap((name) =>
    ["flops", "flops_low", "flops_high", "usd"].map((unit) => `${name}_${unit}`),
  ),
];

const onFrontier = ({ wallHours, binds, nextPercent, nextHundredth }: FrontierRow) => [
  wallHours,
  binds.join(" "),
  ...[nextPercent, nextHundredth].flatMap(({ flops: more, usd }) => [
    more?.estimate,
    more?.low,
    more?.high,
    usd?.estimate,
  ]),
];

const wordList = (lines: readonly (readonly [label: string, words: string])[]): string =>
  lines.map(([label, words]) => `- ${label}: ${cellText(words)}\n`).join("");

const isOfCost = (limits: readonly PlanLimit[]): boolean =>
  limits.some(({ shadowCost }) => shadowCost !== undefined);

/** What one more of a limit moves. */
function moved({ shadowPrice, shadowCost }: PlanLimit): string {
  const value = shadowCost?.flops ?? shadowPrice;
  return value === null ? "-" : significant(value.estimate, 2);
}

const interval = (value: Estimate, format: (v: number) => string): string => bracketed(value, format);

/** The plan as a page: answer, cost, limits, budgets, assumptions. */
export const planMarkdown = ({ plans, warnings }: PlanDocument): string =>
  [
    ...plans.map(onePlan),
    ...(warnings.length === 0
      ? []
      : [`**Warnings**\n\n${warnings.map(({ message }) => `- ${cellText(message)}\n`).join("")}`]),
  ].join("\n");

function onePlan(plan: PlannedLaw): string {
  const { optimum, run, limits } = plan;
  const title = plan.budget.flops === null ? "Plan" : `Plan for ${flops(plan.budget.flops)} FLOPs`;
  const answers = Object.entries(optimum).map(([name, value]) =>
    name === "loss"
      ? ["loss", loss(value), lossInterval(value)]
      : [
          name,
          name === "tokensPerParameter" ? significant(value.estimate, 3) : count(value.estimate),
          interval(value, count),
        ],
  );
  const bill: (readonly [string, Estimate | null | undefined, (v: number) => string])[] = [
    [plan.measuredCost === undefined ? "training FLOPs" : "FLOPs by 6ND", plan.flops, flops],
    ...(plan.measuredCost === undefined
      ? []
      : [[`measured ${plan.measuredCost.column}`, plan.measuredCost.cost, count] as const]),
    ["accelerator hours", run?.gpuHours, count],
    ["days", run?.wallHours, (hours) => significant(hours / 24, 3)],
    ["dollars", run?.usd, dollars],
    ["kWh", run?.kwh, count],
    ["kg CO2", run?.kgCo2, count],
    ["epochs", plan.epochs, (v) => significant(v, 3)],
    ...SETTINGS.map(({ key, title, format }) => [title, plan.hyperparameters?.[key], format] as const),
  ];
  const spent = bill.flatMap(([name, value, format]) =>
    value === null || value === undefined ? [] : [[name, format(value.estimate), interval(value, format)]],
  );
  const parts = [
    `## ${cellText(plan.group === null ? title : `${escapeText(plan.group, 60)}: ${title}`)}\n`,
    markdownTable(
      ["", "estimate", `${levelText(Number(plan.assumptions.level))} interval`],
      [...answers, ...spent],
    ),
  ];
  if (limits !== undefined)
    parts.push(
      markdownTable(
        [
          "limit",
          "allowed",
          "taken",
          "binds",
          "one more",
          `moves the ${isOfCost(limits) ? "FLOPs" : "loss"} by`,
        ],
        limits.map((one) => [
          one.limit,
          amountText(one.amount, one.unit),
          amountText(one.used, one.unit),
          one.binds ? "yes" : "no",
          amountText(one.per, one.unit),
          moved(one),
        ]),
      ),
    );
  const choices = choicesInWords(plan);
  if (choices.length > 0) parts.push(wordList(choices));
  const rows = rowsOf(plan);
  if (plan.frontier !== undefined) {
    const columns = frontierColumns(plan);
    parts.push(
      markdownTable(
        columns.map(({ header }) => header),
        plan.frontier.rows.map((_, k) => columns.map(({ cells }) => cells[k])),
      ),
      wordList(frontierInWords(plan)),
    );
  } else if (rows.length > 0)
    parts.push(
      markdownTable(
        ["FLOPs", "N", "D", "D/N", "loss", "interval of the loss"],
        rows.map((row) => [
          flops(row.flops),
          count(row.N.estimate),
          count(row.D.estimate),
          significant(row.tokensPerParameter.estimate, 3),
          loss(row.loss),
          lossInterval(row.loss),
        ]),
      ),
    );
  const assumed = Object.entries({
    from: plan.source,
    ...plan.assumptions,
    ...(plan.hyperparameters === undefined ? {} : { settings: settingsInWords(plan.hyperparameters) }),
  }).filter(([name]) => name !== "level");
  parts.push(
    `**Assumptions**\n\n${assumed.map(([name, text]) => `- ${name}: ${cellText(String(text))}\n`).join("")}`,
  );
  return parts.join("\n");
}
