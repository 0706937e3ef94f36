// @ts-check
/* One flush at a time over all tabs and the worker. The Web Lock is held for one flush only; a
   lease in the store lets others take over from a page that hangs. The server's idempotency is
   the real guard: this only saves work. */
import { ask, write } from "./db.js";

const NAME = "rollcall-flush";
const LEASE_MS = 60_000;

/**
 * Run `work` unless somebody else is at it; then answer `busy`.
 * @template T @param {() => Promise<T>} work @param {T} busy @returns {Promise<T>}
 */
export async function alone(work, busy) {
  if (!navigator.locks) return (await take(false)) ? finish(work) : busy;
  const result = await navigator.locks.request(NAME, { ifAvailable: true }, (lock) =>
    lock ? begin(work) : undefined);
  if (result) return result.value;
  if (!(await take(true))) return busy;
  const stolen = await navigator.locks.request(NAME, { steal: true }, () => begin(work));
  return stolen.value;
}

/** The flush goes on: give it another minute. */
export function renew() {
  return put(Date.now() + LEASE_MS);
}

/** @template T @param {() => Promise<T>} work */
async function begin(work) {
  await renew();
  return { value: await finish(work) };
}

/** @template T @param {() => Promise<T>} work */
async function finish(work) {
  try {
    return await work();
  } finally {
    await put(0);
  }
}

/**
 * Take the lease if it has run out. Whoever holds the lock and has no lease yet is only just
 * beginning: nobody steals from them.
 * @param {boolean} isLocked somebody else holds the lock
 */
function take(isLocked) {
  return write(["kv"], async (transaction) => {
    const kv = transaction.objectStore("kv");
    const until = (await ask(kv.get("flush_lease"))) ?? 0;
    if (until > Date.now() || (isLocked && until === 0)) return false;
    kv.put(Date.now() + LEASE_MS, "flush_lease");
    return true;
  }, "relaxed");
}

/** @param {number} until */
function put(until) {
  return write(["kv"], (transaction) => {
    transaction.objectStore("kv").put(until, "flush_lease");
  }, "relaxed");
}
