// @ts-check
/* What may be undone here: one's own acts of the last half hour that moved something and still stand. Older ones and
   those of others need a stock keeper. */
import { eventsOfAct, recent } from "../offline/log.js";

/** @import { EventRecord, Grant } from "../lib/types.js" */

const FRESH_MS = 30 * 60_000;
const LOOK_BACK = 50;
const FINAL_NO = new Set(["rejected", "conflict"]);

/** @param {EventRecord} event @param {Grant|null} grant */
export function mayUndo(event, grant) {
  const isMine = event.user_id === grant?.user.id;
  const isFresh = Date.now() - event.at < FRESH_MS;
  const isStanding = !event.undone_by && !FINAL_NO.has(String(event.verdict));
  const hasMoved = !event.is_already && event.verb !== "reverse";
  return isMine && isFresh && isStanding && hasMoved;
}

/** The newest act of which something can be undone. @param {Grant|null} grant @returns {Promise<EventRecord[]>} */
export async function lastUndoable(grant) {
  const event = (await recent(LOOK_BACK)).find((each) => mayUndo(each, grant));
  if (!event) return [];
  return (await eventsOfAct(event.act_id)).filter((each) => mayUndo(each, grant));
}
