/**
 * Repeated data in a plan: a law that knows the unique tokens is held at them; any law of Chinchilla's form takes over the
 * decay of repeats as it was measured on other data, said aloud.
 *
 * @see arXiv 2305.16264
 */
import { UsageError } from "../errors.js";
import { dataConstrained } from "../laws/data-constrained.js";
import { substitute } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import { lawAt } from "../laws/law-at.js";
import type { Source } from "./source.js";

/** R_D* and R_N* of Muennighoff et al.: C4, models up to 9B parameters. */
const DECAY = { Rd: 15.387756, Rn: 5.309743 } as const;

/** Words for the assumptions. */
export const DECAY_WORDS = `repeated tokens lose their worth as in arXiv 2305.16264 (Rd ${DECAY.Rd.toPrecision(3)}, Rn ${DECAY.Rn.toPrecision(2)}, measured on C4): the fit knows nothing of repeats`;

/**
 * The source with so many unique tokens.
 *
 * @throws UsageError for a law that neither knows them nor has Chinchilla's form
 */
export function withUniqueTokens(source: Source, U: number): Source {
  const free = source.free ?? source;
  const { law } = free;
  const held = { ...source.held, U };
  if (law.inputs.some(({ name, quantity }) => name === "U" && quantity === "tokens"))
    return { ...source, law: lawAt(law, held), held, free };
  if (law.id !== "chinchilla") {
    throw new UsageError({
      code: "flags",
      message: `--unique-tokens: the law "${law.id}" does not say what repeated tokens are worth`,
      hint: "chinchilla and data-constrained do: fit one of them, or leave out --unique-tokens",
    });
  }
  return { ...source, law: lawAt(lifted(law), { U }), held, free };
}

/** The data-constrained law with its decay held, over the parameters of the one that was fitted. */
function lifted(law: Law): Law {
  const { expression } = dataConstrained;
  const numbers = new Map(
    Object.entries(DECAY).map(([name, value]) => [name, { kind: "number" as const, value }]),
  );
  return {
    ...dataConstrained,
    parameters: law.parameters,
    expression: expression === null ? null : substitute(expression, numbers),
    allocation: null,
  };
}
