// @ts-check
/* Who scans on this device. A submit grant outlives the session: it is what signs each event, and
   every old one is kept as long as events of it still have to be sent, and no longer. */
import { ask, get, put, write } from "./db.js";
import { postGrant } from "./transport.js";
import { randomUuid } from "../lib/ids.js";

/** @import { Device, EventRecord, Grant } from "../lib/types.js" */

/** @returns {Promise<Grant|null>} */
export async function currentGrant() {
  const [grants, id] = [await get("grants"), await get("current_grant")];
  return grants?.[id] ?? null;
}

/** This device, named on its first day. @param {string} name @param {string} appVersion @returns {Promise<Device>} */
export async function thisDevice(name, appVersion) {
  const known = await get("device");
  if (known?.app_version === appVersion) return known;
  const id = known?.id ?? randomUuid();
  const device = { id, name: known?.name ?? `${name} ${id.slice(0, 4).toUpperCase()}`, app_version: appVersion };
  await put("device", device);
  return device;
}

/** @param {string} name */
export async function renameDevice(name) {
  await put("device", { ...(await get("device")), name });
}

/**
 * Ask for a grant with the session of whoever is signed in on this browser.
 * @param {string} csrf
 * @returns {Promise<"granted"|"signed-out"|"forbidden"|"offline">}
 */
export async function renewGrant(csrf) {
  const device = await get("device");
  const answer = await postGrant(csrf, {
    device_id: device.id,
    device_name: device.name,
    app_version: device.app_version,
  });
  if (answer.kind === "answer") {
    await keep(answer.body, answer.sentAt, answer.receivedAt);
    return "granted";
  }
  if (answer.kind === "signed-out" || answer.kind === "forbidden") return answer.kind;
  return "offline";
}

/** The person leaves the tablet; unsent scans stay and will be sent under this name. */
export function leave() {
  return write(["kv", "events"], async (transaction) => {
    const kv = transaction.objectStore("kv");
    kv.delete("current_grant");
    kv.delete("shift");
    kv.delete("snapshot");
    kv.delete("snapshot_facts");
    await keepNeeded(transaction, null);
  });
}

/** Drop every grant that is neither of whoever scans now nor of a scan that still waits. */
export function dropSpentGrants() {
  return write(["kv", "events"], async (transaction) => {
    await keepNeeded(transaction, await ask(transaction.objectStore("kv").get("current_grant")));
  }, "relaxed");
}

/** @param {IDBTransaction} transaction @param {string|null|undefined} current */
async function keepNeeded(transaction, current) {
  const kv = transaction.objectStore("kv");
  /** @type {Record<string, Grant>} */
  const grants = (await ask(kv.get("grants"))) ?? {};
  const waiting = IDBKeyRange.bound(["waiting", 0], ["waiting", Number.MAX_SAFE_INTEGER]);
  /** @type {EventRecord[]} */
  const unsent = await ask(transaction.objectStore("events").index("state").getAll(waiting));
  const needed = new Set([current, ...unsent.map((event) => event.wire.grant)]);
  const kept = Object.entries(grants).filter(([id]) => needed.has(id));
  if (kept.length < Object.keys(grants).length) kv.put(Object.fromEntries(kept), "grants");
}

/** @param {any} body @param {number} sentAt @param {number} receivedAt */
function keep(body, sentAt, receivedAt) {
  /** @type {Grant} */
  const grant = { ...body.grant, issued_at: receivedAt };
  const clock = { offset_ms: (sentAt + receivedAt) / 2 - Date.parse(body.server_time), at: receivedAt };
  return write(["kv"], async (transaction) => {
    const kv = transaction.objectStore("kv");
    const grants = (await ask(kv.get("grants"))) ?? {};
    kv.put({ ...grants, [grant.id]: grant }, "grants");
    kv.put(grant.id, "current_grant");
    kv.put(clock, "clock");
    kv.put(body.epoch, "epoch");
    kv.put(receivedAt, "answered_at");
    kv.delete("needs_sign_in");
  });
}
