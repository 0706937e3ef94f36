// @ts-check
/* Which of the codes that the camera sees is a scan. Pure: readings and times in, scans out. */

/** @import { Code } from "./camera_decoder.js" */

export const GONE_MS = 1500;

export class Sightings {
  constructor() {
    /** @type {Map<string, number>} what was taken, and when it was last in the picture */
    this.taken = new Map();
    this.candidate = "";
  }

  /**
   * The text to take, or null. Of several codes only the one in the middle counts.
   * @param {Code[]} codes of one frame, the middle one first @param {number} now milliseconds
   */
  see(codes, now) {
    for (const [text, seenAt] of this.taken) if (now - seenAt > GONE_MS) this.taken.delete(text);
    for (const { text } of codes) if (this.taken.has(text)) this.taken.set(text, now);
    const [code] = codes;
    if (!code || this.taken.has(code.text)) return null;
    // Bars are misread now and then; the same mistake twice in a row is rare.
    if (code.isLinear && this.candidate !== code.text) {
      this.candidate = code.text;
      return null;
    }
    this.candidate = "";
    this.taken.set(code.text, now);
    return code.text;
  }
}
