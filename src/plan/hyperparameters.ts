/**
 * The best learning rate and batch size at the planned model size and tokens, by a second law: fitted to the settings of small
 * runs (`lr-batch`, `lr-batch-bowl`, a formula of N and D), or published.
 */
import { UsageError } from "../errors.js";
import { evaluateLaw, evaluateOutputs } from "../laws/evaluate-law.js";
import type { Point, Split } from "../laws/law.js";
import type { Estimate, PlanBudgetRow, PlannedHyperparameters, Settings, Warning } from "../objects.js";
import { listOf } from "../text.js";
import type { PlanResult } from "./allocate.js";
import { decadesBeyond } from "./extrapolation.js";
import type { Derived } from "./intervals.js";
import type { Coefficients, Source } from "./source.js";
import { estimateOfTwo, waysOf } from "./two-fits.js";

/** A law of the best settings as it is asked for. */
export interface HyperparametersAsked {
  source: Source;
  /** What a law of one output of another name was fitted to. */
  measures?: "lr" | "batch";
  /** How it was given, for messages: `--lr-fit lr.json`. */
  given: string;
}

/** Null for what the law does not know. */
interface Best {
  lr: number | null;
  batch: number | null;
}

/** A law that says the best settings. */
interface SettingsLaw {
  /** What it hangs on: the input's name, and which size that is. */
  inputs: readonly { name: string; size: keyof Sizes }[];
  best(c: Coefficients, at: Point): Best;
}

interface Sizes {
  N: number;
  D: number;
  C: number;
}

const SIZES: Readonly<Record<string, keyof Sizes>> = { params: "N", tokens: "D", flops: "C" };

/**
 * No batch has so many sequences (as where logs are read), and no run of so small a batch of tokens so many steps: together they
 * tell a log whose batches were sequences. Small runs do have batches of few tokens.
 */
const LEAST_TOKENS = 65_536;
const MOST_STEPS = 1e6;

/** How far beyond the data of the settings a plan may lie without a warning, in decades. */
const FAR = 1;

/**
 * A plan with the best learning rate, batch size and number of steps there, and at its other budgets.
 *
 * @throws UsageError for a law that says nothing of them, and for a plan without a model size and tokens
 */
export function withHyperparameters(result: PlanResult, asked: HyperparametersAsked): PlanResult {
  const law = settingsLawOf(asked);
  const { plan, designed } = result;
  if (designed === undefined) {
    throw new UsageError({
      code: "flags",
      message: `${asked.given}: the law "${plan.law}" plans in its own variables, and a learning rate is that of a model size and its tokens`,
      hint: "leave it out, or plan under a law of N and D such as chinchilla",
    });
  }
  const { source: own } = asked;
  const { splits, source, splitsAt } = designed;
  const at = pointAt(law, source, splits.estimate);
  const { settings, unknown, doubt } = settingsAt(asked, law, source, splits);
  const beyond = beyondData(own, at);
  const found: PlannedHyperparameters = {
    law: own.law.id,
    source: own.from,
    at,
    ...settings,
    batchUnit: "tokens",
    beyond,
    uncertainty: uncertaintyInWords(plan.risk !== undefined || plan.confidence !== undefined, source, own),
    conventions: own.conventions,
    ...(unknown.length === 0 ? {} : { unknown }),
  };
  const withSettings = (row: PlanBudgetRow): PlanBudgetRow => {
    const split = splitsAt(row.measured ?? row.flops);
    return split === null ? row : { ...row, ...settingsAt(asked, law, source, split).settings };
  };
  return {
    ...result,
    plan: {
      ...plan,
      hyperparameters: found,
      neighbours: plan.neighbours.map(withSettings),
      ...(plan.ladder === undefined ? {} : { ladder: plan.ladder.map(withSettings) }),
    },
    warnings: [...result.warnings, ...warningsOf(source.group, found, doubt)],
  };
}

/** Refuses a law that says no best settings. @throws UsageError with the cure */
export function settingsLawOf({
  source: { law, quantities },
  measures,
  given,
}: HyperparametersAsked): SettingsLaw {
  const answer = law.answers.find(
    ({ kind, gives }) => kind === "inverse" && gives.includes("lr") && gives.includes("batch"),
  );
  const isOfSettings = law.outputs.some(({ name }) => name === "lr");
  if (answer === undefined && !isOfSettings && measures === undefined) {
    throw new UsageError({
      code: "flags",
      message: `${given}: the law "${law.id}" is one of ${law.output.meaning}, and says no best learning rate or batch size`,
      hint: "fit the best settings of several sizes: scalefit fit settings.csv --law lr-batch -o lr.json; the loss is given with --fit",
    });
  }
  const hangsOn =
    answer === undefined ? law.inputs : law.inputs.filter(({ name }) => answer.given.includes(name));
  const inputs = hangsOn.map(({ name, quantity, meaning }) => {
    const read = quantities.get(name);
    const size = read === "N" || read === "D" || read === "C" ? read : SIZES[quantity];
    if (size !== undefined) return { name, size };
    throw new UsageError({
      code: "missing-input",
      message: `${given}: the settings hang on ${name} (${meaning}), and what that is of a planned model is not known`,
      hint: "fit them to parameters, tokens or training FLOPs: scalefit fit settings.csv --law lr-batch -o lr.json",
    });
  });
  if (answer !== undefined)
    return {
      inputs,
      best(c, at) {
        const solved = answer.solve(c, at);
        return { lr: solved?.lr ?? null, batch: solved?.batch ?? null };
      },
    };
  if (isOfSettings)
    return {
      inputs,
      best(c, at) {
        const { lr, batch_tokens: batch } = evaluateOutputs(law, c, at);
        return { lr, batch: batch ?? null };
      },
    };
  const other: Best = { lr: null, batch: null };
  return {
    inputs,
    best: (c, at) => ({ ...other, [measures as string]: evaluateLaw(law, c, at) }),
  };
}

const pointAt = ({ inputs }: SettingsLaw, { flopsPerParamToken: k }: Source, { N, D }: Split): Point => {
  const sizes: Sizes = { N, D, C: k * N * D };
  return Object.fromEntries(inputs.map(({ name, size }) => [name, sizes[size]]));
};

/** What is derived from a design under its coefficients and those of the settings' law. */
interface Drawn extends Best {
  D: number;
}

/** The settings at a design, each with its interval, why some are not there, and the doubt about what batches count. */
function settingsAt(
  { source: own, measures }: HyperparametersAsked,
  law: SettingsLaw,
  source: Source,
  splits: Derived<Split>,
): { settings: Settings; unknown: string[]; doubt: string | null } {
  const at = (c: Coefficients, split: Split): Drawn => ({
    ...law.best(c, pointAt(law, source, split)),
    D: split.D,
  });
  const unknown: string[] = [];
  const drawn = at(own.estimate, splits.estimate);
  const numberOf = (what: string, pick: (drawn: Drawn) => number | null): Estimate | null => {
    const value = pick(drawn);
    if (value !== null && Number.isFinite(value) && value > 0)
      return estimateOfTwo(source, own, splits, (c, split) => pick(at(c, split)));
    unknown.push(
      value === null && measures !== undefined
        ? `no ${what}: the law was fitted to the ${measures === "lr" ? "learning rate" : "batch"} alone`
        : `no ${what}: the law has no finite value here`,
    );
    return null;
  };
  const lr = numberOf("learning rate", (one) => one.lr);
  const batch = numberOf("batch", (one) => one.batch);
  const isFitted = own.range !== null;
  const doubt = isFitted && batch !== null ? doubtOfUnit(batch.estimate, splits.estimate.D) : null;
  if (doubt !== null) return { settings: { lr, batch, steps: null }, unknown: [...unknown, doubt], doubt };
  const steps =
    batch === null ? null : numberOf("steps", (one) => (one.batch === null ? null : one.D / one.batch));
  return { settings: { lr, batch, steps }, unknown, doubt };
}

/** Why a fitted batch seems to count sequences; null where it may well count tokens. */
function doubtOfUnit(batch: number, D: number): string | null {
  if (!(batch < LEAST_TOKENS && D / batch > MOST_STEPS)) return null;
  return `no steps: a batch of ${Number(batch.toPrecision(3))} seems to count sequences, not tokens; fit batches in tokens (sequences times their length)`;
}

function uncertaintyInWords(isChosen: boolean, source: Source, own: Source): string {
  const exact = `the law of the settings is taken as exact (${own.withoutDraws})`;
  switch (waysOf(source, own)) {
    case "paired":
      return isChosen
        ? `intervals of the settings' fit alone: N and D are chosen over all resamples, the same in each`
        : `intervals of both fits: each of ${source.draws.length} resamples of N and D with one of the settings, independent of each other`;
    case "apart":
      return "intervals of both fits, taken as independent: one of them has no resamples";
    case "plan":
      return isChosen
        ? `no uncertainty in them: N and D are chosen, the same in each resample, and ${exact}`
        : `intervals by N and D alone: ${exact}`;
    case "other":
      return `intervals of the settings' fit alone: N and D have none (${source.withoutDraws})`;
    case "neither":
      return "no intervals: neither the law of the loss nor that of the settings has resamples";
  }
}

/** Decades of each size outside the data behind the settings' law; null where these are not known. */
function beyondData({ range, presetRange }: Source, at: Point): PlannedHyperparameters["beyond"] {
  const known: Readonly<Record<string, readonly [number, number]>> | null = range ?? presetRange;
  const inside = Object.entries(at).filter(([name]) => known?.[name] !== undefined);
  if (known === null || inside.length === 0) return null;
  return Object.fromEntries(
    inside.map(([name, value]) => [name, decadesBeyond(value, known[name][0], known[name][1])]),
  );
}

function warningsOf(
  group: string | null,
  { beyond, source }: PlannedHyperparameters,
  doubt: string | null,
): Warning[] {
  const far = Object.entries(beyond ?? {}).filter(([, decades]) => Math.abs(decades) > FAR);
  const of = group ?? undefined;
  const warnings: Warning[] =
    doubt === null ? [] : [{ code: "batch-unit", group: of, message: `${source}: ${doubt}` }];
  if (far.length === 0) return warnings;
  const places = far.map(
    ([name, decades]) =>
      `${name} ${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond the largest" : "below the smallest"}`,
  );
  return [
    ...warnings,
    {
      code: "extrapolation",
      group: of,
      message: `the learning rate and batch are an extrapolation, ${listOf(places)} of the runs behind ${source}: intervals do not cover a law that bends out there; try settings around them at a smaller size first`,
    },
  ];
}
