// @ts-check
/* From a text to a thing. The first candidate that exists wins; one that fits several things is a
   question on the screen, never a guess. */
import { parse } from "./codes.js";
import { say } from "./gs1_words.js";

/** @import { Thing } from "../lib/types.js" */
/** @import { Stock } from "../offline/stock.js" */

/**
 * @param {string} text as scanned
 * @param {Stock} stock
 * @param {boolean} isTrusting accept labels of ours that are not in the list, for the server to judge
 * @returns {Thing}
 */
export function resolve(text, stock, isTrusting) {
  const { candidates, problem, elements } = parse(text);
  for (const candidate of candidates) {
    const found = stock.find(candidate);
    if (found.length === 1) return { ...found[0], text };
    if (found.length > 1) return several(text, found);
  }
  const token = candidates.find((candidate) => candidate.scheme === "token")?.value;
  if (token && isTrusting) return { ...stock.stranger(token), text };
  const says = say(elements, new Date().getFullYear()).map((words) => words.join(" "));
  return { kind: "unknown", text, token: token ?? null, isKnown: false, problem, says };
}

/** What a scanner that is not this device's typed, whatever it says. @param {string} text @returns {Thing} */
export function foreign(text) {
  return { kind: "foreign", text, token: null, isKnown: true };
}

/** Whether asking for a newer list could help. @param {Thing} thing */
export function mayBeNew(thing) {
  return thing.kind === "unknown" && (thing.problem === null || thing.token !== null);
}

/** @param {string} text @param {Thing[]} found @returns {Thing} */
function several(text, found) {
  return { kind: "ambiguous", text, token: null, isKnown: true, choices: found };
}
