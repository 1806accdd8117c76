import { csv } from "./csv.js";
import type { FolderFormat, LogFormat } from "./format.js";
import { json } from "./json.js";
import { jsonLines } from "./json-lines.js";
import { lmEval } from "./lm-eval.js";
import { mlflow } from "./mlflow.js";
import { mlflowExport } from "./mlflow-export.js";
import { tensorboardCsv } from "./tensorboard-csv.js";
import { trainerState } from "./trainer-state.js";
import { wandbExport } from "./wandb-export.js";
import { wandbHistory } from "./wandb-history.js";
import { wandbRuns } from "./wandb-runs.js";
import { wandbSummary } from "./wandb-summary.js";

/** The formats, asked in this order; the first whose `matches` says yes reads the file. */
export const FORMATS: readonly LogFormat[] = [
  trainerState,
  lmEval,
  wandbSummary,
  wandbRuns,
  wandbHistory,
  wandbExport,
  mlflowExport,
  tensorboardCsv,
  json,
  jsonLines,
  csv,
];

/** Formats in which a folder is one run. */
export const FOLDER_FORMATS: readonly FolderFormat[] = [mlflow];
