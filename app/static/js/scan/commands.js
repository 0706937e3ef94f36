// @ts-check
/* What a command card does: the same as the button of that name, and changing the mode. The
   address follows the mode without being opened, so that a reload keeps it. */
import { cancel, undoLast } from "./actions.js";
import { leftCard, switchedCard } from "./cards.js";

/** @import { Mode } from "../lib/types.js" */
/** @import { Place } from "./actions.js" */
/** @import { Outcome } from "./session.js" */

/**
 * Do what the card says. Answers null where the scan was no command, or is only shown.
 * @param {Place} place @param {Outcome} outcome @returns {Promise<void>|null}
 */
export function obey(place, { row }) {
  const { screen } = place;
  if (row.act === "undo") return undoLast(place);
  if (row.act === "cancel") return cancel(place, screen.floor.session.pending.length);
  if (row.act !== "switch") return null;
  const { mode, pending } = screen.floor.session;
  history.replaceState(history.state, "", mode === "auto" ? "/scan/" : `/scan/${mode}/`);
  screen.showCard(leftCard(pending.map((each) => each.thing), mode) ?? switchedCard(mode), true);
  return Promise.resolve();
}

/** The mode that an address asks for. @param {string} path @returns {Mode} */
export function modeOf(path) {
  const name = path.split("/")[2];
  return name === "store" || name === "dispatch" || name === "view" ? name : "auto";
}
