import type { LawsDocument } from "../objects.js";
import { significant } from "./format.js";
import { table } from "./table.js";
import { heading, labelled, titled, wrap } from "./words.js";

type LawEntry = LawsDocument["laws"][number];

/** The catalogue as a list, by topic. */
export function lawsView(document: LawsDocument, width: number): string {
  const columns = [{ header: "law" }, { header: "formula", rank: 2 }, { header: "what it says", rank: 1 }];
  const topics = [...new Set(document.laws.map(({ topic }) => topic))];
  const parts = topics.map((topic) => {
    const rows = document.laws
      .filter((law) => law.topic === topic)
      .map((law) => [law.id, shortened(law.formula), law.title]);
    return `${heading(topic)}\n${table(columns, rows, width)}`;
  });
  return `${parts.join("\n")}\n${wrap("scalefit laws ID shows a law with its parameters, presets and sources", width, 0)}`;
}

/** Formulas longer than this are shown in full with their law alone. */
const LONG = 60;
const shortened = (formula: string): string =>
  formula.length <= LONG ? formula : `${formula.slice(0, LONG - 3)}...`;

/** One law in full. */
export function lawView(law: LawEntry, width: number): string {
  const inputs = law.inputs.map((input) => [input.name, input.unit, input.meaning]);
  const parameters = law.parameters.map((p) => [
    p.name,
    `${edge(p.bounds[0], "-")} to ${edge(p.bounds[1], "")}`,
    p.meaning,
  ]);
  return [
    `${titled(law.id, law.title, width)}\n`,
    // A chain's formula names the output of each stage.
    wrap(law.outputs === undefined ? `${law.output.name} = ${law.formula}` : law.formula, width, 4),
    `\n${table([{ header: "input" }, { header: "unit", rank: 1 }, { header: "meaning" }], inputs, width)}`,
    `\n${table([{ header: "parameter" }, { header: "range", rank: 1 }, { header: "meaning" }], parameters, width)}`,
    "\n",
    ...familyLines(law, width),
    labelled("source", law.source, width),
    ...law.answers.map((answer) => labelled("solve", answerWords(answer), width)),
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

const edge = (bound: number | null, sign: string): string =>
  bound === null ? `${sign}infinity` : String(bound);

function familyLines({ family, id }: LawEntry, width: number): string[] {
  if (family === undefined) return [];
  const [least, most] = family.limits;
  const words = `shown for ${family.size} ${family.counts}; there can be ${least} to ${most}: --law ${id}:${family.size}`;
  return [labelled("family", words, width)];
}

function answerWords({ kind, name, given, gives, meaning }: LawEntry["answers"][number]): string {
  const how = kind === "optimum" ? "scalefit plan" : `scalefit predict --solve ${name}`;
  return `${meaning}: ${given.join(", ")} -> ${gives.join(", ")} (${how})`;
}
