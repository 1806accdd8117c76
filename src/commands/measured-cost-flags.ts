/** `--cost-fit`, `--cost-unit`, `--cost-at`: a saved fit of a measured cost, what its numbers count, what its inputs are. */
import { UsageError } from "../errors.js";
import { ALIASES } from "../logs/aliases.js";
import { matchHeader } from "../logs/match-header.js";
import { headerNameOf } from "../logs/names.js";
import type { SavedFit } from "../objects.js";
import { COST_UNITS, type CostUnit, unitOfColumn } from "../plan/cost-units.js";
import type { MeasuredCostAsked } from "../plan/measured-cost.js";
import { escapeText, listOf, nearest, quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { fault, textFlag } from "./flags.js";
import { oneFitIn } from "./one-fit.js";

type Fitted = SavedFit["fits"][number];

/** @throws UsageError for flags without a fit and unknown units, InputError and DataError for a file that holds no one cost */
export function measuredCostOf(flags: RawFlags): MeasuredCostAsked {
  const file = textFlag(flags, "costFit");
  if (file === undefined) {
    throw new UsageError({
      code: "flags",
      message: `--${flags.costUnit === undefined ? "cost-at" : "cost-unit"} is about a measured cost, and none is given`,
      hint: "give its fit with --cost-fit cost.json",
    });
  }
  const { fit, source, name } = oneFitIn("--cost-fit", file, {
    cure: "make one with: scalefit fit timings.csv --y seconds -o cost.json",
    what: "cost",
    rows: "the cost on the rows",
  });
  const column = fit.measured?.column ?? "cost";
  requireCost(column, fit, name);
  const given = inputsGiven(flags);
  return {
    source,
    unit: unitAsked(flags, column),
    column: escapeText(column, 60),
    inputs: { ...sizesByColumn(fit), ...given },
  };
}

/** A fit of a loss is no cost. */
function requireCost(column: string, { law, measured }: Fitted, name: string): void {
  const loss = ALIASES.find(({ quantity }) => quantity === "loss");
  const isLoss = loss !== undefined && matchHeader(column, headerNameOf(column), loss) !== null;
  if (!isLoss && measured?.name !== "L") return;
  throw new UsageError({
    code: "flags",
    message: `--cost-fit: ${name} is a fit of ${quoteText(column)} by the law "${law}", not of a cost`,
    hint: "fit what was measured: scalefit fit timings.csv --y seconds -o cost.json, and give the loss with --fit",
  });
}

function unitAsked(flags: RawFlags, column: string): CostUnit {
  const text = textFlag(flags, "costUnit")?.trim().toLowerCase();
  if (text === undefined) return unitOfColumn(column) ?? "units";
  if (COST_UNITS.includes(text)) return text;
  const near = nearest(text, COST_UNITS);
  throw fault(
    "--cost-unit",
    text,
    `the units are ${listOf(COST_UNITS)}`,
    near.length > 0 ? `did you mean ${listOf(near, "or")}?` : "for example --cost-unit gpu-hours",
  );
}

/** Sizes that inputs were read from by the names of their columns: `tokens_B` holds D / 1e9. */
function sizesByColumn({ inputs }: Fitted): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, quantity, column } of inputs) {
    if (["N", "D", "C"].includes(quantity)) continue;
    for (const aliases of ALIASES) {
      if (!["N", "D", "C"].includes(aliases.quantity)) continue;
      const match = matchHeader(column, headerNameOf(column), aliases);
      if (match === null || match.isWeak) continue;
      found[name] = match.factor === 1 ? aliases.quantity : `${aliases.quantity} / ${match.factor}`;
      break;
    }
  }
  return found;
}

/** `x1=N,bytes=2*N`; commas inside parentheses belong to a formula. */
function inputsGiven(flags: RawFlags): Record<string, string> {
  const text = textFlag(flags, "costAt");
  if (text === undefined) return {};
  return Object.fromEntries(
    text.split(/,(?![^(]*\))/).map((part) => {
      const equals = part.indexOf("=");
      const [name, formula] = [part.slice(0, Math.max(0, equals)).trim(), part.slice(equals + 1).trim()];
      if (name === "" || formula === "")
        throw fault(
          "--cost-at",
          text,
          "NAME=FORMULA is needed",
          "for example --cost-at x1=N,x2=D, or bytes=2*N",
        );
      return [name, formula];
    }),
  );
}
