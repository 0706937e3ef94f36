// @ts-check
/* The few pages beside the scan screen. Each is drawn from values and holds no state. */
import { h, icon } from "../lib/dom.js";
import { moment, printed, short, weight } from "../lib/format.js";
import { SAY } from "./messages.js";
import { stateOf } from "./render.js";

/** @import { EventRecord, UnitRow } from "../lib/types.js" */

/** @typedef {{icon: string, state: string, title: string, words: string, button?: [string, string]}} Check */

/**
 * @param {{name: string, where: string, checks: Check[], notices: {state: string, icon: string, title: string, words: string}[]}} facts
 */
export function startPage({ name, where, checks, notices }) {
  return h("div", { class: "stack" },
    h("div", {}, h("h1", {}, `${greeting(new Date())}, ${name.split(" ")[0]}`), h("p", { class: "muted" }, where)),
    notices.map(notice),
    h("ul", { class: "ready" }, checks.map(check)),
    h("p", { class: "muted" }, "Start shift turns the sound on and keeps the screen awake."),
    h("button", { type: "button", class: "button button--floor button--quiet", "data-do": "leave" }, icon("leave"), `Not ${name.split(" ")[0]}? Log out`),
    h("p", { class: "go" }, h("button", { type: "button", class: "button button--next button--floor button--wide button--tall", "data-do": "start" }, icon("scan"), "Start shift")));
}

/** Nobody is signed in. @param {number} waiting @param {string} why */
export function signInPage(waiting, why) {
  return h("div", { class: "stack stack--hello" },
    icon("mark"),
    h("div", {}, h("h1", {}, "Sign in to scan"), h("p", { class: "muted" }, why)),
    waiting ? notice({ state: "pending", icon: "send", title: `${waiting} scans wait on this device`, words: "They are safe and will be sent as soon as somebody signs in." }) : "",
    h("a", { class: "button button--next button--floor button--wide button--tall", href: `/login/?next=${encodeURIComponent(location.pathname)}` }, icon("lock"), "Sign in"));
}

/** @param {EventRecord[]} held @param {{waiting: number, oldestAt: string|null}} counts */
export function heldPage(held, { waiting, oldestAt }) {
  return h("div", { class: "stack" },
    h("div", {}, h("h1", {}, held.length ? `${held.length} held, ${waiting} unsent` : "Nothing is held"),
      h("p", { class: "muted" }, held.length ? "Nothing is lost. A held scan waits until you or the desk settles it." : "Every scan that was sent has been settled.")),
    h("ul", { class: "stack" }, held.map(heldItem)),
    h("h2", {}, waiting ? `${waiting} not sent yet` : "All scans are sent"),
    waiting ? h("p", { class: "muted" }, `Oldest ${oldestAt ? moment(oldestAt) : ""}. They go by themselves when the network is back.`) : "",
    h("div", { class: "row" },
      waiting ? h("button", { type: "button", class: "button button--main button--floor", "data-do": "send" }, icon("send"), "Send now") : "",
      h("button", { type: "button", class: "button button--floor", "data-do": "save-file" }, icon("download"), "Save as file")));
}

/** @param {EventRecord} event */
function heldItem(event) {
  const isFinal = event.verdict === "rejected" || event.verdict === "conflict";
  const place = event.place ? ` → ${event.place.code}` : "";
  const title = { review: SAY.review, received: SAY.received }[String(event.verdict)] ?? "Not booked";
  return h("li", { class: "held", "data-state": stateOf(event) },
    h("p", { class: "held__code" }, `${short(event.unit.token ?? event.unit.text)}${place}`, h("small", {}, moment(event.at))),
    h("p", {}, h("b", {}, title), h("br"), event.message ?? ""),
    isFinal ? h("p", { class: "row" }, h("button", { type: "button", class: "button button--floor", "data-do": "acknowledge", "data-id": event.id }, "Understood")) : "");
}

/** @param {UnitRow|undefined} row @param {string} token @param {any} body from the server, if it answered */
export function unitPage(row, token, body) {
  const facts = [row ? weight(row) : "", row?.lot ? `lot ${row.lot}` : "", ...properties(body?.properties)].filter(Boolean);
  const where = row?.place ?? (row?.state === "dispatched" ? "gone" : "?");
  return h("article", { class: "stack" },
    h("div", { class: "row" }, h("h1", { class: "rollcode" }, short(token)), h("span", { class: "code" }, printed(token))),
    h("p", { class: "result__name" }, row?.item_name ?? SAY.willBeChecked, h("small", {}, facts.join(" · "))),
    h("div", { class: "place" },
      h("p", { class: "muted" }, row?.since ? `${row.place ? "Lies in" : "Last seen"}, since ${moment(row.since)}` : SAY.noPlace),
      h("p", { class: "place__code" }, where),
      row?.isLocal ? h("p", { class: "muted" }, "as scanned on this device, not confirmed yet") : ""),
    h("h2", {}, "History"),
    body ? historyList(body.history) : h("p", { class: "muted" }, "The history comes from the server, which cannot be reached now."));
}

/** @param {{at: string, verb: string, from: string|null, to: string|null, by: string, reversed: boolean}[]} lines */
function historyList(lines) {
  return h("ol", { class: "timeline" }, lines.map((line, n) => h("li", { "aria-current": n === 0 ? "true" : null },
    h("time", { datetime: line.at }, moment(line.at)),
    h("div", {}, h("b", {}, historyWords(line)), h("small", {}, [line.by, line.reversed ? "undone later" : ""].filter(Boolean).join(", "))))));
}

/** @param {{verb: string, from: string|null, to: string|null}} line */
export function historyWords({ verb, from, to }) {
  const words = { putaway: `Put in ${to}`, transfer: `Handed to ${to}`, dispatch: `Dispatched to ${to}`, produce: `Produced, to ${to}`, receive: `Received at ${to}`, reverse: `Undone, back to ${to}`, adjust: "Quantity corrected" };
  return words[/** @type {"putaway"} */ (verb)] ?? [verb, from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(" ");
}

/** @param {Record<string, any>|undefined} properties */
function properties(properties) {
  return Object.entries(properties ?? {}).slice(0, 4).map(([key, value]) => {
    const [, name, unit = ""] = key.match(/^(.+?)(?:_(mm|cm|m|kg|g|pct))?$/) ?? [];
    return `${name.replaceAll("_", " ")} ${value} ${unit.replace("pct", "%")}`.trim();
  });
}

/** @param {{state: string, icon: string, title: string, words: string}} facts */
export function notice({ state, icon: name, title, words }) {
  return h("div", { class: "notice", "data-state": state }, icon(name), h("p", {}, h("b", {}, title), ` ${words}`));
}

/** @param {Check} facts */
function check({ icon: name, state, title, words, button }) {
  return h("li", { "data-state": state }, icon(name), h("p", {}, h("b", {}, title), h("small", {}, words)),
    button ? h("button", { type: "button", class: "button button--floor", "data-do": button[0] }, button[1])
      : h("span", { class: "badge", "data-state": state }, icon(state === "ok" ? "check" : "warn"), state === "ok" ? "Ready" : "Check"));
}

/** @param {Date} now */
function greeting(now) {
  const hour = now.getHours();
  return hour < 5 ? "Good night" : hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
}

