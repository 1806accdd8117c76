/** What looks wrong in rows that can be used: said with the likely cure, never changed. */
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, lineList } from "../text.js";
import { FLOPS_RULES, RULE_WORDS } from "../transformer/flops-rules.js";
import { placeOf } from "./cells.js";
import type { Recognised } from "./columns.js";
import { middleOf } from "./compute-of-log.js";
import { countFlops } from "./counted-flops.js";
import { shapeWarning, stepsWarning } from "./cross-checks.js";
import { repeatedWarnings } from "./repeats.js";
import type { Resolved, Resolver } from "./resolve.js";

interface SizeContext {
  table: Table;
  recognised: Recognised;
  resolver: Resolver;
  inputs: readonly Resolved[];
  measured: Resolved | null;
}

interface Context extends SizeContext {
  run: Column | null;
}

/** Below these, counts are likely to be in thousands, millions or billions. */
const LEAST_LIKELY = { N: 1e3, D: 1e6, C: 1e9 } as const;
/** Orders of magnitude between neighbours in size that one unit does not explain. */
const JUMP_DECADES = 3;
/** Above these, no training has come. */
const MOST_LIKELY = { N: 1e14, D: 1e17, C: 1e30 } as const;
/** Nats that no cross-entropy has: chance among 600,000 tokens is 13.3. */
const MOST_NATS = 20;
/** What compute is counted as where it is not 6ND. */
const OTHER_COUNTS = [
  { ratio: 1 / 3, words: "the forward pass alone is 2 N D" },
  { ratio: 2 / 3, words: "the backward pass alone is 4 N D" },
  { ratio: 4 / 3, words: "with activations computed anew it is 8 N D" },
];
/** Logarithm of the factor up to which compute is taken to be that of a rule. */
const NEAR_RULE = 0.05;
/** Factor by which C may differ from 6ND without a word. */
const FLOPS_TOLERANCE = 1.2;

/**
 * Warnings about the rows used.
 *
 * @param rows  table rows in canonical order
 */
export function suspicions(context: Context, rows: readonly number[]): Warning[] {
  if (rows.length === 0) return [];
  return [...sizeSuspicions(context, rows), ...repeatedWarnings(context, rows)];
}

/** What looks wrong in the numbers of each row by itself, in any order of the rows. */
export function sizeSuspicions(context: SizeContext, rows: readonly number[]): Warning[] {
  if (rows.length === 0) return [];
  const { table, resolver } = context;
  const sizes = sizesIn(context);
  return [
    ...[...sizes].flatMap(([name, resolved]) => {
      const known = rows.filter((row) => resolved.values[row]! > 0 && Number.isFinite(resolved.values[row]));
      return known.length === 0 ? [] : magnitudeWarnings(table, name, resolved, known);
    }),
    ...lossWarning(context, rows),
    ...swappedWarning(sizes, rows),
    ...flopsWarning(context, withThird(context, sizes), rows),
    ...shapeWarning(table, resolver, sizes.get("N"), rows),
    ...stepsWarning(table, resolver, sizes.get("D"), rows),
  ];
}

type SizeName = "N" | "D" | "C";

/** N, D and C as far as they stand in columns and are used. */
function sizesIn({ recognised, resolver, inputs }: SizeContext): Map<SizeName, Resolved> {
  const sizes = new Map<SizeName, Resolved>();
  const used = new Set(inputs.flatMap(({ columns }) => columns));
  for (const name of ["N", "D", "C"] as const) {
    const found = recognised.quantities.get(name);
    if (found === undefined || !used.has(found.column)) continue;
    // as it is used: what a run has on other rows than the last may have been filled in
    const own = inputs.find(({ columns: [first, ...more] }) => first === found.column && more.length === 0);
    sizes.set(name, own ?? resolver.need(name));
  }
  return sizes;
}

/** The third of N, D and C beside the two that are used, where a column gives it. */
function withThird({ resolver }: SizeContext, sizes: Map<SizeName, Resolved>): Map<SizeName, Resolved> {
  const three = new Map(sizes);
  for (const name of ["N", "D", "C"] as const) {
    const third = sizes.size === 2 && !sizes.has(name) ? resolver.loose(name) : null;
    if (third !== null) three.set(name, third);
  }
  return three;
}

function magnitudeWarnings(
  table: Table,
  name: SizeName,
  resolved: Resolved,
  rows: readonly number[],
): Warning[] {
  const sorted = [...rows].sort((a, b) => resolved.values[a]! - resolved.values[b]!);
  const low = resolved.values[sorted[0]!]!;
  const high = resolved.values[sorted.at(-1)!]!;
  const title = { N: "params", D: "tokens", C: "flops" }[name];
  const column = escapeText(resolved.title, 40);
  if (high < LEAST_LIKELY[name]) {
    const unit = {
      N: "millions: --map N=COLUMN:1e6",
      D: "millions or billions: --map D=COLUMN:1e9",
      C: "a larger unit: --map C=COLUMN:1e18",
    }[name];
    return [
      {
        code: "magnitude",
        message: `column "${column}": all ${title} are between ${low} and ${high}, which is little; if they are in ${unit.replace("COLUMN", column)}`,
      },
    ];
  }
  if (low > MOST_LIKELY[name]) {
    return [
      {
        code: "magnitude",
        message: `column "${column}": all ${title} are between ${low} and ${high}, which is more than any training had; was a unit applied twice? --map ${name}=${column}:1 takes the numbers as they stand`,
      },
    ];
  }
  return jumpWarning(table, sorted, resolved, title, column);
}

/** Losses that are likely to be perplexities. */
function lossWarning({ recognised, measured }: SizeContext, rows: readonly number[]): Warning[] {
  const loss = recognised.quantities.get("loss");
  if (measured === null || loss === undefined || loss.kind !== "loss" || measured.columns[0] !== loss.column)
    return [];
  const known = rows.map((row) => measured.values[row]!).filter(Number.isFinite);
  const least = known.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  if (known.length === 0 || least <= MOST_NATS) return [];
  const column = escapeText(measured.title, 40);
  return [
    {
      code: "magnitude",
      message: `column "${column}": every loss is above ${MOST_NATS}, more than a guess among all tokens costs in nats; if it is a perplexity, call the column so; --map loss=COLUMN takes another`,
    },
  ];
}

function jumpWarning(
  table: Table,
  sorted: readonly number[],
  { values }: Resolved,
  title: string,
  column: string,
): Warning[] {
  for (let i = 1; i < sorted.length; i++) {
    const [below, above] = [values[sorted[i - 1]!]!, values[sorted[i]!]!];
    const decades = Math.log10(above / below);
    if (decades < JUMP_DECADES) continue;
    const isLowOdd = i * 2 <= sorted.length;
    const odd = isLowOdd ? sorted.slice(0, i) : sorted.slice(i);
    const place = placeOf(table, odd);
    const span = isLowOdd
      ? `from ${values[sorted[0]!]} to ${below}, the others are from ${above} up`
      : `from ${above} to ${values[sorted.at(-1)!]}, the others are up to ${below}`;
    return [
      {
        code: "mixed-scale",
        message: `column "${column}" seems to mix units (units and millions?): ${title} of ${odd.length} rows are ${span}, a jump of ${decades.toFixed(1)} orders of magnitude (${lineList(place.lines ?? [], odd.length, 20)}); they are used as they stand: correct these cells or leave them out with --where`,
        ...place,
      },
    ];
  }
  return [];
}

function swappedWarning(sizes: Map<SizeName, Resolved>, rows: readonly number[]): Warning[] {
  const [N, D] = [sizes.get("N"), sizes.get("D")];
  if (N === undefined || D === undefined || rows.length < 2) return [];
  if (!rows.every((row) => D.values[row]! < N.values[row]!)) return [];
  const [params, tokens] = [escapeText(N.title, 40), escapeText(D.title, 40)];
  return [
    {
      code: "looks-swapped",
      message: `every row has fewer tokens than params: "${params}" and "${tokens}" look swapped; if so: --map "N=${tokens}" --map "D=${params}"`,
    },
  ];
}

function flopsWarning(
  context: SizeContext,
  sizes: Map<SizeName, Resolved>,
  rows: readonly number[],
): Warning[] {
  const [N, D, C] = [sizes.get("N"), sizes.get("D"), sizes.get("C")];
  if (N === undefined || D === undefined || C === undefined) return [];
  // what was counted from the shape is meant to be another number
  if (context.recognised.quantities.get("C")?.isCounted) return [];
  const ratios = Float64Array.from(rows, (row) => C.values[row]! / (6 * N.values[row]! * D.values[row]!))
    .filter((ratio) => ratio > 0 && ratio < 1e300)
    .sort();
  if (ratios.length === 0) return [];
  const median = middleOf(ratios);
  if (median <= FLOPS_TOLERANCE && median >= 1 / FLOPS_TOLERANCE) return [];
  const column = escapeText(C.title, 40);
  return [
    {
      code: "flops-not-6nd",
      message: `column "${column}" is not 6 N D: its median is ${median.toPrecision(3)} times that; compute from N and D would be another number${countedCure(context, C, rows) ?? flopsCure(median, column)}`,
    },
  ];
}

/** The rule by which the shape of the runs gives the compute of a column; null where none does. */
function countedCure(
  { table, recognised, resolver }: SizeContext,
  C: Resolved,
  rows: readonly number[],
): string | null {
  const others = FLOPS_RULES.filter((rule) => rule !== "6nd").flatMap((rule) => {
    const counted = countFlops(table, recognised, resolver, rule);
    if ("missing" in counted) return [];
    const ratios = Float64Array.from(rows, (row) => C.values[row]! / counted.values[row]!)
      .filter((ratio) => ratio > 0)
      .sort();
    return ratios.length === 0 ? [] : [{ rule, ratio: middleOf(ratios) }];
  });
  const off = ({ ratio }: { ratio: number }) => Math.abs(Math.log(ratio));
  const [nearest] = others.sort((a, b) => off(a) - off(b));
  if (nearest === undefined || off(nearest) > NEAR_RULE) return null;
  return `; it is ${nearest.ratio.toPrecision(3)} times what the shape of the runs gives (--flops-rule ${nearest.rule}: ${RULE_WORDS[nearest.rule]})`;
}

/** What a ratio to 6ND is likely to come from; empty where nothing is. */
function flopsCure(ratio: number, column: string): string {
  const count = OTHER_COUNTS.find((one) => Math.abs(ratio / one.ratio - 1) < 0.05);
  if (count !== undefined) return `; ${count.words}`;
  const exponent = [9, 12, 15, 18, 21].find((power) => Math.abs(Math.log10(ratio) + power) < 0.2);
  return exponent === undefined ? "" : `; if it is in another unit: --map "C=${column}:1e${exponent}"`;
}
