import type { PlannedLaw, Sensitivity, SensitivityVariation } from "../objects.js";
import { escapeText } from "../text.js";
import { count, flops, significant } from "./format.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

/** What other choices would have planned, and which of them move the plan. */
export function sensitivityView(plan: PlannedLaw, sensitivity: Sensitivity, width: number): string {
  const { variations, text } = sensitivity;
  const moves = labelled("moves", `${text}.`, width);
  if (variations.length === 0) return moves;
  const names = shownNames(plan, variations);
  const columns = [
    { header: "changed" },
    { header: "to" },
    ...names.map((name) => ({
      header: HEADERS[name] ?? name,
      align: "right" as const,
      rank: RANKS[name] ?? 0,
    })),
    { header: "outside the interval", rank: 3 },
  ];
  const own = Object.fromEntries(
    Object.entries(plan.optimum).map(([name, { estimate }]) => [name, estimate] as const),
  );
  const fitted: Record<string, number> = {
    ...own,
    ...(plan.flops === undefined ? {} : { flops: plan.flops.estimate }),
  };
  const rows = [
    ["as fitted", "", ...names.map((name) => shown(name, fitted[name])), ""].map((cell) =>
      cell === "" ? cell : heading(cell),
    ),
    ...variations.map((variation, i) => [
      variation.kind === variations[i - 1]?.kind ? "" : KINDS[variation.kind],
      `${escapeText(variation.name, 60)}${variation.counts ? "" : " *"}`,
      ...names.map((name) => shown(name, variation.optimum?.[name])),
      variation.outsideInterval.map((name) => HEADERS[name] ?? name).join(", "),
    ]),
  ];
  const aside = variations.filter(({ counts }) => !counts);
  const notes = aside.map(({ name, reason }) => `${escapeText(name, 60)}: ${escapeText(reason ?? "", 200)}`);
  return [
    "  the plan under other choices, one refit each\n",
    table(columns, rows, width),
    "\n",
    moves,
    ...(notes.length === 0 ? [] : [labelled("* aside", notes.join("; "), width)]),
    "\n",
  ].join("");
}

const KINDS: Readonly<Record<SensitivityVariation["kind"], string>> = {
  objective: "objective",
  rows: "rows",
  law: "law",
  "objective-and-rows": "both",
};

const HEADERS: Readonly<Record<string, string>> = { tokensPerParameter: "D/N", flops: "FLOPs" };
const RANKS: Readonly<Record<string, number>> = { N: 1, D: 2 };

/** The plan's numbers, in the order of the plan above. */
const shownNames = (plan: PlannedLaw, variations: readonly SensitivityVariation[]): string[] => [
  ...Object.keys(plan.optimum).filter((name) => name !== "loss"),
  ...(plan.optimum.loss === undefined ? [] : ["loss"]),
  ...(plan.flops !== undefined && variations.some(({ optimum }) => optimum?.flops !== undefined)
    ? ["flops"]
    : []),
];

function shown(name: string, value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  if (name === "flops") return flops(value);
  if (name === "loss") return Math.abs(value) < 0.05 ? significant(value, 4) : value.toFixed(3);
  return name === "tokensPerParameter" || Math.abs(value) < 1e3 ? significant(value, 3) : count(value);
}
