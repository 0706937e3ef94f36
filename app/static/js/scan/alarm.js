// @ts-check
/* The one state that fills everything: a scan that did not reach the store. */
import { find, h } from "../lib/dom.js";
import { short } from "../lib/format.js";
import { parse } from "./codes.js";
import { shape } from "./shapes.js";
import { signal } from "./signals.js";

/** @param {string} text what was scanned */
export function showNotSaved(text) {
  const alarm = find("#alarm");
  const token = parse(text).candidates.find(({ scheme }) => scheme === "token")?.value;
  alarm.replaceChildren(
    h("p", {}, shape("refused")),
    h("h1", {}, "NOT", h("br"), "SAVED", h("small", {}, "Scan again")),
    h("p", {}, `${short(token ?? text.slice(0, 40))} was not stored on this device. The scans before it are safe.`),
    h("p", {}, h("button", { type: "button", class: "button button--floor button--wide", "data-do": "close-alarm" },
      "It keeps failing: save as file")),
  );
  alarm.hidden = false;
  signal({ state: "refused", title: "", next: "" });
}

export function hideAlarm() {
  find("#alarm").hidden = true;
}
