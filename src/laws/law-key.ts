import type { Law } from "./law.js";

/** The id under which `lawById` finds this very law. */
export const keyOf = ({ id, family }: Law): string => (family === null ? id : `${id}:${family.size}`);

/** The same in two parts, as results carry it. */
export const nameOf = ({ id, family }: Law): { law: string; size?: number } => ({
  law: id,
  ...(family === null ? {} : { size: family.size }),
});
