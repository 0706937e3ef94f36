// @ts-check
/* The camera itself: asking for it, what it can do. Draws nothing, keeps nothing. */

/** @typedef {"insecure"|"none"|"refused"|"busy"} Fault */
/** @typedef {{torch: boolean, zooms: number[], cameras: string[]}} Abilities what this camera lists, and no more */

// A short silence is the system's own business.
const MUTED_MS = 1000;
const ZOOMS = [1, 2, 4];

/** Why there can be no camera here at all. @returns {Fault|null} */
export function whyNone() {
  if (navigator.mediaDevices) return null;
  return isSecureContext ? "none" : "insecure";
}

/** "ideal" throughout: a camera that is otherwise is better than none. @param {string} [deviceId] */
export function askForCamera(deviceId) {
  const which = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: { ideal: "environment" } };
  const video = { ...which, width: { ideal: 1280 }, height: { ideal: 720 } };
  return navigator.mediaDevices.getUserMedia({ audio: false, video });
}

/** @param {unknown} error of askForCamera @returns {Fault} */
export function faultOf(error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "busy";
}

/** @param {MediaStreamTrack} track @returns {Promise<Abilities>} */
export async function abilitiesOf(track) {
  const can = /** @type {any} */ (track.getCapabilities?.() ?? {});
  if (can.focusMode?.includes("continuous")) await adjust(track, { focusMode: "continuous" });
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return {
    torch: Boolean(can.torch),
    zooms: can.zoom ? ZOOMS.filter((zoom) => zoom >= can.zoom.min && zoom <= can.zoom.max) : [],
    cameras: devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId),
  };
}

/** One setting; a camera that will not take it goes on as it was. @param {MediaStreamTrack} track @param {object} setting */
export async function adjust(track, setting) {
  await track.applyConstraints({ advanced: [/** @type {any} */ (setting)] }).catch(() => undefined);
}

/** Phones take a camera away without a word. @param {MediaStreamTrack} track @param {() => void} onLost */
export function whenLost(track, onLost) {
  track.addEventListener("ended", onLost);
  track.addEventListener("mute", () => setTimeout(() => { if (track.muted) onLost(); }, MUTED_MS));
}

/** @param {MediaStream} stream */
export function letGo(stream) {
  for (const track of stream.getTracks()) track.stop();
}
