// @ts-check
/* Elements built by hand: text stays text, whatever a label contains. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node|string|null|undefined|false} Child */

/**
 * An element. Attributes that are null or false are left out, true stands alone.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string|number|boolean|null|undefined>} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.flat().filter(isDrawn));
  return element;
}

/** An icon of the sprite; its word stands beside it, so it is hidden from readers. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  setAttributes(svg, { class: "icon", "aria-hidden": "true" });
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${spriteAddress()}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A drawing of paths, circles and rectangles.
 * @param {string} viewBox @param {string} className @param {[string, Record<string, string>][]} parts
 */
export function drawing(viewBox, className, parts) {
  const svg = document.createElementNS(SVG, "svg");
  setAttributes(svg, { viewBox, class: className, "aria-hidden": "true" });
  for (const [tag, attributes] of parts) {
    const part = document.createElementNS(SVG, tag);
    setAttributes(part, attributes);
    svg.append(part);
  }
  return svg;
}

/**
 * New content, but only if it differs: a button must not vanish between press and release.
 * @param {HTMLElement} element @param {...(Child|Child[])} children
 */
export function redraw(element, ...children) {
  const fresh = /** @type {HTMLElement} */ (element.cloneNode(false));
  fresh.append(...children.flat().filter(isDrawn));
  if (!element.isEqualNode(fresh)) element.replaceChildren(...fresh.childNodes);
}

/**
 * The one element that matches; a page without it is a mistake of ours.
 * @param {string} selector @param {ParentNode} [root] @returns {HTMLElement}
 */
export function find(selector, root = document) {
  const element = root.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`No ${selector} on this page`);
  return element;
}

/** @param {Element} element @param {Record<string, string|number|boolean|null|undefined>} attributes */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, String(value));
    }
  }
}

/** @param {Child} child @returns {child is Node|string} */
function isDrawn(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}

function spriteAddress() {
  return document.documentElement.dataset.sprite ?? "";
}
