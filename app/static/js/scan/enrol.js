// @ts-check
/* Who is signed in on this browser, and a grant for them. The shell itself knows nobody. */
import { learned } from "../offline/connection.js";
import { get, put } from "../offline/db.js";
import { currentGrant, renewGrant } from "../offline/grant.js";

const DEADLINE_MS = 8000;
const RENEW_MS = 24 * 3600 * 1000;

/**
 * Make the grant fit the session.
 * @returns {Promise<"same"|"granted"|"signed-out"|"forbidden"|"offline">}
 */
export async function enrol() {
  const session = await askSession();
  if (!session) return "offline";
  const grant = await currentGrant();
  if (!session.account) return grant && !(await get("needs_sign_in")) ? "same" : "signed-out";
  const isSame = (await get("granted_to")) === session.account;
  const isFresh = grant !== null && Date.now() - grant.issued_at < RENEW_MS;
  if (isSame && isFresh && !(await get("needs_sign_in"))) return "same";
  const answer = await renewGrant(session.csrf_token);
  if (answer === "granted") await put("granted_to", session.account);
  if (answer === "forbidden") learned("forbidden");
  return answer;
}

/** End the session, if the server can be reached; the queue stays whatever happens. */
export async function endSession() {
  const session = await askSession();
  if (!session?.account) return;
  await fetch("/logout/", {
    method: "POST",
    headers: { "X-CSRFToken": session.csrf_token },
    redirect: "manual",
  }).catch(() => undefined);
}

/** @returns {Promise<{account: string|null, csrf_token: string}|null>} */
async function askSession() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), DEADLINE_MS);
  try {
    const { signal } = controller;
    const response = await fetch("/scan/session/", { cache: "no-store", redirect: "error", signal });
    const body = response.ok ? await response.json() : null;
    return typeof body?.csrf_token === "string" ? body : null;
  } catch {
    return null;
  }
}
