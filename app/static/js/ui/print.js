// A button that prints the page; it stays hidden where scripts do not run.
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  element.hidden = false;
  element.addEventListener("click", () => window.print());
}
