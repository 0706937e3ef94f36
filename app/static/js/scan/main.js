// @ts-check
/* Starts the floor: reads the store, draws, listens to the scanner, then meets the network. */
import { find, h } from "../lib/dom.js";
import { currentLink, sendNow, startSending } from "../offline/connection.js";
import { get } from "../offline/db.js";
import { thisDevice } from "../offline/grant.js";
import { forget, letGo } from "../offline/queue.js";
import { listenToButtons } from "./actions.js";
import { showNotSaved } from "./alarm.js";
import { lookingUpCard } from "./cards.js";
import { modeOf, obey } from "./commands.js";
import { enrol } from "./enrol.js";
import { Floor } from "./floor.js";
import { SAY } from "./messages.js";
import { listenToOwnScanner } from "./prefix.js";
import { Router } from "./router.js";
import { Screen } from "./screen.js";
import { Session } from "./session.js";
import { shape } from "./shapes.js";
import { signal, stayAwake } from "./signals.js";
import { loadTable } from "./table.js";
import { unlockSound } from "./tones.js";
import { startWorker } from "./worker.js";

const REFRESH_MS = 60_000;
const MEETING_MS = 30_000;
const STRIP_MS = 5000;
const SHIFT_MS = 12 * 3_600_000;
const KEPT_MS = 30 * 24 * 3_600_000;

const version = document.documentElement.dataset.version ?? "";
let lastScanAt = Date.now();
let lastMeeting = -Infinity;

/** @type {Floor} */
let floor;
/** @type {Screen} */
let screen;
/** @type {Router} */
let router;

await start().catch(showCannotStart);

async function start() {
  const session = new Session(await loadTable(), modeOf(location.pathname));
  floor = new Floor(session, version, {
    outcome: (outcome) => obey({ screen, router }, outcome) ?? screen.showOutcome(outcome),
    lookingUp: (text) => screen.showCard(lookingUpCard(text), false),
    notSaved: (text) => showNotSaved(text),
    signIn: () => {
      signal({ state: "refused", title: "", next: "" });
      void router.show();
    },
    answered: (results) => void screen.follow(results).then(() => router.redraw()),
    changed: () => void screen.refresh().then(() => router.redraw()),
  });
  screen = new Screen(floor);
  router = new Router(screen);
  await thisDevice(kindOfDevice(), version);
  await takeOver();
  listenToButtons({ screen, router });
  await listenToOwnScanner(/** @type {HTMLInputElement} */ (find("#sink")), (text, source) => {
    lastScanAt = Date.now();
    void floor.take(text, source);
  });
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, unlockSound);
  await router.show();
  document.documentElement.dataset.ready = "true";
  runAlong();
}

/** What goes on beside the scans: worker, sending, meeting the server, ageing. */
function runAlong() {
  const isBusy = () => floor.session.phase !== "nothing" || Boolean(location.hash.slice(1)) || document.body.matches(".floor--camera");
  void startWorker(isBusy, () => Date.now() - lastScanAt, () => void router.redraw());
  void startSending(() => {
    void screen.followLink();
    const isOver = currentLink().state === "signed-out";
    if (isOver && Date.now() - lastMeeting > MEETING_MS) void meetServer();
  });
  void meetServer();
  setInterval(tick, STRIP_MS);
  setInterval(() => { if (!document.hidden && floor.grant) void floor.refresh(); }, REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    void stayAwake();
    void meetServer();
  });
  void forget(Date.now() - KEPT_MS);
}

/** Make the grant fit whoever is signed in, and fetch a newer list. */
async function meetServer() {
  lastMeeting = Date.now();
  const state = await enrol();
  if (state === "granted") {
    await takeOver();
    sendNow();
  }
  if (floor.grant) await floor.refresh();
  if (screen.showing.kind === "ready") screen.showRest();
  else await screen.refresh();
  await router.redraw();
}

/** Begin as whoever holds the grant now; what somebody else left pending is let go, by name. */
async function takeOver() {
  const strangers = await floor.load();
  if (floor.grant) {
    await letGo(strangers);
    router.strangers = strangers;
    if (!(await isShiftOn()) && !location.hash) location.hash = "start";
  }
  await screen.countToday();
  screen.showRest();
}

/** @param {unknown} error */
function showCannotStart(error) {
  find("#result").replaceChildren(
    h("h1", { class: "result__verdict" }, shape("refused"), h("span", {}, SAY.cannotStart)),
    h("p", { class: "result__say" }, SAY.cannotStartWhy), h("p", { class: "result__facts" }, String(error)),
    h("a", { class: "button button--floor", href: "" }, "Load again"));
  find("#result").dataset.state = "refused";
}

/** An open rack closes itself; ages in the strip grow. */
function tick() {
  const { session } = floor;
  const wasOpen = session.open !== null;
  if (wasOpen && session.phase !== "open") screen.showRest();
  if (!document.hidden) screen.drawStrip();
}

async function isShiftOn() {
  const shift = await get("shift");
  return shift?.user === floor.grant?.user.id && Date.now() - shift.at < SHIFT_MS;
}

function kindOfDevice() {
  if (!matchMedia("(pointer: coarse)").matches) return "Desktop";
  return Math.min(window.screen.width, window.screen.height) < 600 ? "Phone" : "Tablet";
}
