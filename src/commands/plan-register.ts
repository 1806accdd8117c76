/**
 * Plans registered before the run, so that their outcome can be held against them: `plan --save plan.json` writes what
 * was predicted, when and from which fit; `check --against plan.json` reads it. The only file of scalefit with a date in it.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { DataError, InputError, UsageError } from "../errors.js";
import { expanded } from "../laws/coefficients.js";
import type { Law } from "../laws/law.js";
import { lawOfFit } from "../laws/law-of-fit.js";
import type { PlannedLaw } from "../objects.js";
import { inputsAt } from "../plan/design.js";
import { heldAt } from "../plan/plan-for.js";
import { predictAt } from "../plan/predict.js";
import type { Question } from "../plan/question.js";
import { type Source, sourceFromCoefficients } from "../plan/source.js";
import { toJson } from "../report/json.js";
import { escapeText, quoteText } from "../text.js";
import { VERSION } from "../version.js";
import { exists, readText, shownName } from "./files.js";
import { POINT_WORDS } from "./point-flags.js";
import type { FitAtHand } from "./saved-backtest.js";
import type { Sources } from "./source.js";
import { requireWritable, writeWhole } from "./written-files.js";

const SCHEMA = "scalefit/plan-register@1";

const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const limit = v.nullable(finite);

const register = v.object({
  schema: v.literal(SCHEMA),
  /** In UTC, ISO 8601. */
  registered: v.pipe(v.string(), v.maxLength(40), v.isoTimestamp()),
  version: v.string(),
  /** The saved fit behind the plans; null where the coefficients came from elsewhere. */
  fit: v.nullable(v.object({ name: v.string(), sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
  groupBy: v.nullable(v.string()),
  plans: v.pipe(
    v.array(
      v.object({
        group: v.nullable(v.string()),
        law: v.string(),
        size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))),
        formula: v.string(),
        inputs: v.array(v.object({ name: v.string(), quantity: v.string() })),
        coefficients: v.record(v.string(), finite),
        source: v.string(),
        asked: v.record(v.string(), finite),
        planned: v.object({ N: positive, D: positive }),
        /** The planned point by the law's inputs. */
        at: v.record(v.string(), finite),
        value: v.object({ estimate: finite, low: limit, high: limit, reason: v.optional(v.string()) }),
        newRun: v.object({ low: limit, high: limit, reason: v.optional(v.string()) }),
        level: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)),
        residualScale: v.picklist(["log", "raw", "angle"]),
      }),
    ),
    v.minLength(1),
  ),
});

export type PlanRegister = v.InferOutput<typeof register>;
export type RegisteredPlan = PlanRegister["plans"][number];

export interface PlansMade extends Pick<Sources, "sources" | "groupBy"> {
  /** In the order of the sources. */
  plans: readonly PlannedLaw[];
  at: Question["at"];
  fit: FitAtHand | undefined;
}

/**
 * Registers plans in a file.
 *
 * @returns a line for the reader
 * @throws UsageError for plans that are no model size with its tokens, and for a file that must not be written
 */
export function savePlans(output: string, { sources, groupBy, plans, at, fit }: PlansMade): string {
  requireNew(output);
  requireWritable(output, fit === undefined ? [] : [fit.file]);
  const given = new Map(Object.entries(at ?? {}));
  const document: PlanRegister = {
    schema: SCHEMA,
    registered: now(),
    version: VERSION,
    fit: fit === undefined ? null : { name: shownName(fit.file), sha256: sha256Of(fit.file) },
    groupBy: groupBy ?? null,
    plans: plans.map((plan, i) => registered(sources[i], plan, given)),
  };
  writeWhole(output, toJson(document));
  const name = escapeText(shownName(output), 200);
  return `  registered  in ${name}; when the run is done: scalefit check run.csv --against ${name}\n`;
}

/** What was registered stays: a plan that is written over after the run is no prediction. @throws UsageError */
function requireNew(output: string): void {
  if (!exists(output)) return;
  throw new UsageError({
    code: "exists",
    message: `--save ${escapeText(shownName(output), 200)}: the file is there already, and a registered plan is not written over`,
    hint: "name another file, or remove that one yourself",
  });
}

/** SOURCE_DATE_EPOCH, in seconds, stands for the clock where it is set (reproducible-builds.org). */
function now(): string {
  const epoch = Number(process.env.SOURCE_DATE_EPOCH);
  const isSet =
    process.env.SOURCE_DATE_EPOCH !== undefined && Number.isInteger(epoch) && Math.abs(epoch) < 1e11;
  return (isSet ? new Date(1000 * epoch) : new Date()).toISOString();
}

/** Of a saved fit, as a file. */
export const sha256Of = (file: string): string =>
  createHash("sha256").update(readText(file, "make one with: scalefit fit runs.csv")).digest("hex");

function registered(
  source: Source | undefined,
  plan: PlannedLaw,
  given: Parameters<typeof expanded>[1],
): RegisteredPlan {
  const { N, D } = plan.optimum;
  if (source === undefined || N === undefined || D === undefined) {
    throw new UsageError({
      code: "flags",
      message: `--save registers a model size with its tokens, and this plan of the law "${plan.law}" has none`,
      hint: "keep its document instead: --json",
    });
  }
  const held = heldAt(source, expanded(source.law, given), POINT_WORDS);
  const planned = { N: N.estimate, D: D.estimate };
  const { value, newRun } = predictAt(held, inputsAt(held.law, planned));
  const { law } = source;
  return {
    group: plan.group,
    law: law.id,
    ...(law.family === null ? {} : { size: law.family.size }),
    formula: law.formula,
    inputs: law.inputs.map(({ name }) => ({ name, quantity: source.quantities.get(name) ?? name })),
    coefficients: { ...source.estimate },
    source: plan.source,
    asked: plan.asked,
    planned,
    at: { ...finiteOf(held.held ?? {}), ...inputsAt(held.law, planned) },
    value,
    newRun,
    level: source.level,
    residualScale: source.residualScale,
  };
}

/** Limits that are none are no numbers of a document; the law takes them again where they are left out. */
const finiteOf = (held: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(held).filter(([, value]) => Number.isFinite(value)));

/**
 * The register in a file; null where it holds something else.
 *
 * @throws InputError for a register whose fields cannot be used, named by their path
 */
export function registerIn(file: string): PlanRegister | null {
  const content = readText(file, "make one with: scalefit plan --flops 1e22 --save plan.json");
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    // What is wrong with it is said by who expects a fit.
    return null;
  }
  const schema = typeof parsed === "object" && parsed !== null && "schema" in parsed ? parsed.schema : null;
  if (typeof schema === "string" && schema.startsWith("scalefit/plan@")) throw planDocument(file);
  if (typeof schema !== "string" || !schema.startsWith("scalefit/plan-register@")) return null;
  const result = v.safeParse(register, parsed, { abortEarly: true });
  if (result.success) return result.output;
  const path = v.getDotPath(result.issues[0]) ?? "(the whole document)";
  throw new InputError({
    code: "plan-register",
    message:
      path === "schema"
        ? `the plans were registered by another version of scalefit: ${quoteText(schema, 60)}, here ${SCHEMA}`
        : `the key ${quoteText(path, 120)} cannot be used in registered plans`,
    file,
    hint: "take the file as it was written; a register that was changed is none",
  });
}

const planDocument = (file: string): InputError =>
  new InputError({
    code: "plan-register",
    message: "this is the document of a plan, which has no interval for a run to be held against",
    file,
    hint: "register the plan: scalefit plan ... --save plan.json",
  });

/** The laws of registered plans, at their coefficients. @throws InputError for a law that is not known here */
export function sourcesOfRegister({ plans, groupBy }: PlanRegister): Sources {
  const sources = plans.map((plan): Source => {
    const law: Law = lawOfFit(plan);
    const lacking = law.parameters.find(({ name }) => plan.coefficients[name] === undefined);
    if (lacking !== undefined)
      throw new DataError({
        code: "plan-register",
        message: `the registered plan lacks the coefficient ${lacking.name} of the law "${law.id}"`,
        hint: "take the file as it was written",
      });
    return {
      ...sourceFromCoefficients(law, plan.coefficients),
      group: plan.group,
      residualScale: plan.residualScale,
      level: plan.level,
      quantities: new Map(plan.inputs.map(({ name, quantity }) => [name, quantity])),
    };
  });
  return { sources, warnings: [], ...(groupBy === null ? {} : { groupBy }) };
}
