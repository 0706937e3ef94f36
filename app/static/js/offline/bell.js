// @ts-check
/* Word between the tabs and the worker of one device: something in the store has changed. */

/** @typedef {{kind: "changed"|"flushed"|"answered"|"signed-out", [fact: string]: any}} Word */

const channel = new BroadcastChannel("rollcall");
/** @type {Set<(word: Word) => void>} */
const listeners = new Set();
channel.onmessage = (/** @type {MessageEvent<Word>} */ message) => listeners.forEach((listener) => listener(message.data));

/** To everybody, this page included. @param {Word} word */
export function tell(word) {
  channel.postMessage(word);
  listeners.forEach((listener) => listener(word));
}

/** @param {(word: Word) => void} listener */
export function listen(listener) {
  listeners.add(listener);
}
