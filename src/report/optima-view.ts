/** The compute optimum by budgets or by the envelope of training curves, as text. */
import type {
  BudgetCode,
  BudgetOptimum,
  Diagnosis,
  EnvelopeOptima,
  Estimate,
  Optima,
  OptimaBias,
  OptimumAt,
  PowerOfCompute,
} from "../objects.js";
import { escapeText } from "../text.js";
import {
  bracketed,
  coefficient,
  count,
  flops,
  levelText,
  lossValue,
  missingIntervals,
  percent,
  plural,
  significant,
} from "./format.js";
import { type TableColumn, table } from "./table.js";
import { labelled, titled } from "./words.js";

const METHODS = {
  parabola: "the vertex of a parabola of the loss in ln N",
  akima: "the least point of Akima's interpolation of ln loss in ln N",
} as const;

const PLACES: Readonly<Record<BudgetCode, string>> = {
  inside: "",
  "below-sizes": "below the smallest size",
  "above-sizes": "above the largest size",
  "no-minimum": "no minimum",
  "too-few-runs": "too few runs",
};

/** Budgets with their best sizes, the powers of compute through them, and what is known of their bias. */
export function optimaView(optima: Optima, width: number): string {
  const { group, method, budgets, level, N, D, asked, bias, biasReason, notes } = optima;
  const used = budgets.filter((budget) => budget.used);
  return [
    titled(
      group === null ? "isoflop" : escapeText(group, 60),
      `best size of each budget: ${METHODS[method]}`,
      width,
    ),
    "\n",
    table(columnsFor(level), budgets.map(budgetRow), width),
    "\n",
    powers(N, D, level, width),
    ...asked.map((answer) => askedLine(answer, width)),
    ...(bias === null ? [] : [surfaceLine(bias, width)]),
    ...(biasReason === undefined ? [] : [labelled("surface", `none: ${biasReason}`, width)]),
    intervalsLine(
      used.flatMap(({ N }) => (N === null ? [] : [N])),
      width,
    ),
    ...notes.map((note) => noteLine(note, width)),
  ].join("");
}

function columnsFor(level: number): TableColumn[] {
  return [
    { header: "budget", align: "right" },
    { header: "runs", align: "right", rank: 3 },
    { header: "sizes", rank: 4 },
    { header: "N*", align: "right" },
    { header: levelText(level), rank: 1 },
    { header: "D*", align: "right" },
    { header: "D*/N*", align: "right", rank: 2 },
    { header: "loss", align: "right" },
    { header: "" },
  ];
}

function budgetRow({ flops: budget, runs, sizes, code, used, N, D, loss }: BudgetOptimum): string[] {
  const place = PLACES[code];
  return [
    flops(budget),
    String(runs),
    `${count(sizes[0])} to ${count(sizes[1])}`,
    N === null ? "" : count(N.estimate),
    N === null ? "" : bracketed(N, count),
    D === null ? "" : count(D.estimate),
    N === null || D === null ? "" : significant(D.estimate / N.estimate, 3),
    loss === null ? "" : lossValue(loss),
    used ? place : `${place}: not used`,
  ];
}

function powers(N: PowerOfCompute, D: PowerOfCompute, level: number, width: number): string {
  const line = (name: string, { coefficient: k, exponent, spread }: PowerOfCompute) =>
    labelled(
      name,
      `${significant(k, 4)} C^${coefficient(exponent.estimate, exponent)}, exponent ${levelText(level)} ${bracketed(exponent, (value) => coefficient(value, exponent))}${spread === null ? "" : `; budgets lie within ${percent(spread)} of it`}`,
      width,
    );
  return line("N*", N) + line("D*", D);
}

const estimate = (value: Estimate): string => `${count(value.estimate)} ${bracketed(value, count)}`;

function askedLine({ flops: budget, N, D, loss }: OptimumAt, width: number): string {
  const ratio = significant(D.estimate / N.estimate, 3);
  const reached = loss === null ? "" : `, loss ${lossValue(loss)}`;
  const text = `N* ${estimate(N)}, D* ${estimate(D)}, ${ratio} tokens per parameter${reached}`;
  return labelled(flops(budget), text, width);
}

function surfaceLine({ law, exponent, asked }: OptimaBias, width: number): string {
  const answers = asked.map(
    ({ flops: budget, N, D }) => `at ${flops(budget)} N* ${count(N)}, D* ${count(D)}`,
  );
  return labelled(
    "surface",
    [`${law} on the same runs: N* as C^${significant(exponent, 4)}`, ...answers].join("; "),
    width,
  );
}

function intervalsLine(shown: readonly Estimate[], width: number): string {
  const reasons = missingIntervals(shown);
  return reasons === null ? "" : labelled("intervals", reasons, width);
}

const noteLine = ({ severity, message }: Diagnosis, width: number): string =>
  labelled(severity === "warning" ? "careful" : "note", message, width);

/** The stretches of the envelope, and the powers of compute through them. */
export function envelopeView(optima: EnvelopeOptima, width: number, group: string | null = null): string {
  const { stretches, N, D, level, places, censored, sensitivity, asked, notes } = optima;
  const rows = stretches.map(({ from, to, run, N: size, used }) => [
    flops(from),
    flops(to),
    escapeText(run, 40),
    count(size),
    used ? "" : "an end of the sizes: not used",
  ]);
  const cut = sensitivity.map(({ skip, exponent }) => {
    const found = exponent === null ? "none" : significant(exponent, 3);
    return skip === 0 ? `${found} from whole runs` : `${found} without their first ${percent(skip)}`;
  });
  return [
    titled(
      group === null ? "envelope" : escapeText(group, 60),
      "the run with the least loss at each compute",
      width,
    ),
    "\n",
    table(
      [
        { header: "from", align: "right" },
        { header: "to", align: "right", rank: 1 },
        { header: "run" },
        { header: "N", align: "right" },
        { header: "", rank: 2 },
      ],
      rows,
      width,
    ),
    "\n",
    powers(N, D, level, width),
    labelled("places", `${places - censored} of ${plural(places, "place")} used`, width),
    labelled("cut", `exponent of N* ${cut.join(", ")}`, width),
    ...asked.map((answer) => askedLine(answer, width)),
    ...notes.map((note) => noteLine(note, width)),
  ].join("");
}
