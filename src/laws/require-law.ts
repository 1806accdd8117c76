import { lawById, laws } from "#catalogue";
import { UsageError } from "../errors.js";
import { nearest, quoteText } from "../text.js";
import type { Law } from "./law.js";

/** Ids named where none is near. */
const SHOWN = 8;

/** The law of this id. @throws UsageError with the nearest ids */
export function requireLaw(id: string): Law {
  const law = lawById(id);
  if (law !== undefined) return law;
  const ids = laws.map((candidate) => candidate.id);
  const near = nearest(id, ids);
  throw new UsageError({
    code: "unknown-law",
    message: `there is no law called ${quoteText(id)}`,
    hint:
      near.length > 0
        ? `did you mean ${near.join(" or ")}? scalefit laws lists them all`
        : `the laws are ${ids.slice(0, SHOWN).join(", ")}${ids.length > SHOWN ? ` and ${ids.length - SHOWN} more: scalefit laws lists them all` : ""}`,
  });
}

/** The law that a document names, of a family the member of that size. @throws UsageError with the nearest ids */
export const lawNamed = ({ law, size }: { law: string; size?: number }): Law =>
  requireLaw(size === undefined ? law : `${law}:${size}`);
