/** Which choice moves a plan, in words. */
import type { PlannedLaw, Sensitivity, SensitivityCause, SensitivityKind } from "../objects.js";
import { escapeText, lineList } from "../text.js";
import { numbersOf } from "./point-plan.js";

/** Under this factor a choice moves nothing worth a word. */
const SLIGHT = 1.02;
/** The objectives disagree because of the outliers where at most this share of it (in logs) is left without them. */
const MOSTLY = 0.5;

const TITLES: Readonly<Record<string, string>> = {
  tokensPerParameter: "tokens per parameter",
  N: "the best size",
  D: "the tokens",
  flops: "the compute",
  loss: "the loss",
};

export function sensitivityInWords(found: Omit<Sensitivity, "text">, plan: PlannedLaw): string {
  const { causes, watched, variations } = found;
  const title = TITLES[watched] ?? watched;
  if (causes.length === 0) return "no other choice was possible on these rows";
  const all = variations.filter(({ optimum, counts }) => optimum !== null && counts);
  const beyond = all.filter(({ outsideInterval }) => outsideInterval.includes(watched)).length;
  const values = [numbersOf(plan)[watched], ...all.flatMap(({ optimum }) => optimum?.[watched] ?? [])];
  const hasInterval = { ...plan.optimum, flops: plan.flops }[watched]?.low != null;
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  if (greatest / least < SLIGHT)
    return `${title} stays within ${((greatest / least - 1) * 100).toPrecision(2)} % under all ${all.length} other choices`;
  const sentences = [
    `over ${all.length} other choices ${title} ${watched === "tokensPerParameter" || watched === "D" ? "run" : "runs"} from ${digits(least)} to ${digits(greatest)}, where the plan has ${digits(values[0])}${hasInterval ? `; ${beyond === 0 ? "none lies" : beyond === 1 ? "one lies" : `${beyond} lie`} outside its interval` : ""}`,
    ...causes.flatMap((cause, i) => [
      causeInWords(cause, cause.ranges[watched], i === 0 ? title : null),
      ...(cause.kind === "objective" ? interactionInWords(found, plan) : []),
    ]),
  ];
  return sentences.map((sentence) => sentence[0].toUpperCase() + sentence.slice(1)).join(". ");
}

/** @param title what is moved, for the kind that moves it most */
function causeInWords(
  { kind, factor, least, greatest }: SensitivityCause,
  [low, high]: [number, number],
  title: string | null,
): string {
  const { name, moves } = NAMES[kind];
  if (factor < SLIGHT) return `the ${name} hardly ${moves} it`;
  const what = title === null ? `the ${name} ${moves} it` : `the ${name} ${moves} ${title} most`;
  return `${what}, from ${digits(low)} (${least}) to ${digits(high)} (${greatest}), a factor of ${digits(factor)}`;
}

const NAMES: Readonly<Record<SensitivityCause["kind"], { name: string; moves: string }>> = {
  objective: { name: "objective", moves: "moves" },
  rows: { name: "rows", moves: "move" },
  law: { name: "law", moves: "moves" },
};

/** Whether the objectives disagree only while the outliers are in. */
function interactionInWords(
  { interaction, outliers, variations, watched }: Omit<Sensitivity, "text">,
  plan: PlannedLaw,
): string[] {
  if (interaction === null) return [];
  const { withOutliers, withoutOutliers } = interaction;
  if (withOutliers < SLIGHT) return [];
  const rows = outliersInWords(outliers);
  const few = outliers.length === 1 ? "one row is" : `${outliers.length} rows are`;
  const these = outliers.length === 1 ? "it" : "them";
  const [low, high] = rangeWithout(variations, watched);
  const range = `without ${these} all objectives lie within ${digits(low)} and ${digits(high)}`;
  const between = rangeWith(variations, watched, plan);
  if (Math.log(withoutOutliers) <= MOSTLY * Math.log(withOutliers))
    return [
      `the objectives disagree (${digits(between[0])} to ${digits(between[1])}) only while ${few} in, far off the curve: ${rows}; ${range}`,
    ];
  return [`the outliers (${rows}) are not what the objectives disagree on: ${range}`];
}

function rangeWithout(variations: Sensitivity["variations"], watched: string): [number, number] {
  const cleaned = variations.find(({ kind }) => kind === "rows");
  const both = ofKind(variations, "objective-and-rows");
  return extent(
    [...(cleaned === undefined ? [] : [cleaned]), ...both].flatMap(({ optimum }) => optimum?.[watched] ?? []),
  );
}

const rangeWith = (
  variations: Sensitivity["variations"],
  watched: string,
  plan: PlannedLaw,
): [number, number] =>
  extent([
    numbersOf(plan)[watched],
    ...ofKind(variations, "objective").flatMap(({ optimum }) => optimum?.[watched] ?? []),
  ]);

const ofKind = (variations: Sensitivity["variations"], kind: SensitivityKind) =>
  variations.filter((one) => one.kind === kind);

const extent = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

/** `runs.csv lines 2, 3, 4`, file by file, in the order of the file. */
function outliersInWords(outliers: Sensitivity["outliers"]): string {
  const files = [...new Set(outliers.map(({ file }) => file))].sort();
  return files
    .map((file) => {
      const lines = outliers.filter((row) => row.file === file).map(({ line }) => line);
      return `${escapeText(file, 200)} ${lineList(
        lines.sort((a, b) => a - b),
        lines.length,
        10,
      )}`;
    })
    .join("; ");
}

/** Three digits; large counts with their suffix, as the plan shows them. */
function digits(value: number): string {
  const [unit, suffix] = UNITS.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
  if (Math.abs(value) >= 1e15) return value.toExponential(2).replace("+", "");
  return `${Number((value / unit).toPrecision(3))}${suffix}`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
];
