/**
 * The corpus of broken and hostile inputs (`shared/bad-inputs`), judged by its own checker. The mutations of a saved fit are in `mutations.test.ts`.
 */
import { expect, test } from "vitest";
import { allPass, casesOf, exactly } from "../support/corpus.js";
import { describeWithShared } from "../support/shared.js";

const MINUTES = 60_000;
/** A third of many cases of one kind; PROPERTY_SEED takes another third, `npm run bench -- corpus` all of them. */
const everyThird = (ids: readonly string[]): string[] =>
  ids.filter((_, i) => i % 3 === Number(process.env.PROPERTY_SEED ?? 0) % 3);

describeWithShared("the corpus of broken inputs", () => {
  const idsFor = (command: string) => casesOf("cases").flatMap((c) => (c.command === command ? [c.id] : []));

  test("holds no command that these tests do not know of", () => {
    const commands = new Set(casesOf("cases").map(({ command }) => command));
    expect([...commands].sort()).toEqual(["fit", "inspect", "plan"]);
  });

  test(
    "no broken log gives a wrong fit or a message that does not help",
    async () => {
      const ids = idsFor("fit");
      await allPass("check.mjs", exactly(ids), ids.length);
    },
    4 * MINUTES,
  );

  test(
    "no log of steps is inspected wrongly",
    async () => {
      const ids = idsFor("inspect");
      await allPass("check.mjs", exactly(ids), ids.length);
    },
    2 * MINUTES,
  );

  test(
    "no broken saved fit gives a plan",
    async () => {
      const ids = idsFor("plan");
      await allPass("check.mjs", exactly(ids), ids.length);
    },
    2 * MINUTES,
  );

  test(
    "no wrong argument is taken for a right one",
    async () => {
      const ids = everyThird(casesOf("arguments").map(({ id }) => id));
      await allPass("check.mjs", exactly(ids), ids.length);
    },
    2 * MINUTES,
  );

  test(
    "no broken formula is taken for a law",
    async () => {
      const ids = everyThird(casesOf("formulas").flatMap(({ id, viaFile }) => (viaFile ? [] : [id])));
      await allPass("check.mjs", exactly(ids), ids.length);
    },
    2 * MINUTES,
  );
});
