// @ts-check
/* Starts the floor: reads the store, draws, listens to the scanner, then meets the network. */
import { find } from "../lib/dom.js";
import { startSending } from "../offline/connection.js";
import { get } from "../offline/db.js";
import { thisDevice } from "../offline/grant.js";
import { forget } from "../offline/queue.js";
import { listenToButtons } from "./actions.js";
import { enrol } from "./enrol.js";
import { Floor } from "./floor.js";
import { Router } from "./router.js";
import { Screen } from "./screen.js";
import { Session } from "./session.js";
import { signal, stayAwake } from "./signals.js";
import { loadTable } from "./table.js";
import { unlockSound } from "./tones.js";
import { listenToScanner } from "./wedge.js";
import { startWorker } from "./worker.js";

/** @import { Mode } from "../lib/types.js" */

const REFRESH_MS = 60_000;
const STRIP_MS = 5000;
const SHIFT_MS = 12 * 3_600_000;
const KEPT_MS = 30 * 24 * 3_600_000;

const version = document.documentElement.dataset.version ?? "";
const session = new Session(await loadTable(), modeOf(location.pathname));
/** @type {Screen} */
let screen;
let lastScanAt = Date.now();

const floor = new Floor(session, version, {
  outcome: (outcome) => screen.showOutcome(outcome),
  lookingUp: (text) => screen.showLookingUp(text),
  notSaved: (text) => screen.showNotSaved(text),
  signIn: () => {
    signal({ state: "refused", title: "", next: "" });
    void router.show();
  },
  answered: (results) => void screen.follow(results).then(() => router.redraw()),
  changed: () => void screen.refresh().then(() => router.redraw()),
});
screen = new Screen(floor);

await thisDevice(kindOfDevice(), version);
const strangers = await floor.load();
const router = new Router(screen, strangers);
if (floor.grant && strangers.length) await floor.letGo(strangers);
await screen.countToday();
screen.showRest();
listenToButtons({ screen, router });
listenToScanner(/** @type {HTMLInputElement} */ (find("#sink")), (text) => {
  lastScanAt = Date.now();
  void floor.take(text, "keyboard");
});
for (const name of ["pointerdown", "keydown"]) addEventListener(name, unlockSound, { once: true });
if (floor.grant && !(await isShiftOn()) && !location.hash) location.hash = "start";
await router.show();
document.documentElement.dataset.ready = "true";

void startWorker(() => session.phase !== "nothing" || Boolean(location.hash.slice(1)), () => Date.now() - lastScanAt);
await meetServer();
await startSending(() => void screen.followLink());
setInterval(() => tick(), STRIP_MS);
setInterval(() => { if (!document.hidden && floor.grant) void floor.refresh(); }, REFRESH_MS);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  void stayAwake();
  void meetServer();
});
void forget(Date.now() - KEPT_MS);

/** Make the grant fit whoever is signed in, and fetch a newer list. */
async function meetServer() {
  const state = await enrol();
  if (state === "granted") {
    await floor.load();
    if (!(await isShiftOn()) && !location.hash) location.hash = "start";
  }
  if (floor.grant) await floor.refresh();
  screen.showing.kind === "ready" ? screen.showRest() : await screen.refresh();
  await router.redraw();
}

/** An open rack closes itself; ages in the strip grow. */
function tick() {
  const wasOpen = session.open !== null;
  if (wasOpen && session.phase !== "open") screen.showRest();
  if (!document.hidden) screen.drawStrip();
}

async function isShiftOn() {
  const shift = await get("shift");
  return shift?.user === floor.grant?.user.id && Date.now() - shift.at < SHIFT_MS;
}

/** @param {string} path @returns {Mode} */
function modeOf(path) {
  const name = path.split("/")[2];
  return name === "store" || name === "dispatch" || name === "view" ? name : "auto";
}

function kindOfDevice() {
  if (!matchMedia("(pointer: coarse)").matches) return "Desktop";
  return Math.min(window.screen.width, window.screen.height) < 600 ? "Phone" : "Tablet";
}

