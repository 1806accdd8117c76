/**
 * Links, pipes, devices, full disks, signals, locales, and every file-system call failing in turn
 * (`shared/bad-inputs/hazards.mjs`), judged by its own checker.
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
    "any file-system call may fail, or the process be killed there: the saved fit is the old or the new one",
    async () => {
      await allPass("hazards.mjs", "^torture", 1);
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
