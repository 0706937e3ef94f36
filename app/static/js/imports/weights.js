// Weights of many rolls: more fields on demand, a pasted column spread over them, a running sum.
// @ts-check

const MOST = 200;

/** @param {HTMLElement} element the part of the form that holds the weights */
export function mount(element) {
  const form = element.closest("form");
  const list = element.querySelector("[data-weights]");
  const add = element.querySelector("[data-add]");
  if (!form || !(list instanceof HTMLElement) || !(add instanceof HTMLElement)) return;
  add.hidden = false;
  add.addEventListener("click", () => addField(list)?.focus());
  list.addEventListener("paste", (event) => spread(list, event));
  list.addEventListener("keydown", (event) => goOn(list, event));
  form.addEventListener("input", () => tell(form));
  tell(form);
}

/** @param {HTMLElement} list */
const fieldsOf = (list) => [...list.querySelectorAll("input")];

/** @param {HTMLElement} list */
function addField(list) {
  const fields = list.querySelectorAll("[data-weight]");
  const last = fields[fields.length - 1];
  if (!last || fields.length >= MOST) return null;
  const copy = /** @type {HTMLElement} */ (last.cloneNode(true));
  const input = copy.querySelector("input");
  const label = copy.querySelector("label");
  if (!input || !label) return null;
  copy.querySelector(".field__error")?.remove();
  input.id = input.name = `weights-${fields.length}`;
  input.value = "";
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  label.htmlFor = input.id;
  label.textContent = `Roll ${fields.length + 1}`;
  list.append(copy);
  return input;
}

/** A pasted column of a spreadsheet fills this field and those after it.
 * @param {HTMLElement} list @param {ClipboardEvent} event */
function spread(list, event) {
  const lines = (event.clipboardData?.getData("text") ?? "").split(/[\r\n]+/).filter((s) => s.trim());
  if (lines.length < 2 || !(event.target instanceof HTMLInputElement)) return;
  event.preventDefault();
  const start = fieldsOf(list).indexOf(event.target);
  lines.forEach((line, index) => {
    const input = fieldsOf(list)[start + index] ?? addField(list);
    if (input) input.value = line.trim();
  });
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Enter goes on to the next field, as on a scale's keypad; from an empty one it sends the form.
 * @param {HTMLElement} list @param {KeyboardEvent} event */
function goOn(list, event) {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
  if (!event.target.value.trim()) return;
  event.preventDefault();
  const next = fieldsOf(list)[fieldsOf(list).indexOf(event.target) + 1] ?? addField(list);
  next?.focus();
}

/** @param {HTMLElement} form */
function tell(form) {
  const typed = [...form.querySelectorAll("[data-weights] input, [name=pasted]")].flatMap((field) =>
    /** @type {HTMLInputElement} */ (field).value.split(/\n/),
  );
  const said = typed.map((text) => text.trim()).filter(Boolean);
  const weights = said.map(Number).filter((weight) => weight > 0 && Number.isFinite(weight));
  const rolls = `${said.length} ${said.length === 1 ? "roll" : "rolls"}`;
  // Six decimals, so that 0.1 + 0.2 reads as a person would add it.
  const sum = Number(weights.reduce((total, weight) => total + weight, 0).toFixed(6));
  write(form, "[data-sum-rolls]", rolls);
  write(form, "[data-sum-weight]", `${sum.toLocaleString("en-GB", { maximumFractionDigits: 6 })} kg`);
  const box = form.querySelector("[data-sum]");
  if (box instanceof HTMLElement) box.hidden = said.length === 0;
  const button = form.querySelector("[data-make]");
  if (button instanceof HTMLElement && said.length) {
    button.textContent = (button.dataset.make ?? "").replace("{}", rolls);
  }
}

/** @param {HTMLElement} form @param {string} place @param {string} words */
function write(form, place, words) {
  const element = form.querySelector(place);
  if (element) element.textContent = words;
}
