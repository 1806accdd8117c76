/** What a law's input or a flag names -> values over the rows of a table. */
import type { Column, Table, Warning } from "../objects.js";
import { listOf, quoteText } from "../text.js";
import { numericColumn, readNumbers } from "./cells.js";
import {
  columnCalled,
  type Found,
  missingColumn,
  quantityCalled,
  type Recognised,
  titleOf,
} from "./columns.js";
import { derivationIn, inWords } from "./derived.js";
import type { Quantity } from "./numbers.js";

/** A name with its values in base units over all rows of the table. */
export interface Resolved {
  /** As asked for: the input's name. */
  name: string;
  /** What messages call it. */
  title: string;
  values: Float64Array;
  kind: Quantity;
  /** The columns it is read or computed from. */
  columns: Column[];
  warnings: Warning[];
}

/** Resolves names once each: conversion of a column, with its warnings, is not repeated. */
export class Resolver {
  readonly #table: Table;
  readonly #recognised: Recognised;
  readonly #known = new Map<string, Resolved>();
  readonly #loose = new Map<string, Resolved>();

  constructor(table: Table, recognised: Recognised) {
    this.#table = table;
    this.#recognised = recognised;
  }

  /**
   * The values of a quantity, of a column, or of N, D or C by C = 6ND when the other two are there.
   *
   * @throws InputError  when there is no such thing in the logs, or twice
   */
  need(from: string): Resolved {
    const resolved = this.find(from);
    if (resolved !== null) return resolved;
    throw missingColumn(this.#table, this.#recognised, quantityCalled(from) ?? from);
  }

  /** The same, or null. @throws InputError  when two columns have the name */
  find(from: string): Resolved | null {
    const known = this.#known.get(from);
    if (known !== undefined) return known;
    const resolved = this.#fromQuantity(from) ?? this.#fromColumn(from) ?? this.#fromAlias(from);
    if (resolved !== null) this.#known.set(from, resolved);
    return resolved;
  }

  #fromQuantity(from: string): Resolved | null {
    const found = this.#recognised.quantities.get(from);
    if (found !== undefined) return this.#read(from, found);
    if (this.#recognised.ambiguous.has(from)) throw missingColumn(this.#table, this.#recognised, from);
    return this.#derive(from);
  }

  #fromColumn(from: string): Resolved | null {
    const column = columnCalled(this.#table, from);
    if (column === null) return null;
    // a column that is a recognised quantity keeps its unit and the way its cells are read
    const asQuantity = [...this.#recognised.quantities].find(([, found]) => found.column === column);
    if (asQuantity !== undefined) return this.find(asQuantity[0]);
    return this.#read(from, { column, factor: 1, note: "", kind: "plain", alternatives: [], warnings: [] });
  }

  #fromAlias(from: string): Resolved | null {
    const quantity = quantityCalled(from);
    return quantity === null || quantity === from ? null : this.find(quantity);
  }

  /** A quantity that has a column, without a complaint about cells that are texts; null when it has none. */
  loose(quantity: string): Resolved | null {
    const known = this.#loose.get(quantity);
    if (known !== undefined) return known;
    const found = this.#recognised.quantities.get(quantity);
    if (found === undefined) return null;
    const { column, kind, factor } = found;
    const { values } = readNumbers(this.#table, column, kind, factor);
    const resolved = {
      name: quantity,
      title: column.name,
      values,
      kind,
      columns: [column],
      warnings: found.warnings,
    };
    this.#loose.set(quantity, resolved);
    return resolved;
  }

  /** Values of a quantity that has a column, or follows from others that have; null where it does not. */
  looseOrComputed(quantity: string): Float64Array | null {
    const found = this.loose(quantity)?.values;
    if (found !== undefined) return found;
    const derivation = derivationIn(this.#recognised, quantity);
    const parts = derivation?.from.map((name) => this.loose(name)?.values);
    if (derivation === null || parts === undefined || parts.some((part) => part === undefined)) return null;
    return parts[0]!.map((_, row) => derivation.compute(...parts.map((part) => part![row]!)));
  }

  /** A column as it stands, without its unit's factor: what a comparison with its own name means. */
  raw(column: Column): Resolved {
    const kind =
      [...this.#recognised.quantities.values()].find((found) => found.column === column)?.kind ?? "plain";
    const { values } = readNumbers(this.#table, column, kind, 1);
    return { name: column.name, title: column.name, values, kind, columns: [column], warnings: [] };
  }

  #read(name: string, found: Found): Resolved {
    if (found.fault !== undefined) throw found.fault;
    const { values, warnings } = numericColumn(this.#table, found.column, found.kind, found.factor);
    return {
      name,
      title: found.column.name,
      values,
      kind: found.kind,
      columns: [found.column],
      warnings: [...found.warnings, ...warnings],
    };
  }

  #derive(quantity: string): Resolved | null {
    const derivation = derivationIn(this.#recognised, quantity);
    if (derivation === null) return null;
    const parts = derivation.from.map((name) => this.need(name));
    const values = parts[0]!.values.map((_, row) =>
      derivation.compute(...parts.map((part) => part.values[row]!)),
    );
    const columns = parts.map(({ title }) => quoteText(title));
    const words = `${titleOf(quantity)} is computed as ${inWords(derivation)} from ${columns.length === 1 ? "column" : "columns"} ${listOf(columns)}`;
    return {
      name: quantity,
      title: quantity,
      values,
      kind: derivation.kind,
      columns: parts.flatMap((part) => part.columns),
      warnings: [
        ...parts.flatMap((part) => part.warnings),
        { code: `derived-${quantity.toLowerCase().replaceAll("_", "-")}`, message: words },
      ],
    };
  }
}
