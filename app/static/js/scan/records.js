// @ts-check
/* The records that a scan leaves, and who may leave which. */
import { makeEvent, SESSION_ID } from "../offline/events.js";

/** @import { DecisionRow, EventRecord, EventResult, Grant, ScanRecord, Thing, Verb } from "../lib/types.js" */
/** @import { Outcome } from "./session.js" */

/** @typedef {{grant: Grant, clock: any, appVersion: string}} Author */

/**
 * What the floor tells the page.
 * @typedef {object} Listener
 * @property {(outcome: Outcome) => unknown} outcome a command may take its time
 * @property {(text: string) => void} lookingUp
 * @property {(text: string, error: unknown) => void} notSaved
 * @property {() => void} signIn a scan came while nobody is signed in
 * @property {(results: EventResult[]) => void} answered
 * @property {() => void} changed
 */

/** @param {Grant} grant @param {Verb} verb */
export function mayDo(grant, verb) {
  const scope = grant.rights?.[verb];
  return scope === undefined || scope === "*" || scope.length > 0;
}

/**
 * @param {string} actId @param {DecisionRow} row @param {Thing} unit @param {Thing|null} place
 * @param {Author} author @param {EventRecord} [undoes]
 */
export function draft(actId, row, unit, place, author, undoes) {
  const verb = /** @type {Verb} */ (row.verb);
  const reverses = undoes?.id ?? null;
  const event = makeEvent({
    actId, verb, unit, place: place?.place ?? null, placeText: place?.text ?? null, placeNote: place?.note, reverses, ...author,
  });
  return undoes ? { ...event, from: undoes.from, place: undoes.place } : event;
}

/** @param {Thing} thing @param {string} source @param {Author} author @param {string} became @param {string|null} actId @returns {ScanRecord} */
export function scanRecord(thing, source, author, became, actId) {
  const { text, token } = thing;
  const user_id = author.grant.user.id;
  return { text, source, at: Date.now(), session_id: SESSION_ID, user_id, became, token, act_id: actId };
}

/** @param {EventRecord} event @returns {Thing} */
export function thingOf(event) {
  const { text, token, row } = event.unit;
  return { kind: "unit", text, token, isKnown: row !== null, unit: row ?? undefined };
}
