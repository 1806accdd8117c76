/** Published sets by name, and how their laws read the rows of a log. */
import { UsageError } from "../errors.js";
import { nearest, quoteText } from "../text.js";
import { laws } from "./index.js";
import type { Law } from "./law.js";
import { type PresetOfLaw, presetNamed } from "./preset-named.js";
import { type BoundLaw, bindLaw, missingFor, type Offered } from "./routing.js";

/** Whether a law gives the loss of a run. */
export const isOfLoss = ({ output, stages }: Law): boolean =>
  output.quantity === "loss" && stages.length === 0;

/** @throws UsageError for a name that is no preset, or given twice */
export function presetsCalled(names: readonly string[]): PresetOfLaw[] {
  return names.map((name, i) => {
    const found = presetNamed(laws, name);
    if (found === null) throw unknownPreset(name);
    if (names.indexOf(name) === i) return found;
    throw new UsageError({
      code: "flag",
      message: `the preset ${quoteText(name)} is asked for twice`,
      hint: "name it once",
    });
  });
}

function unknownPreset(name: string): UsageError {
  const namesOf = (among: readonly Law[]) => among.flatMap(({ presets }) => presets.map((one) => one.name));
  const near = nearest(name, namesOf(laws));
  return new UsageError({
    code: "unknown-preset",
    message: `there is no preset called ${quoteText(name)}`,
    hint:
      near.length > 0
        ? `did you mean ${near.join(" or ")}?`
        : `the presets of a loss are ${namesOf(laws.filter(isOfLoss)).join(", ")}`,
  });
}

/** What a log lacks for a set. */
export const missingForPreset = ({ law, preset: { reads } }: PresetOfLaw, offered: Offered): string[] =>
  reads === undefined ? missingFor(law, offered) : Object.values(reads).filter((name) => !offered.has(name));

/** The law bound as the set means its inputs; null where the log lacks one. */
export function boundForPreset({ law, preset: { reads } }: PresetOfLaw, offered: Offered): BoundLaw | null {
  if (reads === undefined) return bindLaw(law, offered);
  const from = new Map(Object.entries(reads));
  return [...from.values()].every(offered.has)
    ? { law, from, measured: law.output.reads[0], constants: new Map() }
    : null;
}
