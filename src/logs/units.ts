/** `--unit NAME=UNIT`: what a column's numbers are counted in, where neither its name nor its cells say so. */
import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import { quantityCalled, type Recognised, titleOf } from "./columns.js";
import { PF_DAY, unitExponent } from "./names.js";
import { parseNumber } from "./numbers.js";

/** Nats are the plain unit of a loss. */
const LOSS_UNITS: ReadonlyMap<string, number> = new Map([
  ["nat", 1],
  ["nats", 1],
  ["bit", Math.LN2],
  ["bits", Math.LN2],
]);

/** @throws UsageError where it has no such form */
export function parseUnit(text: string): { name: string; unit: string } {
  const equals = text.indexOf("=");
  const [name, unit] = [text.slice(0, Math.max(0, equals)).trim(), text.slice(equals + 1).trim()];
  if (name !== "" && unit !== "") return { name, unit };
  throw new UsageError({
    code: "unit",
    message: `--unit: ${quoteText(text)} is not NAME=UNIT`,
    hint: "write it like --unit tokens=B, --unit flops=ZFLOP or --unit loss=bits",
  });
}

/**
 * The quantities with these units in place of what was read from the columns' names.
 *
 * @throws UsageError for a quantity that no column gives, or a unit that is none of its
 */
export function withUnits(
  recognised: Recognised,
  units: readonly { name: string; unit: string }[],
): Recognised {
  if (units.length === 0) return recognised;
  const quantities = new Map(recognised.quantities);
  for (const { name, unit } of units) {
    const quantity = quantityCalled(name) ?? name;
    const found = quantities.get(quantity);
    if (found === undefined) {
      throw new UsageError({
        code: "unit",
        message: `--unit ${name}=${unit}: no column is read as ${titleOf(quantity)}`,
        hint: `name it with --map ${name}=COLUMN`,
      });
    }
    const factor = factorOf(quantity, unit);
    const note = factor === 1 ? "" : `its unit (${unit}, as asked for) makes every value times ${factor}`;
    quantities.set(quantity, { ...found, factor, note });
  }
  return { ...recognised, quantities };
}

/** From the unit to the plain one. @throws UsageError */
function factorOf(quantity: string, unit: string): number {
  const text = unit.toLowerCase();
  if (quantity === "loss") {
    const factor = LOSS_UNITS.get(text);
    if (factor !== undefined) return factor;
    throw wrongUnit(quantity, unit, "nats or bits; a perplexity is read with --map perplexity=COLUMN");
  }
  if (quantity === "C" && /^pf[-_ ]?days?$/.test(text)) return PF_DAY;
  const number = parseNumber(unit, "plain", "flag");
  if ("value" in number && number.value > 0) return number.value;
  const exponent = unitExponent(
    quantity === "C" ? text.replace(/flops?$/, "") || text : text,
    quantity === "C",
  );
  if (exponent !== null) return 10 ** exponent;
  throw wrongUnit(
    quantity,
    unit,
    "K, M, B, T, a factor such as 1e6; for compute also GFLOP to YFLOP and PF-days",
  );
}

const wrongUnit = (quantity: string, unit: string, known: string): UsageError =>
  new UsageError({
    code: "unit",
    message: `--unit: ${quoteText(unit)} is no unit of ${titleOf(quantity)}`,
    hint: `known are ${known}`,
  });
