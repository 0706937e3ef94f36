// @ts-check
/* The floor's service worker: starts the shell without a network and sends what is queued.
   The server puts `self.SHELL`, its version and its list of files, before this text. A new version
   waits until the page says that nobody is in the middle of something. IndexedDB is never touched
   by an update. */
/// <reference lib="webworker" />
import { flush } from "/static/current/js/offline/flush.js";

/** @type {{VERSION: string, PRECACHE: string[], DECODER: string[]}} */
const { VERSION, PRECACHE, DECODER } = /** @type {any} */ (self).SHELL;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = `rollcall-shell-${VERSION}`;
// Of its own, by file name: its versions are not ours, and a new shell need not fetch it anew.
const DECODER_CACHE = "rollcall-decoder";
const SHELL = "/scan/";

/** The rules, first match wins; anything else goes to the network untouched. */
const RULES = [
  { name: "floor page", matches: isFloorPage, answer: () => fromCache(SHELL) },
  { name: "kept file", matches: isKept, answer: fromCache },
  { name: "decoder", matches: isDecoder, answer: fromDecoderCache },
];

worker.addEventListener("install", (event) => {
  event.waitUntil(keepAll());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOldCaches());
});

worker.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const url = new URL(event.request.url);
  if (url.origin !== worker.location.origin) return;
  const rule = RULES.find((each) => each.matches(event.request, url));
  if (rule) event.respondWith(rule.answer(url.pathname, event.request));
});

worker.addEventListener("sync", (event) => {
  const sync = /** @type {ExtendableEvent & {tag: string}} */ (event);
  if (sync.tag === "flush") sync.waitUntil(flush({ mustEmpty: true }));
});

worker.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") worker.skipWaiting();
  if (event.data === "keep-decoder") event.waitUntil(keepDecoder().catch(() => undefined));
  if (event.data === "flush") event.waitUntil(flush({}));
});

/** All or nothing: a failed file fails the install and the old version stays. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll(PRECACHE.map((address) => new Request(address, { cache: "reload" })));
}

/** The decoder of the camera, when the page finds it quiet. What fails is tried at the next start. */
async function keepDecoder() {
  const cache = await caches.open(DECODER_CACHE);
  const names = DECODER.map(nameOf);
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  await Promise.all(kept.filter((name) => !names.includes(name)).map((name) => cache.delete(name)));
  for (const address of DECODER.filter((each) => !kept.includes(nameOf(each)))) {
    const answer = await fetch(address);
    if (answer.ok) await cache.put(nameOf(address), answer);
  }
}

/** @param {string} address */
function nameOf(address) {
  return address.replace(/^.*\/vendor\//, "/vendor/");
}

async function dropOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("rollcall-shell-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** @param {Request} request @param {URL} url */
function isFloorPage(request, url) {
  return request.mode === "navigate" && /^\/scan\/((store|dispatch|view)\/)?$/.test(url.pathname);
}

/** @param {Request} _request @param {URL} url */
function isKept(_request, url) {
  return url.pathname !== SHELL && PRECACHE.includes(url.pathname);
}

/** @param {Request} _request @param {URL} url */
function isDecoder(_request, url) {
  return DECODER.includes(url.pathname);
}

/** @param {string} address @param {Request} request */
async function fromDecoderCache(address, request) {
  const cache = await caches.open(DECODER_CACHE);
  return (await cache.match(nameOf(address))) ?? fetch(request);
}

/** @param {string} address @param {Request} [request] */
async function fromCache(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request ?? address);
}
