import { csv } from "./csv.js";
import type { LogFormat } from "./format.js";
import { jsonArray } from "./json-array.js";
import { jsonLines } from "./json-lines.js";
import { parquet } from "./parquet.js";
import { tensorboard } from "./tensorboard.js";

/** The formats, asked in this order; the first whose `matches` says yes reads the file. */
export const FORMATS: readonly LogFormat[] = [parquet, tensorboard, jsonArray, jsonLines, csv];
