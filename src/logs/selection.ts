/** `--where` over the rows of a table: names bound to columns, and the rows that take part. */
import type { Column, Table } from "../objects.js";
import { columnCalled, quantityCalled, type Recognised, unknownColumn } from "./columns.js";
import type { DropLog } from "./drops.js";
import type { Resolved, Resolver } from "./resolve.js";
import { type RowTest, rowTest, type Where } from "./where.js";

/** An expression bound to its columns. */
export interface BoundWhere {
  test: RowTest;
  columns: readonly Column[];
}

/**
 * Binds an expression to what it names: a quantity in base units (`N`, `loss`), or a column in its own unit
 * (`params (M)`).
 *
 * @throws UsageError  when there is no such thing
 */
export function bindWhere(
  where: Where,
  table: Table,
  resolver: Resolver,
  recognised: Recognised,
): BoundWhere {
  for (const reading of where.readings) {
    const compared = comparedWith(reading.name, table, resolver, recognised);
    if (compared === null) continue;
    const text = (row: number) => compared.columns[0]!.text(row);
    const hasNumbers = compared.values.some((value) => !Number.isNaN(value));
    const test = rowTest(where, reading, { numbers: compared.values, text, kind: compared.kind, hasNumbers });
    return { test, columns: compared.columns };
  }
  throw unknownColumn(table, where.readings[0]!.name, "--where");
}

function comparedWith(
  name: string,
  table: Table,
  resolver: Resolver,
  recognised: Recognised,
): Resolved | null {
  if (recognised.quantities.has(name)) return resolver.loose(name);
  const column = columnCalled(table, name);
  if (column !== null) return resolver.raw(column);
  return resolver.loose(quantityCalled(name) ?? name) ?? resolver.find(name);
}

/**
 * Whether a row passes all tests; one that does not is counted. A comparison that cannot be made leaves the row to
 * the check of its cells, where these are needed.
 *
 * @param checked  columns whose cells are checked later
 */
export function passes(
  bound: readonly BoundWhere[],
  row: number,
  checked: ReadonlySet<Column>,
  table: Table,
  drops: DropLog,
): boolean {
  for (const { test, columns } of bound) {
    const result = test(row);
    if (result === true || (result === null && columns.some((column) => checked.has(column)))) continue;
    const { file, line } = table.source(row);
    drops.add(file, line, "where", "excluded by --where");
    return false;
  }
  return true;
}
