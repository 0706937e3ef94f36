// Attaches modules to elements by name: data-behaviour="menu" mounts ./menu.js once.
// A module's mount(element) may return a function that undoes it when the element goes.
// @ts-check
import { mount as copy } from "./copy.js";
import { mount as doneNotice } from "./done_notice.js";
import { mount as focusFirst } from "./focus_first.js";
import { mount as fresh } from "./fresh.js";
import { mount as keepTyped } from "./keep_typed.js";
import { mount as leaveShift } from "./leave_shift.js";
import { mount as menu } from "./menu.js";
import { mount as openDialog } from "./open_dialog.js";
import { mount as print } from "./print.js";
import { mount as searchKey } from "./search_key.js";
import { mount as theme } from "./theme.js";

/** @typedef {(element: HTMLElement) => (void | (() => void))} Mount */

/** @type {Record<string, Mount>} */
const BEHAVIOURS = {
  copy,
  "done-notice": doneNotice,
  "focus-first": focusFirst,
  fresh,
  "keep-typed": keepTyped,
  "leave-shift": leaveShift,
  menu,
  "open-dialog": openDialog,
  print,
  "search-key": searchKey,
  theme,
};

/** @type {WeakMap<Element, (void | (() => void))[]>} */
const mounted = new WeakMap();

/** Mount what is on the page now and whatever htmx brings later. */
export function start() {
  mountUnder(document.body);
  document.addEventListener("htmx:load", (event) => {
    if (event.target instanceof HTMLElement) mountUnder(event.target);
  });
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.target instanceof Element) unmount(event.target);
  });
}

/** Register a behaviour of another area, before or after the page was mounted.
 * @param {string} name @param {Mount} mount */
export function register(name, mount) {
  BEHAVIOURS[name] = mount;
  mountUnder(document.body);
}

/** @param {HTMLElement} root */
function mountUnder(root) {
  const found = root.querySelectorAll("[data-behaviour]");
  for (const element of [root, ...found]) {
    if (element instanceof HTMLElement && element.dataset.behaviour) mountOne(element);
  }
}

/** @param {HTMLElement} element */
function mountOne(element) {
  if (mounted.has(element)) return;
  const names = (element.dataset.behaviour ?? "").split(" ").filter((name) => name in BEHAVIOURS);
  if (names.length) mounted.set(element, names.map((name) => BEHAVIOURS[name](element)));
}

/** @param {Element} element */
function unmount(element) {
  for (const undo of mounted.get(element) ?? []) undo?.();
  mounted.delete(element);
}
