/**
 * The designs along a frontier: the best of each budget by the estimate, with those of every draw behind its intervals, or
 * the one that is chosen over all draws at once (`risk.ts`). What less loss costs, the floor and where limits begin to bind
 * are then those of what is made least.
 */
import type { Split } from "../laws/law.js";
import type { Estimate, FrontierRow } from "../objects.js";
import { budgetRow, derivedSplits, designerAt } from "./budget-row.js";
import { CHOSEN_REASON } from "./chosen-over-draws.js";
import { inputsAt, lossOf } from "./design.js";
import { ENDLESS, floorOf, floorUnder } from "./floor.js";
import { shiftAt } from "./guard.js";
import { derive, estimateOf } from "./intervals.js";
import { flopsForLess, type Less } from "./next-loss.js";
import type { Problem } from "./problem.js";
import type { Question } from "./question.js";
import { type RiskMeasure, riskForms } from "./risk.js";
import { secantRoot } from "./secant.js";

type Row = Pick<FrontierRow, "flops" | "N" | "D" | "loss" | "tokensPerParameter" | "risk">;

export interface FrontierDesigns {
  /** The design of a budget in FLOPs; null where there is none. */
  at(flops: number): Split | null;
  /** The same with its numbers; null where they are not finite. */
  row(flops: number): { design: Split; row: Row } | null;
  /** FLOPs that take what is made least so much lower; null where none do. */
  forLess(flops: number, less: Less): Estimate | null;
  /** The least there is of it; null where none is known. */
  floor(): Estimate | null;
  /**
   * The budget whose design has a quantity at 0; null where none has.
   *
   * @param other   the same problem under other limits
   * @param logOver the log of what a design takes over what there is
   * @param near    a budget to begin the search at
   */
  budgetWhere(other: Problem, logOver: (split: Split) => number, near: number): Estimate | null;
}

export function frontierDesigns(problem: Problem, question: Question): FrontierDesigns {
  const { risk, confidence } = question;
  const measure = confidence === undefined ? risk : confidence === 1 ? "worst" : confidence;
  return measure === undefined ? byEstimate(problem) : overDraws(problem, measure);
}

/** Sizes and tokens grow with about the root of the budget. */
const GROWTH = 0.5;

function byEstimate(problem: Problem): FrontierDesigns {
  const { source } = problem;
  return {
    at: (flops) => designerAt(problem, flops)(source.estimate),
    row(flops) {
      const splits = derivedSplits(source, designerAt(problem, flops));
      if (splits === null) return null;
      const shift = shiftAt(source, inputsAt(source.law, splits.estimate));
      return { design: splits.estimate, row: budgetRow(source, splits, flops, shift) };
    },
    forLess(flops, less) {
      const under = floorUnder(problem);
      const extra = derive(source, (c) =>
        flopsForLess(
          (budget) => {
            const split = designerAt(problem, budget)(c);
            return split === null ? Number.NaN : lossOf(source, c, split);
          },
          under(c),
          flops,
          less,
        ),
      );
      return extra === null ? null : estimateOf(source, extra, (value) => value);
    },
    floor: () => floorOf(problem),
    budgetWhere(other, logOver, near) {
      const budgets = derive(source, (c) =>
        secantRoot(
          (s) => {
            const split = designerAt(other, Math.exp(s))(c);
            return split === null ? Number.NaN : logOver(split);
          },
          Math.log(near),
          GROWTH,
        ),
      );
      return budgets === null ? null : estimateOf(source, budgets, Math.exp);
    },
  };
}

/** E-folds of a budget looked at in either direction, and to how many it is found: a chosen design is known no better. */
const REACH = 60;
const ENOUGH = 1e-6;

/**
 * Where what grows with the log of a budget comes through 0; null where it does not. It may jump: where one draw takes
 * another's place at the quantile, so does the size.
 */
function crossingNear(f: (s: number) => number, near: number): number | null {
  let [low, high] = [near, near];
  for (let step = 0.5; !(f(high) > 0); step *= 2) {
    if (high - near > REACH) return null;
    [low, high] = [high, high + step];
  }
  for (let step = 0.5; low === high || f(low) > 0; step *= 2) {
    if (near - low > REACH) return null;
    [low, high] = [low - step, low];
  }
  while (high - low > ENOUGH) {
    const middle = (low + high) / 2;
    if (f(middle) > 0) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

const chosen = (estimate: number): Estimate => ({ estimate, low: null, high: null, reason: CHOSEN_REASON });

function overDraws(problem: Problem, measure: RiskMeasure): FrontierDesigns {
  const { source, asked, box } = problem;
  const target = asked.targetLoss ?? 0;
  // What is spent is all there is to pay for, also where a plan for the least time counts training alone.
  const formsOf = (one: Problem) => riskForms({ ...one, aim: one.cost, aimForms: one.forms }, measure);
  const over = formsOf(problem);
  const known = new Map<number, Split | null>();
  const at = (flops: number): Split | null => {
    const held = known.get(flops);
    if (held !== undefined) return held;
    const design = over.optimum(flops);
    known.set(flops, design);
    return design;
  };
  const riskAt = (design: Split): number => over.risk(design) + target;
  const floor = (): number => {
    const isTimed =
      box.train < Number.POSITIVE_INFINITY && asked.params === undefined && asked.tokens === undefined;
    const last = isTimed ? at(ENDLESS) : { N: asked.params ?? box.N[1], D: asked.tokens ?? box.D[1] };
    if (last === null) return Number.NaN;
    const moved = riskAt(last);
    // Without an end to the budget a law that bends on has no least loss; it is never below that of one that does not.
    return Number.isFinite(moved) ? moved : over.unmoved(last) + target;
  };
  return {
    at,
    row(flops) {
      const design = at(flops);
      const splits = design === null ? null : derivedSplits(source, () => design);
      if (design === null || splits === null) return null;
      const shift = shiftAt(source, inputsAt(source.law, design));
      return {
        design,
        row: {
          ...budgetRow(source, splits, flops, shift),
          N: chosen(design.N),
          D: chosen(design.D),
          tokensPerParameter: chosen(design.D / design.N),
          risk: riskAt(design),
        },
      };
    },
    forLess(flops, less) {
      const riskOf = (budget: number): number => {
        const design = at(budget);
        return design === null ? Number.NaN : riskAt(design);
      };
      const extra = flopsForLess(riskOf, floor(), flops, less);
      return extra === null ? null : chosen(extra);
    },
    floor() {
      const least = floor();
      return Number.isFinite(least) ? chosen(least) : null;
    },
    budgetWhere(other, logOver, near) {
      const others = formsOf(other);
      const s = crossingNear((x) => {
        const design = others.optimum(Math.exp(x));
        return design === null ? Number.NaN : logOver(design);
      }, Math.log(near));
      return s === null ? null : chosen(Math.exp(s));
    },
  };
}
