// @ts-check
/* Draws the scan screen: result, next, the last ten. */
import { find, h, icon, redraw } from "../lib/dom.js";
import { also, moment, short, weight } from "../lib/format.js";
import { NEXT, READY } from "./messages.js";
import { shape } from "./shapes.js";

/** @import { Card, EventRecord, Mode } from "../lib/types.js" */

/** @param {Card} card */
export function drawCard(card) {
  const result = find("#result");
  result.dataset.state = card.state;
  if (!card.state) delete result.dataset.state;
  result.className = "result";
  result.classList.toggle("result--hollow", Boolean(card.isHollow));
  result.classList.toggle("result--open", Boolean(card.openPlace));
  result.classList.toggle("result--place", Boolean(card.isPlaceFirst));
  result.replaceChildren(
    h("h1", { class: card.isCode ? "result__verdict result__verdict--code" : "result__verdict" }, shape(card.state), h("span", {}, card.title)),
    ...identity(card),
    ...list(card),
    ...history(card),
    ...route(card),
    card.facts?.length ? h("p", { class: "result__facts" }, card.facts.map((fact, n) => h("span", {}, n ? fact : h("b", {}, fact)))) : "",
    ...choices(card),
  );
}

/** @param {Mode} mode @param {string} hint what can scan right now */
export function drawReady(mode, hint) {
  const { title, recipes } = READY[mode];
  const result = find("#result");
  delete result.dataset.state;
  result.className = "result";
  result.replaceChildren(
    h("div", { class: "finder" }, icon("qr"), h("h1", {}, title), h("p", { class: "muted" }, hint)),
    h("ul", { class: "recipes" }, recipes.map(([scans, effect]) => h("li", {}, h("b", {}, scans), h("span", {}, effect)))),
  );
}

/** @param {string} key @param {Mode} mode @param {string} [what] @param {number} [today] */
export function drawNext(key, mode, what = "", today = 0) {
  const words = NEXT[key] ?? NEXT.anything;
  redraw(find("#next"),
    icon(key === "choose" ? "down" : "scan"),
    h("span", {}, `${words[mode] ?? words.auto}${what ? ` ${what}` : ""}`),
    h("small", {}, h("b", {}, String(today)), "today"),
  );
}

/** @param {EventRecord[]} events newest first @param {(event: EventRecord) => boolean} mayUndo */
export function drawRecent(events, mayUndo) {
  redraw(find("#recent"), events.map((event) => {
    const way = event.is_already ? "seen in" : "→";
    const label = `${short(event.unit.token ?? event.unit.text)} ${way} ${destination(event)}`;
    return h("li", { "data-state": stateOf(event) }, icon(iconOf(event)),
      h("p", {}, event.undone_by ? h("s", {}, label) : h("b", {}, label), h("small", {}, under(event))),
      mayUndo(event) ? undoButton(event, label) : "");
  }));
}

/** @param {EventRecord} event @param {string} label */
function undoButton(event, label) {
  return h("button", { type: "button", class: "recent__undo", "data-do": "undo-one", "data-id": event.id },
    icon("undo"), "Undo", h("span", { class: "sr" }, ` ${label}`));
}

/** @param {EventRecord} event */
function destination(event) {
  if (event.verb === "reverse") return event.from ? `back to ${event.from}` : "undone";
  return event.place?.code ?? "?";
}

/** @param {EventRecord} event */
function under(event) {
  const from = event.verb === "reverse" || event.is_already || !event.from ? "" : `from ${event.from}`;
  const state = event.undone_by ? "undone" : event.state === "held" ? event.message ?? "held" : from;
  return [also(event.unit.row), state, moment(event.at), weight(event.unit.row ?? {})].filter(Boolean).join(" · ");
}

/** @param {EventRecord} event */
export function stateOf(event) {
  if (event.undone_by) return "already";
  if (event.verdict === "rejected" || event.verdict === "conflict") return "refused";
  return event.state === "held" ? "ask" : "ok";
}

/** @param {EventRecord} event */
function iconOf(event) {
  if (event.undone_by) return "undo";
  if (event.state === "waiting") return "clock";
  const state = stateOf(event);
  return state === "refused" ? "refused" : state === "ask" ? "warn" : "check";
}

/** @param {Card} card */
function identity(card) {
  return [
    card.name || card.detail ? h("p", { class: "result__name" }, card.name, card.detail && h("small", {}, card.detail)) : "",
    card.shown ? h("p", { class: "result__read" }, h("small", {}, "The scanner read"), h("b", {}, card.shown.slice(0, 60))) : "",
    card.say ? h("p", { class: "result__say" }, card.say) : "",
  ];
}

/** @param {Card} card */
function list(card) {
  if (!card.list?.length) return [];
  const lines = card.list.map(({ token, name, amount }) => h("li", {}, h("b", {}, token), h("span", {}, name), h("span", {}, amount)));
  return [h("ul", { class: "result__list" }, lines, card.listMore ? h("li", { class: "result__more" }, card.listMore) : null)];
}

/** @param {Card} card */
function history(card) {
  if (!card.history?.length) return [];
  return [h("ol", { class: "result__history" }, card.history.map(({ at, what, by }) => h("li", {}, h("time", {}, at), h("b", {}, what), h("small", {}, by))))];
}

/** @param {Card} card */
function route(card) {
  const to = card.openPlace?.code ?? card.to;
  if (!to && !card.from) return [];
  return [h("div", { class: "result__route" },
    card.from ? h("p", { class: "result__from" }, h("span", {}, card.from), icon("down")) : "",
    to ? h("p", { class: `result__to${card.isToOpen ? " result__to--open" : ""}`, "data-length": lengthStep(to) }, to) : "")];
}

/** @param {Card} card */
function choices(card) {
  return (card.choices ?? []).map((choice, n) => h("button",
    { type: "button", class: "button button--floor button--wide", "data-do": "choose", "data-n": n },
    `${choice.place?.code ?? choice.unit?.item_name ?? choice.text} ${choice.place?.name ?? short(choice.token ?? "")}`));
}

/** A plate as large as its code allows. @param {string} text */
function lengthStep(text) {
  return [4, 6, 8, 10, 13].find((step) => text.length <= step) ?? "long";
}

