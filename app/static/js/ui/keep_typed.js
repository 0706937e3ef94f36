// What was typed into a form survives a reload, a lost network and an expired session.
// Kept for this tab only; passwords, files and the CSRF token are never kept.
// @ts-check

const PREFIX = "rollcall-typed:";
const NEVER = new Set(["password", "file", "hidden", "submit", "button"]);

/** @param {HTMLElement} element */
export function mount(element) {
  if (!(element instanceof HTMLFormElement)) return;
  const key = PREFIX + location.pathname;
  // A form that came back with errors holds what was typed already.
  if (!element.querySelector("[aria-invalid=true], [role=alert]")) restore(element, key);
  element.addEventListener("input", () => write(key, { sent: false, fields: read(element) }));
  element.addEventListener("submit", () => write(key, { sent: true, fields: read(element) }));
}

/** Forget forms that were sent and led on to another page; keep all while logging in. */
export function forgetSent() {
  if (location.pathname === "/login/") return;
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith(PREFIX) || key === PREFIX + location.pathname) continue;
    if (JSON.parse(sessionStorage.getItem(key) ?? "{}").sent) sessionStorage.removeItem(key);
  }
}

/** @param {string} key @param {{sent: boolean, fields: [string, string | boolean][]}} kept */
function write(key, kept) {
  sessionStorage.setItem(key, JSON.stringify(kept));
}

/** @param {HTMLFormElement} form */
function fieldsOf(form) {
  return [...form.elements].filter(
    /** @returns {one is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} */
    (one) => "name" in one && one.name !== "" && "type" in one && !NEVER.has(String(one.type)),
  );
}

/** @param {HTMLFormElement} form @returns {[string, string | boolean][]} */
function read(form) {
  return fieldsOf(form).map((field) => [
    field.name,
    field instanceof HTMLInputElement && field.type === "checkbox" ? field.checked : field.value,
  ]);
}

/** @param {HTMLFormElement} form @param {string} key */
function restore(form, key) {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept) return;
  const values = new Map(kept.fields);
  for (const field of fieldsOf(form)) {
    const value = values.get(field.name);
    if (typeof value === "boolean" && field instanceof HTMLInputElement) field.checked = value;
    else if (typeof value === "string" && field.type !== "radio") field.value = value;
  }
}
