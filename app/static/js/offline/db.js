// @ts-check
/* The device's store. Every write ends within two seconds, or fails loudly after one reopening, and
   is on the disk then ("strict"): a scan is never called saved on hope. */
import { connect } from "./schema.js";

const WRITE_TIMEOUT_MS = 2000;

/** @type {Promise<IDBDatabase>|null} */
let opening = null;

/** A write did not reach the store. */
export class NotSaved extends Error {}

/**
 * Read in one transaction.
 * @template T
 * @param {string[]} stores
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @returns {Promise<T>}
 */
export async function read(stores, work) {
  return run(begin(await open(), stores, "readonly"), work);
}

/**
 * Write in one transaction: all of it or nothing. `work` may run twice, so it must find what it
 * wrote the first time.
 * @template T
 * @param {string[]} stores
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @param {IDBTransactionDurability} [durability] "relaxed" for what may be lost with the power: a scan waits for less
 * @returns {Promise<T>}
 */
export async function write(stores, work, durability = "strict") {
  try {
    return await attempt(stores, work, durability);
  } catch (first) {
    close();
    try {
      return await attempt(stores, work, durability);
    } catch (second) {
      throw new NotSaved(`${first}; then ${second}`);
    }
  }
}

/**
 * Write however long it takes: right behind what is under way now, before anything that comes later.
 * @param {string[]} stores
 * @param {(transaction: IDBTransaction) => Promise<void>} work
 */
export async function writeNext(stores, work) {
  await run(begin(await open(), stores, "readwrite"), work);
}

/** Let go of the store: iOS cuts the connection of a hidden page. Never awaited: an opening may hang. */
export function close() {
  opening?.then((database) => database.close(), () => undefined);
  opening = null;
}

/** One value of the small drawer. @param {string} key @returns {Promise<any>} */
export function get(key) {
  return read(["kv"], (transaction) => ask(transaction.objectStore("kv").get(key)));
}

/** @param {string} key @param {unknown} value */
export function put(key, value) {
  return write(["kv"], (transaction) => ask(transaction.objectStore("kv").put(value, key)));
}

/** A request as a promise. @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * One attempt. When its time is up it is aborted, so that it cannot come true behind our back; only
 * what the store is flushing at that moment can no longer be stopped.
 * @template T
 * @param {string[]} stores
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @param {IDBTransactionDurability} durability
 * @returns {Promise<T>}
 */
async function attempt(stores, work, durability) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error("no answer from the store")), WRITE_TIMEOUT_MS);
  const isLate = new Promise((_, reject) => late.signal.addEventListener("abort", () => reject(late.signal.reason)));
  const written = open().then((database) => {
    late.signal.throwIfAborted();
    const transaction = begin(database, stores, "readwrite", durability);
    late.signal.addEventListener("abort", () => tryAbort(transaction));
    return run(transaction, work);
  });
  return Promise.race([written, isLate]).finally(() => clearTimeout(timer));
}

/** @param {IDBDatabase} database @param {string[]} stores @param {IDBTransactionMode} mode @param {IDBTransactionDurability} durability */
function begin(database, stores, mode, durability = "strict") {
  return database.transaction(stores, mode, { durability });
}

/**
 * @template T
 * @param {IDBTransaction} transaction
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @returns {Promise<T>}
 */
async function run(transaction, work) {
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
  });
  done.catch(() => undefined);
  try {
    const result = await work(transaction);
    finish(transaction);
    await done;
    return result;
  } catch (error) {
    tryAbort(transaction);
    throw error;
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  opening ??= connect(close);
  opening.catch(() => { opening = null; });
  return opening;
}

/** Now, not when all its requests have been heard of: the driver waits. @param {IDBTransaction} transaction */
function finish(transaction) {
  try {
    transaction.commit?.();
  } catch { /* it ends by itself */ }
}

/** It may have ended already. @param {IDBTransaction} transaction */
function tryAbort(transaction) {
  try {
    transaction.abort();
  } catch { /* it had */ }
}
