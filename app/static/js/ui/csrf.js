// The one place that adds the CSRF token to what htmx sends.
// @ts-check

/** Add the page's token to every request that htmx makes to our own server. */
export function start() {
  document.addEventListener("htmx:configRequest", (event) => {
    const meta = document.querySelector('meta[name="csrf-token"]');
    const { headers } = /** @type {CustomEvent} */ (event).detail;
    if (meta instanceof HTMLMetaElement) headers["X-CSRFToken"] = meta.content;
  });
}
