// @ts-check
/* Keyboard scanners. A permanent sink takes their characters; its value is read at the end of the
   line, because characters may come without key events (input methods). Keys give only timing.
   In a real field a burst is taken out again and goes where every scan goes. */
import { AltCode } from "./alt_code.js";
import { Burst, IDLE_MS } from "./burst.js";
import { inserted, realField } from "./fields.js";

const STALE_MS = 5000;
// A scanner that ends its lines is waited for: a stutter must not cut its code in two.
const PATIENT_MS = 400;
const GROUP_SEPARATOR = "\u001d";

/** @import { Field } from "./fields.js" */

/**
 * @param {HTMLInputElement} sink
 * @param {(text: string, isEnded: boolean) => void} onScan and whether an end of line came
 */
export function listenToScanner(sink, onScan) {
  const wedge = new Wedge(sink, onScan);
  document.addEventListener("keydown", (event) => wedge.key(event), true);
  document.addEventListener("keyup", (event) => wedge.release(event), true);
  sink.addEventListener("input", () => wedge.sunk());
  document.addEventListener("pointerup", () => setTimeout(() => wedge.focus(), 0));
  document.addEventListener("focusout", () => setTimeout(() => wedge.focus(), 0));
  wedge.focus();
  return wedge;
}

class Wedge {
  /** @param {HTMLInputElement} sink @param {(text: string, isEnded: boolean) => void} onScan */
  constructor(sink, onScan) {
    this.sink = sink;
    this.onScan = onScan;
    this.burst = new Burst();
    this.alt = new AltCode();
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
    if (this.alt.press(event)) return this.hold(event);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === "Tab") return this.end(event);
    if (event.key.length !== 1 || this.isPress(event)) return;
    const field = realField(event.target, this.sink);
    if (!field && event.target !== this.sink) this.sink.focus({ preventScroll: true });
    const isNew = this.burst.key(event.timeStamp);
    if (field && isNew) this.guest = { field, before: field.value };
    if (field) this.later(() => this.takeFromField(event));
  }

  /** @param {KeyboardEvent} event */
  release(event) {
    if (this.alt.release(event)) this.separator(event);
  }

  /** Digits behind Alt take time: what runs must not end meanwhile. @param {KeyboardEvent} event */
  hold(event) {
    if (!this.burst.continues(event.timeStamp)) return;
    this.burst.last = event.timeStamp;
    if (event.target === this.sink) this.sunk();
    else if (this.guest) this.later(() => this.takeFromField(event));
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
    if (text) this.onScan(text, idleMs === PATIENT_MS);
  }

  /** @param {KeyboardEvent} event */
  takeFromField(event) {
    clearTimeout(this.timer);
    const { guest, burst } = this;
    this.guest = null;
    if (!guest || !burst.isScan) return burst.reset();
    const isEnded = event.key === "Enter" || event.key === "Tab";
    if (isEnded) event.preventDefault();
    event.stopImmediatePropagation();
    const text = inserted(guest.before, guest.field.value);
    guest.field.value = guest.before;
    guest.field.dispatchEvent(new Event("input", { bubbles: true }));
    burst.reset();
    if (text) this.onScan(text, isEnded);
  }

  /** Ctrl+] and Alt+029 are how scanners type the separator of GS1 codes. @param {KeyboardEvent} event */
  separator(event) {
    event.preventDefault();
    const isRunning = this.burst.continues(event.timeStamp);
    this.burst.key(event.timeStamp);
    const field = event.target === this.sink ? this.sink : this.guest?.field;
    if (field && (isRunning || field === this.sink)) field.value += GROUP_SEPARATOR;
  }

  /** @param {() => void} work */
  later(work) {
    clearTimeout(this.timer);
    this.timer = self.setTimeout(work, this.idleMs);
  }
}
