// A part that refreshes itself: conditional requests, a pause while nobody looks, an honest age.
// The server says what it last sent (data-etag) and what time it is there (X-As-Of).
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  const watch = new AbortController();
  /** @param {string} name @param {(event: CustomEvent) => void} act */
  const on = (name, act) => {
    element.addEventListener(name, (event) => {
      if (event.target === element) act(/** @type {CustomEvent} */ (event));
    }, { signal: watch.signal });
  };
  on("htmx:configRequest", ({ detail }) => {
    detail.headers["If-None-Match"] = element.dataset.etag ?? "";
  });
  on("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });
  on("htmx:afterRequest", ({ detail }) => showAge(detail.xhr));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) /** @type {any} */ (window).htmx.trigger(element, "refresh");
  }, { signal: watch.signal });
  return () => watch.abort();
}

/** @param {XMLHttpRequest} answer */
function showAge(answer) {
  const isFresh = answer.status === 200 || answer.status === 304;
  const asOf = answer.getResponseHeader("X-As-Of");
  for (const place of document.querySelectorAll("[data-as-of]")) {
    if (isFresh && asOf) place.textContent = asOf;
  }
  for (const sign of document.querySelectorAll("[data-when-stale]")) {
    if (sign instanceof HTMLElement) sign.hidden = isFresh;
  }
}
