// @ts-check
/* GS1 Digital Link: a GS1 code as an address of the web, on any host. The address is never opened.
   The twin of app/domain/codes/digital_link.py; never throws. */
import { judge } from "./gs1.js";
import { CHECK, COMPRESSED, FORM, isChecked, problemOf } from "./gs1_forms.js";
import { LINK_KEYS } from "./gs1_table.js";

/** @import { Elements } from "./gs1_forms.js" */
/** @import { Reading } from "./gs1.js" */

const ADDRESS = /^https?:\/\/[^/?#]*\/([^?#]*)(?:\?([^#]*))?/i;
const ESCAPED = /%([0-9A-Fa-f]{2})/g;
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PACKED = /^[A-Za-z0-9_-]{8,128}$/;
const PACKED_REST = /^[A-Za-z0-9_-]{4,128}$/;
const GTIN_LENGTHS = [8, 12, 13];

/** The elements of a Digital Link, or what is wrong with it; null for any other text. @param {string} text @returns {Reading|null} */
export function readLink(text) {
  const match = text.match(ADDRESS);
  if (!match) return null;
  const segments = match[1].replace(/\/+$/, "").split("/");
  const start = startOfKey(segments);
  if (start < 0) return isCompressed(segments) ? { elements: [], problem: COMPRESSED } : null;
  const inPath = pairs(segments.slice(start));
  const problem = problemOf(...inPath[0]);
  if (problem === FORM) return null;
  const { elements, problem: other } = judge([...inPath, ...attributes(match[2] ?? "")]);
  const first = problem ?? (fit(inPath.map(([identifier]) => identifier)) ? other : FORM);
  return { elements: first ? [] : elements, problem: first };
}

/** From the end, because what stands before the key may be anything. @param {string[]} segments */
function startOfKey(segments) {
  for (let start = segments.length - 2; start >= 0; start -= 2) {
    if (Object.hasOwn(LINK_KEYS, segments[start])) return start;
  }
  return -1;
}

/** @param {string[]} segments an even number of them @returns {Elements} */
function pairs(segments) {
  /** @type {Elements} */
  const found = [];
  for (let n = 0; n < segments.length; n += 2) found.push(pair(segments[n], segments[n + 1]));
  return found;
}

/** What stands behind the question mark and has a number for a name. @param {string} query @returns {Elements} */
function attributes(query) {
  const named = query.split(/[&;]/).map((part) => {
    const [name] = part.split("=", 1);
    return pair(name, part.slice(name.length + 1));
  });
  return named.filter(([name]) => /^[0-9]{2,4}$/.test(name));
}

/** A GTIN may stand without the zeros in front of it. @param {string} identifier @param {string} text @returns {[string, string]} */
function pair(identifier, text) {
  const value = decoded(text);
  const isShort = identifier === "01" && GTIN_LENGTHS.includes([...value].length);
  return [identifier, isShort ? value.padStart(14, "0") : value];
}

/** Whether the qualifiers belong to the key, in the order that GS1 gives them. @param {string[]} identifiers */
function fit([key, ...qualifiers]) {
  return LINK_KEYS[key].split("|").some((allowed) => {
    const order = allowed.split(",");
    const places = qualifiers.map((qualifier) => order.indexOf(qualifier));
    return places.every((place, n) => place > (n ? places[n - 1] : -1));
  });
}

/** @param {string} text */
function decoded(text) {
  return text.replace(ESCAPED, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

/** Whether a GTIN or an SSCC is packed into the last segment, or stands before one that is packed. @param {string[]} segments */
function isCompressed(segments) {
  const last = segments[segments.length - 1];
  const [key, value] = segments.slice(-3);
  if (segments.length > 2 && Object.hasOwn(LINK_KEYS, key) && PACKED_REST.test(last)) {
    const problem = problemOf(...pairs([key, value])[0]);
    return problem === null || problem === CHECK;
  }
  if (!PACKED.test(last)) return false;
  const bits = [...last.slice(0, 12)].map((letter) => BASE64.indexOf(letter).toString(2).padStart(6, "0")).join("");
  const first = parseInt(bits.slice(0, 8), 2).toString(16).padStart(2, "0");
  if (first === "00") return bits.length >= 68 && isNumber(bits.slice(8, 68), 18);
  // A letter stands for several identifiers at once; all but rare ones begin with the GTIN.
  return (first === "01" || /[a-f]/.test(first)) && bits.length >= 55 && isNumber(bits.slice(8, 55), 14);
}

/** @param {string} bits @param {number} length in digits */
function isNumber(bits, length) {
  const digits = BigInt(`0b${bits}`).toString().padStart(length, "0");
  return digits.length === length && isChecked(digits);
}
