/**
 * A saved fit with one place spoiled is refused with the place named, or gives a plan without a single odd number.
 * All of some 1,200 mutations are read in this process; a seeded sample of them goes through the built program (all of
 * them through the program takes minutes: `npm run bench -- corpus`).
 */
import { beforeAll, describe, expect, test } from "vitest";
import { parseSavedFit } from "../../src/commands/saved-fit.js";
import { fromSaved } from "../../src/commands/source.js";
import { DataError, InputError } from "../../src/errors.js";
import type { PlanDocument } from "../../src/objects.js";
import { allocate } from "../../src/plan/allocate.js";
import { toJson } from "../../src/report/json.js";
import { planView } from "../../src/report/plan-view.js";
import { workspace } from "../support/cli.js";
import { isPlanDocument } from "../support/documents.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { type Mutation, mutations } from "../support/mutations.js";
import { generator, shuffled } from "../support/random.js";

const SAMPLE = 60;

describe("one spoiled place in a saved fit", () => {
  let all: Mutation[];
  beforeAll(async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns()) });
    await at.run(["fit", "runs.csv", "--bootstrap", "20"]);
    all = [...mutations(JSON.parse(at.read("scalefit.json")))];
  });

  test("is refused by its place, or changes nothing that is planned into an odd number", () => {
    expect(all.length).toBeGreaterThan(900);
    for (const { what, text } of all) {
      const plan = planOrRefusal(text);
      if (plan instanceof Error) {
        // A DataError: the place holds a possible value, but no plan follows from it.
        if (plan instanceof InputError) expect(plan.message, what).toMatch(/schema|fits|made|saved fit/);
        continue;
      }
      isPlanDocument(JSON.parse(toJson(plan)));
      const words = `${planView(plan, 120)}${plan.warnings.map(({ message }) => message).join("\n")}`;
      expect(words, what).not.toMatch(/NaN|Infinity|undefined|\[object/);
    }
  });

  test(`is met in the same way by the program, for ${SAMPLE} of them`, async () => {
    const at = workspace();
    for (const { what, text } of shuffled(all, generator(11)).slice(0, SAMPLE)) {
      at.write("spoiled.json", text);
      const { exitCode, stderr } = await at.run(["plan", "--fit", "spoiled.json", "--flops", "1e22"]);
      expect(exitCode, what).toBe(planOrRefusal(text) instanceof Error ? 2 : 0);
      if (exitCode === 2) expect(stderr, what).toMatch(/spoiled\.json|fits\.0|schema/);
      expect(stderr, what).not.toMatch(/NaN|Infinity|undefined|\[object/);
    }
  });
});

/** What `scalefit plan` does with the text of a saved fit; an error that is not ours is thrown. */
function planOrRefusal(text: string): PlanDocument | Error {
  try {
    const { sources } = fromSaved(parseSavedFit(text, "spoiled.json"), "fit spoiled.json");
    const results = sources.map((source) => allocate(source, { flops: 1e22 }));
    return {
      schema: "scalefit/plan@1",
      plans: results.map(({ plan }) => plan),
      warnings: results.flatMap(({ warnings }) => warnings),
    };
  } catch (error) {
    if (error instanceof InputError || error instanceof DataError) return error;
    throw error;
  }
}
