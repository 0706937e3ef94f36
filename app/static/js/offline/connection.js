// @ts-check
/* When the page sends. On every enqueue, on waking, on a tap, and with a growing random pause after
   a failure. What the browser thinks of its network is a hint and decides nothing. */
import { afterFrame } from "../lib/frame.js";
import { close, get } from "./db.js";
import { flush } from "./flush.js";
import { counts } from "./log.js";

/** @import { Link } from "../lib/types.js" */

const TICK_MS = 30_000;
const HEARTBEAT_MS = 60_000;
const LONGEST_PAUSE_MS = 300_000;

/** @type {Link} */
const link = { state: "unknown", answered_at: null, failed_since: null, is_forbidden: false };
let failures = 0;
let timer = 0;
let notBefore = 0;
let lastContact = 0;
/** @type {() => void} */
let onChange = () => undefined;

/** The state of the link, for the strip. @returns {Link} */
export function currentLink() {
  return link;
}

/** Start sending. @param {() => void} listener called whenever the link changes */
export async function startSending(listener) {
  onChange = listener;
  link.answered_at = (await get("answered_at")) ?? null;
  addEventListener("online", sendNow);
  addEventListener("pageshow", sendNow);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else sendNow();
  });
  setInterval(tick, TICK_MS);
  sendNow();
}

/** Something was queued: send at once, unless a pause is running. */
export function sendSoon() {
  void askWorker();
  afterFrame(() => { if (Date.now() >= notBefore) void attempt(false); });
}

/** A tap, a waking, a network: forget the pause. */
export function sendNow() {
  failures = 0;
  notBefore = 0;
  void attempt(true);
}

/** What another request learned about the link. @param {Link["state"]|"forbidden"} state */
export function learned(state) {
  if (state !== "offline") link.is_forbidden = state === "forbidden";
  if (state === "online" || state === "forbidden") answered();
  else failed(state);
}

/** Whether a label that is not in the list can be called unknown. */
export function hasFreshList() {
  return link.state === "online" && !link.is_forbidden;
}

/** @param {boolean} isHeartbeat */
async function attempt(isHeartbeat) {
  clearTimeout(timer);
  lastContact = Date.now();
  const flushed = await flush({ isHeartbeat }).catch(() => null);
  if (!flushed || flushed.state === "elsewhere") return later(1000);
  if (flushed.state === "done") return answered(flushed.sent > 0 || isHeartbeat);
  if (flushed.state === "signed-out") return failed("signed-out");
  failed("offline");
  failures += 1;
  // Full jitter: a hall of tablets must not come back in step.
  const pause = Math.random() * Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** failures);
  later(flushed.retryAfterMs ?? Math.max(250, pause));
}

/** @param {number} pauseMs */
async function later(pauseMs) {
  if ((await counts().catch(() => null))?.waiting === 0) return;
  notBefore = Date.now() + pauseMs;
  clearTimeout(timer);
  timer = self.setTimeout(() => void attempt(false), pauseMs);
}

async function tick() {
  if (document.hidden || link.state === "signed-out") return;
  const isQuiet = Date.now() - lastContact >= HEARTBEAT_MS;
  const { waiting } = await counts();
  if (isQuiet || (waiting && Date.now() >= notBefore)) void attempt(isQuiet);
}

/** @param {boolean} [hasContact] */
function answered(hasContact = true) {
  failures = 0;
  notBefore = 0;
  if (!hasContact) return;
  Object.assign(link, { state: "online", answered_at: Date.now(), failed_since: null });
  onChange();
}

/** @param {Link["state"]} state */
function failed(state) {
  Object.assign(link, { state, failed_since: link.failed_since ?? Date.now() });
  onChange();
}

/** Where it exists, the worker sends even after the page is gone. */
async function askWorker() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const sync = /** @type {any} */ (registration)?.sync;
  await sync?.register("flush").catch(() => undefined);
}
