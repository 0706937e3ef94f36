// @ts-check
/* What a GS1 code says, in words for people: exact weights, whole dates. The twin of
   app/domain/codes/gs1_words.py. */

/** @import { Elements } from "./gs1_forms.js" */

/** @type {Record<string, string>} */
const PLAIN = {
  "00": "SSCC", "01": "GTIN", "02": "Holds GTIN", "03": "GTIN", "10": "Lot", "21": "Serial",
  "30": "Pieces", "37": "Pieces", "400": "Order",
};
/** @type {Record<string, string>} */
const DATES = { "11": "Made", "12": "Due", "13": "Packed", "15": "Best before", "16": "Sell by", "17": "Use by" };
/** @type {Record<string, [word: string, measure: string]>} */
const MEASURES = {
  "310": ["Net weight", "kg"], "311": ["Length", "m"], "312": ["Width", "m"],
  "313": ["Thickness", "m"], "314": ["Area", "m²"], "320": ["Net weight", "lb"],
  "330": ["Gross weight", "kg"], "331": ["Length", "m"], "332": ["Width", "m"],
  "333": ["Thickness", "m"], "340": ["Gross weight", "lb"],
};

/** A word and a value for each element that a plant has a use for. @param {Elements} elements @param {number} year the present one @returns {[string, string][]} */
export function say(elements, year) {
  return elements.flatMap(([identifier, value]) => {
    const measure = identifier.length === 4 ? MEASURES[identifier.slice(0, 3)] : undefined;
    if (PLAIN[identifier]) return [[PLAIN[identifier], value]];
    if (DATES[identifier]) return [[DATES[identifier], wholeDate(value, year)]];
    return measure ? [[measure[0], `${withPoint(value, Number(identifier[3]))} ${measure[1]}`]] : [];
  });
}

/** The day that YYMMDD means in that year (General Specifications 7.12); day 00 is the last of its month. @param {string} digits @param {number} year */
function wholeDate(digits, year) {
  const [short, month, day] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].map(Number);
  const difference = short - year % 100;
  const century = Math.floor(year / 100) - Number(difference >= 51) + Number(difference <= -50);
  const full = century * 100 + short;
  const last = new Date(Date.UTC(full, month, 0)).getUTCDate();
  return [full, String(month).padStart(2, "0"), String(day || last).padStart(2, "0")].join("-");
}

/** The number that digits with an implied point are: 012340 with 3 is 12.340. @param {string} digits @param {number} decimals */
function withPoint(digits, decimals) {
  const split = digits.length - decimals;
  const whole = digits.slice(0, split).replace(/^0+/, "") || "0";
  return decimals ? `${whole}.${digits.slice(split)}` : whole;
}
