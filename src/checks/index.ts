/** The rules of `check`. A new rule is one file and one line here. */
import type { Check } from "./check.js";
import { offTheLine } from "./off-the-line.js";

export const checks: readonly Check[] = [offTheLine];
