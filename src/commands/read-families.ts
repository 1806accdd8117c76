/** What the commands with `--pool` begin with: files -> families of runs under one law, and how they are fitted. */
import { poolWarnings } from "../evidence/pool-families.js";
import type { FitOptions } from "../fit/options.js";
import type { RawFlags } from "./command.js";
import { groupedByFile, readRecipes, withoutResamples } from "./compare-recipes.js";
import { uniqueWarnings } from "./fit-group.js";
import { fitOptions } from "./fit-options.js";

/** @throws UsageError where nothing names the families, or no resamples are asked for */
export function familiesAsked(files: readonly string[], given: RawFlags, level?: number) {
  const flags = { ...given, groupBy: given.groupBy ?? groupedByFile(files) };
  const asked = fitOptions(flags, level);
  if (asked.bootstrap === 0) throw withoutResamples();
  return { flags, asked };
}

export async function readFamilies(files: readonly string[], flags: RawFlags, asked: FitOptions) {
  const { read, options } = await readRecipes(files, flags, asked);
  const { law, from } = read.bound;
  const families = read.groups.map(({ group, observations }) => ({ group: group ?? "", observations }));
  const warnings = uniqueWarnings([...read.warnings, ...poolWarnings(families, options)]);
  return { law, families, log: { from, columns: read.columns }, sources: read.sources, options, warnings };
}
