// @ts-check
/* The local copy of what the plant holds, fetched whole and only when it has changed. */
import { get, put, write } from "./db.js";
import { currentGrant } from "./grant.js";
import { getJson } from "./transport.js";

/** @import { Snapshot } from "../lib/types.js" */

/** @typedef {{etag: string, fetched_at: number}} Facts of the list, kept beside it: it is large */

/** @type {Snapshot|null} what this page stored last: reading it anew takes a while */
let latest = null;

/** What this device knows, however old. @returns {Promise<Snapshot|null>} */
export async function storedSnapshot() {
  const facts = await snapshotFacts();
  const lists = latest && latest.etag === facts?.etag ? latest : await get("snapshot");
  return lists ? { ...lists, ...facts } : null;
}

/** When the list was fetched. @returns {Promise<Facts|null>} */
export async function snapshotFacts() {
  return (await get("snapshot_facts")) ?? null;
}

/** @typedef {"changed"|"unchanged"|"signed-out"|"forbidden"|"offline"} Freshness */

/** @type {Promise<Freshness>|null} */
let underWay = null;

/** Fetch the list anew. Whoever asks meanwhile gets the same answer. */
export function refreshSnapshot() {
  underWay ??= fetchSnapshot().finally(() => { underWay = null; });
  return underWay;
}

/** @returns {Promise<Freshness>} */
async function fetchSnapshot() {
  const grant = await currentGrant();
  if (!grant) return "signed-out";
  const old = await snapshotFacts();
  // From the asking on: what was answered while the list was under way is newer than the list.
  const asked = Date.now();
  const answer = await getJson("/api/v1/sync/snapshot", grant.token, old?.etag ?? null);
  if (answer.kind === "signed-out" || answer.kind === "forbidden") return answer.kind;
  if (answer.kind === "unchanged" && old) {
    await keep(null, { ...old, fetched_at: asked });
    return "unchanged";
  }
  if (answer.kind !== "answer") return "offline";
  const { proto: _, ...lists } = answer.body;
  const facts = { etag: answer.etag ?? lists.etag, fetched_at: asked };
  await keep({ ...lists, ...facts }, facts);
  return "changed";
}

/** @param {Snapshot|null} lists if they have changed @param {Facts} facts */
async function keep(lists, facts) {
  await write(["kv"], (transaction) => {
    const kv = transaction.objectStore("kv");
    if (lists) kv.put(lists, "snapshot");
    kv.put(facts, "snapshot_facts");
  }, "relaxed");
  if (lists) latest = lists;
}

/** History of one unit from the server, or null without it. @param {string} uid @returns {Promise<any>} */
export async function unitHistory(uid) {
  const grant = await currentGrant();
  if (!grant) return null;
  const answer = await getJson(`/api/v1/sync/units/${encodeURIComponent(uid)}`, grant.token);
  return answer.kind === "answer" ? answer.body : null;
}

/** Later verdicts on events that were not final. @returns {Promise<import("../lib/types.js").EventResult[]>} */
export async function laterOutcomes() {
  const grant = await currentGrant();
  if (!grant) return [];
  const since = (await get("outcomes_since")) ?? 0;
  const answer = await getJson(`/api/v1/sync/outcomes?since=${since}`, grant.token);
  if (answer.kind !== "answer" || !Array.isArray(answer.body.results)) return [];
  await put("outcomes_since", answer.body.next);
  return answer.body.results;
}
