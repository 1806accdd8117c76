import { csv } from "./csv.js";
import type { FolderFormat, LogFormat } from "./format.js";
import { gptNeox } from "./gpt-neox.js";
import { jsonArray } from "./json-array.js";
import { jsonLines } from "./json-lines.js";
import { lightning } from "./lightning.js";
import { llmc } from "./llmc.js";
import { megatron } from "./megatron.js";
import { mlflow } from "./mlflow.js";
import { moddedNanogpt } from "./modded-nanogpt.js";
import { nanogpt } from "./nanogpt.js";
import { olmo } from "./olmo.js";
import { torchtitan } from "./torchtitan.js";

/** Logs of lines; asked before JSON, as a time in brackets looks like the beginning of a list. */
const TEXT_LOGS: readonly LogFormat[] = [gptNeox, megatron, llmc, moddedNanogpt, nanogpt, olmo, torchtitan];

/** The formats, asked in this order; the first whose `matches` says yes reads the file. */
export const FORMATS: readonly LogFormat[] = [...TEXT_LOGS, jsonArray, jsonLines, lightning, csv];

/** Formats in which a folder is one run. */
export const FOLDER_FORMATS: readonly FolderFormat[] = [mlflow];
