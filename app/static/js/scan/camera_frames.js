// @ts-check
/* From the running picture to the decoder: one frame in flight, at most twelve a second. Three of
   four are read fast in the middle band, at full width because bars are wide; the fourth thoroughly. */

/** @import { Code, Decoder } from "./camera_decoder.js" */

const SHORTEST_MS = 1000 / 12;
const FULL_EVERY = 4;
const BAND = 0.5;

export class Frames {
  /** @param {HTMLVideoElement} video @param {Decoder} decoder @param {(codes: Code[]) => void} onCodes */
  constructor(video, decoder, onCodes) {
    this.video = video;
    this.decoder = decoder;
    this.onCodes = onCodes;
    this.isOn = true;
    this.count = 0;
    this.last = -Infinity;
    this.#next();
  }

  stop() {
    this.isOn = false;
  }

  #next() {
    if (this.isOn) this.video.requestVideoFrameCallback((now) => void this.#frame(now));
  }

  /** @param {number} now */
  async #frame(now) {
    if (this.isOn && now - this.last >= SHORTEST_MS) {
      this.last = now;
      // A frame that cannot be read is followed by the next one.
      const codes = await this.#read().catch(() => []);
      if (this.isOn) this.onCodes(codes);
    }
    this.#next();
  }

  async #read() {
    this.count += 1;
    const isThorough = this.count % FULL_EVERY === 0;
    const { videoWidth: width, videoHeight: height } = this.video;
    const part = isThorough ? height : Math.round(height * BAND);
    const top = Math.round((height - part) / 2);
    return this.decoder.read(await createImageBitmap(this.video, 0, top, width, part), isThorough);
  }
}
