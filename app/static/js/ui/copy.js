// A button that copies the text in its data-copy and says so.
// @ts-check

/** @param {HTMLElement} element */
export function mount(element) {
  element.addEventListener("click", async () => {
    await navigator.clipboard.writeText(element.dataset.copy ?? "");
    const words = element.querySelector("[data-copy-words]") ?? element;
    words.textContent = "Copied";
  });
}
