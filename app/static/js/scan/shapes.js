// @ts-check
/* One shape per outcome, so that colour never stands alone. */
import { drawing } from "../lib/dom.js";

/** One shape per outcome: circle, hexagon, diamond, square, octagon. @type {Record<string, [string, Record<string, string>][]>} */
const SHAPES = {
  ok: [["circle", { cx: "32", cy: "32", r: "30" }], ["path", { class: "mark", d: "M18 33l10 10 19-20" }]],
  pending: [["path", { d: "M17 6h30l15 26-15 26H17L2 32z" }], ["path", { class: "mark", d: "M20 22h24M20 32h24M20 42h14" }]],
  ask: [["path", { d: "M32 2l30 30-30 30L2 32z" }], ["path", { class: "mark", d: "M32 17v17M32 45v1" }]],
  already: [["rect", { x: "4", y: "4", width: "56", height: "56", rx: "4" }], ["path", { class: "mark", d: "M18 26h28M18 39h28" }]],
  refused: [["path", { d: "M20 2h24l18 18v24L44 62H20L2 44V20z" }], ["path", { class: "mark", d: "M22 22l20 20M42 22L22 42" }]],
};

/** The sign of a state; a neutral card has none. @param {string} state */
export function shape(state) {
  return SHAPES[state] ? drawing("0 0 64 64", "result__shape", SHAPES[state]) : null;
}
