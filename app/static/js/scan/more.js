// @ts-check
/* The pages behind More: type a code, the menu, this device. */
import { h, icon } from "../lib/dom.js";
import { moment } from "../lib/format.js";

export function typePage() {
  const input = h("input", {
    class: "input--floor", id: "typed", name: "code", required: true, maxlength: 4096, autocomplete: "off",
    autocapitalize: "characters", autocorrect: "off", spellcheck: "false", enterkeyhint: "go", "aria-describedby": "typed-hint",
  });
  return h("form", { class: "stack", "data-form": "type" }, h("h1", {}, "Type a code"),
    h("div", {}, h("label", { for: "typed" }, "Code on the label"), input,
      h("p", { class: "hint", id: "typed-hint" }, "As printed, like R7K3-F9H2-XVTB-2, or a rack like FM01A01. Hyphens do not matter.")),
    h("button", { class: "button button--next button--floor button--wide button--tall" }, icon("next"), "Use this code"));
}

/** @param {{mode: string, updateReady: boolean, signedIn: boolean}} facts */
export function morePage({ mode, updateReady, signedIn }) {
  return h("div", { class: "stack" }, h("h1", {}, "More"),
    updateReady ? h("button", { type: "button", class: "button button--next button--floor button--wide", "data-do": "update" }, icon("download"), "Update now: a new version is here") : "",
    h("ul", { class: "menu-list" },
      modeLink("auto", "/scan/", "scan", "Scan everything", mode),
      modeLink("store", "/scan/store/", "stock", "Store", mode),
      modeLink("dispatch", "/scan/dispatch/", "dispatch", "Dispatch", mode),
      modeLink("view", "/scan/view/", "search", "Look up only", mode),
      h("li", {}, h("a", { href: "#held" }, icon("hold"), "Held and unsent scans")),
      h("li", {}, h("a", { href: "#device" }, icon("devices"), "This device")),
      h("li", {}, h("a", { href: "#start" }, icon("sound"), "Sound check and shift")),
      h("li", {}, h("a", { href: "/scan/self-test/" }, icon("keyboard"), "Test the scanner")),
      h("li", {}, h("button", { type: "button", "data-do": "theme" }, icon("theme"), "Light or dark")),
      h("li", {}, h("a", { href: "/" }, icon("dashboard"), "Desk")),
      signedIn ? h("li", {}, h("button", { type: "button", "data-do": "leave" }, icon("leave"), "Log out")) : ""));
}

/**
 * @param {{device: {id: string, name: string}|null, scans: number, events: number, waiting: number, held: number,
 *   persisted: boolean, listFrom: number|null, units: number, version: string, worker: string}} facts
 */
export function devicePage(facts) {
  const rows = [
    ["Scans captured", String(facts.scans)],
    ["Events made of them", String(facts.events)],
    ["Answered", String(facts.events - facts.waiting - facts.held)],
    ["Held", String(facts.held)],
    ["Unsent", String(facts.waiting)],
    ["Stock list", facts.listFrom ? `${facts.units} rolls, from ${moment(facts.listFrom)}` : "none yet"],
    ["Storage", facts.persisted ? "kept by the browser" : "may be cleared by the browser"],
    ["Starts offline", facts.worker],
    ["Version", facts.version],
  ];
  const input = h("input", { class: "input--floor", id: "device-name", name: "name", maxlength: 60, required: true, value: facts.device?.name ?? "" });
  return h("div", { class: "stack" }, h("h1", {}, "This device"),
    h("form", { class: "stack", "data-form": "device" },
      h("div", {}, h("label", { for: "device-name" }, "Name, as on its back"), input),
      h("button", { class: "button button--floor" }, "Save name")),
    h("dl", { class: "pairs" }, rows.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    h("p", { class: "row" },
      h("button", { type: "button", class: "button button--floor", "data-do": "update-list" }, icon("download"), "Update stock list"),
      h("button", { type: "button", class: "button button--floor", "data-do": "save-file" }, icon("save"), "Save queue as file")));
}

/** @param {string} key @param {string} href @param {string} name @param {string} words @param {string} mode */
function modeLink(key, href, name, words, mode) {
  return h("li", {}, h("a", { href, "aria-current": key === mode ? "page" : null }, icon(name), words));
}
