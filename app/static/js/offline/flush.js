// @ts-check
/* Sends the queue. The same module runs in the page and in the service worker. Strictly in order,
   at most 25 events or 64 KB at a time, one grant per batch; a record leaves the queue only when
   the server has named it in an answer of our protocol. */
import { get, put } from "./db.js";
import { dropSpentGrants } from "./grant.js";
import { alone, renew } from "./lease.js";
import { counts, waiting } from "./log.js";
import { settle } from "./queue.js";
import { PROTOCOL, postEvents } from "./transport.js";
import { tell } from "./bell.js";

/** @import { EventRecord, EventResult, Grant } from "../lib/types.js" */

const LARGEST_BATCH = 25;
const LARGEST_BYTES = 60_000; // of 64 KB, the rest is for the envelope

/**
 * @typedef {object} Flushed
 * @property {"done"|"elsewhere"|"offline"|"busy"|"signed-out"} state
 * @property {number} sent
 * @property {number|null} retryAfterMs
 */

/**
 * Send until the queue is empty or somebody says no.
 * @param {{mustEmpty?: boolean, isHeartbeat?: boolean}} options `mustEmpty`: fail if not all went,
 *   so that the browser wakes the worker again; `isHeartbeat`: say hello even with nothing to send
 * @returns {Promise<Flushed>}
 */
export async function flush({ mustEmpty = false, isHeartbeat = false }) {
  /** @type {Flushed} */
  const flushed = await alone(() => sendAll(isHeartbeat), { state: "elsewhere", sent: 0, retryAfterMs: null });
  if (flushed.state === "done") await dropSpentGrants().catch(() => undefined); // else the next time
  if (flushed.state !== "elsewhere") tell({ kind: "flushed", state: flushed.state });
  if (mustEmpty && flushed.state !== "done") throw new Error(`not sent: ${flushed.state}`);
  return flushed;
}

/** @param {boolean} isHeartbeat @returns {Promise<Flushed>} */
async function sendAll(isHeartbeat) {
  let limit = LARGEST_BATCH;
  let sent = 0;
  for (let isFirst = true; ; isFirst = false) {
    const seen = await nextBatch(limit);
    if (!seen.grants.length) return { state: "signed-out", sent, retryAfterMs: null };
    if (!seen.events.length && !(isFirst && isHeartbeat)) return { state: "done", sent, retryAfterMs: null };
    await renew();
    // What was called "not saved" too late to be stopped is taken back before that write: look again.
    const { grants, events } = await nextBatch(limit);
    const answer = await post(grants, events);
    if (answer.kind === "answer") {
      await accept(answer);
      sent += events.length;
      if (!events.length) return { state: "done", sent, retryAfterMs: null };
    } else if (answer.kind === "too-large" || answer.kind === "malformed") {
      if (events.length <= 1) await setAside(events, answer.kind);
      limit = Math.max(1, Math.floor(events.length / 2));
    } else {
      return { ...stopped(answer), sent };
    }
  }
}

/**
 * An event belongs to its own grant; who is signed in now may deliver it when that one has ended.
 * @param {Grant[]} grants @param {EventRecord[]} events
 */
async function post(grants, events) {
  const batch = await envelope(events);
  const ids = events.map((event) => event.id);
  const answer = await postEvents(grants[0].token, batch, ids);
  if (answer.kind !== "signed-out" || !grants[1]) return answer;
  return postEvents(grants[1].token, batch, ids);
}

/** @param {number} limit @returns {Promise<{grants: Grant[], events: EventRecord[]}>} */
async function nextBatch(limit) {
  const queue = await waiting(limit);
  /** @type {Record<string, Grant>} */
  const grants = (await get("grants")) ?? {};
  const current = await get("current_grant");
  const own = queue[0]?.wire.grant ?? current;
  const end = queue.findIndex((event) => event.wire.grant !== own);
  const events = withinBytes(end < 0 ? queue : queue.slice(0, end));
  const usable = [...new Set([own, current])].map((id) => grants[id]).filter(Boolean);
  return { grants: usable, events };
}

/** @param {EventRecord[]} events */
function withinBytes(events) {
  let bytes = 0;
  const end = events.findIndex((event, n) => {
    bytes += new Blob([JSON.stringify(event.wire)]).size;
    return n > 0 && bytes > LARGEST_BYTES;
  });
  return end < 0 ? events : events.slice(0, end);
}

/** @param {EventRecord[]} events */
async function envelope(events) {
  const { lastSeq, waiting: pending, oldestAt } = await counts();
  const device = await get("device");
  return {
    proto: PROTOCOL,
    device_id: device.id,
    sent_at: new Date().toISOString(),
    heartbeat: {
      last_seq: lastSeq,
      pending,
      oldest_at: oldestAt,
      persisted: (await navigator.storage?.persisted?.()) ?? false,
      app_version: device.app_version ?? "",
    },
    events: events.map((event) => event.wire),
  };
}

/** @param {import("./transport.js").Answer} answer */
async function accept({ body, sentAt, receivedAt }) {
  const server = Date.parse(body.server_time);
  const clock = { offset_ms: (sentAt + receivedAt) / 2 - server, at: receivedAt };
  const results = body.results.map(settled);
  await settle(results, { clock, epoch: body.epoch, answered_at: receivedAt });
  tell({ kind: "answered", results });
}

/** A repeated event is told its latest verdict: the first answer may never have come. @param {EventResult} result */
function settled(result) {
  const isRepeat = result.verdict === "duplicate" && result.latest;
  return isRepeat ? { ...result, verdict: result.latest ?? result.verdict } : result;
}

/** One record that the server cannot even read must not stop those behind it. @param {EventRecord[]} events @param {string} code */
async function setAside(events, code) {
  const message = "The server could not read this scan. It is kept on this device.";
  /** @type {EventResult[]} */
  const results = events.map(({ id }) =>
    ({ id, verdict: "rejected", code, message, movement: null, at: null, unit: null }));
  await settle(results, {});
  tell({ kind: "answered", results });
}

/** @param {import("./transport.js").Plain|import("./transport.js").Busy} answer @returns {Flushed} */
function stopped(answer) {
  if (answer.kind === "busy") return { state: "busy", sent: 0, retryAfterMs: answer.retryAfterMs };
  if (answer.kind === "signed-out") void put("needs_sign_in", true);
  const state = answer.kind === "signed-out" ? "signed-out" : "offline";
  return { state, sent: 0, retryAfterMs: null };
}
