// @ts-check
/* Which page lies over the scan screen, by the part of the address behind #, so that "back" works. */
import { find, redraw } from "../lib/dom.js";
import { short } from "../lib/format.js";
import { currentLink } from "../offline/connection.js";
import { get } from "../offline/db.js";
import { allEvents, allScans, counts, held } from "../offline/log.js";
import { snapshotFacts, unitHistory } from "../offline/snapshot.js";
import { cameraOf } from "./camera_entry.js";
import { devicePage, morePage, typePage } from "./more.js";
import { heldPage, signInPage, startPage, unitPage } from "./pages.js";
import { checks, warnings } from "./readiness.js";
import { isSoundOn } from "./tones.js";
import { isUpdateReady, workerState } from "./worker.js";

/** @import { ScanRecord } from "../lib/types.js" */
/** @import { Screen } from "./screen.js" */

const PAGES = { start, held: heldNow, more, device, type: () => typePage(), unit, camera };

const REDRAWN = new Set(["held", "start", "more", "camera"]);

export class Router {
  /** @param {Screen} screen */
  constructor(screen) {
    this.screen = screen;
    /** @type {ScanRecord[]} what somebody else left pending here */
    this.strangers = [];
    addEventListener("hashchange", () => void this.show());
  }

  /** The page that the address asks for. */
  async show() {
    const name = this.screen.floor.grant ? location.hash.slice(1) : "start";
    const draw = Object.hasOwn(PAGES, name) ? PAGES[/** @type {keyof PAGES} */ (name)] : null;
    const page = find("#page");
    document.body.classList.toggle("floor--page", Boolean(draw));
    find("#scan").hidden = Boolean(draw);
    page.hidden = !draw;
    if (draw) redraw(page, await draw(this));
    this.screen.drawStrip();
    const field = page.querySelector("#typed");
    if (draw && field instanceof HTMLElement) field.focus();
    else if (!draw) find("#sink").focus({ preventScroll: true });
  }

  /** The same page with new facts, unless somebody is typing in it. */
  async redraw() {
    const name = location.hash.slice(1);
    if (REDRAWN.has(name) || !this.screen.floor.grant) await this.show();
  }
}

/** @param {Router} router */
async function start({ screen, strangers }) {
  const { grant } = screen.floor;
  const { waiting } = await counts();
  if (!grant) return signInPage(waiting, signInReason());
  const device = await get("device");
  const list = await snapshotFacts();
  const isPersisted = (await navigator.storage?.persisted?.()) ?? false;
  const foreign = (await allEvents()).filter((event) => event.state === "waiting" && event.user_id !== grant.user.id);
  const notices = warnings(currentLink().is_forbidden);
  if (foreign.length) notices.unshift({ state: "pending", icon: "send", title: `${foreign.length} scans of the previous user`, words: "will still be sent from this device, under their name." });
  if (strangers.length) notices.unshift({ state: "ask", icon: "warn", title: "Left without a rack:", words: `${strangers.map((scan) => short(scan.token ?? scan.text)).join(", ")}. Nothing was booked for them.` });
  return startPage({
    name: grant.user.name,
    where: [device?.name, grant.user.department, grant.user.site].filter(Boolean).join(" · "),
    checks: checks({ isSoundOn: isSoundOn(), isPersisted, listFrom: list?.fetched_at ?? null, now: Date.now() }),
    notices,
  });
}

async function heldNow() {
  return heldPage(await held(), await counts());
}

/** @param {Router} router */
function more({ screen }) {
  return morePage({ mode: screen.floor.session.mode, updateReady: isUpdateReady(), signedIn: Boolean(screen.floor.grant) });
}

/** @param {Router} router */
async function device({ screen }) {
  const [now, list] = [await counts(), await snapshotFacts()];
  return devicePage({
    device: await get("device"),
    scans: (await allScans()).length,
    events: (await allEvents()).length,
    waiting: now.waiting,
    held: now.held,
    persisted: (await navigator.storage?.persisted?.()) ?? false,
    listFrom: list?.fetched_at ?? null,
    units: screen.floor.stock.units.size,
    version: document.documentElement.dataset.version ?? "",
    worker: workerState(),
  });
}

/** The card of the one pending roll. @param {Router} router */
async function unit({ screen }) {
  const thing = screen.floor.session.pending.at(-1)?.thing;
  const row = thing?.unit && screen.floor.stock.units.get(thing.unit.token);
  return unitPage(row, thing?.token ?? "", row ? await unitHistory(row.uid) : null);
}

/** @param {Router} router */
async function camera(router) {
  return (await cameraOf(router)).page();
}

function signInReason() {
  const { state, is_forbidden: isForbidden } = currentLink();
  if (isForbidden) return "You are signed in, but may not scan. Ask whoever manages accounts for that right, or sign in as somebody else.";
  return state === "offline" ? "There is no connection now. Signing in needs one; scanning later does not."
    : "This device does not know who is scanning.";
}
