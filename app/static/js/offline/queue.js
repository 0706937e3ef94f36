// @ts-check
/* Writes to the queue. One scan is one transaction: the scan itself, what it did to scans before
   it, its act and its events, with gap-free numbers. Nothing here ever deletes what is unsent. */
import { ask, write } from "./db.js";

/** @import { EventRecord, EventResult, ScanRecord, Verdict } from "../lib/types.js" */

/**
 * @typedef {object} Commit
 * @property {string} id random; a second run of the same commit finds the first
 * @property {ScanRecord[]} scans
 * @property {{scan_seq: number, became: string}[]} [marks] earlier scans, changed by this one
 * @property {{id: string, verb: string, at: number}|null} [act]
 * @property {Omit<EventRecord, "seq">[]} [events]
 * @property {Record<string, string>} [undone] event → the reversal that undoes it
 */

/** @typedef {{id: string, scanSeqs: number[], seqs: number[]}} Committed */
const STORES = ["kv", "scans", "acts", "events"];
const REFUSED = new Set(["rejected", "conflict"]);
const OPEN_VERDICTS = new Set([...REFUSED, "review", "received"]);

/**
 * Store one scan and all it does. Resolves only after the store has it on disk.
 * @param {Commit} commit @returns {Promise<Committed>}
 */
export function commit(commit) {
  return write(STORES, async (transaction) => {
    const kv = transaction.objectStore("kv");
    /** @type {Committed|undefined} */
    const last = await ask(kv.get("last_commit"));
    if (last?.id === commit.id) return last;
    const scanSeqs = await putScans(transaction, commit);
    const seqs = await putEvents(transaction, commit);
    await putMarks(transaction, commit);
    const committed = { id: commit.id, scanSeqs, seqs };
    kv.put(committed, "last_commit");
    return committed;
  });
}

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

/** @param {IDBTransaction} transaction @param {Commit} commit */
async function putScans(transaction, commit) {
  const seqs = [];
  for (const scan of commit.scans) {
    const scan_seq = await next(transaction, "last_scan_seq");
    transaction.objectStore("scans").put({ ...scan, scan_seq });
    seqs.push(scan_seq);
  }
  return seqs;
}

/** @param {IDBTransaction} transaction @param {Commit} commit */
async function putEvents(transaction, commit) {
  const seqs = [];
  for (const event of commit.events ?? []) {
    const seq = await next(transaction, "last_seq");
    transaction.objectStore("events").add({ ...event, seq, wire: { ...event.wire, seq } });
    seqs.push(seq);
  }
  if (commit.act) transaction.objectStore("acts").put(commit.act);
  return seqs;
}

/** @param {IDBTransaction} transaction @param {Commit} commit */
async function putMarks(transaction, commit) {
  const scans = transaction.objectStore("scans");
  for (const mark of commit.marks ?? []) {
    const scan = await ask(scans.get(mark.scan_seq));
    if (scan) scans.put({ ...scan, became: mark.became, act_id: commit.act?.id ?? null });
  }
  const events = transaction.objectStore("events");
  for (const [id, reversal] of Object.entries(commit.undone ?? {})) {
    const event = await ask(events.get(id));
    if (event) events.put({ ...event, undone_by: reversal });
  }
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

/** The next number of a gap-free row. @param {IDBTransaction} transaction @param {string} key */
async function next(transaction, key) {
  const kv = transaction.objectStore("kv");
  const number = ((await ask(kv.get(key))) ?? 0) + 1;
  kv.put(number, key);
  return number;
}
