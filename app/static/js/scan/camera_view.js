// @ts-check
/* What the camera looks like: the finder while it runs, and a page for each reason why it does not. */
import { find, h, icon, redraw } from "../lib/dom.js";

/** @import { Abilities, Fault } from "./camera_device.js" */

/** @typedef {"off"|"asking"|"loading"|"running"|"decoder"|"reading"|"unread"|Fault} CameraState */

/** @type {Record<Exclude<CameraState, "running">, {title: string, words: string, isFinal?: boolean, noPhoto?: boolean}>} */
const PAGES = {
  off: { title: "Scan with the camera", words: "Hold the label in front of it. The camera runs until you tap Camera again." },
  asking: { title: "Allow the camera", words: "The browser asks whether this page may use the camera. Choose “Allow”.", isFinal: true, noPhoto: true },
  loading: { title: "Loading the reader", words: "What reads codes in pictures is fetched once and then kept on this device.", isFinal: true, noPhoto: true },
  refused: { title: "The camera is not allowed", words: "Tap the sign left of the address, set Camera to “Allow” and try again. On an iPhone: Settings, Apps, Safari, Camera. In the installed app: the settings of the device, Apps, Permissions." },
  none: { title: "No camera found", words: "The browser finds none on this device. A keyboard scanner works at any time." },
  insecure: { title: "The camera needs https", words: "This address is not secure (http), and browsers give the camera to secure pages only. Open the https address of Rollcall.", isFinal: true },
  busy: { title: "The camera is in use", words: "Another app or another tab has it, or it has just been unplugged. Close the other one and try again." },
  decoder: { title: "The reader did not load", words: "What reads codes in pictures is fetched once and then kept on this device. Go where there is a network and try again.", noPhoto: true },
  reading: { title: "Reading the photo", words: "This takes a moment.", isFinal: true, noPhoto: true },
  unread: { title: "No code in this photo", words: "Let the code fill half of the picture, flat, sharp and without glare, and take another." },
};

/** @param {CameraState} state */
export function cameraPage(state) {
  const { title, words, isFinal, noPhoto } = PAGES[state === "running" ? "off" : state];
  return h("div", { class: "stack", "data-camera": state }, h("h1", {}, title), h("p", { role: "status" }, words),
    isFinal ? "" : button("camera", "camera", state === "off" || state === "unread" ? "Start the camera" : "Try again", "button--next"),
    noPhoto ? "" : button("photo", "files", "Photo of a code", ""),
    h("a", { class: "button button--floor button--wide", href: "#type" }, icon("keyboard"), "Type the code"));
}

/** The running picture, and what this camera can do. @param {MediaStream} stream @param {Abilities} can @param {{zoom: number, isLit: boolean}} now */
export function showFinder(stream, can, { zoom, isLit }) {
  const panel = find("#camera");
  const video = videoOf(panel);
  if (video.srcObject !== stream) {
    video.srcObject = stream;
    void video.play().catch(() => undefined);
  }
  redraw(find(".thumbs", panel),
    can.torch ? control("torch", "sun", "Torch", isLit) : "",
    can.zooms.length > 1 ? control("zoom", "search", `Zoom ${zoom}×`) : "",
    can.cameras.length > 1 ? control("next-camera", "camera", "Other camera") : "",
    control("photo", "files", "Photo"));
  setShown(true);
  return video;
}

export function hideFinder() {
  const video = find("#camera").querySelector("video");
  if (video) video.srcObject = null;
  setShown(false);
}

/** @param {HTMLElement} panel */
function videoOf(panel) {
  const old = panel.querySelector("video");
  if (old) return old;
  const video = h("video", { playsinline: true, autoplay: true, "aria-label": "What the camera sees" });
  video.muted = true; // the attribute alone does not mute a video that a script made
  panel.replaceChildren(
    h("div", { class: "camera__picture" }, video, h("div", { class: "finder" })), h("div", { class: "thumbs" }));
  return video;
}

/** @param {boolean} isShown */
function setShown(isShown) {
  find("#camera").hidden = !isShown;
  document.body.classList.toggle("floor--camera", isShown);
}

/** @param {string} action @param {string} name @param {string} words @param {string} extra */
function button(action, name, words, extra) {
  return h("button", { type: "button", class: `button button--floor button--wide ${extra}`.trim(), "data-do": action }, icon(name), words);
}

/** @param {string} action @param {string} name @param {string} words @param {boolean} [isPressed] */
function control(action, name, words, isPressed) {
  const pressed = isPressed === undefined ? null : String(isPressed);
  return h("button", { type: "button", "data-do": action, "aria-pressed": pressed }, icon(name), words);
}
