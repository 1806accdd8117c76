import { describe, expect, test } from "vitest";
import { namesOf } from "../../src/laws/expression/index.js";
import { lawById } from "../../src/laws/index.js";
import type { LawsDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isErrorDocument, isLawsDocument } from "../support/documents.js";

describe("the catalogue", () => {
  test("lists every law with its formula, and how to see one", async () => {
    const { stdout, stderr, exitCode } = await workspace().run(["laws"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    for (const id of ["chinchilla", "power-floor", "power"])
      expect(stdout).toMatch(new RegExp(`^  ${id} +\\S`, "m"));
    for (const topic of ["pre-training", "tasks and test time"]) expect(stdout).toContain(`${topic}\n`);
    expect(stdout).toContain("scalefit laws ID");
  });

  test("has the contract's keys, and ids that do not repeat", async () => {
    const document = await workspace().json<LawsDocument>(["laws"]);
    isLawsDocument(document);
    const ids = document.laws.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("names every input and every parameter of a formula, and nothing else stands in it", async () => {
    const document = await workspace().json<LawsDocument>(["laws"]);
    // What is computed, or one stage after the other, is described in the paper's words.
    expect(document.laws.filter(({ id }) => lawById(id)?.expression !== null).length).toBeGreaterThan(10);
    for (const { id, formula, inputs, parameters } of document.laws) {
      const expression = lawById(id)?.expression ?? null;
      if (expression === null) continue;
      const known = [...inputs, ...parameters].map(({ name }) => name).sort();
      expect([...namesOf(expression)].sort(), id).toEqual(known);
      expect(formula).not.toBe("");
    }
  });
});

describe("one law", () => {
  test("is shown with its inputs, parameters, presets with their sources, and examples", async () => {
    const { stdout, exitCode } = await workspace().run(["laws", "chinchilla"]);
    expect(exitCode).toBe(0);
    for (const word of [
      "L = E + A / N^alpha + B / D^beta",
      "parameter",
      "besiroglu",
      "arXiv 2404.10102",
      "examples",
    ])
      expect(stdout).toContain(word);
  });

  test("is the same entry alone as in the list", async () => {
    const at = workspace();
    const all = await at.json<LawsDocument>(["laws"]);
    // A process each: every fifth will do.
    for (const law of all.laws.filter((_, i) => i % 5 === 0)) {
      const alone = await at.json<LawsDocument>(["laws", law.id]);
      isLawsDocument(alone);
      expect(alone.laws).toEqual([law]);
    }
  });

  test.each([
    ["chinchila", /did you mean chinchilla/],
    ["nope", /the laws are|did you mean/],
    ["toString", /no law called "toString"/],
    ["__proto__", /no law called "__proto__"/],
    ["", /no law called ""/],
  ])("%j does not exist: refused", async (id, says) => {
    const at = workspace();
    const { exitCode, stderr } = await at.run(["laws", id]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
    isErrorDocument(await at.json(["laws", id], { exitCode: 2 }));
  });

  test("is asked for one at a time", async () => {
    const { exitCode, stderr } = await workspace().run(["laws", "chinchilla", "power"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/argument/);
  });
});
