/** What `--law` asks for. */
import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import { membersTried } from "./candidates.js";
import type { Law } from "./law.js";
import { keyOf } from "./law-key.js";
import { requireLaw } from "./require-law.js";

/** One law; or several to choose among, `asked` being how they were given. */
export type LawsAsked = { law: Law } | SeveralAsked;

export interface SeveralAsked {
  among: readonly Law[] | "auto";
  asked: string;
}

/**
 * `chinchilla`, `bnsl:2`, `chinchilla,bnsl` (of a family every size that a choice tries) or `auto`.
 *
 * @throws UsageError for an unknown id, with the nearest ones, and for a law that is named twice
 */
export function lawsAsked(text: string): LawsAsked {
  const ids = text.split(",").map((id) => id.trim());
  if (ids.length === 1)
    return text.trim() === "auto" ? { among: "auto", asked: "auto" } : { law: requireLaw(text) };
  const wrong = (why: string, hint: string) =>
    new UsageError({ code: "flag", message: `--law: cannot use ${quoteText(text)}`, why, hint });
  if (ids.includes(""))
    throw wrong("a name is missing between two commas", "for example --law chinchilla,power-floor");
  if (ids.includes("auto"))
    throw wrong("auto tries every law that fits the columns", "give auto alone, or only names of laws");
  const among = ids.flatMap((id) => (id.includes(":") ? [requireLaw(id)] : membersTried(requireLaw(id))));
  const twice = among.map(keyOf).find((key, i, keys) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    const hint = twice.includes(":") ? `${twice.split(":")[0]} without a size tries several` : "name it once";
    throw wrong(`the law ${twice} is asked for twice`, hint);
  }
  return { among, asked: ids.join(",") };
}
