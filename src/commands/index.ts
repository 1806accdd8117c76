/** The commands, in the order of the help. A new command is one file and one line here. */
import { backtestCommand } from "./backtest.js";
import { checkCommand } from "./check.js";
import type { CommandDefinition } from "./command.js";
import { compareCommand } from "./compare.js";
import { designCommand } from "./design.js";
import { fitCommand } from "./fit.js";
import { inspectCommand } from "./inspect.js";
import { lawsCommand } from "./laws.js";
import { planCommand } from "./plan.js";
import { predictCommand } from "./predict.js";
import { shapeCommand } from "./shape.js";

export const commands: readonly CommandDefinition[] = [
  inspectCommand,
  fitCommand,
  planCommand,
  predictCommand,
  designCommand,
  shapeCommand,
  compareCommand,
  backtestCommand,
  checkCommand,
  lawsCommand,
];
