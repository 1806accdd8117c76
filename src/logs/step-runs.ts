/**
 * Steps and lines of many rows in little memory: a training loop logs every so many steps, so that most rows of a run
 * lie on a few straight lines of step and line number.
 */

import type { StepSeries } from "../objects.js";

/** Numbers a piece takes: first step, stride of steps, rows, first line, stride of lines. */
const WIDTH = 5;

export class StepRuns implements StepSeries {
  /** Pieces that are closed. */
  readonly #pieces: number[] = [];
  #rows = 0;
  // the piece at hand
  #step = 0;
  #stride = 0;
  #count = 0;
  #line = 0;
  #lineStride = 0;

  get rows(): number {
    return this.#rows;
  }

  add(step: number, line: number): void {
    this.#rows++;
    const count = this.#count;
    if (count === 1) {
      this.#stride = step - this.#step;
      this.#lineStride = line - this.#line;
    }
    const isNext =
      this.#step + this.#stride * count === step && this.#line + this.#lineStride * count === line;
    if (count > 0 && isNext) {
      this.#count = count + 1;
      return;
    }
    if (count > 0) this.#pieces.push(...this.#current());
    this.#step = step;
    this.#line = line;
    this.#stride = 0;
    this.#lineStride = 0;
    this.#count = 1;
  }

  #current(): number[] {
    return [this.#step, this.#stride, this.#count, this.#line, this.#lineStride];
  }

  *#each(): Generator<{ step: number; stride: number; count: number; line: number; lineStride: number }> {
    const pieces = this.#count > 0 ? [...this.#pieces, ...this.#current()] : this.#pieces;
    for (let at = 0; at < pieces.length; at += WIDTH) {
      yield {
        step: pieces[at]!,
        stride: pieces[at + 1]!,
        count: pieces[at + 2]!,
        line: pieces[at + 3]!,
        lineStride: pieces[at + 4]!,
      };
    }
  }

  *spans(): Generator<{ low: number; high: number; isRepeated: boolean }> {
    for (const { step, stride, count } of this.#each()) {
      const last = step + stride * (count - 1);
      yield { low: Math.min(step, last), high: Math.max(step, last), isRepeated: stride === 0 && count > 1 };
    }
  }

  *places(): Generator<{ step: number; line: number }> {
    for (const { step, stride, count, line, lineStride } of this.#each())
      for (let i = 0; i < count; i++) yield { step: step + stride * i, line: line + lineStride * i };
  }
}
