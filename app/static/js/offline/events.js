// @ts-check
/* How an event is made: the wire form that is kept and sent byte for byte, and beside it what the
   screen needs to speak about it later. */
import { randomUuid } from "../lib/ids.js";

/** @import { ClockOffset, EventRecord, Grant, Place, Thing, Verb } from "../lib/types.js" */

/** One page load; the monotonic clock means nothing beyond it. */
export const SESSION_ID = randomUuid();

/**
 * @typedef {object} Draft
 * @property {string} actId
 * @property {Verb} verb
 * @property {Thing} unit
 * @property {Place|null} place
 * @property {string|null} placeText as scanned
 * @property {string} [placeNote] what became of its label
 * @property {Grant} grant
 * @property {ClockOffset|null} clock
 * @property {string} appVersion
 * @property {string|null} [reverses]
 */

/** @param {Draft} draft @returns {Omit<EventRecord, "seq">} */
export function makeEvent(draft) {
  const { actId, verb, unit, place, grant, reverses = null } = draft;
  const id = randomUuid();
  const at = Date.now();
  const from = unit.unit?.place ?? null;
  return {
    id,
    state: "waiting",
    wire: wireForm(id, at, draft),
    act_id: actId,
    verb,
    at,
    user_id: grant.user.id,
    unit: { token: unit.token, text: unit.text, row: unit.unit ?? null },
    from,
    place,
    is_already: verb === "putaway" && from !== null && from === place?.code,
    warning: unit.note ?? draft.placeNote ?? null,
    reverses,
    undone_by: null,
    verdict: null,
    code: null,
    message: null,
    movement: null,
    answered_at: null,
  };
}

/** @param {string} id @param {number} at @param {Draft} draft */
function wireForm(id, at, draft) {
  const { clock } = draft;
  return {
    v: 1,
    id,
    act_id: draft.actId,
    grant: draft.grant.id,
    verb: draft.verb,
    codes: draft.placeText === null ? [draft.unit.text] : [draft.unit.text, draft.placeText],
    reverses: draft.reverses ?? null,
    quantity: null,
    note: null,
    client_time: new Date(at).toISOString(),
    session_id: SESSION_ID,
    monotonic_ms: performance.now(),
    clock_offset_ms: clock ? clock.offset_ms : null,
    clock_offset_age_ms: clock ? Math.max(0, at - clock.at) : null,
    app_version: draft.appVersion,
  };
}
