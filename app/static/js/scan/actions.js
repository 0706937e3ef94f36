// @ts-check
/* What the buttons do, by their data-do. */
import { sendNow } from "../offline/connection.js";
import { put } from "../offline/db.js";
import { leave, renameDevice } from "../offline/grant.js";
import { recent } from "../offline/log.js";
import { acknowledge } from "../offline/queue.js";
import { hideAlarm, showNotSaved } from "./alarm.js";
import { cameraOf } from "./camera_entry.js";
import { endSession } from "./enrol.js";
import { saveQueueAsFile } from "./export.js";
import { SAY } from "./messages.js";
import { short } from "../lib/format.js";
import { signal, stayAwake } from "./signals.js";
import { playAll, unlockSound } from "./tones.js";
import { lastUndoable } from "./undo.js";
import { changeNow } from "./worker.js";

/** @import { EventRecord, Thing } from "../lib/types.js" */
/** @import { Router } from "./router.js" */
/** @import { Screen } from "./screen.js" */

/** @typedef {{screen: Screen, router: Router}} Place */
/** @type {Record<string, (place: Place, button: HTMLElement) => unknown>} */
const ACTIONS = {
  start: startShift,
  tones: async ({ router }) => { await playAll(); await router.show(); },
  send: () => sendNow(),
  leave: leaveTablet,
  update: () => changeNow(),
  theme: () => changeTheme(),
  choose: choose,
  cancel: inTurn((place) => cancel(place, place.screen.floor.session.pending.length)),
  "cancel-last": inTurn((place) => cancel(place, 1)),
  "undo-one": inTurn(undoOne),
  "undo-last": inTurn(undoLast),
  "save-file": () => saveQueueAsFile(),
  "close-alarm": async () => { await saveQueueAsFile(); hideAlarm(); },
  "update-list": async ({ screen, router }) => { await screen.floor.refresh(); await router.show(); },
  camera: async ({ router }) => (await cameraOf(router)).toggle(),
  torch: async ({ router }) => (await cameraOf(router)).light(),
  zoom: async ({ router }) => (await cameraOf(router)).zoomOn(),
  "next-camera": async ({ router }) => (await cameraOf(router)).nextCamera(),
  photo: async ({ router }) => (await cameraOf(router)).photo(),
  acknowledge: async ({ screen, router }, button) => {
    await acknowledge(String(button.dataset.id));
    await screen.refresh();
    await router.show();
  },
};

/** One listener for all buttons and forms. @param {Place} place */
export function listenToButtons(place) {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-do]") : null;
    if (!(button instanceof HTMLElement)) return;
    unlockSound();
    guarded(() => ACTIONS[String(button.dataset.do)]?.(place, button));
  });
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.dataset.form) return;
    event.preventDefault();
    const value = String(new FormData(form).values().next().value ?? "");
    if (form.dataset.form === "type") void place.screen.floor.take(value, "typed");
    else guarded(async () => { await renameDevice(value.trim()); location.hash = "more"; });
  });
}

/** After the scans before it. @param {(place: Place, button: HTMLElement) => unknown} action */
function inTurn(action) {
  return (/** @type {Place} */ place, /** @type {HTMLElement} */ button) =>
    place.screen.floor.turns.take(async () => action(place, button));
}

/** A store that fails must never look like a tap that worked. @param {() => unknown} work */
async function guarded(work) {
  try {
    await work();
  } catch {
    showNotSaved("That");
  }
}

/** @param {Place} place */
async function startShift({ screen }) {
  unlockSound();
  void stayAwake();
  void navigator.storage?.persist?.();
  await put("shift", { user: screen.floor.grant?.user.id, at: Date.now() });
  location.hash = "";
  screen.showRest();
}

async function leaveTablet() {
  await leave();
  await endSession();
  location.assign("/scan/");
}

function changeTheme() {
  const root = document.documentElement;
  const theme = getComputedStyle(root).colorScheme === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  localStorage.setItem("rollcall-theme", theme);
}

/** @param {Place} place @param {HTMLElement} button */
function choose({ screen }, button) {
  const { showing } = screen;
  const thing = showing.kind === "card" ? showing.card.choices?.[Number(button.dataset.n)] : undefined;
  if (thing && showing.kind === "card") screen.floor.choose({ ...thing, text: String(thing.token ?? showing.card.shown) });
}

/** @param {Place} place @param {number} count */
export async function cancel({ screen }, count) {
  const dropped = await screen.floor.session.cancel(count);
  if (!dropped) return; // a scan was faster: its card stays
  if (screen.floor.session.pending.length) return screen.showRest();
  const names = dropped.map((thing) => short(thing.token ?? thing.text)).join(", ");
  screen.showCard({ state: "already", title: SAY.cancelled, say: [names, SAY.nothingBooked].filter(Boolean).map((each) => `${each}.`).join(" "), next: "anything" }, true);
}

/** @param {Place} place */
export async function undoLast(place) {
  await undo(place, await lastUndoable(place.screen.floor.grant));
}

/** @param {Place} place @param {HTMLElement} button */
async function undoOne(place, button) {
  const event = (await recent(50)).find((each) => each.id === button.dataset.id);
  await undo(place, event ? [event] : []);
}

/** @param {Place} place @param {EventRecord[]} events */
async function undo({ screen }, events) {
  const standing = events.filter((event) => screen.floor.mayUndo(event));
  if (!standing.length) {
    return screen.showCard({ state: "already", title: "Nothing to undo", say: "Your own acts can be undone for 30 minutes. Ask your stock keeper for older ones.", next: "anything" }, true);
  }
  const { actId, back } = await screen.floor.undo(standing);
  if (back.length) {
    screen.showRest();
    return signal({ state: "pending", title: "", next: "" });
  }
  await screen.showAct(actId, "anything");
}
