// @ts-check
/* What this browser can and cannot do here, in words that say how to go on. */
import { span } from "../lib/format.js";

/** @import { Check } from "./pages.js" */

const FORBIDDEN = {
  state: "refused", icon: "refused", title: "You may not scan here any more.",
  words: "What you scan is still kept and sent, and the desk decides on it. The stock list gets no newer. Ask whoever manages accounts for the right to scan.",
};

/** What an address without https takes away. @returns {string[]} */
export function missing() {
  const found = [];
  if (!("serviceWorker" in navigator)) found.push("starting without a network");
  if (!navigator.storage?.persist) found.push("protected storage");
  if (!navigator.mediaDevices) found.push("the camera");
  return found;
}

/** @param {boolean} isForbidden @returns {{state: string, icon: string, title: string, words: string}[]} */
export function warnings(isForbidden) {
  return [...(isForbidden ? [FORBIDDEN] : []), ...aboutAddress()];
}

function aboutAddress() {
  if (!isSecureContext) {
    return [{
      state: "ask", icon: "warn", title: "This address is not secure (http).",
      words: `Scanning works while this page stays open. Missing: ${missing().join(", ")}. For these open the https address.`,
    }];
  }
  if (matchMedia("(display-mode: standalone), (display-mode: fullscreen)").matches) return [];
  return [{
    state: "ask", icon: "warn", title: "Not installed.",
    words: "Add this page to the home screen, so that unsent scans are kept for certain.",
  }];
}

/**
 * @param {{isSoundOn: boolean, isPersisted: boolean, listFrom: number|null, now: number}} facts
 * @returns {Check[]}
 */
export function checks({ isSoundOn, isPersisted, listFrom, now }) {
  const age = listFrom === null ? null : now - listFrom;
  const isOld = age === null || age > 3_600_000;
  return [
    { icon: "sound", state: isSoundOn ? "ok" : "ask", title: "Sound", words: "Five tones, loud enough?", button: ["tones", "Play"] },
    { icon: "qr", state: "ok", title: "Scanner", words: "Any keyboard scanner, no set-up" },
    { icon: "lock", state: isPersisted ? "ok" : "ask", title: "Storage", words: isPersisted ? "Scans survive a restart" : "May be cleared if the disk is full" },
    { icon: isOld ? "warn" : "stock", state: isOld ? "ask" : "ok", title: "Stock list", words: age === null ? "none yet" : `${span(age)} old`, button: ["update-list", "Update"] },
  ];
}
