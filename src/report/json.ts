/**
 * Result documents as JSON: one document, two-space indentation, numbers finite or null.
 */
export function toJson(document: unknown): string {
  return `${JSON.stringify(document, finiteOnly, 2)}\n`;
}

/** JSON has no NaN and no infinity: such a number is unknown, so null. */
function finiteOnly(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

/**
 * A saved fit: readable and diffable, with one draw, one row of a covariance or one pair of a range a line.
 */
export function toSavedJson(document: unknown): string {
  const text = JSON.stringify(document, finiteOnly, 1);
  // A line break stands between the numbers: in a quoted text there is none.
  return `${text.replace(/\[\n\s*((?:-?[\d.eE+-]+|null)(?:,\n\s*(?:-?[\d.eE+-]+|null))*)\n\s*\]/g, (_, items: string) => `[${items.replace(/\s+/g, "")}]`)}\n`;
}
