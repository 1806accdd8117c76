import { expect } from "vitest";

/** Every value in a document with the path to it. */
export function* leavesOf(value: unknown, path = ""): Generator<[string, unknown]> {
  if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value))
      yield* leavesOf(part, path === "" ? key : `${path}.${key}`);
  } else yield [path, value];
}

/** No number that JSON cannot hold, and no word of the machine in any text. */
export function expectPlain(document: unknown) {
  for (const [path, value] of leavesOf(document)) {
    if (typeof value === "number") expect(Number.isFinite(value), `${path} is ${value}`).toBe(true);
    if (typeof value === "string") expect(value, path).not.toMatch(/NaN|Infinity|undefined|\[object/);
  }
}
