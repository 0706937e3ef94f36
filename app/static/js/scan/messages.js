// @ts-check
/* Every word the floor says, in one place, in the driver's language: what happened to which roll,
   never what happened to a record. */

/** @param {number} n */
export function rolls(n) {
  return n === 1 ? "1 roll" : `${n} rolls`;
}

const DONE = { putaway: "stored", transfer: "handed over", dispatch: "dispatched", reverse: "undone" };

/** @param {string} verb */
export function done(verb) {
  return DONE[/** @type {"putaway"} */ (verb)] ?? verb;
}

/** What the hi-vis bar says is next, by the keys of the decision table. @type {Record<string, Record<string, string>>} */
export const NEXT = {
  anything: { auto: "Scan a roll or a rack", store: "Scan a roll to store", dispatch: "Scan a roll to dispatch", view: "Scan to look up" },
  unit: { auto: "Scan the next roll", store: "Scan the next roll to store", dispatch: "Scan the next roll to dispatch" },
  rolls_first: { auto: "Now scan the rolls" },
  place: { auto: "Now scan the rack", dispatch: "Customer, or next roll" },
  places: { auto: "Rack, or more rolls", dispatch: "Customer, or more rolls" },
  units_here: { auto: "Rolls into" },
  again_opens: { auto: "Roll, or again to open" },
  again: { auto: "Scan it again" },
  choose: { auto: "Tap the right one" },
  label: { auto: "Scan the label again" },
};

export const READY = {
  auto: { title: "Scan a roll or a rack", recipes: [["Roll, then rack", "stores it"], ["Rolls, then department", "hands them over"], ["Rolls, then customer", "dispatches them"], ["Rack alone", "shows what lies there"]] },
  store: { title: "Scan a roll to store", recipes: [["Roll, then rack", "stores it"], ["Rack twice, then rolls", "stores them all there"]] },
  dispatch: { title: "Scan what leaves", recipes: [["Rolls, then customer", "dispatches them"], ["Rolls, then department", "hands them over"]] },
  view: { title: "Scan to look up", recipes: [["Roll", "shows where it lies and its history"], ["Rack", "shows what lies there"]] },
};

export const MODES = { auto: "", store: "Storing", dispatch: "Dispatching", view: "Looking up" };

const PROBLEMS = {
  empty: "The scanner sent nothing readable.",
  too_long: "That is far too long for one of our labels.",
  check: "One character of this label code is wrong. Scan the label, or type it again.",
  gs1_check: "The check digit of this GS1 code is wrong. Scan the label again.",
  gs1_form: "This GS1 code came damaged. If the label is sound, try the scanner test behind More.",
  gs1_compressed: "This is a compressed GS1 Digital Link, which is not read here. Scan another code of the label.",
};

/** @param {string|null|undefined} problem */
export function whyUnknown(problem) {
  return PROBLEMS[/** @type {"empty"} */ (problem)]
    ?? "No roll, rack, department or customer has this code. Scan the Rollcall label, or type it.";
}

export const SAY = {
  unknown: "Not in this system",
  slipped: "A character is wrong",
  unreadable: "This cannot be read",
  other: "This label is not for here",
  otherWhy: "It belongs to a lot, an item or a paper. Scan the label of a roll or a rack.",
  foreign: "From another scanner",
  foreignWhy: "It lacks the prefix of this device's scanner. Use that one, or set the prefix anew: More, Test the scanner.",
  void: "This label is void",
  everything: "Scanning everything",
  idle: { cancel: "No roll waits for a place", done: "No rack is open" },
  which: "Which one?",
  whichWhy: "This code fits more than one thing.",
  lookingUp: "Looking it up",
  nothingBooked: "Nothing was booked",
  nothingPending: "Nothing is pending",
  willBeChecked: "Not in the list on this device. It will be checked when it is sent.",
  rollsFirst: "Scan the rolls first",
  notSent: ", not sent yet",
  sending: ", sending",
  safe: "Safe on this device",
  noPlace: "no place yet",
  offSite: "off site",
  left: "has left the site",
  leftWhy: "The list says it left. If it stands before you, scan the place again: the desk will sort it out.",
  noRight: "You may not do that",
  opened: "Rack is open",
  openedWhy: "Each roll you scan now goes here, until you scan this rack again or pause for a minute.",
  closed: "is closed",
  empty: "is empty",
  cancelled: "Dropped",
  undone: "Undone",
  whereNow: "Scan where it is now.",
  refused: "was not booked",
  review: "The desk must decide",
  received: "Received, not settled yet",
  superseded: "A later scan counts",
  cannotStart: "Scanning cannot start here",
  cannotStartWhy: "This browser gives the page no storage, so a scan could not be kept. Leave private mode, or use another browser.",
  notUndone: "could not be undone",
};

/** @param {string} verb */
export function noRightWhy(verb) {
  const acts = { putaway: "store rolls", transfer: "hand rolls over", dispatch: "dispatch rolls", reverse: "undo" };
  return `Your role does not let you ${acts[/** @type {"putaway"} */ (verb)] ?? verb}. Ask your stock keeper.`;
}

/** @param {string} kind */
export function kindName(kind) {
  return { unit: "Roll", location: "Rack", department: "Department", partner: "Customer" }[kind] ?? kind;
}

/** What to scan with the rolls. @param {string} kind */
export function placeHint(kind) {
  return kind === "partner" ? "Then this label again: they are dispatched to this customer."
    : "Then this label again: they are handed over to this department.";
}

/** What pending rolls wait for, by mode. @param {string} mode */
export function wanted(mode) {
  return mode === "dispatch" ? { place: "who?", title: "to dispatch" } : { place: "rack?", title: "no rack yet" };
}
