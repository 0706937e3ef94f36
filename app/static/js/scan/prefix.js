// @ts-check
/* The prefix that the scanner of this device has been set to send, if any. */
import { get, put } from "../offline/db.js";
import { listenToScanner } from "./wedge.js";

const AIM_PREFIX = /^\][A-Za-z][0-9A-Fa-f]/;

/** @returns {Promise<string>} empty where none is set */
export async function scannerPrefix() {
  return (await get("scanner"))?.prefix ?? "";
}

/** @param {string} prefix */
export function keepPrefix(prefix) {
  return put("scanner", { prefix });
}

/** The code alone; one without the prefix came from another scanner and counts all the same. @param {string} text @param {string} prefix */
export function withoutPrefix(text, prefix) {
  const aim = text.match(AIM_PREFIX)?.[0] ?? "";
  if (prefix && text.startsWith(prefix)) return text.slice(prefix.length);
  return prefix && text.startsWith(prefix, aim.length) ? aim + text.slice(aim.length + prefix.length) : text;
}

/** @param {HTMLInputElement} sink @param {(text: string) => void} onScan */
export async function listenToOwnScanner(sink, onScan) {
  const prefix = await scannerPrefix();
  listenToScanner(sink, (text) => onScan(withoutPrefix(text, prefix)));
}
