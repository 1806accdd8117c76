/** `--axes params=total,loss=nats/token,...`: what the user says that the numbers of a log count. */
import { UsageError } from "../errors.js";
import type { AssertedAxes } from "../logs/axes-of-log.js";
import { parseNumber } from "../logs/numbers.js";
import type { Axes } from "../objects.js";
import { nearest, quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { textFlag } from "./flags.js";

const EXAMPLE = "for example --axes params=total,loss=nats/token,tokenizer=gpt2";

const PARAMS: readonly Axes["params"][] = ["total", "non-embedding", "active"];
const UNITS: readonly Axes["loss"][] = ["nats", "bits", "perplexity"];
const PER: readonly Axes["per"][] = ["token", "byte", "character", "word"];
const COMPUTE: readonly Axes["compute"][] = ["6ND", "counted"];

/** What each name asserts. */
const READERS: Readonly<Record<string, (text: string, part: string) => AssertedAxes>> = {
  params: (text, part) => ({ params: oneOf(text, part, PARAMS) }),
  loss(text, part) {
    const [unit, per, ...rest] = text.split("/");
    if (rest.length > 0) throw fault(part, "a loss has one unit and is a mean over one thing", EXAMPLE);
    return {
      loss: oneOf(unit, part, UNITS),
      ...(per === undefined ? {} : { per: oneOf(per, part, PER) }),
    };
  },
  compute: (text, part) => ({ compute: oneOf(text, part, COMPUTE) }),
  tokenizer: (text) => ({ tokenizer: text }),
  data: (text) => ({ data: text }),
  "bytes-per-token": (text, part) => ({ bytesPerToken: above0(text, part) }),
  "characters-per-token": (text, part) => ({ charactersPerToken: above0(text, part) }),
  vocabulary: (text, part) => ({ vocabulary: above0(text, part) }),
  embeddings: (text, part) => ({ isUntied: oneOf(text, part, ["tied", "untied"]) === "untied" }),
};

/** @throws UsageError for another form, an unknown name or value, a name given twice */
export function axesFlag(flags: RawFlags): AssertedAxes {
  const text = textFlag(flags, "axes");
  if (text === undefined) return {};
  const seen = new Set<string>();
  let asserted: AssertedAxes = {};
  for (const part of text.split(",")) {
    const [name, value] = [part.split("=", 1)[0].trim(), part.slice(part.indexOf("=") + 1).trim()];
    if (!part.includes("=") || value === "")
      throw fault(part, "each entry is NAME=VALUE, with commas between them", EXAMPLE);
    if (!Object.hasOwn(READERS, name)) {
      const near = nearest(name, Object.keys(READERS));
      const names = `the names are ${Object.keys(READERS).join(", ")}`;
      throw fault(
        part,
        "no axis is called so",
        near.length > 0 ? `did you mean ${near.join(" or ")}? ${names}` : names,
      );
    }
    if (seen.has(name)) throw fault(part, `${name} is given twice`, EXAMPLE);
    seen.add(name);
    asserted = { ...asserted, ...READERS[name](value, part) };
  }
  return asserted;
}

function oneOf<T extends string>(text: string, part: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice.toLowerCase() === text.trim().toLowerCase());
  if (found !== undefined) return found;
  throw fault(part, `it is one of ${choices.join(", ")}`, EXAMPLE);
}

function above0(text: string, part: string): number {
  const parsed = parseNumber(text, "plain", "flag");
  if (!("fault" in parsed) && parsed.value > 0) return parsed.value;
  throw fault(part, "fault" in parsed ? parsed.fault : "it must be above 0", EXAMPLE);
}

const fault = (part: string, why: string, hint: string): UsageError =>
  new UsageError({ code: "flag", message: `--axes: cannot use ${quoteText(part)}`, why, hint });
