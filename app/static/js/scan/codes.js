// @ts-check
/* How a scanned text is read: the twin of app/domain/codes/rules.py, tested against the same
   vectors. It gives candidates in the order to try and never opens an address that it read. */

import { readLink } from "./digital_link.js";
import * as gs1 from "./gs1.js";

/** @import { Candidate } from "../lib/types.js" */
/** @import { Elements } from "./gs1_forms.js" */
/** @typedef {{candidates: Candidate[], problem: string|null, elements: Elements}} ParsedCode */

export const ALPHABET = "23456789BCDFGHJKNPRSTVX";
const KINDS = "RKXPBCDNHJST";
const TOKEN_LENGTH = 13;
const LONGEST_TEXT = 4096;
const LONGEST_ALIAS = 128;

const GAP = "[ \\-\\u2010-\\u2015]{0,3}";
// A look-ahead finds overlapping runs; nothing may follow a token that could belong to it.
const TOKEN_RUN = new RegExp(`(?=([${KINDS}](?:${GAP}[${ALPHABET}]){12})(?![0-9A-Z]))`, "gi");
// Looser on purpose: whoever types an O for a 0 must hear that a character is wrong.
const TOKEN_SHAPE = new RegExp(`^[${KINDS}](?:${GAP}[0-9A-Z]){12}$`, "i");
const UUID_RUN =
  /(?<![0-9A-F])[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}(?![0-9A-F])/gi;
const AIM_PREFIX = /^\][A-Za-z][0-9A-Fa-f]/;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g;
const TOKEN_IN_PATH = /\/Q\/([^/?#]+)\/?$/i;

/** The last character of a token: the weighted sum of the twelve before it, modulo 23. @param {string} firstTwelve */
export function checkCharacter(firstTwelve) {
  let total = 0;
  for (let n = 0; n < firstTwelve.length; n += 1) total += (n + 1) * ALPHABET.indexOf(firstTwelve[n]);
  return ALPHABET[total % ALPHABET.length];
}

/** Whether the text is exactly a token in normal form, its check character right. @param {string} text */
export function isToken(text) {
  return text.length === TOKEN_LENGTH
    && KINDS.includes(text[0])
    && [...text].every((character) => ALPHABET.includes(character))
    && checkCharacter(text.slice(0, -1)) === text.at(-1);
}

/** A foreign code as it is stored and compared: one case, single spaces, no controls. @param {string} text */
export function normaliseAlias(text) {
  return upper(trim(text.replace(CONTROLS, "").replace(/[ \u00a0]+/g, " ")));
}

/** Read what a scanner, a camera or a hand gave. @param {string} text @returns {ParsedCode} */
export function parse(text) {
  if ([...text].length > LONGEST_TEXT) return { candidates: [], problem: "too_long", elements: [] };
  const cleaned = clean(text);
  if (!cleaned) return { candidates: [], problem: "empty", elements: [] };
  const token = lastToken(cleaned);
  const uuid = cleaned.match(UUID_RUN)?.at(-1)?.toLowerCase();
  const { elements, problem } = readLink(cleaned) ?? gs1.read(text) ?? { elements: [], problem: null };
  const alias = normaliseAlias(cleaned);
  const isOnlyToken = token !== null && compact(cleaned) === token;
  const number = gs1.articleNumber(cleaned);
  /** @type {Candidate[]} */
  const candidates = gs1.names(elements).map(([scheme, value]) => ({ scheme, value: upper(value) }));
  if (uuid) candidates.unshift({ scheme: "uuid", value: uuid });
  if (token) candidates.unshift({ scheme: "token", value: token });
  if ([...alias].length <= LONGEST_ALIAS && !isOnlyToken) {
    candidates.push({ scheme: "alias", value: alias });
  }
  if (number) candidates.push({ scheme: "gs1:gtin", value: number });
  if (token || uuid) return { candidates, problem: null, elements };
  return { candidates, problem: problem ?? (looksLikeToken(cleaned) ? "check" : null), elements };
}

/** @param {string} text */
function clean(text) {
  return trim(trim(text.replace(CONTROLS, "")).replace(AIM_PREFIX, ""));
}

/** @param {string} text */
function lastToken(text) {
  const runs = [...text.matchAll(TOKEN_RUN)].map((match) => compact(match[1]));
  return runs.filter(isToken).at(-1) ?? null;
}

/** @param {string} text */
function looksLikeToken(text) {
  return TOKEN_SHAPE.test(text.match(TOKEN_IN_PATH)?.[1] ?? text);
}

/** @param {string} text */
function compact(text) {
  return upper(text.replace(/[ \-\u2010-\u2015]/g, ""));
}

/** Spaces only: both languages must agree on what is white. @param {string} text */
function trim(text) {
  return text.replace(/^ +| +$/g, "");
}

/** ASCII only: both languages must agree on every character, also on ß and ı. @param {string} text */
function upper(text) {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
