import { csv } from "./csv.js";
import type { LogFormat } from "./format.js";
import { json } from "./json.js";
import { jsonLines } from "./json-lines.js";
import { lmEval } from "./lm-eval.js";
import { trainerState } from "./trainer-state.js";

/** The formats, asked in this order; the first whose `matches` says yes reads the file. */
export const FORMATS: readonly LogFormat[] = [trainerState, lmEval, json, jsonLines, csv];
