// @ts-check
/* The way to the camera: nothing of it is loaded before somebody wants it. */

/** @import { Camera } from "./camera.js" */
/** @import { Router } from "./router.js" */

/** @type {Promise<Camera>|undefined} */
let camera;

/** The one camera of this visit. @param {Router} router */
export function cameraOf(router) {
  camera ??= load(router);
  return camera;
}

/** @param {Router} router */
async function load(router) {
  const { Camera } = await import("./camera.js");
  const { floor } = router.screen;
  return new Camera((text) => floor.take(text, "camera"), (isFault) => {
    const isThere = location.hash === "#camera";
    // Another page that somebody has opened meanwhile stays.
    if (isFault !== isThere && (isThere || !location.hash.slice(1))) location.hash = isFault ? "camera" : "";
    else void router.show();
  });
}
