/** Whether a column holds a learning rate or a batch size, by its name. */
import { ALIASES } from "./aliases.js";
import { matchHeader } from "./match-header.js";
import { headerNameOf } from "./names.js";

/** Null for anything else. */
export function settingOfColumn(column: string | undefined): "lr" | "batch" | null {
  if (column === undefined) return null;
  const is = (quantity: "lr" | "batch") =>
    ALIASES.some(
      (one) => one.quantity === quantity && matchHeader(column, headerNameOf(column), one) !== null,
    );
  return is("lr") ? "lr" : is("batch") ? "batch" : null;
}
