/** A convolutional network scaled in several ways, for people. */
import type { CnnScalings } from "../objects.js";
import { count, flops, signedPercent, significant } from "./format.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = (header: string, rank = 0): TableColumn => ({ header, align: "right", rank });
const factor = (value: number): string => significant(value, 3);

export function cnnView(cnn: CnnScalings, width: number): string {
  const { scale, reason, advice, assumptions } = cnn;
  const { time, rounding } = assumptions;
  return [
    `${heading(`A convolutional network at ${factor(scale)} times the FLOPs`)}\n\n`,
    factorsTable(cnn, width),
    "\n",
    networksTable(cnn, width),
    labelled("*", reason, width),
    labelled("time", String(time), width),
    ...(rounding === undefined ? [] : [labelled("rounding", String(rounding), width)]),
    ...advice.rules.map((rule, i) => labelled(i === 0 ? "ResNet-RS" : "", rule, width)),
    labelled("", `${advice.source}: ${advice.status}`, width),
  ].join("");
}

function factorsTable({ scalings }: CnnScalings, width: number): string {
  const columns = [
    { header: "" },
    { header: "times" },
    right("depth", 1),
    right("width", 1),
    right("resolution", 1),
    right("params"),
    right("activations"),
    right("time"),
  ];
  const rows = scalings.map(({ name, factors, recommended }) => [
    recommended ? "*" : "",
    name,
    ...[factors.depth, factors.width, factors.resolution].map(factor),
    ...[factors.params, factors.activations, factors.time].map(factor),
  ]);
  return table(columns, rows, width);
}

/** The networks where there is a base, by what it says. */
function networksTable({ scalings }: CnnScalings, width: number): string {
  const networks = scalings.flatMap(({ name, network, recommended }) =>
    network === null ? [] : [{ name, network, recommended }],
  );
  if (networks.length === 0) return "";
  const [{ network: known }] = networks;
  const plain = (value: number | null) => String(value ?? "-");
  const cells = [
    { column: right("layers"), of: known.depth, text: plain, key: "depth" },
    { column: right("width"), of: known.width, text: plain, key: "width" },
    { column: right("group", 1), of: known.group, text: plain, key: "group" },
    { column: right("pixels"), of: known.resolution, text: plain, key: "resolution" },
    { column: right("FLOPs", 1), of: known.flops, text: flops, key: "flops" },
    { column: right("params", 1), of: known.params, text: count, key: "params" },
    { column: right("activations", 2), of: known.activations, text: count, key: "activations" },
    {
      column: right("ms"),
      of: known.milliseconds,
      text: (value: number) => significant(value, 3),
      key: "milliseconds",
    },
  ] as const;
  const shown = cells.filter(({ of }) => of !== null);
  const columns = [
    { header: "" },
    { header: "network" },
    ...shown.map(({ column }) => column),
    right("FLOPs off by", 3),
  ];
  const rows = networks.map(({ name, network, recommended }) => [
    recommended ? "*" : "",
    name,
    ...shown.map(({ key, text }) => {
      const value = network[key];
      return value === null ? "-" : text(value);
    }),
    signedPercent(network.flopsOff),
  ]);
  return `${table(columns, rows, width)}\n`;
}
