// The key "/" leads to the search box, unless somebody is typing. A keyboard scanner's burst does
// too, wherever the focus is: its code is searched for, and a whole code opens its thing.
// @ts-check
import { Burst, LONGEST_GAP_MS } from "../scan/burst.js";
import { inserted } from "../scan/fields.js";

/** @param {HTMLElement} element the form with the box */
export function mount(element) {
  const box = element.querySelector("input");
  if (!box || !(element instanceof HTMLFormElement)) return;
  const watch = new AbortController();
  const scan = new DeskScan(element, box);
  document.addEventListener("keydown", (event) => scan.key(event), { signal: watch.signal, capture: true });
  return () => watch.abort();
}

class DeskScan {
  /** @param {HTMLFormElement} form @param {HTMLInputElement} box */
  constructor(form, box) {
    this.form = form;
    this.box = box;
    this.burst = new Burst();
    this.text = "";
    this.before = "";
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const isHere = event.target === this.box;
    if (!isHere && isTyping(event.target)) return this.burst.reset();
    if (event.key === "Enter") return this.end(event, isHere);
    if (event.key.length !== 1) return;
    const isFast = event.timeStamp - this.burst.last <= LONGEST_GAP_MS;
    if (this.burst.key(event.timeStamp)) {
      this.text = "";
      this.before = unselected(this.box);
    }
    this.text += event.key;
    if (isHere || (!isFast && event.key !== "/")) return;
    event.preventDefault();
    if (isFast) return; // in the middle of a scan a space is no press and a slash no wish to search
    this.box.focus();
    this.box.select();
    this.before = ""; // a scan that begins with a slash goes on in the box
  }

  /** @param {KeyboardEvent} event @param {boolean} isHere */
  end(event, isHere) {
    const isScan = this.burst.isScan && this.burst.continues(event.timeStamp);
    this.burst.reset();
    if (!isScan) return;
    event.preventDefault();
    event.stopPropagation();
    // What stood in the box before is not part of the code.
    this.box.value = isHere ? inserted(this.before, this.box.value) || this.box.value : this.text;
    this.form.requestSubmit();
  }
}

/** What stays when somebody types now. @param {HTMLInputElement} box */
function unselected({ value, selectionStart, selectionEnd }) {
  return value.slice(0, selectionStart ?? value.length) + value.slice(selectionEnd ?? value.length);
}

/** @param {EventTarget|null} target */
function isTyping(target) {
  return target instanceof Element && target.closest("input, select, textarea, dialog[open]") !== null;
}
