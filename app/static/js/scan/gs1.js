// @ts-check
/* GS1 codes: element strings as scanners give them, and the form in brackets that people read.
   The twin of app/domain/codes/gs1.py, tested against the same vectors; never throws. */
import { CHECK, FORM, FORMS, isChecked, problemOf } from "./gs1_forms.js";

/** @import { Elements } from "./gs1_forms.js" */
/** @typedef {{elements: Elements, problem: string|null}} Reading */

const SEPARATOR = "\u001d";
// What scanners type for the separator (FNC1, GS) where a keyboard has no key for it.
/* eslint-disable no-control-regex */
const SEPARATORS = /\{(?:GS|FNC1)\}|<(?:GS|FNC1)>|\^\]|ALT\+?029|\u241d/gi;
const OTHER_CONTROLS = /[\x00-\x1c\x1e\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g;
const EDGES = /^[\x1d ]+|[\x1d ]+$/g;
const AIM_OF_GS1 = /^\](?:[Cc]1|[Dd]2|[Qq]3|[Jj]1|e0)/;
const RETAIL = /^\]E(?:0[0-9]{13}|4[0-9]{8})$/; // EAN-13, EAN-8
const AIM = /^\][A-Za-z][0-9A-Fa-f]/;
const BRACKETS = /\(([0-9]{2,4})\)/g;

/** The elements of an element string or of its form in brackets; null where it is neither. @param {string} text @returns {Reading|null} */
export function read(text) {
  const whole = normalise(text);
  let isMarked = whole.startsWith(SEPARATOR) || whole.replace(/^\x1d+|\x1d+$/g, "").includes(SEPARATOR);
  let body = whole.replace(EDGES, "");
  if (AIM.test(body)) {
    const isWrong = RETAIL.test(body) && !isChecked(body.slice(3));
    if (!AIM_OF_GS1.test(body)) return isWrong ? { elements: [], problem: CHECK } : null;
    isMarked = true;
    body = body.slice(3).replace(EDGES, "");
  }
  const first = body.match(/^\(([0-9]{2,4})\)/);
  if (first) return FORMS.has(first[1]) ? judge(inBrackets(body)) : null;
  const reading = judge(split(body));
  return isMarked || names(reading.elements).length ? reading : null;
}

/** Every spelling of the separator made one, without other controls. @param {string} text */
export function normalise(text) {
  return text.replace(SEPARATORS, SEPARATOR).replace(OTHER_CONTROLS, "").replace(/^ +| +$/g, "");
}

/** What the code calls things, the single thing before its lot and its item. @param {Elements} elements @returns {[string, string][]} */
export function names(elements) {
  const values = new Map(elements);
  /** @type {[string, string][]} */
  const found = values.has("00") ? [["gs1:sscc", String(values.get("00"))]] : [];
  const gtin = values.get("01") ?? values.get("03");
  if (!gtin) return found;
  for (const [scheme, identifier] of [["gs1:sgtin", "21"], ["gs1:lot", "10"]]) {
    if (values.has(identifier)) found.push([scheme, `(01)${gtin}(${identifier})${values.get(identifier)}`]);
  }
  return [...found, ["gs1:gtin", gtin]];
}

/** The GTIN of a bare number with a right check digit, as trade goods carry it. @param {string} digits */
export function articleNumber(digits) {
  return /^(?:[0-9]{8}|[0-9]{12,14})$/.test(digits) && isChecked(digits) ? digits.padStart(14, "0") : null;
}

/** One value for each identifier, or the first thing that is wrong. @param {Elements} elements @returns {Reading} */
export function judge(elements) {
  const values = new Map(elements);
  const isTwofold = !values.size || elements.some(([identifier, value]) => values.get(identifier) !== value);
  const problem = elements.map((element) => problemOf(...element)).find(Boolean) ?? (isTwofold ? FORM : null);
  return { elements: problem ? [] : [...values], problem };
}

/** The elements up to the first without a known identifier, and that one as it is. @param {string} body @returns {Elements} */
function split(body) {
  /** @type {Elements} */
  const found = [];
  let position = 0;
  while (position < body.length) {
    if (body[position] === SEPARATOR) {
      position += 1;
      continue;
    }
    const identifier = [2, 3, 4].map((length) => body.slice(position, position + length)).find((end) => FORMS.has(end));
    if (!identifier) return [...found, [body.slice(position), ""]];
    const start = position + identifier.length;
    const length = FORMS.get(identifier)?.length;
    position = length ? start + length : body.indexOf(SEPARATOR, start);
    position = position < start ? body.length : Math.min(position, body.length);
    found.push([identifier, body.slice(start, position)]);
  }
  return found;
}

/** @param {string} body @returns {Elements} */
function inBrackets(body) {
  const marks = [...body.matchAll(BRACKETS)];
  return marks.map((mark, n) => [mark[1], body.slice(mark.index + mark[0].length, marks[n + 1]?.index).replace(EDGES, "")]);
}
