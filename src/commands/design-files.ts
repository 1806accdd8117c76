/** What `scalefit design` does: a fit of the log, a saved one or published coefficients -> runs -> view. */
import { UsageError } from "../errors.js";
import { CAMPAIGNS, simulateDesign } from "../evidence/design-campaigns.js";
import { parseNoise } from "../logs/noise.js";
import type { DesignDocument, DesignedLaw, SavedFit, Warning } from "../objects.js";
import { designFor } from "../plan/design-for.js";
import { DESIGN_DEFAULTS, type DesignQuestion, GOALS } from "../plan/design-question.js";
import type { Source } from "../plan/source.js";
import { designView } from "../report/design-view.js";
import { escapeText, listOf, quoteText } from "../text.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { exists } from "./files.js";
import { fitOf } from "./fit-files.js";
import { choiceFlag, positiveFlag, textFlag, wholeFlag } from "./flags.js";
import { POINT_WORDS, pointAt } from "./point-flags.js";
import { flagCalled, LOG_OPTIONS } from "./shared-flags.js";
import { type ModelSize, modelSizes } from "./sizes-file.js";
import { fromSaved, sourcesFrom } from "./source.js";

export async function designFiles({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const sizesText = textFlag(flags, "sizes");
  const sizes = sizesText === undefined ? null : modelSizes(sizesText);
  const question = questionOf(flags, sizes);
  const campaigns = campaignsFlag(flags);
  const truth = truthOf(flags);
  const at = Object.fromEntries(pointAt(flags));
  const found = await foundations(args, flags, question);
  const warnings = [...found.warnings];
  const designs = found.sources.map((source, i) => {
    const covariance = found.saved?.fits[i].covariance ?? null;
    const made = designFor({ source, covariance, at, words: POINT_WORDS }, question);
    warnings.push(...made.warnings);
    const design = withShapes(made.design, sizes);
    if (campaigns === null) return design;
    const simulation = simulateDesign(made.source, question, made.design, {
      campaigns,
      seed: question.seed,
      truth,
    });
    return { ...design, simulation };
  });
  const document: DesignDocument = { schema: "scalefit/design@1", designs, warnings };
  return { text: global.json ? "" : designView(document, width), document, warnings, exitCode: 0 };
}

/** The runs with the layers and width of their sizes, where a file of shapes says them. */
function withShapes(design: DesignedLaw, sizes: readonly ModelSize[] | null): DesignedLaw {
  const shapes = new Map(sizes?.flatMap(({ params, shape }) => (shape === null ? [] : [[params, shape]])));
  if (shapes.size === 0) return design;
  const shaped = <T extends { N: number }>(run: T): T => {
    const shape = shapes.get(run.N);
    return shape === undefined ? run : { ...run, shape };
  };
  const { runs, next } = design;
  return { ...design, runs: runs.map(shaped), ...(next === undefined ? {} : { next: next.map(shaped) }) };
}

interface Foundations {
  sources: Source[];
  warnings: Warning[];
  /** The fit that they come from, where there is one. */
  saved: SavedFit | null;
}

/** The law and what is known of it. @throws UsageError where a log and coefficients are given both */
async function foundations(
  files: readonly string[],
  flags: RawFlags,
  question: DesignQuestion,
): Promise<Foundations> {
  const found = files.length > 0 ? await ofLog(files, flags) : given(flags);
  if (!question.isNext || found.saved !== null) return found;
  throw new UsageError({
    code: "flags",
    message: "--next is for runs that follow others, and there is no fit here",
    hint: "give their log: scalefit design runs.csv --next 1 --flops ... --target ...; or ask for --runs",
  });
}

async function ofLog(files: readonly string[], flags: RawFlags): Promise<Foundations> {
  const other = ["fit", "preset", "coefficients"].find((name) => flags[name] !== undefined);
  if (other !== undefined)
    throw new UsageError({
      code: "flags",
      message: `--${other} and the log ${quoteText(files[0])} contradict each other: the log is fitted`,
      hint: "give one of them",
    });
  const names = ["law", ...LOG_OPTIONS];
  const own = Object.fromEntries(
    names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
  const { saved } = await fitOf(files, own);
  const from = `fit of ${listOf(saved.made.inputs.map(({ name }) => escapeText(name, 200)))}`;
  return { ...fromSaved(saved, from), warnings: saved.warnings, saved };
}

function given(flags: RawFlags): Foundations {
  const stray = LOG_OPTIONS.find((name) => flags[name] !== undefined);
  if (stray !== undefined)
    throw new UsageError({
      code: "flags",
      message: `${flagCalled(stray)} is for a log, and none is given`,
      hint: "give the log of the runs that exist: scalefit design runs.csv ...",
    });
  const { sources, warnings, fit } = sourcesFrom(flags);
  return { sources, warnings, saved: fit?.saved ?? null };
}

function questionOf(flags: RawFlags, sizes: readonly ModelSize[] | null): DesignQuestion {
  const flops = positiveFlag(flags, "flops", "flops");
  const target = positiveFlag(flags, "target", "flops");
  if (flops === undefined || target === undefined)
    throw new UsageError({
      code: "no-question",
      message: `design needs ${flops === undefined ? "what the runs may cost: --flops" : "the budget of the large run: --target"}`,
      hint: "for example scalefit design --flops 1e20 --runs 12 --target 1e23",
    });
  if (flags.next !== undefined && flags.runs !== undefined)
    throw new UsageError({
      code: "flags",
      message: "--next and --runs contradict each other: both say how many runs to design",
      hint: "give --next after runs that exist, else --runs",
    });
  const none = null;
  return {
    ...DESIGN_DEFAULTS,
    flops,
    target,
    runs: wholeFlag(flags, flags.next === undefined ? "runs" : "next", DESIGN_DEFAULTS.runs),
    goal: choiceFlag(flags, "for", GOALS, DESIGN_DEFAULTS.goal),
    sizes: sizes?.map(({ params }) => params) ?? null,
    maxFlopsPerRun: positiveFlag(flags, "maxFlopsPerRun", "flops") ?? none,
    minFlopsPerRun: positiveFlag(flags, "minFlopsPerRun", "flops") ?? none,
    minRatio: positiveFlag(flags, "minRatio", "plain") ?? none,
    maxRatio: positiveFlag(flags, "maxRatio", "plain") ?? none,
    noise: noiseFlag(flags),
    seed: wholeFlag(flags, "seed", DESIGN_DEFAULTS.seed),
    isNext: flags.next !== undefined,
  };
}

function noiseFlag(flags: RawFlags): DesignQuestion["noise"] {
  const text = textFlag(flags, "noise");
  if (text === undefined) return null;
  const parsed = parseNoise(text);
  if ("value" in parsed) return parsed;
  throw new UsageError({
    code: "flag",
    message: `--noise: cannot use ${quoteText(text)}`,
    why: "the noise of runs that are not there yet is one number",
    hint: "for example --noise 0.5% (relative), or 0.01 in the unit of the loss",
  });
}

/** The law on which campaigns are played, where `--truth` names another: a preset, or a file of a fit. */
function truthOf(flags: RawFlags): Source | null {
  const name = textFlag(flags, "truth");
  if (name === undefined) return null;
  if (flags.simulate !== true) {
    throw new UsageError({
      code: "flags",
      message: "--truth is for --simulate, which is not given",
      hint: "for example --simulate --truth kaplan-nd-table2",
    });
  }
  const { sources } = sourcesFrom(exists(name) ? { fit: name } : { preset: name });
  if (sources.length === 1) return sources[0];
  throw new UsageError({
    code: "flags",
    message: `--truth: the fit has ${sources.length} groups, and one law is true`,
    hint: "name a preset, or the fit of one group",
  });
}

/** More would take hours. */
const MOST_CAMPAIGNS = 100_000;

/** How many campaigns to play; null without `--simulate`. */
function campaignsFlag(flags: RawFlags): number | null {
  if (flags.simulate === true) {
    const campaigns = wholeFlag(flags, "campaigns", CAMPAIGNS, MOST_CAMPAIGNS);
    if (campaigns > 0) return campaigns;
  } else if (flags.campaigns === undefined) return null;
  throw new UsageError({
    code: "flags",
    message:
      flags.simulate === true
        ? "--campaigns must be 1 or more"
        : "--campaigns is for --simulate, which is not given",
    hint: "for example --simulate --campaigns 100",
  });
}
