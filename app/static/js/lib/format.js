// @ts-check
/* Numbers and times as people read them, in the language of the browser. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clockSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** Exact decimal text with grouped digits; never through a float. @param {string} quantity */
export function grouped(quantity) {
  const [whole, fraction = ""] = quantity.split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = fraction.replace(/0+$/, "");
  return rest ? `${digits}.${rest}` : digits;
}

/** @param {{quantity?: string|null, unit_of_measure?: string|null}} row */
export function weight(row) {
  return row.quantity ? `${grouped(row.quantity)} ${row.unit_of_measure ?? ""}`.trim() : "";
}

/** The exact sum of decimal texts. @param {string[]} quantities */
export function sum(quantities) {
  const places = 6;
  const total = quantities.map((text) => micro(text, places)).reduce((a, b) => a + b, 0n);
  const digits = String(total).padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** "14:02" today, "12 Nov 14:02" before. @param {string|number|Date} at @param {Date} [now] */
export function moment(at, now = new Date()) {
  const date = new Date(at);
  const isToday = date.toDateString() === now.toDateString();
  return isToday ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}

/** @param {string|number|Date} at */
export function exactTime(at) {
  return clockSeconds.format(new Date(at));
}

/** "4 s", "14 min", "3 h", "2 days". @param {number} milliseconds */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** As printed on the label: R7K3-F9H2-XVTB-2. @param {string} token */
export function printed(token) {
  return token.replace(/(.{4})(?=.)/g, "$1-");
}

/** The four characters that people say; a foreign code stays whole. @param {string} token */
export function short(token) {
  return token.length === 13 ? token.slice(0, 4) : token;
}

/** The number that is on a roll beside our label: its oldest foreign code. @param {{aliases?: string[]}|null|undefined} row */
export function also(row) {
  return row?.aliases?.[0] ?? "";
}

/** @param {string} text @param {number} places */
function micro(text, places) {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(places, "0").slice(0, places));
}
