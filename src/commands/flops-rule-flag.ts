/** `--flops-rule RULE[,NAME=NUMBER...]` on logs: compute counted from the architecture in place of a column. */
import { UsageError } from "../errors.js";
import type { Recognised } from "../logs/columns.js";
import { titleOf } from "../logs/columns.js";
import { countFlops, isOfShape, shapeQuantity, withCountedFlops } from "../logs/counted-flops.js";
import { parseNumber } from "../logs/numbers.js";
import { Resolver } from "../logs/resolve.js";
import type { Table, Warning } from "../objects.js";
import { listOf, nearest, quoteText } from "../text.js";
import { FLOPS_RULES, type FlopsRule, RULE_WORDS } from "../transformer/flops-rules.js";
import type { RawFlags } from "./command.js";
import { fault, textFlag } from "./flags.js";

/** Set where the rule is not typed but that of a saved fit. */
const OF_FIT = "flopsRuleOfFit";

/** Flags under which other logs are read for a fit whose law reads compute that was counted. */
export const asFitCounted = (flags: RawFlags, flopsRule: string | undefined): RawFlags =>
  flags.flopsRule !== undefined || flopsRule === undefined ? flags : { ...flags, flopsRule, [OF_FIT]: true };

/** A rule, and what of the shape the columns do not say. */
interface RuleAsked {
  rule: FlopsRule;
  given: ReadonlyMap<string, number>;
}

/**
 * The table with a column of counted compute, where that is asked for.
 *
 * @throws UsageError for a rule that there is not, and where the log does not say what it counts
 */
export function withFlopsRule(
  table: Table,
  recognised: Recognised,
  flags: RawFlags,
): { table: Table; recognised: Recognised; warnings: Warning[] } {
  const text = textFlag(flags, "flopsRule");
  if (text === undefined) return { table, recognised, warnings: [] };
  const { rule, given } = parseRule(text);
  const counted = countFlops(table, recognised, new Resolver(table, recognised), rule, given);
  if ("missing" in counted) throw cannotCount(rule, counted.missing, flags[OF_FIT] === true);
  return withCountedFlops(table, recognised, { rule, words: RULE_WORDS[rule], given, counted });
}

/** @throws UsageError */
function parseRule(text: string): RuleAsked {
  const [name = "", ...rest] = text.split(",").map((part) => part.trim());
  const rule = FLOPS_RULES.find((one) => one === name);
  if (rule === undefined) {
    const near = nearest(name, FLOPS_RULES);
    const hint =
      near.length > 0 ? `did you mean ${listOf(near, "or")}?` : `it is one of ${listOf(FLOPS_RULES, "or")}`;
    throw fault("--flops-rule", text, `there is no such rule ${quoteText(name)}`, hint);
  }
  return { rule, given: new Map(rest.map((part) => parseGiven(text, part))) };
}

function parseGiven(text: string, part: string): [quantity: string, value: number] {
  const [name = "", value = ""] = part.split("=").map((one) => one.trim());
  const quantity = shapeQuantity(name);
  if (quantity === null || value === "")
    throw fault(
      "--flops-rule",
      text,
      `${quoteText(part)} is not NAME=NUMBER of a shape`,
      "for example --flops-rule exact,vocab=50k,context=2048",
    );
  const parsed = parseNumber(value, "count", "flag");
  if ("fault" in parsed) throw fault("--flops-rule", text, parsed.fault);
  if (!(parsed.value > 0)) throw fault("--flops-rule", text, `${name} must be above 0`);
  return [quantity, parsed.value];
}

function cannotCount(rule: FlopsRule, missing: readonly string[], ofFit: boolean): UsageError {
  const shape = missing.filter(isOfShape);
  const numbers = shape.map((name) => `${name}=NUMBER`).join(",");
  const cure =
    shape.length === missing.length
      ? `, or give what all runs have alike: --flops-rule ${rule},${numbers}`
      : "";
  return new UsageError({
    code: "flops-rule",
    message: `--flops-rule ${rule} cannot be counted: the logs do not say ${listOf(missing.map(titleOf))}`,
    why: ofFit ? "the compute of the fit was counted so" : `it counts ${RULE_WORDS[rule]}`,
    hint: `name the ${missing.length === 1 ? "column" : "columns"}: ${missing.map((name) => `--map ${name}=COLUMN`).join(" ")}${cure}`,
  });
}
