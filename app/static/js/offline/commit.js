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
 * @property {Record<string, string>} [undone] event → the reversal that undoes it
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
  // All questions at once: each way to the store and back is a part of what the driver waits.
  const [last, lastScan = 0, lastSeq = 0] = await Promise.all([
    ask(kv.get("last_commit")), ask(kv.get("last_scan_seq")), ask(kv.get("last_seq")), ...changes(transaction, commit, false),
  ]);
  if (last?.id === commit.id) return /** @type {Committed} */ (last);
  const scanSeqs = commit.scans.map((_, n) => lastScan + n + 1);
  const seqs = (commit.events ?? []).map((_, n) => lastSeq + n + 1);
  commit.scans.forEach((scan, n) => transaction.objectStore("scans").put({ ...scan, scan_seq: scanSeqs[n] }));
  commit.events?.forEach((event, n) =>
    transaction.objectStore("events").add({ ...event, seq: seqs[n], wire: { ...event.wire, seq: seqs[n] } }));
  if (commit.act) transaction.objectStore("acts").put(commit.act);
  kv.put(lastScan + scanSeqs.length, "last_scan_seq");
  kv.put(lastSeq + seqs.length, "last_seq");
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
  await Promise.all(changes(transaction, commit, true));
  if (last.scanSeqs.length) kv.put(last.scanSeqs[0] - 1, "last_scan_seq");
  if (last.seqs.length) kv.put(last.seqs[0] - 1, "last_seq");
  kv.delete("last_commit");
}

/**
 * What the commit does to earlier scans and events, or how they were before.
 * @param {IDBTransaction} transaction @param {Commit} commit @param {boolean} isBack
 */
function changes(transaction, { marks = [], undone = {}, act }, isBack) {
  const [scans, events] = [transaction.objectStore("scans"), transaction.objectStore("events")];
  return [
    ...marks.map(({ scan_seq: seq, became }) =>
      change(scans, seq, isBack ? { became: "pending", act_id: null } : { became, act_id: act?.id ?? null })),
    ...Object.entries(undone).map(([id, reversal]) => change(events, id, { undone_by: isBack ? null : reversal })),
  ];
}

/** @param {IDBObjectStore} store @param {string|number} key @param {object} facts */
async function change(store, key, facts) {
  const record = await ask(store.get(key));
  if (record) store.put({ ...record, ...facts });
}
