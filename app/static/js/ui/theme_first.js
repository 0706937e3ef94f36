// Sets the chosen colours before the first paint. A plain script, because modules run too late.
// @ts-check
"use strict";
try {
  const chosen = localStorage.getItem("rollcall-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the device's own setting holds.
}
