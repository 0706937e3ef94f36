// What a person sees when an act that htmx sent was refused or got no answer.
// @ts-check

/** Show our error fragments over the page, and a notice of our own when none came. */
export function start() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    // Only our own error answers say where they go; a proxy's error page must not be swapped in.
    if (detail.xhr.status >= 400 && detail.xhr.getResponseHeader("HX-Retarget")) {
      detail.shouldSwap = true;
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (!isQuiet(detail.elt) && !detail.xhr.getResponseHeader("HX-Retarget")) showUnreachable();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      if (!isQuiet(/** @type {CustomEvent} */ (event).detail.elt)) showUnreachable();
    });
  }
  document.addEventListener("click", dismiss);
}

/** Parts that refresh themselves say so themselves when they are old.
 * @param {unknown} element */
function isQuiet(element) {
  return element instanceof HTMLElement && element.dataset.behaviour === "fresh";
}

function showUnreachable() {
  const template = document.getElementById("unreachable");
  const place = document.getElementById("notices");
  if (template instanceof HTMLTemplateElement && place) {
    place.replaceChildren(template.content.cloneNode(true));
  }
}

/** @param {MouseEvent} event */
function dismiss(event) {
  if (!(event.target instanceof Element) || !event.target.closest("[data-dismiss]")) return;
  event.target.closest("[role=alert], [role=status]")?.remove();
}
