/** Points of two quantities on logarithmic axes, in characters. */

/** Characters for 1, 2 to 3, 4 to 9 and more points in a cell: darker is more. */
const SHADES = [".", "o", "O", "@"] as const;

export interface ScatterAxis {
  title: string;
  /** A value as it is written at the axis. */
  format(value: number): string;
}

/**
 * @param points pairs of values above 0; others are left out
 * @param size characters of the field
 * @returns lines, or none where fewer than two different points are there
 */
export function scatter(
  points: readonly (readonly [number, number])[],
  [x, y]: readonly [ScatterAxis, ScatterAxis],
  size: { width: number; height: number },
): string[] {
  const logs = points
    .filter(([a, b]) => a > 0 && b > 0 && Number.isFinite(a) && Number.isFinite(b))
    .map(([a, b]) => [Math.log10(a), Math.log10(b)] as const);
  const xs = extent(logs.map(([a]) => a));
  const ys = extent(logs.map(([, b]) => b));
  if (xs === null || ys === null || (xs[0] === xs[1] && ys[0] === ys[1])) return [];
  // One value of all points is one line, and one mark of the axis.
  const counts = countCells(logs, xs, ys, ys[0] === ys[1] ? { ...size, height: 1 } : size);
  const label = (value: number) => y.format(10 ** value);
  const room = Math.max(label(ys[0]).length, label(ys[1]).length);
  const lines = counts.map((row, i) => {
    const text = i === 0 ? label(ys[1]) : i === counts.length - 1 ? label(ys[0]) : "";
    return `${text.padStart(room)} |${row.map(shade).join("")}`.trimEnd();
  });
  const [low, high] = xs.map((value) => x.format(10 ** value));
  const gap = " ".repeat(Math.max(1, size.width - low.length - high.length));
  const ends = xs[0] === xs[1] ? low.padStart((size.width + low.length) >> 1) : `${low}${gap}${high}`;
  return [
    `${" ".repeat(room)}  ${y.title}`,
    ...lines,
    `${" ".repeat(room)} +${"-".repeat(size.width)}`,
    `${" ".repeat(room)}  ${ends}  ${x.title}`,
  ];
}

function extent(values: readonly number[]): [number, number] | null {
  if (values.length < 2) return null;
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [values[0], values[0]],
  );
}

function countCells(
  logs: readonly (readonly [number, number])[],
  xs: readonly [number, number],
  ys: readonly [number, number],
  { width, height }: { width: number; height: number },
): number[][] {
  const counts = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const place = (value: number, [low, high]: readonly [number, number], cells: number) =>
    high === low ? cells >> 1 : Math.min(cells - 1, Math.floor(((value - low) / (high - low)) * cells));
  for (const [a, b] of logs) counts[height - 1 - place(b, ys, height)][place(a, xs, width)]++;
  return counts;
}

const shade = (n: number): string =>
  n === 0 ? " " : n === 1 ? SHADES[0] : n <= 3 ? SHADES[1] : n <= 9 ? SHADES[2] : SHADES[3];
