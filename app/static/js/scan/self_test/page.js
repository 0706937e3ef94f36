// @ts-check
/* The scanner's self-test: scan the code on the page, read what is wrong with the set-up. Nothing
   is stored or sent, nobody need be signed in. */
import { find, h, icon, redraw } from "../../lib/dom.js";
import { keepPrefix, scannerPrefix } from "../prefix.js";
import { listenToScanner } from "../wedge.js";
import { diagnose } from "./diagnosis.js";

/** @import { Finding } from "./diagnosis.js" */

const EXPECTED = JSON.parse(find("#code").dataset.text ?? '""');
const ICONS = { ok: "check", ask: "warn", refused: "refused" };
const NO_TEXT = "Nothing readable came.";

start();

async function start() {
  const form = /** @type {HTMLFormElement} */ (find("#prefix-form"));
  const sink = /** @type {HTMLInputElement} */ (find("#sink"));
  const field = /** @type {HTMLInputElement} */ (find("#prefix"));
  let prefix = await scannerPrefix().catch(() => "");
  field.value = prefix;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    prefix = field.value.trim();
    await keepPrefix(prefix);
    find("#prefix-state").textContent = prefix ? `Kept. ${prefix} is taken off each code, and codes without it are refused.` : "Kept: no prefix.";
    sink.focus({ preventScroll: true });
  });
  listenToScanner(sink, (text, isEnded) => {
    show(text, diagnose(text, { expected: EXPECTED, isEnded, prefix }));
  });
  document.documentElement.dataset.ready = "true";
}

/** @param {string} text @param {Finding[]} findings */
function show(text, findings) {
  redraw(find("#findings"),
    h("ul", { class: "stack" }, findings.map(item)),
    h("dl", { class: "pairs" }, pair("The code holds", EXPECTED), pair("The scanner typed", text || NO_TEXT)));
  find("#findings").scrollIntoView({ block: "nearest" });
}

/** @param {Finding} finding */
function item({ key, state, title, words }) {
  return h("li", { class: "held", "data-state": state, "data-finding": key },
    h("p", { class: "held__code" }, h("span", {}, icon(ICONS[state]), " ", title)), h("p", {}, words));
}

/** @param {string} term @param {string} text */
function pair(term, text) {
  return h("div", {}, h("dt", {}, term), h("dd", { class: "code code--long" }, visible(text)));
}

/** Controls by their name or number, so that GS can be seen. @param {string} text */
function visible(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f]/g, (control) => control === "\u001d" ? "[GS]" : `[${control.charCodeAt(0)}]`);
}
