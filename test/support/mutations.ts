/** Every way to spoil one place of a JSON document: the key removed, its value replaced by a wrong one. */

export interface Mutation {
  /** Where, and what stands there now. */
  what: string;
  /** The spoiled document as text; it may hold what JSON cannot write, such as 1e999. */
  text: string;
}

const WRONG_LEAVES = ["null", '"NaN"', "1e999", "-1", "0", "{}", "[]", '"__proto__"', "true"];
const WRONG_BRANCHES = ["null", "{}"];
/** Entries of a list that are spoiled; the others are like them. */
const ENTRIES = 4;
const MARK = "@@spoiled@@";

type Path = readonly (string | number)[];

/** All mutations of a document, in order. */
export function* mutations(document: unknown): Generator<Mutation> {
  for (const path of pathsOf(document)) {
    const name = path.join(".");
    yield { what: `${name} removed`, text: JSON.stringify(spoiled(document, path, undefined)) };
    const marked = JSON.stringify(spoiled(document, path, MARK));
    const isBranch = typeof at(document, path) === "object";
    for (const wrong of isBranch ? WRONG_BRANCHES : WRONG_LEAVES)
      yield { what: `${name} = ${wrong}`, text: marked.replace(`"${MARK}"`, () => wrong) };
  }
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [];
  const keys = Array.isArray(value) ? [...value.keys()].slice(0, ENTRIES) : Object.keys(value);
  return keys.flatMap((key) => [[...path, key], ...pathsOf(at(value, [key]), [...path, key])]);
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inside, key) => (inside as Record<string | number, unknown>)[key], value);

function spoiled(document: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(document);
  const holder = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  const key = path[path.length - 1];
  if (value === undefined) delete holder[key];
  else holder[key] = value;
  return copy;
}
