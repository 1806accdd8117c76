/** `scalefit compare --pool`: files -> families of runs -> what each takes from the others. */
import { comparePool } from "../evidence/compare-pool.js";
import type { PoolDocument } from "../objects.js";
import { poolView } from "../report/pool-view.js";
import type { Invocation, Outcome } from "./command.js";
import { scalesFlag } from "./compare-recipes.js";
import { textFlag } from "./flags.js";
import { familiesAsked, readFamilies } from "./read-families.js";

export async function comparePoolFiles({ args, flags: given, width, global }: Invocation): Promise<Outcome> {
  const { flags, asked } = familiesAsked(args, given);
  const scales = scalesFlag(flags);
  const { law, families, log, options, warnings } = await readFamilies(args, flags, asked);
  const document: PoolDocument = {
    schema: "scalefit/compare@1",
    mode: "pool",
    pool: comparePool(law, families, log, {
      target: textFlag(flags, "target") ?? null,
      scales,
      fit: options,
    }),
    warnings,
  };
  return {
    text: global.json ? "" : poolView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}
