// A <details> used as a menu: Escape and a click elsewhere close it.
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  if (!(element instanceof HTMLDetailsElement)) return undefined;
  const watch = new AbortController();
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Node) || !element.contains(event.target)) element.open = false;
  }, { signal: watch.signal });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    element.open = false;
    element.querySelector("summary")?.focus();
  });
  return () => watch.abort();
}
