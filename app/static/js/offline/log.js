// @ts-check
/* Reads of the queue: what waits, what is held, what was done last. */
import { ask, read } from "./db.js";

/** @import { EventRecord, ScanRecord } from "../lib/types.js" */

const MOST_REPLAYED = 5000;
const BOOKED = new Set(["applied", "duplicate"]);
const LOWEST = 0;
const HIGHEST = Number.MAX_SAFE_INTEGER;

/** The oldest unsent events, in order. @param {number} limit @returns {Promise<EventRecord[]>} */
export function waiting(limit) {
  return inState("waiting", limit);
}

/** What the driver or the desk must still settle. @returns {Promise<EventRecord[]>} */
export async function held() {
  return (await inState("held", 200)).reverse();
}

/** The newest events, newest first. @param {number} limit @returns {Promise<EventRecord[]>} */
export function recent(limit) {
  return read(["events"], async (transaction) => {
    /** @type {EventRecord[]} */
    const found = [];
    const request = transaction.objectStore("events").index("seq").openCursor(null, "prev");
    for (let cursor = await ask(request); cursor && found.length < limit;) {
      found.push(cursor.value);
      const next = ask(request);
      cursor.continue();
      cursor = await next;
    }
    return found;
  });
}

/**
 * What the list of `since` cannot know yet: events that wait, and those answered after it was
 * fetched. Oldest first.
 * @param {number} since milliseconds
 */
export async function newerThan(since) {
  const events = await recent(MOST_REPLAYED);
  const isOpen = (/** @type {EventRecord} */ event) =>
    event.state === "waiting" || ((event.answered_at ?? 0) > since && BOOKED.has(String(event.verdict)));
  return events.filter(isOpen).reverse();
}

/** How many acts of one person since then, undone ones and reversals apart. @param {number} since @param {string} [userId] */
export async function countSince(since, userId) {
  const events = await recent(MOST_REPLAYED);
  return events.filter(({ at, verb, user_id }) => at >= since && verb !== "reverse" && user_id === userId).length;
}

/** @param {string} actId @returns {Promise<EventRecord[]>} */
export async function eventsOfAct(actId) {
  const events = await read(["events"], (transaction) =>
    ask(transaction.objectStore("events").index("act").getAll(actId)));
  return events.sort((a, b) => a.seq - b.seq);
}

/** Units that were scanned and wait for their place, whoever scanned them. @returns {Promise<ScanRecord[]>} */
export function pendingScans() {
  return read(["scans"], (transaction) =>
    ask(transaction.objectStore("scans").index("became").getAll("pending")));
}

/** Every scan, for counting and for the file. @returns {Promise<ScanRecord[]>} */
export function allScans() {
  return read(["scans"], (transaction) => ask(transaction.objectStore("scans").getAll()));
}

/** @returns {Promise<EventRecord[]>} */
export function allEvents() {
  return read(["events"], (transaction) => ask(transaction.objectStore("events").getAll()));
}

/**
 * What strip and heartbeat say.
 * @returns {Promise<{waiting: number, held: number, lastSeq: number, oldestAt: string|null}>}
 */
export function counts() {
  return read(["kv", "events"], async (transaction) => {
    const byState = transaction.objectStore("events").index("state");
    const oldest = await ask(byState.openCursor(range("waiting")));
    return {
      waiting: await ask(byState.count(range("waiting"))),
      held: await ask(byState.count(range("held"))),
      lastSeq: (await ask(transaction.objectStore("kv").get("last_seq"))) ?? 0,
      oldestAt: oldest?.value.wire.client_time ?? null,
    };
  });
}

/** @param {string} state @param {number} limit @returns {Promise<EventRecord[]>} */
function inState(state, limit) {
  return read(["events"], (transaction) =>
    ask(transaction.objectStore("events").index("state").getAll(range(state), limit)));
}

/** @param {string} state */
function range(state) {
  return IDBKeyRange.bound([state, LOWEST], [state, HIGHEST]);
}
