// @ts-check
/* Keyboard scanners. A permanent sink takes their characters; its value is read at the end of the
   line, because characters may come without key events (input methods). Keys give only timing.
   In a real field a burst is taken out again and goes where every scan goes. */
import { Burst, IDLE_MS } from "./burst.js";

const STALE_MS = 5000;
// A scanner that ends its lines is waited for: a stutter must not cut its code in two.
const PATIENT_MS = 400;
const GROUP_SEPARATOR = "\u001d";

/** @typedef {HTMLInputElement|HTMLTextAreaElement} Field */

/**
 * @param {HTMLInputElement} sink
 * @param {(text: string) => void} onScan
 */
export function listenToScanner(sink, onScan) {
  const wedge = new Wedge(sink, onScan);
  document.addEventListener("keydown", (event) => wedge.key(event), true);
  sink.addEventListener("input", () => wedge.sunk());
  document.addEventListener("pointerup", () => setTimeout(() => wedge.focus(), 0));
  document.addEventListener("focusout", () => setTimeout(() => wedge.focus(), 0));
  wedge.focus();
  return wedge;
}

class Wedge {
  /** @param {HTMLInputElement} sink @param {(text: string) => void} onScan */
  constructor(sink, onScan) {
    this.sink = sink;
    this.onScan = onScan;
    this.burst = new Burst();
    this.timer = 0;
    this.idleMs = IDLE_MS;
    /** @type {{field: Field, before: string}|null} */
    this.guest = null;
  }

  /** Back to the sink, unless somebody is at a field, a button or a dialog. */
  focus() {
    const active = document.activeElement;
    if (!active || active === document.body || active.matches("[data-floor]")) {
      this.sink.focus({ preventScroll: true });
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.repeat) return; // a stuck Enter repeats for ever
    if (event.key === "]" && event.ctrlKey) return this.separator(event);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === "Tab") return this.end(event);
    if (event.key.length !== 1 || this.isPress(event)) return;
    const field = realField(event.target, this.sink);
    if (!field && event.target !== this.sink) this.sink.focus({ preventScroll: true });
    const isNew = this.burst.key(event.timeStamp);
    if (field && isNew) this.guest = { field, before: field.value };
    if (field) this.later(() => this.takeFromField(event));
  }

  /** The space bar on a button presses it, unless a scan is running. @param {KeyboardEvent} event */
  isPress(event) {
    const isOnControl = event.target instanceof Element && event.target.matches("button, a, summary");
    return event.key === " " && isOnControl && !this.burst.continues(event.timeStamp);
  }

  /** The sink has grown: with no end of line, silence ends the code. */
  sunk() {
    const isFast = this.burst.isScan;
    this.later(() => {
      if (isFast || this.burst.count === 0) this.submit(IDLE_MS);
      else this.timer = self.setTimeout(() => { this.sink.value = ""; }, STALE_MS);
    });
  }

  /** @param {KeyboardEvent} event */
  end(event) {
    if (this.sink.value && event.target === this.sink) {
      event.preventDefault();
      this.submit(PATIENT_MS);
    } else if (this.guest && this.burst.isScan && this.burst.continues(event.timeStamp)) {
      this.takeFromField(event);
    } else {
      this.burst.reset();
    }
  }

  /** @param {number} idleMs how long to wait for the end of the next code */
  submit(idleMs) {
    clearTimeout(this.timer);
    this.idleMs = idleMs;
    const text = this.sink.value;
    this.sink.value = "";
    this.burst.reset();
    if (text) this.onScan(text);
  }

  /** @param {KeyboardEvent} event */
  takeFromField(event) {
    clearTimeout(this.timer);
    const { guest, burst } = this;
    this.guest = null;
    if (!guest || !burst.isScan) return burst.reset();
    if (event.key === "Enter" || event.key === "Tab") event.preventDefault();
    event.stopImmediatePropagation();
    const text = inserted(guest.before, guest.field.value);
    guest.field.value = guest.before;
    guest.field.dispatchEvent(new Event("input", { bubbles: true }));
    burst.reset();
    if (text) this.onScan(text);
  }

  /** Ctrl+] is how many scanners type the separator of GS1 codes. @param {KeyboardEvent} event */
  separator(event) {
    event.preventDefault();
    this.burst.key(event.timeStamp);
    if (event.target === this.sink) this.sink.value += GROUP_SEPARATOR;
  }

  /** @param {() => void} work */
  later(work) {
    clearTimeout(this.timer);
    this.timer = self.setTimeout(work, this.idleMs);
  }
}

/** A field in which people type, or null. @param {EventTarget|null} target @param {Element} sink */
function realField(target, sink) {
  if (target === sink) return null;
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
}

/** What `after` has more than `before`. @param {string} before @param {string} after */
function inserted(before, after) {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  return after.slice(start, start + after.length - before.length);
}
