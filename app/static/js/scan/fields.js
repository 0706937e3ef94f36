// @ts-check
/* Fields in which people type, and what a scanner has put into one. */

/** @typedef {HTMLInputElement|HTMLTextAreaElement} Field */

/** A field in which people type, or null. @param {EventTarget|null} target @param {Element} sink */
export function realField(target, sink) {
  if (target === sink) return null;
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
}

/** What `after` has more than `before`. @param {string} before @param {string} after */
export function inserted(before, after) {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  return after.slice(start, start + after.length - before.length);
}
