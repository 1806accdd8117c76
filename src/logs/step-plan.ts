import type { Column, Table } from "../objects.js";
import type { ComputedColumn } from "./column-totals.js";
import { columnCalled, type Recognised } from "./columns.js";
import { derivationIn } from "./derived.js";
import type { StepPlan } from "./step-reducer.js";

/**
 * The columns by which step rows can be reduced to runs; null where the log has no steps of named runs, or cells that
 * are to be looked at one by one.
 *
 * @param measured  the quantity that is measured
 * @param groupBy   the column that parts the rows, if one does
 * @param counts    whether what all columns hold is to be counted
 */
export function stepPlan(
  table: Table,
  recognised: Recognised,
  measured: string,
  groupBy: string | undefined,
  counts = false,
): StepPlan | null {
  const { quantities } = recognised;
  const placeOf = (column: Column | undefined) => (column === undefined ? -1 : table.columns.indexOf(column));
  const [run, step, value] = ["run", "step", measured].map((name) => placeOf(quantities.get(name)?.column));
  const [rate, norm] = ["lr", "grad_norm"].map((name) => placeOf(quantities.get(name)?.column));
  const group =
    groupBy === undefined ? [] : [placeOf(columnCalled(table, groupBy) ?? quantities.get(groupBy)?.column)];
  if (run! < 0 || step! < 0 || value! < 0 || group.some((place) => place < 0)) return null;
  const isTwice = (place: number) => place >= 0 && [run, step, value, ...group].includes(place);
  if (isTwice(rate!) || isTwice(norm!)) return null;
  const numbers = [...quantities]
    .filter(([name]) => name !== "run")
    .map(([, found]) => placeOf(found.column));
  const growing = ["D", "C", "U"].map((name) => placeOf(quantities.get(name)?.column));
  const others = [...new Set(numbers)].filter((place) => place !== run && !group.includes(place));
  return {
    run: run!,
    step: step!,
    measured: value!,
    groups: group,
    rate: rate!,
    norm: norm!,
    growing: growing.filter((place) => others.includes(place) && !isTwice(place)),
    numbers: others,
    ...(counts ? { totals: computedColumns(recognised, placeOf) } : {}),
  };
}

/** Sizes and losses that follow from columns, where no column has them. */
function computedColumns(
  { quantities, ambiguous }: Recognised,
  placeOf: (column: Column | undefined) => number,
): ComputedColumn[] {
  return ["N", "D", "C", "loss"].flatMap((quantity): ComputedColumn[] => {
    if (quantities.has(quantity) || ambiguous.has(quantity)) return [];
    const derivation = derivationIn({ quantities }, quantity);
    const parts = derivation?.from.flatMap((name) => quantities.get(name) ?? []) ?? [];
    if (derivation === null || parts.length < derivation.from.length) return [];
    return [
      {
        quantity,
        places: parts.map(({ column }) => placeOf(column)),
        factors: parts.map(({ factor }) => factor),
        compute: derivation.compute,
      },
    ];
  });
}

/** Whether two plans mean the same columns of a table. */
export function isSamePlan(a: StepPlan | null, b: StepPlan | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
