// @ts-check
/* One scan is one transaction: the scan itself, what it did to scans before it, its act and its
   events, with gap-free numbers. */
import { ask, write, writeNext } from "./db.js";

/** @import { EventRecord, ScanRecord } from "../lib/types.js" */

/**
 * @typedef {object} Commit
 * @property {string} id random; a second run of the same commit finds the first
 * @property {ScanRecord[]} scans
 * @property {{scan_seq: number, became: string}[]} [marks] earlier scans, changed by this one
 * @property {{id: string, verb: string, at: number}|null} [act]
 * @property {Omit<EventRecord, "seq">[]} [events]
 * @property {Record<string, string|null>} [undone] event → the reversal that undoes it
 */

/** @typedef {{id: string, scanSeqs: number[], seqs: number[]}} Committed */

const STORES = ["kv", "scans", "acts", "events"];

/**
 * Store one scan and all it does. Resolves only after the store has it on disk; where that fails,
 * nothing of it is there.
 * @param {Commit} commit @returns {Promise<Committed>}
 */
export async function commit(commit) {
  try {
    return await write(STORES, (transaction) => keep(transaction, commit));
  } catch (error) {
    void writeNext(STORES, (transaction) => takeBack(transaction, commit)).catch(() => undefined);
    throw error;
  }
}

/** @param {IDBTransaction} transaction @param {Commit} commit */
async function keep(transaction, commit) {
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
}

/**
 * The driver was told "not saved" while the store was already flushing, and it got there after all.
 * Runs before any later commit, so the numbers are free again.
 * @param {IDBTransaction} transaction @param {Commit} commit
 */
async function takeBack(transaction, commit) {
  const kv = transaction.objectStore("kv");
  /** @type {Committed|undefined} */
  const last = await ask(kv.get("last_commit"));
  if (last?.id !== commit.id) return;
  for (const seq of last.scanSeqs) transaction.objectStore("scans").delete(seq);
  for (const { id } of commit.events ?? []) transaction.objectStore("events").delete(id);
  if (commit.act) transaction.objectStore("acts").delete(commit.act.id);
  const marks = commit.marks?.map((mark) => ({ ...mark, became: "pending" }));
  const undone = Object.fromEntries(Object.keys(commit.undone ?? {}).map((id) => [id, null]));
  await putMarks(transaction, { id: commit.id, scans: [], marks, undone });
  if (last.scanSeqs.length) kv.put(last.scanSeqs[0] - 1, "last_scan_seq");
  if (last.seqs.length) kv.put(last.seqs[0] - 1, "last_seq");
  kv.delete("last_commit");
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

/** The next number of a gap-free row. @param {IDBTransaction} transaction @param {string} key */
async function next(transaction, key) {
  const kv = transaction.objectStore("kv");
  const number = ((await ask(kv.get(key))) ?? 0) + 1;
  kv.put(number, key);
  return number;
}
