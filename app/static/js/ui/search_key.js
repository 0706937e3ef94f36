// The key "/" leads to the search box, unless somebody is typing.
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  const watch = new AbortController();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea")) return;
    const box = element.querySelector("input");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  }, { signal: watch.signal });
  return () => watch.abort();
}
