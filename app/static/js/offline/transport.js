// @ts-check
/* Requests to the sync API. Only an answer of our own protocol counts as an answer: a portal, a
   log-in page, half a JSON or a silent server all mean the same, namely offline. */

/** @import { EventRecord, EventResult } from "../lib/types.js" */

export const PROTOCOL = "rollcall-sync/1";
const DEADLINE_MS = 8000;
const VERDICTS = new Set([
  "applied", "duplicate", "superseded", "rejected", "review", "received", "conflict",
]);

/**
 * @typedef {{kind: "answer", body: any, etag: string|null, sentAt: number, receivedAt: number}} Answer
 * @typedef {{kind: "unchanged"|"signed-out"|"forbidden"|"too-large"|"malformed"|"offline"}} Plain
 * @typedef {{kind: "busy", retryAfterMs: number|null}} Busy
 */

/**
 * @param {string} token @param {Record<string, unknown>} batch @param {string[]} ids
 * @returns {Promise<Answer|Plain|Busy>}
 */
export async function postEvents(token, batch, ids) {
  const outcome = await request("/api/v1/sync/events", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(batch),
  });
  if (outcome.kind !== "answer") return outcome;
  return answersAll(outcome.body.results, ids) ? outcome : { kind: "offline" };
}

/** @param {string} address @param {string} token @param {string|null} [etag] */
export function getJson(address, token, etag = null) {
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${token}` };
  if (etag) headers["If-None-Match"] = etag;
  return request(address, { headers });
}

/** The one request with the session's cookie. @param {string} csrf @param {Record<string, unknown>} body */
export function postGrant(csrf, body) {
  return request("/api/v1/sync/grants", {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrf, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * @param {string} address @param {RequestInit} init
 * @returns {Promise<Answer|Plain|Busy>}
 */
async function request(address, init) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), DEADLINE_MS);
  const sentAt = Date.now();
  try {
    const response = await fetch(address, {
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal: controller.signal,
      ...init,
    });
    return await read(response, sentAt);
  } catch {
    return { kind: "offline" };
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Response} response @param {number} sentAt @returns {Promise<Answer|Plain|Busy>} */
async function read(response, sentAt) {
  if (response.status === 304) return { kind: "unchanged" };
  if (response.status === 401) return { kind: isOurs(response) ? "signed-out" : "offline" };
  if (response.status === 403) return { kind: isOurs(response) ? "forbidden" : "offline" };
  if (response.status === 413) return { kind: isOurs(response) ? "too-large" : "offline" };
  if (response.status === 422) return { kind: isOurs(response) ? "malformed" : "offline" };
  if (response.status === 503 || response.status === 429) {
    return { kind: "busy", retryAfterMs: retryAfter(response) };
  }
  if (!response.ok || !isOurs(response)) return { kind: "offline" };
  const body = await response.json();
  if (body?.proto !== PROTOCOL && !body?.unit) return { kind: "offline" };
  const etag = response.headers.get("ETag");
  return { kind: "answer", body, etag, sentAt, receivedAt: Date.now() };
}

/** @param {Response} response */
function isOurs(response) {
  return /^application\/(problem\+)?json\b/.test(response.headers.get("Content-Type") ?? "");
}

/** @param {Response} response */
function retryAfter(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

/** @param {unknown} results @param {string[]} ids @returns {results is EventResult[]} */
function answersAll(results, ids) {
  return Array.isArray(results) && results.length === ids.length
    && results.every((result, n) => result?.id === ids[n] && VERDICTS.has(result.verdict));
}
