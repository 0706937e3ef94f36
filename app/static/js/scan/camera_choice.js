// @ts-check
/* Which camera and which zoom somebody chose on this device. */
import { get, put } from "../offline/db.js";

/** @typedef {{deviceId?: string, zoom?: number}} Choice */

/** @returns {Promise<Choice>} */
export async function chosenCamera() {
  return (await get("camera")) ?? {};
}

/** @param {Choice} choice */
export async function keepChoice(choice) {
  await put("camera", { ...(await chosenCamera()), ...choice });
}
