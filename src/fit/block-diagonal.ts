/** Covariances of numbers that do not vary together, as one: each block on the diagonal, 0 beside it. */
export function blockDiagonal(blocks: readonly (readonly (readonly number[])[])[]): number[][] {
  const size = blocks.reduce((sum, block) => sum + block.length, 0);
  let before = 0;
  return blocks.flatMap((block) => {
    const start = before;
    before += block.length;
    return block.map((row) => {
      const whole = new Array<number>(size).fill(0);
      whole.splice(start, row.length, ...row);
      return whole;
    });
  });
}
