/** The frontier of cost against loss: a row a budget, then where limits begin to bind and where it ends. */
import type { NextLoss, PlannedFrontier, PlannedLaw } from "../objects.js";
import { measureInWords } from "./choice-of-plan-words.js";
import { bracketed, count, flops, loss, lossInterval, significant } from "./format.js";
import { dollars } from "./plan-account-view.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled } from "./words.js";

/** A column of the frontier, for the terminal and for Markdown. */
interface FrontierColumn extends TableColumn {
  cells: string[];
}

/** The columns that have something to show. */
export function frontierColumns(plan: PlannedLaw): FrontierColumn[] {
  const { run } = plan;
  const { rows } = plan.frontier as PlannedFrontier;
  const right = "right" as const;
  const isPriced = rows.some(({ usd }) => usd !== null);
  const isTimed = rows.some(({ wallHours }) => wallHours !== null);
  const hasInterval = rows.some((row) => row.loss.low !== null);
  const next = (
    name: string,
    of: (row: (typeof rows)[number]) => NextLoss,
    rank: number,
  ): FrontierColumn => ({
    header: `${name} ${isPriced ? "costs" : "takes"}`,
    align: right,
    rank,
    cells: rows.map((row) => nextText(of(row))),
  });
  return [
    { header: "FLOPs", align: right, cells: rows.map((row) => flops(row.flops)) },
    ...(isPriced
      ? [
          {
            header: "dollars",
            align: right,
            cells: rows.map(({ usd }) => (usd === null ? "-" : dollars(usd))),
          },
        ]
      : []),
    ...(isTimed
      ? [
          {
            header: "days",
            align: right,
            rank: 3,
            cells: rows.map(({ wallHours }) => (wallHours === null ? "-" : significant(wallHours / 24, 3))),
          },
        ]
      : run === undefined || isPriced
        ? []
        : [
            {
              header: "hours",
              align: right,
              rank: 2,
              cells: rows.map(({ gpuHours }) => (gpuHours === null ? "-" : count(gpuHours))),
            },
          ]),
    { header: "loss", align: right, cells: rows.map((row) => loss(row.loss)) },
    ...(hasInterval
      ? [{ header: "interval", rank: 1, cells: rows.map((row) => lossInterval(row.loss)) }]
      : []),
    ...(isChosen(plan)
      ? [
          {
            header: measureShort(plan),
            align: right,
            cells: rows.map(({ loss: own, risk }) =>
              risk === undefined ? "-" : loss({ ...own, estimate: risk }),
            ),
          },
        ]
      : []),
    { header: "N", align: right, cells: rows.map((row) => count(row.N.estimate)) },
    { header: "D", align: right, cells: rows.map((row) => count(row.D.estimate)) },
    next("next 1 %", (row) => row.nextPercent, 1),
    next("next 0.01", (row) => row.nextHundredth, 1),
    ...(rows.some(({ binds }) => binds.length > 0)
      ? [{ header: "binds", rank: 2, cells: rows.map(({ binds }) => binds.join(", ")) }]
      : []),
  ];
}

/** Whether its designs are chosen over all resamples. */
const isChosen = ({ risk, confidence }: PlannedLaw): boolean =>
  risk !== undefined || confidence !== undefined;

/** What they make least: `the 90 % quantile`. */
const measureOf = ({ risk, confidence }: PlannedLaw): string =>
  confidence === undefined
    ? measureInWords(risk?.share, risk?.measure ?? "mean")
    : confidence.share === 1
      ? measureInWords(undefined, "worst")
      : measureInWords(confidence.share, "quantile");

/** The same over a column: `90 % quantile`. */
const measureShort = (plan: PlannedLaw): string => measureOf(plan).replace(/^the /, "");

const nextText = ({ flops: more, usd }: NextLoss): string =>
  usd !== null ? dollars(usd.estimate) : more === null ? "-" : flops(more.estimate);

export function frontierView(plan: PlannedLaw, width: number): string {
  const { rows } = plan.frontier as PlannedFrontier;
  const columns = frontierColumns(plan);
  const body = rows.map((row, k) =>
    columns.map(({ cells }, j) =>
      j === 0 && row.flops === plan.budget.flops ? heading(cells[k]) : cells[k],
    ),
  );
  const title = isChosen(plan)
    ? `the frontier of ${measureOf(plan)} of the loss: its least cost, and what the next 1 % above the floor and 0.01 cost`
    : "the frontier: the least cost of each loss, and what the next 1 % of the loss above the floor and the next 0.01 cost";
  return [
    `  ${title}\n`,
    table(columns, body, width),
    ...frontierInWords(plan).map(([label, text]) => labelled(label, text, width)),
  ].join("");
}

/** Where limits begin to bind, the floor, and where the frontier ends; each with its label. */
export function frontierInWords(plan: PlannedLaw): [label: string, words: string][] {
  const { floor, ends, limits } = plan.frontier as PlannedFrontier;
  const what = isChosen(plan) ? `takes ${measureOf(plan)} of the loss below` : "goes below a loss of";
  return [
    ...(limits.length === 0 ? [] : [["binds", limits.map(bindsInWords).join("; ")] as [string, string]]),
    ["floor", floorInWords(floor, what, limits.length > 0)],
    ...(ends === null ? [] : [["ends", `at ${flops(ends.flops)} FLOPs: ${ends.reason}`] as [string, string]]),
  ];
}

function floorInWords(floor: PlannedFrontier["floor"], what: string, isLimited: boolean): string {
  if (floor === null) return "the law says none";
  const interval = floor.low === null ? "" : ` ${lossInterval(floor)}`;
  return `no budget ${isLimited ? "within the limits " : ""}${what} ${loss(floor)}${interval}`;
}

function bindsInWords({
  limit,
  binds,
  flops: budget,
  usd,
  reason,
}: PlannedFrontier["limits"][number]): string {
  if (budget === null) return `${limit} at no budget: ${reason}`;
  const price = usd === null ? "" : ` (${dollars(usd.estimate)})`;
  const isGiven = budget.low === null || budget.low === budget.high;
  const interval = isGiven ? "" : ` ${bracketed(budget, flops)}`;
  return `${limit} ${binds === "from" ? "from" : "up to"} ${flops(budget.estimate)} FLOPs${interval}${price}`;
}
