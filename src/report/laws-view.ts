import type { LawsDocument } from "../objects.js";
import { significant } from "./format.js";
import { table } from "./table.js";
import { labelled, titled, wrap } from "./words.js";

type LawEntry = LawsDocument["laws"][number];

/** The catalogue as a list. */
export function lawsView(document: LawsDocument, width: number): string {
  const columns = [{ header: "law" }, { header: "formula" }, { header: "what it says", rank: 1 }];
  const rows = document.laws.map((law) => [law.id, law.formula, law.title]);
  return `${table(columns, rows, width)}\n${wrap("scalefit laws ID shows a law with its parameters, presets and sources", width, 0)}`;
}

/** One law in full. */
export function lawView(law: LawEntry, width: number): string {
  const inputs = law.inputs.map((input) => [input.name, input.unit, input.meaning]);
  const parameters = law.parameters.map((p) => [
    p.name,
    `${edge(p.bounds[0])} to ${edge(p.bounds[1])}`,
    p.meaning,
  ]);
  return [
    `${titled(law.id, law.title, width)}\n`,
    wrap(`${law.output.name} = ${law.formula}`, width, 4),
    `\n${table([{ header: "input" }, { header: "unit", rank: 1 }, { header: "meaning" }], inputs, width)}`,
    `\n${table([{ header: "parameter" }, { header: "range", rank: 1 }, { header: "meaning" }], parameters, width)}`,
    "\n",
    labelled("source", law.source, width),
    ...law.notes.map((note) => labelled("note", note, width)),
    ...law.presets.flatMap((preset) => ["\n", ...presetLines(preset, width)]),
    law.examples.length > 0
      ? `\n  examples\n${law.examples.map((example) => `    ${example}\n`).join("")}`
      : "",
  ].join("");
}

function presetLines(preset: LawEntry["presets"][number], width: number): string[] {
  const values = Object.entries(preset.coefficients).map(
    ([name, value]) => `${name} ${significant(value, 5)}`,
  );
  return [
    labelled("preset", `${preset.name}: ${values.join(", ")}`, width),
    labelled("", `${preset.source}; ${preset.conventions}`, width),
    ...(preset.warning === null ? [] : [labelled("", `careful: ${preset.warning}`, width)]),
  ];
}

const edge = (bound: number | null): string => (bound === null ? "infinity" : String(bound));
