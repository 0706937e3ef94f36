// @ts-check
/* The camera of this visit: asked for once, by a tap; let go while nobody looks; its codes go where
   every scan goes. Loaded when it is first wanted. */
import { chosenCamera, keepChoice } from "./camera_choice.js";
import { Decoder } from "./camera_decoder.js";
import { abilitiesOf, adjust, askForCamera, faultOf, letGo, whenLost, whyNone } from "./camera_device.js";
import { Frames } from "./camera_frames.js";
import { askForPhoto, readPhoto } from "./camera_photo.js";
import { Sightings } from "./camera_sightings.js";
import { cameraPage, hideFinder, showFinder } from "./camera_view.js";

/** @import { CameraState } from "./camera_view.js" */

const ASKING_MS = 400;

export class Camera {
  /** @param {(text: string) => unknown} take @param {(isFault: boolean) => void} show the page of the state, or the scan screen */
  constructor(take, show) {
    this.take = take;
    this.show = show;
    /** @type {CameraState} */
    this.state = "off";
    /** @type {MediaStream|null} */
    this.stream = null;
    this.can = { torch: false, zooms: [1], cameras: [""] };
    this.now = { zoom: 1, isLit: false };
    this.sightings = new Sightings();
    /** @type {Decoder|null} */
    this.decoder = null;
    this.turn = 0; // an answer that belongs to an earlier turn comes too late
    document.addEventListener("visibilitychange", () => {
      if (this.state !== "running") return;
      if (document.hidden) this.#release();
      else if (!this.stream) void this.#acquire();
    });
  }

  page() {
    return cameraPage(this.state);
  }

  async toggle() {
    if (["running", "asking", "loading"].includes(this.state)) return this.#become("off");
    await this.#acquire();
  }

  async light() {
    this.now.isLit = !this.now.isLit;
    await this.#adjust({ torch: this.now.isLit });
  }

  async zoomOn() {
    const { zooms } = this.can;
    this.now.zoom = zooms[(zooms.indexOf(this.now.zoom) + 1) % zooms.length];
    await keepChoice({ zoom: this.now.zoom });
    await this.#adjust({ zoom: this.now.zoom });
  }

  async nextCamera() {
    const { cameras } = this.can;
    const current = this.stream?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
    await keepChoice({ deviceId: cameras[(cameras.indexOf(current) + 1) % cameras.length] });
    this.#release();
    await this.#acquire();
  }

  async photo() {
    const file = await askForPhoto();
    if (!file) return;
    if (this.state !== "running") this.#become("reading");
    const { text, isBroken } = await readPhoto(file);
    if (!text) return this.#become(isBroken ? "decoder" : "unread");
    if (this.state === "reading") this.#become("off");
    this.take(text);
  }

  async #acquire() {
    const turn = this.turn += 1;
    const isLate = () => turn !== this.turn;
    const why = whyNone();
    if (why) return this.#become(why);
    const slow = setTimeout(() => { if (!isLate()) this.#draw(this.stream ? "loading" : "asking"); }, ASKING_MS);
    if (!this.decoder || this.decoder.isBroken) this.decoder = new Decoder();
    try {
      const choice = await chosenCamera();
      const stream = await askForCamera(choice.deviceId);
      if (isLate()) return letGo(stream);
      await this.#run(stream, choice.zoom, isLate);
      if (document.hidden) this.#release();
    } catch (error) {
      if (!isLate()) this.#become(this.decoder?.isBroken ? "decoder" : faultOf(error));
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {MediaStream} stream @param {number|undefined} zoom @param {() => boolean} isLate */
  async #run(stream, zoom, isLate) {
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    this.can = await abilitiesOf(track);
    await this.decoder?.ready;
    if (isLate() || !this.decoder) return;
    whenLost(track, () => {
      if (this.state !== "running" || document.hidden || this.stream !== stream) return;
      this.#release();
      void this.#acquire();
    });
    // Twice as near where the camera can: many phones do not focus on what is close.
    this.now = { zoom: this.can.zooms.find((each) => each === (zoom ?? 2)) ?? 1, isLit: false };
    if (this.can.zooms.length) await adjust(track, { zoom: this.now.zoom });
    this.state = "running";
    const video = showFinder(stream, this.can, this.now);
    this.frames = new Frames(video, this.decoder, (codes) => {
      const text = this.sightings.see(codes, performance.now());
      if (text) this.take(text);
    });
    this.show(false);
  }

  /** @param {object} setting */
  async #adjust(setting) {
    const track = this.stream?.getVideoTracks()[0];
    if (!track || !this.stream) return;
    await adjust(track, setting);
    showFinder(this.stream, this.can, this.now);
  }

  /** @param {CameraState} state without a picture */
  #become(state) {
    this.turn += 1;
    this.#release();
    this.#draw(state);
  }

  /** @param {CameraState} state */
  #draw(state) {
    this.state = state;
    hideFinder();
    this.show(state !== "off");
  }

  #release() {
    this.frames?.stop();
    if (this.stream) letGo(this.stream);
    this.stream = null;
  }
}
