// @ts-check
/* A photo of a code, where the running picture cannot be had. */
import { h } from "../lib/dom.js";
import { Decoder } from "./camera_decoder.js";

/** @import { Code } from "./camera_decoder.js" */

const LARGEST = 2000;

/** Opens the device's own camera, or its files. Nothing where somebody thinks better of it. @returns {Promise<File|null>} */
export function askForPhoto() {
  const input = h("input", { type: "file", accept: "image/*", capture: "environment" });
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files?.[0] ?? null));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}

/** The text of the code in the middle, or none. Bars count only if two sizes of the photo read alike. @param {File} file */
export async function readPhoto(file) {
  const decoder = new Decoder(); // of its own: the running one has its frame in flight
  /** @param {number} largest @returns {Promise<Code[]>} */
  const read = async (largest) => decoder.read(await picture(file, largest), true).catch(() => []);
  const [first] = await read(LARGEST).catch(() => []);
  const again = first?.isLinear ? await read(LARGEST * 0.8) : [first];
  const { isBroken } = decoder;
  decoder.close();
  return { text: first && again.some((each) => each?.text === first.text) ? first.text : null, isBroken };
}

/** @param {File} file @param {number} largest pixels of the longer side */
async function picture(file, largest) {
  const whole = await createImageBitmap(file);
  const share = largest / Math.max(whole.width, whole.height);
  if (share >= 1) return whole;
  return createImageBitmap(whole, { resizeWidth: Math.round(whole.width * share), resizeQuality: "high" });
}
