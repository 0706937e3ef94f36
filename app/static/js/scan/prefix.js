// @ts-check
/* The prefix that the scanner of this device has been set to send, if any. */
import { get, put } from "../offline/db.js";
import { listenToScanner } from "./wedge.js";

/** Where a scan came from that lacks the prefix of this device's scanner. */
export const OTHER_SCANNER = "other_scanner";
const AIM_PREFIX = /^\][A-Za-z][0-9A-Fa-f]/;

/** @returns {Promise<string>} empty where none is set */
export async function scannerPrefix() {
  return (await get("scanner"))?.prefix ?? "";
}

/** @param {string} prefix */
export function keepPrefix(prefix) {
  return put("scanner", { prefix });
}

/** The code alone; null where the prefix is missing: another scanner typed it. @param {string} text @param {string} prefix */
export function withoutPrefix(text, prefix) {
  const aim = text.match(AIM_PREFIX)?.[0] ?? "";
  if (text.startsWith(prefix)) return text.slice(prefix.length);
  return text.startsWith(prefix, aim.length) ? aim + text.slice(aim.length + prefix.length) : null;
}

/**
 * Two keyboard scanners can be told apart by their prefix alone: where one is set, what comes
 * without it is handed on as of another scanner, to be refused with words and kept in the log.
 * @param {HTMLInputElement} sink @param {(text: string, source: string) => void} onScan
 */
export async function listenToOwnScanner(sink, onScan) {
  const prefix = await scannerPrefix();
  listenToScanner(sink, (text) => {
    const own = withoutPrefix(text, prefix);
    onScan(own ?? text, own === null ? OTHER_SCANNER : "keyboard");
  });
}
