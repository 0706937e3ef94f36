// A summary of errors takes the focus, so that it is heard and its links are one key away.
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  element.focus();
}
