import { csv } from "./csv.js";
import type { FolderFormat, LogFormat } from "./format.js";
import { gptNeox } from "./gpt-neox.js";
import { json } from "./json.js";
import { jsonLines } from "./json-lines.js";
import { lightning } from "./lightning.js";
import { llmc } from "./llmc.js";
import { lmEval } from "./lm-eval.js";
import { longMetrics } from "./long-metrics.js";
import { megatron } from "./megatron.js";
import { mlflow } from "./mlflow.js";
import { mlflowExport } from "./mlflow-export.js";
import { moddedNanogpt } from "./modded-nanogpt.js";
import { nanogpt } from "./nanogpt.js";
import { olmo } from "./olmo.js";
import { parquet } from "./parquet.js";
import { tensorboard } from "./tensorboard.js";
import { tensorboardCsv } from "./tensorboard-csv.js";
import { torchtitan } from "./torchtitan.js";
import { trainerState } from "./trainer-state.js";
import { wandbExport } from "./wandb-export.js";
import { wandbHistory } from "./wandb-history.js";
import { wandbRuns } from "./wandb-runs.js";
import { wandbSummary } from "./wandb-summary.js";

/** Logs of lines; asked before JSON, as a time in brackets looks like the beginning of a list. */
const TEXT_LOGS: readonly LogFormat[] = [gptNeox, megatron, llmc, moddedNanogpt, nanogpt, olmo, torchtitan];

/** JSON of a certain program, then any. */
const JSON_LOGS: readonly LogFormat[] = [trainerState, lmEval, wandbSummary, wandbRuns];

/** Tables of a certain program. */
const TABLES: readonly LogFormat[] = [
  wandbHistory,
  wandbExport,
  mlflowExport,
  tensorboardCsv,
  longMetrics,
  lightning,
];

/** Told by their first bytes. */
const BINARY: readonly LogFormat[] = [parquet, tensorboard];

/** The formats, asked in this order; the first whose `matches` says yes reads the file. */
export const FORMATS: readonly LogFormat[] = [
  ...BINARY,
  ...TEXT_LOGS,
  ...JSON_LOGS,
  ...TABLES,
  json,
  jsonLines,
  csv,
];

/** Formats in which a folder is one run. */
export const FOLDER_FORMATS: readonly FolderFormat[] = [mlflow];
