/** `scalefit compare --pool`: files -> families of runs -> what each takes from the others. */
import { comparePool } from "../evidence/compare-pool.js";
import { poolWarnings } from "../evidence/pool-families.js";
import type { PoolDocument } from "../objects.js";
import { poolView } from "../report/pool-view.js";
import type { Invocation, Outcome } from "./command.js";
import { groupedByFile, readRecipes, scalesFlag, withoutResamples } from "./compare-recipes.js";
import { uniqueWarnings } from "./fit-group.js";
import { fitOptions } from "./fit-options.js";
import { textFlag } from "./flags.js";

export async function comparePoolFiles({ args, flags: given, width, global }: Invocation): Promise<Outcome> {
  const flags = { ...given, groupBy: given.groupBy ?? groupedByFile(args) };
  const asked = fitOptions(flags);
  if (asked.bootstrap === 0) throw withoutResamples();
  const scales = scalesFlag(flags);
  const { read, options } = await readRecipes(args, flags, asked);
  const { law, from } = read.bound;
  const families = read.groups.map(({ group, observations }) => ({ group: group ?? "", observations }));
  const document: PoolDocument = {
    schema: "scalefit/compare@1",
    mode: "pool",
    pool: comparePool(
      law,
      families,
      { from, columns: read.columns },
      { target: textFlag(flags, "target") ?? null, scales, fit: options },
    ),
    warnings: uniqueWarnings([...read.warnings, ...poolWarnings(families, options)]),
  };
  return {
    text: global.json ? "" : poolView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}
