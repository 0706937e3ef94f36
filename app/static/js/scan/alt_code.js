// @ts-check
/* Alt held and digits of the number pad: how scanners on Windows type what has no key. */

const SEPARATOR = 29;

export class AltCode {
  constructor() {
    this.digits = "";
  }

  /** Whether the key is a part of such a code. @param {KeyboardEvent} event */
  press(event) {
    if (event.key === "Alt") this.digits = "";
    else if (event.altKey) this.digits += event.code.match(/^(?:Numpad|Digit)([0-9])$/)?.[1] ?? event.key.match(/^[0-9]$/)?.[0] ?? "";
    return event.key === "Alt" || (event.altKey && this.digits !== "");
  }

  /** Whether the end of Alt means the separator of GS1 codes. @param {KeyboardEvent} event */
  release(event) {
    if (event.key !== "Alt") return false;
    const isSeparator = Number(this.digits) === SEPARATOR;
    this.digits = "";
    return isSeparator;
  }
}
