/** What looks wrong in rows that can be used: said with the likely cure, never changed. */
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, lineList } from "../text.js";
import { placeOf } from "./cells.js";
import type { Recognised } from "./columns.js";
import { repeatedWarnings } from "./repeats.js";
import type { Resolved, Resolver } from "./resolve.js";

interface Context {
  table: Table;
  recognised: Recognised;
  resolver: Resolver;
  inputs: readonly Resolved[];
  measured: Resolved | null;
  run: Column | null;
}

/** Below these, counts are likely to be in thousands, millions or billions. */
const LEAST_LIKELY = { N: 1e3, D: 1e6, C: 1e9 } as const;
/** Orders of magnitude between neighbours in size that one unit does not explain. */
const JUMP_DECADES = 3;
/** Factor by which C may differ from 6ND without a word. */
const FLOPS_TOLERANCE = 1.2;

/**
 * Warnings about the rows used.
 *
 * @param rows  table rows in canonical order
 */
export function suspicions(context: Context, rows: readonly number[]): Warning[] {
  if (rows.length === 0) return [];
  const sizes = sizesIn(context);
  return [
    ...[...sizes].flatMap(([name, resolved]) => magnitudeWarnings(context.table, name, resolved, rows)),
    ...swappedWarning(sizes, rows),
    ...flopsWarning(withThird(context, sizes), rows),
    ...repeatedWarnings(context, rows),
  ];
}

type SizeName = "N" | "D" | "C";

/** N, D and C as far as they stand in columns and are used. */
function sizesIn({ recognised, resolver, inputs }: Context): Map<SizeName, Resolved> {
  const sizes = new Map<SizeName, Resolved>();
  const used = new Set(inputs.flatMap(({ columns }) => columns));
  for (const name of ["N", "D", "C"] as const) {
    const found = recognised.quantities.get(name);
    if (found === undefined || !used.has(found.column)) continue;
    sizes.set(name, resolver.need(name));
  }
  return sizes;
}

/** The third of N, D and C beside the two that are used, where a column gives it. */
function withThird({ resolver }: Context, sizes: Map<SizeName, Resolved>): Map<SizeName, Resolved> {
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
  return jumpWarning(table, sorted, resolved, title, column);
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

function flopsWarning(sizes: Map<SizeName, Resolved>, rows: readonly number[]): Warning[] {
  const [N, D, C] = [sizes.get("N"), sizes.get("D"), sizes.get("C")];
  if (N === undefined || D === undefined || C === undefined) return [];
  const ratios = rows
    .map((row) => C.values[row]! / (6 * N.values[row]! * D.values[row]!))
    .filter((ratio) => ratio > 0 && ratio < 1e300);
  if (ratios.length === 0) return [];
  const median = ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!;
  if (median <= FLOPS_TOLERANCE && median >= 1 / FLOPS_TOLERANCE) return [];
  return [
    {
      code: "flops-not-6nd",
      message: `column "${escapeText(C.title, 40)}" is not 6 N D: its median is ${median.toPrecision(3)} times that; compute from N and D would be another number`,
    },
  ];
}
