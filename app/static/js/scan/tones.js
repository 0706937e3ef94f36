// @ts-check
/* Five tones, made on the spot. Rising is good, falling is soft, two equal ask, one low says "done
   before", and nothing else on a shop floor sounds like the refusal. */

/** @typedef {"ok"|"unsent"|"ask"|"already"|"refused"|"pending"} Tone */
/** @typedef {[hertz: number, start: number, length: number]} Note */

/** @type {Record<Tone, {wave: OscillatorType, loudness: number, notes: Note[]}>} */
const TONES = {
  pending: { wave: "sine", loudness: 0.35, notes: [[1047, 0, 0.07]] },
  ok: { wave: "triangle", loudness: 0.6, notes: [[1047, 0, 0.09], [1568, 0.1, 0.16]] },
  unsent: { wave: "triangle", loudness: 0.6, notes: [[1047, 0, 0.09], [1568, 0.1, 0.09], [1047, 0.2, 0.14]] },
  ask: { wave: "triangle", loudness: 0.7, notes: [[740, 0, 0.12], [740, 0.18, 0.12], [988, 0.36, 0.2]] },
  already: { wave: "sine", loudness: 0.7, notes: [[523, 0, 0.12], [392, 0.13, 0.2]] },
  refused: { wave: "sawtooth", loudness: 0.9, notes: [[196, 0, 0.22], [185, 0.28, 0.22], [175, 0.56, 0.4]] },
};

/** @type {AudioContext|null} */
let context = null;

/** Must be called inside a tap or a key, before anything is awaited. */
export function unlockSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
}

export function isSoundOn() {
  return context?.state === "running";
}

/** @param {Tone} tone @param {number} [delay] seconds from now */
export function play(tone, delay = 0) {
  if (!context || context.state !== "running") return;
  const { wave, loudness, notes } = TONES[tone];
  for (const [hertz, start, length] of notes) {
    note(context, wave, loudness, hertz, context.currentTime + delay + start, length);
  }
}

/** All five, one after the other: loud enough? */
export async function playAll() {
  await context?.resume();
  /** @type {Tone[]} */
  const order = ["ok", "unsent", "ask", "already", "refused"];
  order.forEach((tone, n) => play(tone, n * 0.8));
}

/**
 * @param {AudioContext} audio @param {OscillatorType} wave @param {number} loudness
 * @param {number} hertz @param {number} start @param {number} length
 */
function note(audio, wave, loudness, hertz, start, length) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = wave;
  oscillator.frequency.value = hertz;
  // Short slopes, because a hard edge clicks in cheap loudspeakers.
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + 0.01);
  gain.gain.setValueAtTime(loudness, start + length - 0.02);
  gain.gain.linearRampToValueAtTime(0, start + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}
