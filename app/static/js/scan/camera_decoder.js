// @ts-check
/* The page's side of the worker that reads pictures. One picture at a time. */

/** @typedef {{text: string, isLinear: boolean}} Code its text behind the AIM id */

export class Decoder {
  constructor() {
    this.worker = new Worker(new URL("./camera_worker.js", import.meta.url));
    this.took = 0;
    /** @type {(codes: Code[]) => void} */
    this.answer = () => undefined;
    this.isBroken = false;
    /** @type {Promise<void>} settles when the decoder is loaded, or cannot be */
    this.ready = new Promise((resolve, reject) => {
      const fail = () => { this.isBroken = true; reject(new Error("The decoder cannot be loaded")); };
      this.worker.addEventListener("error", (event) => { event.preventDefault(); fail(); this.answer([]); });
      this.worker.addEventListener("message", ({ data }) => {
        if (data.isReady === false) return fail();
        if (data.isReady) return resolve();
        this.took = data.took;
        this.answer(data.codes);
      });
    });
    this.ready.catch(() => undefined);
  }

  /**
   * What stands in the picture, the nearest to its middle first. The picture is used up.
   * @param {ImageBitmap} picture @param {boolean} isThorough slower, finds turned and faint codes
   * @returns {Promise<Code[]>}
   */
  async read(picture, isThorough) {
    await this.ready;
    return new Promise((resolve) => {
      this.answer = resolve;
      this.worker.postMessage({ picture, isThorough }, [picture]);
    });
  }

  close() {
    this.worker.terminate();
    this.answer([]);
  }
}
