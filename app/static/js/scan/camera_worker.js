// @ts-check
/* Reads codes in pictures, beside the page so that the screen never waits. A classic worker: the
   decoder is a script for `importScripts`. Each picture is answered in the order it came. */
/// <reference lib="webworker" />
importScripts(new URL("../../vendor/zxing-reader-3.1.4.js", self.location.href).href);

const { prepareZXingModule, readBarcodes } = /** @type {any} */ (self).ZXingWASM;
const WASM = new URL("../../vendor/zxing-reader-3.1.4.wasm", self.location.href).href;

const LINEAR = ["Code128", "Code39", "ITF", "EAN13", "EAN8", "UPCA"];
// "Plain" keeps the separator 0x1D; the decoder's own default would write brackets.
const THOROUGH = { formats: ["QRCode", "DataMatrix", ...LINEAR], textMode: "Plain", maxNumberOfSymbols: 8 };
const FAST = { ...THOROUGH, tryHarder: false, tryRotate: false, tryInvert: false, tryDownscale: false };

// One canvas for all pictures: a new one for each has run phones out of memory.
const canvas = new OffscreenCanvas(1280, 720);
const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));

// Without locateFile it would be fetched from another host.
prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true })
  .then(() => postMessage({ isReady: true }), () => postMessage({ isReady: false }));

addEventListener("message", async ({ data: { picture, isThorough } }) => {
  const start = performance.now();
  const found = await readBarcodes(pixels(picture), isThorough ? THOROUGH : FAST).catch(() => []);
  const middle = { x: canvas.width / 2, y: canvas.height / 2 };
  const codes = found
    .filter((/** @type {any} */ each) => each.isValid && each.text)
    .map((/** @type {any} */ each) => ({
      text: each.symbologyIdentifier + each.text,
      isLinear: LINEAR.includes(each.format),
      distance: distanceTo(middle, each.position),
    }))
    .sort((/** @type {any} */ a, /** @type {any} */ b) => a.distance - b.distance);
  postMessage({ codes, took: performance.now() - start });
});

/** @param {ImageBitmap} picture */
function pixels(picture) {
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  pen.drawImage(picture, 0, 0);
  picture.close();
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** @param {{x: number, y: number}} middle @param {any} corners */
function distanceTo(middle, { topLeft, bottomRight }) {
  return Math.hypot((topLeft.x + bottomRight.x) / 2 - middle.x, (topLeft.y + bottomRight.y) / 2 - middle.y);
}
