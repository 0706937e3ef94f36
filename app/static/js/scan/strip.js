// @ts-check
/* The top strip and the thumbs: who, where, link, unsent; and what a thumb may need now. */
import { find, h, icon, redraw } from "../lib/dom.js";
import { span } from "../lib/format.js";
import { MODES } from "./messages.js";

/** @import { Grant, Link, Mode, Phase, Place } from "../lib/types.js" */

/** @param {Grant|null} grant @param {Mode} mode @param {Place|undefined} openPlace */
export function drawWho(grant, mode, openPlace) {
  const where = [MODES[mode], grant?.user.department, grant?.user.site].filter(Boolean).join(" · ");
  redraw(find("#who"),
    openPlace ? h("span", { class: "plate plate--here" }, openPlace.code) : "",
    h("b", {}, grant?.user.name ?? "Nobody signed in"),
    h("small", {}, openPlace ? "is open" : where || "Sign in to scan"),
  );
}

/** @param {Link} link @param {number} waiting @param {number} [now] */
export function drawLink(link, waiting, now = Date.now()) {
  const isOnline = link.state === "online" && !link.is_forbidden;
  const age = link.answered_at ? now - link.answered_at : null;
  const words = {
    online: age === null || age < 10_000 ? "online" : `answer ${span(age)} ago`,
    offline: link.failed_since ? `offline ${span(now - link.failed_since)}` : "offline",
    "signed-out": "sign in to send",
    unknown: "connecting",
  };
  redraw(find("#net"), icon(isOnline || link.state === "unknown" ? "online" : "offline"), h("small", {}, link.is_forbidden ? "no right to scan" : words[link.state]));
  const unsent = find("#unsent");
  redraw(unsent, h("b", {}, String(waiting)), h("small", {}, "unsent"));
  if (waiting) unsent.dataset.state = "pending";
  else delete unsent.dataset.state;
}

/**
 * @param {{isSignedIn: boolean, phase: Phase, pending: number, waiting: number, held: number, link: Link["state"], page: string}} now
 */
export function drawThumbs({ isSignedIn, phase, pending, waiting, held, link, page }) {
  /** @type {(Node|string)[]} */
  let thumbs = [camera(), toPage("keyboard", "Type code", "type"), act("undo", "Undo", "undo-last"), heldThumb(held), toPage("more", "More", "more")];
  if (!isSignedIn || page === "start") thumbs = [];
  else if (page) {
    thumbs = [toPage("scan", "Scan", ""), toPage("keyboard", "Type code", "type"), heldThumb(held), toPage("more", "More", "more")];
  } else if (phase === "units" || phase === "question") {
    const second = pending === 1 ? toPage("history", "Roll card", "unit") : act("undo", "Drop last", "cancel-last");
    thumbs = [thumbs[0], thumbs[1], second, act("close", pending === 1 ? "Drop it" : "Drop all", "cancel"), thumbs[4]];
  } else if (waiting && link !== "online") {
    thumbs = [thumbs[0], thumbs[1], thumbs[2], act("send", "Send now", "send"), thumbs[4]];
  }
  redraw(find("#thumbs"), ...thumbs);
}

/** Starts and stops it. */
function camera() {
  const thumb = act("camera", "Camera", "camera");
  thumb.setAttribute("aria-pressed", String(document.body.matches(".floor--camera")));
  return thumb;
}

/** @param {number} held */
function heldThumb(held) {
  const thumb = toPage("hold", "Held", "held");
  if (held) thumb.append(h("span", { class: "count", "data-state": "refused" }, String(held)));
  return thumb;
}

/** @param {string} name @param {string} words @param {string} action */
function act(name, words, action) {
  return h("button", { type: "button", "data-do": action }, icon(name), words);
}

/** @param {string} name @param {string} words @param {string} page */
function toPage(name, words, page) {
  return h("a", { href: `#${page}` }, icon(name), words);
}
