// @ts-check
/* What a driver notices without looking: the flash, the tone, the buzz. And the awake screen. */
import { find } from "../lib/dom.js";
import { play } from "./tones.js";

/** @import { Card } from "../lib/types.js" */

const BUZZ = { ok: [40], unsent: [40, 40, 40], pending: [20], ask: [80, 80, 80], already: [30, 60, 30], refused: [300, 100, 300] };

/** Flash, tone and vibration of one outcome. @param {Card} card */
export function signal(card) {
  const tone = card.state === "ok" && card.isHollow ? "unsent" : card.state || "pending";
  play(tone);
  navigator.vibrate?.(BUZZ[tone]);
  if (card.state) flash(card.state, Boolean(card.isHollow));
}

/** @param {string} state @param {boolean} isHollow */
function flash(state, isHollow) {
  const element = find("#flash");
  element.dataset.state = state;
  element.classList.toggle("flash--hollow", isHollow);
  element.classList.remove("flash--now");
  void element.offsetWidth; // lets the same flash start anew
  element.classList.add("flash--now");
}

/** @type {any} */
let wakeLock = null;

/** Keep the screen awake for the shift; the browser lets go whenever the page is hidden. */
export async function stayAwake() {
  const lock = /** @type {any} */ (navigator).wakeLock;
  if (!lock || wakeLock?.released === false) return;
  wakeLock = await lock.request("screen").catch(() => null);
}
