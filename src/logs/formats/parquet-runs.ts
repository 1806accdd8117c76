/** The runs in a page of Parquet: how often its levels and its places in the dictionary say that a value comes. */
import type { PageHeader } from "hyparquet";

/** What has to be known of a page to find its runs. */
export interface PageLevels {
  /** Values, nulls included. */
  count: number;
  /** The greatest levels; 0 where a page has none. */
  definition: number;
  repetition: number;
  isFlag: boolean;
}

type Unpack = (input: Uint8Array, outputLength: number) => Uint8Array;

/**
 * Whether a page has a run that is longer than the page has values.
 *
 * @param page    as it stands in the file
 * @param unpack  null where it is not packed
 */
export function faultOfRuns(
  page: Uint8Array,
  header: PageHeader,
  levels: PageLevels,
  unpack: Unpack | null,
): boolean {
  const v2 = header.type === "DATA_PAGE_V2" ? header.data_page_header_v2 : undefined;
  if (v2 !== undefined) {
    const behindRepetition = v2.repetition_levels_byte_length;
    const behindLevels = behindRepetition + v2.definition_levels_byte_length;
    if (isTooLong(page.subarray(0, behindRepetition), levels.repetition, levels.count)) return true;
    if (isTooLong(page.subarray(behindRepetition, behindLevels), levels.definition, levels.count))
      return true;
    const packed = page.subarray(behindLevels);
    const isPacked = unpack !== null && v2.is_compressed !== false;
    const values = isPacked ? unpack(packed, header.uncompressed_page_size - behindLevels) : packed;
    return areValuesTooLong(values, v2.encoding, levels);
  }
  if (header.type !== "DATA_PAGE" || header.data_page_header === undefined) return false;
  let rest = unpack === null ? page : unpack(page, header.uncompressed_page_size);
  for (const level of [levels.repetition, levels.definition]) {
    if (level === 0) continue;
    const end = 4 + new DataView(rest.buffer, rest.byteOffset, rest.byteLength).getUint32(0, true);
    if (isTooLong(rest.subarray(4), level, levels.count)) return true;
    rest = rest.subarray(end);
  }
  return areValuesTooLong(rest, header.data_page_header.encoding, levels);
}

function areValuesTooLong(values: Uint8Array, encoding: string, { isFlag, count }: PageLevels): boolean {
  if (isFlag && encoding === "RLE") return hasLongRun(values.subarray(4), 1, count);
  if (!/^(RLE|PLAIN)_DICTIONARY$/.test(encoding) || values.length === 0) return false;
  return hasLongRun(values.subarray(1), values[0]!, count);
}

/** Levels are there for every value: a reader goes on into what follows where they end too soon. */
function isTooLong(bytes: Uint8Array, level: number, count: number): boolean {
  return level > 0 && hasLongRun(bytes, 32 - Math.clz32(level), count, count);
}

/** Walks over runs of one value and groups of eight packed values, as far as they go. */
function hasLongRun(bytes: Uint8Array, width: number, count: number, least = 0): boolean {
  let [at, seen] = [0, 0];
  while (seen < count && at < bytes.length) {
    let [header, shift] = [0, 0];
    for (;;) {
      const byte = bytes[at++] ?? 0;
      header |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) break;
    }
    const run = header >>> 1;
    if (header & 1) {
      at += run * width;
      seen += run * 8;
      // the last group may be filled up
      if (run > count) return true;
    } else {
      at += (width + 7) >> 3;
      seen += run;
      if (run === 0 || seen > count) return true;
    }
  }
  return seen < least || (least > 0 && at > bytes.length);
}
