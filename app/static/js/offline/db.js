// @ts-check
/* The device's store. Every write is durable ("strict") and ends within two seconds, or fails
   loudly after one reopening: a scan is never called saved on hope. Upgrades only ever add. */

const NAME = "rollcall";
const VERSION = 1;
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
  return run(await open(), stores, "readonly", work);
}

/**
 * Write in one transaction: all of it or nothing. `work` may run twice, so it must find what it
 * wrote the first time.
 * @template T
 * @param {string[]} stores
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @returns {Promise<T>}
 */
export async function write(stores, work) {
  try {
    return await withinTime(attempt(stores, work));
  } catch (first) {
    close();
    try {
      return await withinTime(attempt(stores, work));
    } catch (second) {
      throw new NotSaved(`${first}; then ${second}`);
    }
  }
}

/** Let go of the store: iOS cuts the connection of a hidden page. */
export function close() {
  // Never awaited: an opening that hangs would hang whoever wants to let go of it.
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
 * @template T
 * @param {string[]} stores
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 */
async function attempt(stores, work) {
  return run(await open(), stores, "readwrite", work);
}

/**
 * @template T
 * @param {IDBDatabase} database
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @returns {Promise<T>}
 */
async function run(database, stores, mode, work) {
  const transaction = database.transaction(stores, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
  });
  done.catch(() => undefined);
  try {
    const result = await work(transaction);
    await done;
    return result;
  } catch (error) {
    tryAbort(transaction);
    throw error;
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => close();
      database.onclose = () => close();
      resolve(database);
    };
  });
  opening.catch(() => { opening = null; });
  return opening;
}

/** @param {IDBDatabase} database */
function upgrade(database) {
  database.createObjectStore("kv");
  database.createObjectStore("acts", { keyPath: "id" });
  const scans = database.createObjectStore("scans", { keyPath: "scan_seq" });
  scans.createIndex("became", "became");
  const events = database.createObjectStore("events", { keyPath: "id" });
  events.createIndex("state", ["state", "seq"]);
  events.createIndex("act", "act_id");
  events.createIndex("seq", "seq");
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function withinTime(work) {
  let timer = 0;
  const late = new Promise((_, reject) => {
    timer = self.setTimeout(() => reject(new Error("no answer from the store")), WRITE_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** It may have ended already. @param {IDBTransaction} transaction */
function tryAbort(transaction) {
  try {
    transaction.abort();
  } catch { /* it had */ }
}
