// Light, dark or as the device: chosen once per browser, kept there.
// @ts-check

const KEY = "rollcall-theme";

/** @param {HTMLElement} element a group of radio buttons named "theme" */
export function mount(element) {
  const chosen = localStorage.getItem(KEY) ?? "auto";
  for (const radio of element.querySelectorAll("input")) radio.checked = radio.value === chosen;
  element.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) choose(event.target.value);
  });
}

/** @param {string} value */
function choose(value) {
  if (value === "auto") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, value);
    document.documentElement.dataset.theme = value;
  }
}
