// @ts-check
/* From what came of the test code to what is wrong with the set-up. Pure: text in, findings out. */
import { normalise } from "../gs1.js";
import { pressed, readings } from "./keyboards.js";

const SEPARATOR = "\u001d";
const AIM_PREFIX = /^\][A-Za-z][0-9A-Fa-f]/;

/**
 * @typedef {{key: string, state: "ok"|"ask"|"refused", title: string, words: string}} Finding
 * `ask`: scanning works, but something will be missed.
 */

/** @type {Record<string, Omit<Finding, "key">>} */
const FOUND = {
  fine: { state: "ok", title: "This scanner is set up well", words: "Every character came as it stands in the code." },
  layout: { state: "refused", title: "Different keyboards", words: "Set both, the scanner and this device, to the US layout." },
  caps: { state: "refused", title: "Caps Lock is on", words: "Small and capital letters are exchanged. Switch Caps Lock off, or set the scanner's Caps-Lock override." },
  shift: { state: "refused", title: "Shift is lost", words: "Capitals or signs came as other characters of the same keys. Set an inter-character delay of 5 to 10 ms." },
  doubled: { state: "refused", title: "Characters come twice", words: "Keys repeat, or two programs type the same scan. Set an inter-character delay, and switch off one of two scanner programs." },
  lost: { state: "refused", title: "Characters are missing", words: "The scanner types faster than this device reads. Set an inter-character delay of 5 to 10 ms." },
  separator: { state: "refused", title: "The separator is lost", words: "GS1 codes of suppliers cannot be told apart. Let the scanner send GS (character 29) as Ctrl+] or as {GS}." },
  strange: { state: "refused", title: "The separator is not known here", words: "Let the scanner send GS (character 29) as Ctrl+] or as {GS}." },
  ending: { state: "refused", title: "No end of line", words: "Let the scanner send CR (Enter) behind each code. Without it, codes may be cut in two or joined." },
  prefix: { state: "refused", title: "The prefix is missing", words: "This device expects one, but the scanner did not send it. Set it again, or clear the prefix below." },
  extra: { state: "ask", title: "Something stands before the code", words: "If it is a prefix of your own, enter it below; else switch it off in the scanner." },
  aim: { state: "ask", title: "No AIM id", words: "Let the scanner send the AIM id before each code, so that GS1 codes are told from others for certain." },
  other: { state: "refused", title: "This is not the test code", words: "Or it is garbled beyond recognition. Scan the code on this page, or on the set-up sheet." },
};

/**
 * @param {string} text what came, prefix and all
 * @param {{expected: string, isEnded: boolean, prefix: string}} facts
 * @returns {Finding[]}
 */
export function diagnose(text, { expected, isEnded, prefix }) {
  const match = bestMatch(text, expected);
  if (!match) return [finding(isPartOf(text, expected) ? "lost" : "other")];
  const found = [...match.faults, ...separatorFaults(match.between)];
  // With different keyboards what stands before the code is garbled too: first things first.
  if (found[0]?.key !== "layout") found.push(...startFaults(match.before, prefix));
  if (!isEnded) found.push(finding("ending"));
  const isFine = found.every((each) => each.state !== "refused");
  return isFine ? [finding("fine"), ...found] : found;
}

/** The simplest mistake that explains all characters. @param {string} text @param {string} expected */
function bestMatch(text, expected) {
  for (const isDoubled of [false, true]) {
    for (const reading of readings(isDoubled ? text.replace(/([^])\1/gu, "$1") : text)) {
      const parts = partsOf(reading.text, expected);
      if (!parts) continue;
      const faults = reading.words ? [{ ...finding("layout"), words: `${reading.words} ${FOUND.layout.words}` }] : [];
      if (parts.shift) faults.push(finding(parts.shift));
      if (isDoubled) faults.push(finding("doubled"));
      return { before: parts.before, between: parts.between, faults };
    }
  }
  return null;
}

/** What stands before the code and in the place of its separator. @param {string} text @param {string} expected */
function partsOf(text, expected) {
  const [head, tail] = expected.split(SEPARATOR);
  const keys = pressed(text);
  const start = keys.indexOf(pressed(head));
  const end = keys.lastIndexOf(pressed(tail));
  if (start < 0 || end < start + head.length) return null;
  const characters = [...text];
  const got = [characters.slice(start, start + head.length).join(""), characters.slice(end, end + tail.length).join("")].join(SEPARATOR);
  return {
    before: characters.slice(0, start).join(""),
    between: characters.slice(start + head.length, end).join(""),
    shift: got === expected ? null : got === swapped(expected) ? "caps" : "shift",
  };
}

/** @param {string} between @returns {Finding[]} */
function separatorFaults(between) {
  if (!between) return [finding("separator")];
  return normalise(`a${between}a`).replaceAll(SEPARATOR, "") === "aa" && normalise(between) !== "" ? [] : [finding("strange")];
}

/** @param {string} before @param {string} prefix @returns {Finding[]} */
function startFaults(before, prefix) {
  const aim = before.replace(prefix, "").match(AIM_PREFIX)?.[0] ?? "";
  const rest = before.replace(aim, "");
  const found = aim ? [] : [finding("aim")];
  if (prefix && !rest.startsWith(prefix)) found.push(finding("prefix"));
  else if (rest !== prefix) found.push(finding("extra"));
  return found;
}

/** Whether only characters are missing. @param {string} text @param {string} expected */
function isPartOf(text, expected) {
  let place = 0;
  for (const character of text.replace(AIM_PREFIX, "")) {
    place = expected.indexOf(character, place) + 1;
    if (!place) return false;
  }
  return text.length > expected.length / 3;
}

/** @param {string} text */
function swapped(text) {
  return [...text].map((letter) => letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()).join("");
}

/** @param {string} key @returns {Finding} */
function finding(key) {
  return { key, ...FOUND[key] };
}
