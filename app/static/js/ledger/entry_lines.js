// Lines of a movement by keyboard or scanner alone: Enter goes on, Ctrl and Enter books.
// A scanner ends a code with Enter, which would send a form.
// @ts-check

/** @param {HTMLElement} element the part of the form that holds the lines */
export function mount(element) {
  const form = element.closest("form");
  const body = element.querySelector("[data-lines]");
  const more = element.querySelector("[data-more]");
  if (!(form instanceof HTMLFormElement) || !(body instanceof HTMLElement)) return;
  form.addEventListener("keydown", (event) => goOn(form, body, event));
  more?.addEventListener("click", (event) => {
    event.preventDefault();
    addLine(body)?.focus();
  });
}

/** @param {HTMLFormElement} form @param {HTMLElement} body @param {KeyboardEvent} event */
function goOn(form, body, event) {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) {
    form.requestSubmit(form.querySelector("button[value=book]"));
    return;
  }
  const fields = [...form.querySelectorAll("input:not([type=hidden]), select")];
  const next = fields[fields.indexOf(event.target) + 1] ?? addLine(body);
  if (next instanceof HTMLElement) next.focus();
}

/** A copy of the last line, empty, under the next number. @param {HTMLElement} body */
function addLine(body) {
  const last = body.lastElementChild;
  const count = body.children.length;
  if (!last || count >= Number(body.dataset.most)) return null;
  const copy = /** @type {HTMLElement} */ (last.cloneNode(true));
  for (const input of copy.querySelectorAll("input")) {
    input.id = input.name = input.name.replace(/-\d+-/, `-${count}-`);
    input.value = "";
    input.setAttribute("aria-label", (input.getAttribute("aria-label") ?? "").replace(/\d+$/, String(count + 1)));
  }
  body.append(copy);
  return copy.querySelector("input");
}
