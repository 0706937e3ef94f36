// How a refreshed part is merged into the page: what a person opened stays open.
// @ts-check

/** Teach idiomorph (vendored, loaded before modules run) what it must leave alone. */
export function start() {
  const { Idiomorph } = /** @type {any} */ (window);
  if (!Idiomorph) return;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = keepOpen;
  Idiomorph.defaults.callbacks.beforeNodeMorphed = keepTouched;
}

/** @param {string} name @param {Element} element */
function keepOpen(name, element) {
  return !(name === "open" && element instanceof HTMLDetailsElement);
}

/** @param {Node} old */
function keepTouched(old) {
  return !(old instanceof HTMLElement && "keep" in old.dataset);
}
