import type { LawFamily } from "../laws/law.js";
import type { LawsDocument } from "../objects.js";
import type { CommandDefinition, Invocation, Outcome } from "./command.js";

/** `scalefit laws [id]`: the catalogue. */
export const lawsCommand: CommandDefinition = {
  name: "laws",
  summary: "the catalogue of laws: formula, inputs, parameters, published coefficients, source",
  arguments: [{ name: "[id]", description: "show this law in full" }],
  flags: [],
  examples: [
    { command: "scalefit laws", does: "all laws" },
    { command: "scalefit laws chinchilla", does: "one law with its presets" },
  ],
  run,
};

async function run({ args, width, global }: Invocation): Promise<Outcome> {
  const { laws } = await import("./laws-parts.js");
  const { requireLaw } = await import("./laws-parts.js");
  const { axesOf } = await import("./laws-parts.js");
  const { presetCoefficients } = await import("./laws-parts.js");
  const { lawsView, lawView } = await import("./laws-parts.js");
  const [id] = args;
  const chosen = id === undefined ? laws : [requireLaw(id)];
  const finite = (bound: number) => (Number.isFinite(bound) ? bound : null);
  const document: LawsDocument = {
    schema: "scalefit/laws@1",
    laws: chosen.map((law) => ({
      id: law.id,
      title: law.title,
      topic: law.topic,
      formula: law.formula,
      output: { name: law.output.name, meaning: law.output.meaning },
      ...(law.outputs.length === 1
        ? {}
        : { outputs: law.outputs.map(({ name, meaning }) => ({ name, meaning })) }),
      ...(law.family === null ? {} : { family: familyOf(law.family) }),
      inputs: law.inputs.map(({ name, quantity, unit, meaning }) => ({ name, quantity, unit, meaning })),
      parameters: law.parameters.map(({ name, meaning, bounds }) => ({
        name,
        meaning,
        bounds: [finite(bounds[0]), finite(bounds[1])],
      })),
      presets: law.presets.map((preset) => ({
        name: preset.name,
        coefficients: presetCoefficients(law, preset).values,
        source: preset.source,
        conventions: preset.conventions,
        axes: axesOf(preset),
        warning: preset.warning ?? null,
      })),
      source: law.source,
      answers: law.answers.map(({ kind, name, given, gives, meaning }) => ({
        kind,
        name,
        given: [...given],
        gives: [...gives],
        meaning,
      })),
      notes: [...law.notes],
      examples: [...law.examples],
    })),
    warnings: [],
  };
  const text = global.json
    ? ""
    : id === undefined
      ? lawsView(document, width)
      : lawView(document.laws[0], width);
  return { text, document, warnings: [], exitCode: 0 };
}

const familyOf = ({ counts, size, limits: [least, most] }: LawFamily) => ({
  counts,
  size,
  limits: [least, most] as [number, number],
});
