// A <dialog> that opens when htmx has put something into it. Escape, its button or a click on the
// veil close it; the focus goes back to where it was.
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  if (!(element instanceof HTMLDialogElement)) return;
  element.addEventListener("htmx:afterSwap", () => {
    if (!element.open) element.showModal();
  });
  element.addEventListener("click", (event) => {
    const closes = event.target instanceof Element && event.target.closest("[data-close]");
    if (event.target === element || closes) element.close();
  });
}
