/** A plan for other programs and pages: CSV of its budgets, Markdown of all of it. */
import type { Estimate, PlanBudgetRow, PlanDocument, PlannedLaw } from "../objects.js";
import { escapeText } from "../text.js";
import { csvText } from "./csv.js";
import { bracketed, count, flops, levelText, loss, lossInterval, significant } from "./format.js";
import { cellText, markdownTable } from "./markdown.js";
import { amountText, dollars } from "./plan-account-view.js";

/** The budgets of a plan: its ladder, or its neighbours. */
const rowsOf = ({ ladder, neighbours }: PlannedLaw): PlanBudgetRow[] => ladder ?? neighbours;

const NUMBERS = ["N", "D", "tokensPerParameter", "loss"] as const;

/** A row a budget, every number in full with its limits; empty cells where there are none. */
export function planCsv({ plans }: PlanDocument): string {
  const header = [
    "group",
    "law",
    "flops",
    ...NUMBERS.flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    "gpu_hours",
    "usd",
  ];
  const cell = (value: number | null | undefined): string =>
    value === null || value === undefined ? "" : String(value);
  const rows = plans.flatMap((plan) =>
    rowsOf(plan).map((row) => {
      const hours = plan.run === undefined ? null : row.flops / plan.run.flopsPerSecond / 3600;
      const price = plan.run?.usdPerGpuHour ?? null;
      return [
        plan.group === null ? "" : escapeText(plan.group, 200),
        plan.law,
        cell(row.flops),
        ...NUMBERS.flatMap((name) => [cell(row[name].estimate), cell(row[name].low), cell(row[name].high)]),
        cell(hours),
        cell(hours === null || price === null ? null : hours * price),
      ];
    }),
  );
  return csvText(header, rows);
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
        ["limit", "allowed", "taken", "binds", "one more", "moves the loss by"],
        limits.map((one) => [
          one.limit,
          amountText(one.amount, one.unit),
          amountText(one.used, one.unit),
          one.binds ? "yes" : "no",
          amountText(one.per, one.unit),
          one.shadowPrice === null ? "-" : significant(one.shadowPrice.estimate, 2),
        ]),
      ),
    );
  const rows = rowsOf(plan);
  if (rows.length > 0)
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
  const assumed = Object.entries({ from: plan.source, ...plan.assumptions }).filter(
    ([name]) => name !== "level",
  );
  parts.push(
    `**Assumptions**\n\n${assumed.map(([name, text]) => `- ${name}: ${cellText(String(text))}\n`).join("")}`,
  );
  return parts.join("\n");
}
