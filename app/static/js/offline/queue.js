// @ts-check
/* Writes to the queue after the scan: what the server said, what was read, what is let go. Nothing
   here ever deletes what is unsent. */
import { ask, write } from "./db.js";

/** @import { EventRecord, EventResult, ScanRecord } from "../lib/types.js" */

const REFUSED = new Set(["rejected", "conflict"]);
const OPEN_VERDICTS = new Set([...REFUSED, "review", "received"]);

/**
 * Write down what the server said. Unknown ids are ignored: another tab may have been faster.
 * @param {EventResult[]} results @param {Record<string, unknown>} facts values for the drawer
 */
export function settle(results, facts) {
  return write(["kv", "events"], async (transaction) => {
    const events = transaction.objectStore("events");
    for (const result of results) {
      /** @type {EventRecord|undefined} */
      const event = await ask(events.get(result.id));
      if (!event) continue;
      events.put(answered(event, result));
      if (event.reverses && REFUSED.has(result.verdict)) await stand(events, event.reverses);
    }
    for (const [key, value] of Object.entries(facts)) {
      transaction.objectStore("kv").put(value, key);
    }
  });
}

/** The driver has read a final refusal; it leaves the held list and stays in the log. @param {string} id */
export function acknowledge(id) {
  return write(["events"], async (transaction) => {
    const events = transaction.objectStore("events");
    const event = await ask(events.get(id));
    if (event) events.put({ ...event, state: "answered", is_seen: true });
  });
}

/** Rolls that somebody else left pending here are let go. @param {ScanRecord[]} scans */
export function letGo(scans) {
  return write(["scans"], (transaction) => {
    const store = transaction.objectStore("scans");
    for (const scan of scans) store.put({ ...scan, became: "cancelled" });
  });
}

/** Drop what was answered long ago; the server keeps it for ever. @param {number} before */
export function forget(before) {
  return write(["events", "scans"], async (transaction) => {
    const events = transaction.objectStore("events");
    for (const event of await ask(events.getAll())) {
      if (event.state === "answered" && event.answered_at < before) events.delete(event.id);
    }
    const scans = transaction.objectStore("scans");
    for (const scan of await ask(scans.getAll())) {
      if (scan.became !== "pending" && scan.at < before) scans.delete(scan.scan_seq);
    }
  });
}

/** A reversal that was refused: the act it should undo stands. @param {IDBObjectStore} events @param {string} id */
async function stand(events, id) {
  const event = await ask(events.get(id));
  if (event) events.put({ ...event, undone_by: null });
}

/** The list here may have been old: the server knows whether the unit was there before. @param {EventRecord} event @param {EventResult} result @returns {EventRecord} */
function answered(event, result) {
  const { verdict, code, message, movement } = result;
  const state = OPEN_VERDICTS.has(verdict) ? "held" : "answered";
  const is_already = code !== "booked" && (code === "already_there" || event.is_already);
  return { ...event, state, verdict, code, message, movement, is_already, answered_at: Date.now() };
}
