// @ts-check
/* The page's side of the service worker: register, look for a new version, change when idle. */

const IDLE_MS = 60_000;
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 4000;
const QUIET_MS = 20_000;
const TICK_MS = 5000;

/** @type {ServiceWorkerRegistration|null} */
let registration = null;
let isChanging = false;

/**
 * @param {() => boolean} isBusy somebody is in the middle of something
 * @param {() => number} idleFor milliseconds since the last scan
 * @param {() => void} onUpdate a new version is waiting
 */
export async function startWorker(isBusy, idleFor, onUpdate) {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("controllerchange", reload);
  registration = await navigator.serviceWorker
    .register("/service-worker.js", { type: "module", updateViaCache: "none" }).catch(() => null);
  keepDecoderWhenQuiet(idleFor);
  registration?.addEventListener("updatefound", () => {
    const worker = registration?.installing;
    worker?.addEventListener("statechange", () => { if (worker.state === "installed") onUpdate(); });
  });
  const look = () => void registration?.update().catch(() => undefined);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  setInterval(look, HOUR_MS);
  setInterval(() => { if (isUpdateReady() && !isBusy() && idleFor() > IDLE_MS) changeNow(); }, TICK_MS);
}

/** The decoder of the camera is large: it must compete neither with the start nor with scans. @param {() => number} idleFor */
function keepDecoderWhenQuiet(idleFor) {
  const timer = setInterval(() => {
    if (document.hidden || idleFor() < QUIET_MS) return;
    clearInterval(timer);
    void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage("keep-decoder"));
  }, TICK_MS);
}

export function isUpdateReady() {
  return Boolean(registration?.waiting && navigator.serviceWorker.controller);
}

/** Whether this device can start without a network. */
export function workerState() {
  if (!("serviceWorker" in navigator)) return "no, not at this address";
  return registration?.active ? "yes" : "not yet";
}

/** Let the waiting version take over; the queue is safe, it lies in the store. */
export function changeNow() {
  isChanging = true;
  registration?.waiting?.postMessage("skip-waiting");
  // Some browsers never tell that the worker has changed.
  setTimeout(reload, PATIENCE_MS);
}

function reload() {
  if (!isChanging) return;
  isChanging = false;
  location.reload();
}
