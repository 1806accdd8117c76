import type { CompareLawsDocument, Estimate, LawsComparison } from "../objects.js";
import { escapeText } from "../text.js";
import { choiceView } from "./choice-view.js";
import { limits, scaleText, signed, unitOf } from "./curve-words.js";
import { bracketed, count, levelText, loss, lossInterval, significant } from "./format.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = "right" as const;

/** Several laws on one log: the ranking, and what follows from each. */
export const lawsComparedView = ({ comparisons, measured }: CompareLawsDocument, width: number): string =>
  comparisons.map((one) => `${titleOf(one, measured)}\n\n${comparisonView(one, width)}`).join("\n");

const titleOf = ({ group, laws }: LawsComparison, measured: string): string =>
  heading(
    `${laws.length} laws of ${escapeText(measured, 40)}${group === null ? "" : `, ${escapeText(group, 40)}`}`,
  );

function comparisonView(comparison: LawsComparison, width: number): string {
  const { choice, along, laws, text } = comparison;
  return [
    choiceView({ choice }, width),
    "\n",
    labelled("in short", text, width),
    ...laws
      .filter(({ along: own }) => own === null)
      .map(({ name, reason }) => labelled("no curve", `${name}: ${reason ?? ""}`, width)),
    ...(along === null
      ? []
      : ["\n", values(comparison, along, width), "\n", differences(comparison, along, width)]),
  ].join("");
}

/** Each law's value and split at each scale. */
function values({ scales, level }: LawsComparison, along: string, width: number): string {
  const columns = [
    { header: unitOf(along), align: right },
    { header: "law" },
    { header: "value", align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: "best N", align: right, rank: 1 },
    { header: `${levelText(level)} interval`, align: right, rank: 3 },
    { header: "D/N", align: right, rank: 1 },
    { header: `${levelText(level)} interval`, align: right, rank: 2 },
    { header: "", rank: 4 },
  ];
  const rows = scales.flatMap(({ scale, decades, laws }) =>
    laws.map(({ name, value, optimum }, k) => [
      k === 0 ? scaleText(scale) : "",
      escapeText(name, 40),
      Number.isFinite(value.estimate) ? loss(value) : "-",
      lossInterval(value),
      shown(optimum?.N, count),
      optimum === null ? "" : bracketed(optimum.N, count),
      shown(optimum?.tokensPerParameter, ratio),
      optimum === null ? "" : bracketed(optimum.tokensPerParameter, ratio),
      k === 0 && Math.abs(decades) >= 0.05
        ? `${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond" : "below"}`
        : "",
    ]),
  );
  return table(columns, rows, width);
}

const ratio = (value: number): string => significant(value, 3);
const shown = (estimate: Estimate | undefined, format: (value: number) => string): string =>
  estimate === undefined ? "-" : format(estimate.estimate);

/** The chosen law less each other, draw by draw. */
function differences({ partings, level }: LawsComparison, along: string, width: number): string {
  if (partings.length === 0) return "";
  const columns = [
    { header: "chosen less" },
    { header: unitOf(along), align: right },
    { header: "difference", align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: "apart" },
  ];
  const rows = partings.flatMap(({ b, rows: all }) =>
    all.map(({ scale, difference, apart }, k) => [
      k === 0 ? escapeText(b, 40) : "",
      scaleText(scale),
      Number.isFinite(difference.estimate) ? signed(difference.estimate) : "-",
      limits(difference, signed),
      apart ? "yes" : "no",
    ]),
  );
  return [
    table(columns, rows, width),
    labelled(
      "apart",
      "each value outside of the other's interval; differences are taken draw by draw, both laws on the same resample",
      width,
    ),
  ].join("");
}
