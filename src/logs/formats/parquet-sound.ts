/**
 * Whether the counts in a Parquet file agree with each other. A Parquet file has seldom a checksum, and its reader
 * takes the counts at their word: a single wrong bit would keep it counting to a billion, or fill memory until the
 * process dies. What is checked here stands in two places each.
 */
import type { ColumnMetaData, Compressors, FileMetaData, PageHeader, SchemaTree } from "hyparquet";
import { quoteText } from "../../text.js";
import type { ByteChunks } from "./byte-chunks.js";
import { faultOfRuns, type PageLevels } from "./parquet-runs.js";

type DataPageV2 = NonNullable<PageHeader["data_page_header_v2"]>;

/** What is wrong with the index, in words, or null. */
export function faultOfIndex(metadata: FileMetaData, bytes: number): string | null {
  const groups = metadata.row_groups.map((group) => Number(group.num_rows));
  const sum = groups.reduce((total, rows) => total + rows, 0);
  if (groups.some((rows) => !(rows >= 0)) || sum !== Number(metadata.num_rows))
    return "its index counts the rows in two ways that differ";
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: meta, file_path: elsewhere } of columns) {
      if (elsewhere) return `a part of it is in another file, ${quoteText(elsewhere, 60)}`;
      if (meta === undefined) return "a column has no entry in its index, or is encrypted";
      const [start, end] = rangeOf(meta);
      if (!(start >= 0 && end >= start && end <= bytes))
        return `its index places ${titleOf(meta)} outside the file`;
    }
  }
  return null;
}

/** What the reader of Parquet is made of, as far as it is used here. */
export interface PageReader {
  /** Decodes the header at the place of a reader, and moves it to behind the header. */
  header(reader: { view: DataView; offset: number }): PageHeader;
  compressors: Compressors;
  schema: SchemaTree;
}

/**
 * What is wrong with the pages of the columns, in words, or null: walks from header to header, and unpacks each page
 * to look at the lengths of its runs.
 *
 * @throws for what cannot be decoded
 */
export function faultOfPages(metadata: FileMetaData, file: ByteChunks, pages: PageReader): string | null {
  for (const { columns, num_rows: rows } of metadata.row_groups) {
    for (const { meta_data: meta } of columns) {
      const fault = meta === undefined ? null : faultOfColumn(meta, Number(rows), file, pages);
      if (fault !== null) return fault;
    }
  }
  return null;
}

function faultOfColumn(
  meta: ColumnMetaData,
  rows: number,
  file: ByteChunks,
  pages: PageReader,
): string | null {
  const reader = { view: new DataView(file.slice(...rangeOf(meta))), offset: 0 };
  const levels = levelsOf(meta, pages.schema);
  let values = 0;
  while (reader.offset < reader.view.byteLength - 1) {
    const header = pages.header(reader);
    const count = valuesIn(header, meta);
    const size = header.compressed_page_size;
    if (count === null || !isWithin(size, reader.view.byteLength - reader.offset))
      return `a page of ${titleOf(meta)} has sizes that cannot be`;
    const bytes = new Uint8Array(reader.view.buffer, reader.offset, size);
    const unpack = meta.codec === "UNCOMPRESSED" ? null : (pages.compressors[meta.codec] ?? null);
    if (faultOfRuns(bytes, header, { ...levels, count }, unpack))
      return `a page of ${titleOf(meta)} repeats a value more often than it has values`;
    reader.offset += size;
    values += count;
  }
  const isFlat = meta.path_in_schema.length === 1;
  if (values !== Number(meta.num_values) || (isFlat && values !== rows))
    return `${titleOf(meta)} counts its values in two ways that differ`;
  return null;
}

/** How deep a column is nested, by the elements on its path that may be missing or come several times. */
function levelsOf(meta: ColumnMetaData, schema: SchemaTree): Omit<PageLevels, "count"> {
  let [definition, repetition] = [0, 0];
  let node: SchemaTree | undefined = schema;
  for (const name of meta.path_in_schema) {
    node = node?.children.find((child) => child.element.name === name);
    if (node?.element.repetition_type !== "REQUIRED") definition++;
    if (node?.element.repetition_type === "REPEATED") repetition++;
  }
  return { definition, repetition, isFlag: meta.type === "BOOLEAN" };
}

/** Values of the column that a page holds: none in a dictionary; null for counts that cannot be. */
function valuesIn(header: PageHeader, meta: ColumnMetaData): number | null {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
  const unpacked = header.uncompressed_page_size;
  if (!isWithin(unpacked, Number(meta.total_uncompressed_size))) return null;
  switch (header.type) {
    case "DICTIONARY_PAGE":
      // a value of a dictionary has at least a byte
      return dictionary !== undefined && isWithin(dictionary.num_values, unpacked) ? 0 : null;
    case "DATA_PAGE":
      return v1 !== undefined && v1.encoding !== undefined && v1.num_values >= 0 ? v1.num_values : null;
    case "DATA_PAGE_V2":
      return v2 !== undefined && isSoundV2(v2, header, meta) ? v2.num_values : null;
    default:
      return header.type === "INDEX_PAGE" ? 0 : null;
  }
}

function isSoundV2(page: DataPageV2, header: PageHeader, meta: ColumnMetaData): boolean {
  const { num_values: values, num_nulls: nulls, num_rows: rows, encoding } = page;
  const levels = page.definition_levels_byte_length + page.repetition_levels_byte_length;
  const isFlat = meta.path_in_schema.length === 1;
  return (
    encoding !== undefined &&
    isWithin(nulls, values) &&
    (isFlat ? rows === values : isWithin(rows, values)) &&
    page.definition_levels_byte_length >= 0 &&
    page.repetition_levels_byte_length >= 0 &&
    isWithin(levels, header.compressed_page_size)
  );
}

/** False as well where one of them is not there. */
function isWithin(count: number, limit: number): boolean {
  return count >= 0 && count <= limit;
}

function rangeOf(meta: ColumnMetaData): [start: number, end: number] {
  const data = Number(meta.data_page_offset);
  const start = meta.dictionary_page_offset ? Math.min(Number(meta.dictionary_page_offset), data) : data;
  return [start, start + Number(meta.total_compressed_size)];
}

function titleOf(meta: ColumnMetaData): string {
  return `column ${quoteText(meta.path_in_schema.join("."), 40)}`;
}
