// Logging out at the desk also ends the shift on this device; unsent scans stay and are sent
// under the name of whoever made them.
// @ts-check
import { leave } from "../offline/grant.js";

/** @param {HTMLElement} element the form that logs out */
export function mount(element) {
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await leave();
    } finally {
      if (element instanceof HTMLFormElement) element.submit();
    }
  });
}
