// @ts-check
/* From what happened to what the screen says: pure, no storage, no elements. */
import { also, moment, printed, short, sum, weight } from "../lib/format.js";
import { kindName, MODES, noRightWhy, placeHint, READY, rolls, SAY, wanted, whyUnknown } from "./messages.js";

/** @import { Card, Mode, Thing, UnitRow } from "../lib/types.js" */
/** @import { Outcome } from "./session.js" */
/** @import { Stock } from "../offline/stock.js" */

const LISTED = 4;

/** @param {Outcome} outcome @param {Stock} stock @param {Mode} mode @returns {Card} */
export function cardOf(outcome, stock, mode) {
  const { row, thing, isRefused } = outcome;
  if (isRefused) {
    return { state: "refused", title: SAY.noRight, say: noRightWhy(String(row.verb)), facts: [SAY.nothingBooked], next: row.next };
  }
  switch (row.act) {
    case "pend": return pendingCard([...outcome.units.filter((u) => u.token !== thing.token), thing], row.next, mode);
    case "look_up": return { ...pendingCard([thing], row.next, mode), state: "", from: undefined, isToOpen: false, to: place(thing.unit) };
    case "remind": return remindCard(thing, row.next, mode);
    case "show": return contentsCard(thing, stock, row.next);
    case "open": return { state: "", title: SAY.opened, say: SAY.openedWhy, openPlace: thing.place, next: row.next };
    case "close": return { state: "already", title: `${thing.place?.code} ${SAY.closed}`, next: row.next };
    case "ask": return askCard(outcome);
    case "explain": return explainCard(thing, row.next);
    case "choose": return { state: "ask", title: SAY.which, say: SAY.whichWhy, shown: thing.text, choices: thing.choices, next: row.next };
    case "idle": return { state: "already", title: SAY.idle[thing.card?.command === "done" ? "done" : "cancel"], next: row.next };
    default: return unknownCard(thing);
  }
}

/** Units that wait for their place. @param {Thing[]} units @param {string} next @param {Mode} mode @returns {Card} */
export function pendingCard(units, next, mode) {
  const places = new Set(units.map((unit) => place(unit.unit)));
  const from = places.size === 1 ? [...places][0] : `${places.size} places`;
  if (units.length > 1) {
    const known = units.filter((unit) => unit.unit?.quantity);
    const total = sum(known.map((unit) => String(unit.unit?.quantity)));
    const measure = known[0]?.unit?.unit_of_measure ?? "";
    return {
      state: "pending",
      title: `${rolls(units.length)}, ${wanted(mode).title}`,
      list: units.slice(-LISTED).reverse().map(line),
      listMore: units.length > LISTED ? `and ${rolls(units.length - LISTED)} more` : undefined,
      from, to: wanted(mode).place, isToOpen: true,
      facts: known.length ? [`${weight({ quantity: total, unit_of_measure: measure })} together`] : [],
      next: next === "place" ? "places" : next,
    };
  }
  const [{ unit, token, text, isKnown, note }] = units;
  const since = unit?.since && unit.place ? `there since ${moment(unit.since)}` : "";
  return {
    state: "pending",
    title: short(token ?? text),
    isCode: true,
    name: unit?.item_name ?? "",
    detail: token ? [printed(token), also(unit)].filter(Boolean).join(" · ") : text,
    say: note ?? (isKnown ? undefined : SAY.willBeChecked),
    from, to: wanted(mode).place, isToOpen: true,
    facts: [weight(unit ?? {}), unit?.lot ? `Lot ${unit.lot}` : "", since].filter(Boolean),
    next,
  };
}

/** A command card has changed the mode. @param {Mode} mode @returns {Card} */
export function switchedCard(mode) {
  return { state: "", title: MODES[mode] || SAY.everything, say: READY[mode].title, next: "anything" };
}

/** A label that may be newer than our list. @param {string} text @returns {Card} */
export function lookingUpCard(text) {
  return { state: "pending", isHollow: true, title: SAY.lookingUp, shown: text, next: "anything" };
}

/** Several pending units whose newest is not special: after a reload, a cancel. @param {Thing[]} units @param {Mode} mode @returns {Card|null} */
export function leftCard(units, mode) {
  return units.length ? pendingCard(units, "place", mode) : null;
}

/** @param {Thing} thing @param {Stock} stock @param {string} next @returns {Card} */
function contentsCard(thing, stock, next) {
  const code = thing.place?.code ?? thing.text;
  const units = stock.at(code);
  return {
    state: "",
    title: units.length ? rolls(units.length) : `${code} ${SAY.empty}`,
    name: thing.place?.name ?? "",
    list: units.slice(0, LISTED + 1).map((row) => ({ token: short(row.token), name: named(row), amount: weight(row) })),
    listMore: units.length > LISTED + 1 ? `and ${rolls(units.length - LISTED - 1)} more` : undefined,
    to: code,
    isPlaceFirst: true,
    say: thing.note ?? (thing.isKnown ? undefined : SAY.willBeChecked),
    next,
  };
}

/** @param {Thing} thing @param {string} next @param {Mode} mode @returns {Card} */
function remindCard(thing, next, mode) {
  return { ...pendingCard([thing], next, mode), isCode: false, state: "already", title: `${short(thing.token ?? thing.text)} is on the list already` };
}

/** @param {Outcome} outcome @returns {Card} */
function askCard({ row, thing, units }) {
  const gone = units.filter((unit) => unit.unit?.state === "dispatched").map((unit) => short(unit.token ?? unit.text));
  return { state: "ask", title: `Sure? ${gone.join(", ")} ${SAY.left}`, say: SAY.leftWhy, to: thing.place?.code, next: row.next };
}

/** @param {Thing} thing @param {string} next @returns {Card} */
function explainCard(thing, next) {
  const name = `${kindName(thing.kind)} ${thing.place?.name || thing.place?.code}`;
  return { state: "ask", title: SAY.rollsFirst, name, say: placeHint(thing.kind), to: thing.place?.code, next };
}

/** @param {Thing} thing @returns {Card} */
function unknownCard(thing) {
  if (thing.kind === "other") {
    return { state: "refused", title: SAY.other, say: SAY.otherWhy, shown: thing.text, facts: [SAY.nothingBooked], next: "label" };
  }
  if (thing.kind === "foreign") {
    return { state: "refused", title: SAY.foreign, shown: thing.text, say: SAY.foreignWhy, facts: [SAY.nothingBooked], next: "label" };
  }
  if (thing.kind === "void") {
    return { state: "refused", title: SAY.void, shown: thing.text, say: thing.note, facts: [SAY.nothingBooked], next: "anything" };
  }
  const isSlip = thing.problem === "check" || thing.problem === "gs1_check";
  const title = isSlip ? SAY.slipped : thing.problem?.startsWith("gs1_") ? SAY.unreadable : SAY.unknown;
  return { state: "refused", title, shown: thing.text, say: whyUnknown(thing.problem), facts: [...thing.says ?? [], SAY.nothingBooked], next: "label" };
}

/** @param {Thing} thing */
function line({ token, text, unit }) {
  return { token: short(token ?? text), name: named(unit), amount: weight(unit ?? {}) };
}

/** What to look for: the number on the roll, then what it is. @param {UnitRow|undefined} unit */
function named(unit) {
  return [also(unit), unit?.item_name].filter(Boolean).join(" · ");
}

/** Where a unit is, as a driver would say it. @param {UnitRow|undefined} unit */
function place(unit) {
  return unit?.place ?? (unit?.state === "dispatched" ? SAY.offSite : unit?.department ?? SAY.noPlace);
}

