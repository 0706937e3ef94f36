// @ts-check
/* How the value of each GS1 identifier must look: its characters, check digit and date. */
import { FORMATS } from "./gs1_table.js";

export const CHECK = "gs1_check";
export const FORM = "gs1_form";
export const COMPRESSED = "gs1_compressed";

/** @typedef {[identifier: string, value: string][]} Elements */
/** @typedef {{pattern: RegExp, checks: (string|null)[], length: number|null}} Form */

const COMPONENT = /(\[?)([NXYZ])(\.\.)?([0-9]+)\]?(?:,(\w+))?/g;
/** @type {Record<string, string>} */
const CHARACTERS = { N: "[0-9]", X: '[!"%-?A-Z_a-z]', Y: "[#\\-/0-9A-Z]", Z: "[A-Za-z0-9_=-]" };
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** By identifier; `length` where it needs no separator. */
export const FORMS = forms();

/** What is wrong with a value: nothing, its form, or its check digit. @param {string} identifier @param {string} value */
export function problemOf(identifier, value) {
  const form = FORMS.get(identifier);
  const match = form && value.match(form.pattern);
  if (!form || !match) return FORM;
  for (const [n, check] of form.checks.entries()) {
    const part = match[n + 1];
    if (part !== undefined && check && !RULES[check](part)) return check === "csum" ? CHECK : FORM;
  }
  return null;
}

/** Whether the last digit is the check digit of those before it. @param {string} digits */
export function isChecked(digits) {
  let total = 0;
  for (let n = 0; n < digits.length; n += 1) total += Number(digits[digits.length - 1 - n]) * (n % 2 ? 3 : 1);
  return total % 10 === 0;
}

/** @returns {Map<string, Form>} */
function forms() {
  return new Map(Object.entries(FORMATS).flatMap(([text, identifiers]) => identifiers.split(" ").flatMap((part) => {
    const [first, last = first] = part.split("-");
    const numbers = Array.from({ length: Number(last) - Number(first) + 1 }, (_, n) => Number(first) + n);
    const form = formOf(text);
    return numbers.map((number) => /** @type {[string, Form]} */ ([String(number).padStart(first.length, "0"), form]));
  })));
}

/** @param {string} text @returns {Form} */
function formOf(text) {
  const parts = [...text.matchAll(COMPONENT)];
  const pattern = parts.map(([, optional, kind, open, most]) => `(${CHARACTERS[kind]}{${open ? "1," : ""}${most}})${optional ? "?" : ""}`);
  const length = text.startsWith("*") ? parts.reduce((sum, part) => sum + Number(part[4]), 0) : null;
  return { pattern: new RegExp(`^${pattern.join("")}$`), checks: parts.map((part) => part[5] ?? null), length };
}

/** YYMMDD or YYYYMMDD; every fourth year has a 29 February, which is true from 1901 to 2099. @param {string} digits */
function isDay(digits) {
  const [year, month, day] = [digits.slice(0, -4), digits.slice(-4, -2), digits.slice(-2)].map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= DAYS[month - 1] - Number(month === 2 && year % 4 !== 0);
}

/** @type {Record<string, (digits: string) => boolean>} */
const RULES = {
  csum: isChecked,
  yymmdd: isDay,
  yyyymmdd: isDay,
  yymmd0: (digits) => isDay(digits.endsWith("00") ? `${digits.slice(0, 4)}01` : digits),
  hhmi: (digits) => digits.slice(0, 2) < "24" && digits.slice(2) < "60",
  nonzero: (digits) => /[1-9]/.test(digits),
  zero: (digits) => !/[1-9]/.test(digits),
};
