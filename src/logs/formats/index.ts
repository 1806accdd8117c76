import { csv } from "./csv.js";
import type { FolderFormat, LogFormat } from "./format.js";
import { jsonArray } from "./json-array.js";
import { jsonLines } from "./json-lines.js";
import { mlflow } from "./mlflow.js";

/** The formats, asked in this order; the first whose `matches` says yes reads the file. */
export const FORMATS: readonly LogFormat[] = [jsonArray, jsonLines, csv];

/** Formats in which a folder is one run. */
export const FOLDER_FORMATS: readonly FolderFormat[] = [mlflow];
