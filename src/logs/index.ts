/** The log-reading room: files -> table -> quantities -> observations. */
export {
  type Found,
  type Mapping,
  missingColumn,
  parseMapping,
  type QuantityName,
  type Recognised,
  recognise,
  unknownColumn,
} from "./columns.js";
export { type ParsedNumber, parseInteger, parseNumber, type Quantity } from "./numbers.js";
export { type LogFile, type LogsRead, type ReadOptions, readLogs } from "./read.js";
export { type Observed, type ObservedGroup, type ObserveRequest, observe } from "./runs.js";
export { escapeText, nearest } from "./text.js";
export { parseWhere, type Where } from "./where.js";
