/**
 * Links, pipes, devices, folders, full disks, signals and locales
 * (`shared/bad-inputs/hazards.mjs`), judged by its own checker. The torture of every file-system call is in
 * `npm run bench -- corpus`: it takes as long as all the others together.
 */
import { test } from "vitest";
import { allPass } from "../support/corpus.js";
import { describeWithShared } from "../support/shared.js";

const MINUTES = 60_000;
const SLOW = ["torture", "kill-9", "concurrent"];
const except = (names: readonly string[]) => `^(?!${names.join("|")})`;

describeWithShared("the hazards of a machine", () => {
  test(
    "links, pipes, devices, folders, closed and full outputs, signals and locales are survived",
    async () => {
      await allPass("hazards.mjs", except(SLOW), 27);
    },
    3 * MINUTES,
  );

  test(
    "a writer that is killed, and eight at once, leave a whole file",
    async () => {
      await allPass("hazards.mjs", "^(kill-9|concurrent)", 2);
    },
    3 * MINUTES,
  );
});
