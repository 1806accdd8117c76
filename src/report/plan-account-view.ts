import type { Estimate, LimitUnit, PlanLimit, PlannedLaw, PlannedRun, PlannedUse } from "../objects.js";
import { bracketed, count, flops, percent, significant } from "./format.js";
import { measuredCostView } from "./measured-cost-view.js";
import { type TableColumn, table } from "./table.js";
import { labelled } from "./words.js";

const right = "right" as const;

/** What a plan costs beside its FLOPs, and what limits it: the tables between the answer and the neighbours. */
export function accountView(plan: PlannedLaw, width: number): string[] {
  return [
    ...(plan.measuredCost === undefined ? [] : [measuredCostView(plan.measuredCost, width), "\n"]),
    ...(plan.run === undefined
      ? []
      : [runView(plan.run, plan.steps, plan.inference !== undefined, width), "\n"]),
    ...(plan.inference === undefined ? [] : [inferenceView(plan, width), "\n"]),
    ...(plan.limits === undefined ? [] : [limitsView(plan.limits, width), "\n"]),
  ];
}

/** `$1.00M`, `$17.6k`, `$187`. */
export const dollars = (value: number): string => `$${count(value)}`;
const energy = (kwh: number): string =>
  kwh >= 1e6
    ? `${significant(kwh / 1e6, 3)} GWh`
    : kwh >= 1e3
      ? `${significant(kwh / 1e3, 3)} MWh`
      : `${significant(kwh, 3)} kWh`;
const mass = (kg: number): string =>
  kg >= 1e3 ? `${significant(kg / 1e3, 3)} t` : `${significant(kg, 3)} kg`;
const time = (hours: number): string =>
  hours >= 48 ? `${significant(hours / 24, 3)} days` : `${significant(hours, 3)} hours`;

/** The interval of a number that varies: what is given varies not. */
const varying = (value: Estimate, format: (v: number) => string): string =>
  value.low !== null && value.high !== null && value.high - value.low <= 1e-9 * Math.abs(value.estimate)
    ? ""
    : value.low === null
      ? ""
      : bracketed(value, format);

function lines(
  rows: readonly (readonly [string, Estimate | null, (v: number) => string])[],
  width: number,
): string {
  const shown = rows.flatMap(([name, value, format]) =>
    value === null ? [] : [[name, format(value.estimate), varying(value, format)]],
  );
  const columns: TableColumn[] = [{ header: "" }, { header: "", align: right }, { header: "", rank: 1 }];
  const hasInterval = shown.some((row) => row[2] !== "");
  const body = hasInterval ? shown : shown.map((row) => row.slice(0, 2));
  return withoutHeader(table(hasInterval ? columns : columns.slice(0, 2), body, width));
}

/** Without the line of empty headers. */
const withoutHeader = (text: string): string => text.slice(text.indexOf("\n") + 1);

function runView(run: PlannedRun, steps: number | undefined, hasServing: boolean, width: number): string {
  const many = run.count === null ? "" : `${run.count} x `;
  const speed =
    run.mfu === null || run.peakFlopsPerSecond === null
      ? `${significant(run.flopsPerSecond / 1e12, 3)} TFLOP/s each`
      : `${percent(run.mfu)} of ${significant(run.peakFlopsPerSecond / 1e12, 3)} TFLOP/s ${run.precision} each`;
  const body = lines(
    [
      ["accelerator hours", run.gpuHours, count],
      [hasServing ? "time of training" : "time", run.wallHours, time],
      ["dollars", run.usd, dollars],
      ["electricity", run.kwh, energy],
      ["CO2", run.kgCo2, mass],
      ["steps", steps === undefined ? null : { estimate: steps, low: null, high: null }, (v) => count(v)],
    ],
    width,
  );
  const needed =
    run.countForDeadline === undefined
      ? ""
      : labelled("deadline", `needs ${count(run.countForDeadline)} accelerators`, width);
  const { useful } = run;
  const fed = useful === undefined ? "" : labelled("of use", usefulInWords(useful), width);
  const unknown = run.unknown === undefined ? "" : labelled("not known", run.unknown.join("; "), width);
  return `  on ${many}${run.hardware} (${speed})\n${body}${fed}${needed}${unknown}`;
}

/** How many accelerators the critical batch feeds, and how sure that is. */
function usefulInWords({ count: n, criticalBatch, loss, interval, counts, source }: PlannedUse): string {
  const isFitted = source.startsWith("fit ");
  const from = isFitted ? source : "arXiv 2001.08361, eq. 1.4; published without an interval";
  const between = interval.low === null || counts === null ? "" : ` ${bracketed(interval, count)}`;
  const numbers = counts === null ? "" : ` [${counts.low}, ${counts.high}]`;
  const none = isFitted && counts === null ? `; no interval: ${interval.reason}` : "";
  return `${n}${numbers} accelerators: the critical batch of ${count(criticalBatch)}${between} tokens at a loss of ${significant(loss, 4)} feeds no more than these (${from}${none})`;
}

function inferenceView({ inference }: PlannedLaw, width: number): string {
  if (inference === undefined) return "";
  const { tokens, trainFlops, serveFlops, trainingOnly, breakEvenTokens } = inference;
  const total = trainFlops.estimate + serveFlops.estimate;
  const share = (value: Estimate): Estimate => ({
    estimate: value.estimate / total,
    low: value.low === null ? null : value.low / total,
    high: value.high === null ? null : value.high / total,
  });
  const table = lines(
    [
      ["training", trainFlops, flops],
      ["serving", serveFlops, flops],
      ["share of serving", share(serveFlops), percent],
      ["break-even demand", breakEvenTokens, (v) => `${count(v)} tokens`],
    ],
    width,
  );
  const other =
    trainingOnly === null || trainingOnly.extraCost === null
      ? ""
      : labelled(
          "beside",
          `the cheapest to train of the same loss has ${count(trainingOnly.N)} parameters and ${count(trainingOnly.D)} tokens; with serving it costs ${percent(trainingOnly.extraCost.estimate)} more`,
          width,
        );
  return `  serving ${count(tokens)} tokens\n${table}${other}`;
}

/** An amount in its unit. */
export function amountText(amount: number, unit: LimitUnit): string {
  switch (unit) {
    case "usd":
      return dollars(amount);
    case "flops":
      return `${flops(amount)} FLOPs`;
    case "gpu-hours":
      return `${count(amount)} hours`;
    case "kwh":
      return energy(amount);
    case "days":
      return amount === 1 ? "1 day" : `${significant(amount, 3)} days`;
    case "bytes":
      return `${significant(amount / 1e9, 3)} GB`;
    case "parameters":
      return `${count(amount)} params`;
    case "tokens":
      return `${count(amount)} tokens`;
    case "measured":
      return count(amount);
  }
}

/** A round amount: `1B tokens`. */
const perText = (per: number, unit: LimitUnit): string =>
  amountText(per, unit).replace(/(\d)\.0+(?=[kMBT ]|$)/, "$1");

/** A change of a loss with its sign. */
const change = (value: number): string =>
  value === 0 ? "0" : `${value > 0 ? "+" : "-"}${significant(Math.abs(value), 2)}`;

function limitsView(limits: readonly PlanLimit[], width: number): string {
  const isOfCost = limits.some(({ shadowCost }) => shadowCost !== undefined);
  const isPriced = limits.some(({ shadowCost }) => shadowCost !== undefined && shadowCost.usd !== null);
  const columns: TableColumn[] = [
    { header: "limit" },
    { header: "allowed", align: right },
    { header: "taken", align: right, rank: 1 },
    { header: "binds" },
    { header: "one more", align: right },
    { header: isOfCost ? "moves the FLOPs by" : "moves the loss by", align: right },
    { header: "interval", rank: 2 },
    { header: "in dollars", align: right, rank: 1 },
  ];
  const body = limits.map(({ limit, amount, unit, used, binds, per, shadowPrice, shadowCost }) => {
    const moves = isOfCost ? (shadowCost?.flops ?? null) : shadowPrice;
    const usd = shadowCost?.usd ?? null;
    return [
      limit,
      amountText(amount, unit),
      amountText(used, unit),
      binds ? "yes" : "no",
      perText(per, unit),
      moves === null ? "-" : change(moves.estimate),
      moves === null || !binds ? "" : varying(moves, change),
      usd === null ? "-" : signedDollars(usd.estimate),
    ];
  });
  const isShown = columns.map((_, j) => (j === 6 ? body.some((row) => row[6] !== "") : j < 6 || isPriced));
  const shown = <T>(cells: readonly T[]): T[] => cells.filter((_, j) => isShown[j]);
  return `  limits, and what one more of each would buy\n${table(shown(columns), body.map(shown), width)}`;
}

const signedDollars = (value: number): string =>
  value === 0 ? "$0" : `${value > 0 ? "+" : "-"}${dollars(Math.abs(value))}`;
