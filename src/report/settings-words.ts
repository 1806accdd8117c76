/** Learning rate, batch and steps of a plan, worded alike in every view. */
import type { PlannedHyperparameters, Settings } from "../objects.js";
import { count, significant } from "./format.js";

/** How each is called and written. */
export const SETTINGS: readonly {
  key: keyof Settings;
  title: string;
  short: string;
  /** In CSV. */
  column: string;
  format: (value: number) => string;
}[] = [
  { key: "lr", title: "learning rate", short: "lr", column: "lr", format: (value) => significant(value, 3) },
  {
    key: "batch",
    title: "batch in tokens",
    short: "batch",
    column: "batch_tokens",
    format: (value) => count(value),
  },
  {
    key: "steps",
    title: "steps, D / batch",
    short: "steps",
    column: "steps",
    format: (value) => count(value),
  },
];

/** Which law says them, how sure that is, and how far it reaches. */
export function settingsInWords(found: PlannedHyperparameters): string {
  const { source, uncertainty, beyond, conventions, unknown = [] } = found;
  return [
    source,
    uncertainty,
    beyond === null ? "how far its data reach is not known" : reachInWords(beyond),
    ...(conventions === null ? [] : [conventions]),
    ...unknown,
  ].join("; ");
}

/** Distances worth a word: a tenth of a decade. */
const FAR = 0.05;

function reachInWords(beyond: Readonly<Record<string, number>>): string {
  const places = Object.entries(beyond).map(([name, decades]) =>
    Math.abs(decades) < FAR
      ? `${name} within its data`
      : `${name} ${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond" : "below"} its data`,
  );
  return places.join(", ");
}
