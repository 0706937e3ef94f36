// @ts-check
/* The card of a booked act. It follows the server: hollow while only this device knows of it,
   solid when booked, refused when not. */
import { also, moment, printed, short, sum, weight } from "../lib/format.js";
import { done, rolls, SAY } from "./messages.js";

/** @import { Card, EventRecord, Link } from "../lib/types.js" */

const BAD = new Set(["rejected", "conflict"]);

/** @param {EventRecord[]} events of one act @param {Link["state"]} link @param {string} next @returns {Card} */
export function actCard(events, link, next) {
  const bad = events.filter((event) => event.verdict !== null && BAD.has(event.verdict));
  if (bad.length) return refusedCard(bad, events.length);
  const open = events.find((event) => event.verdict === "review" || event.verdict === "received");
  const late = events.find((event) => event.verdict === "superseded");
  const base = bookedCard(events, next);
  if (open) {
    const title = open.verdict === "review" ? SAY.review : SAY.received;
    return { ...base, state: "ask", title, say: open.message ?? undefined };
  }
  if (late) return { ...base, state: "already", title: SAY.superseded, say: late.message ?? undefined };
  if (events.every((event) => event.verdict)) return base;
  const suffix = link === "online" ? SAY.sending : SAY.notSent;
  return { ...base, isHollow: true, title: base.title + suffix, facts: [...(base.facts ?? []), SAY.safe] };
}

/** @param {EventRecord[]} events @param {string} next @returns {Card} */
function bookedCard(events, next) {
  const [first] = events;
  const { row, token, text } = first.unit;
  const isOne = events.length === 1;
  const who = isOne ? short(token ?? text) : rolls(events.length);
  const froms = new Set(events.map(origin));
  const isBack = first.verb === "reverse";
  const isAlready = events.every((event) => event.is_already);
  const from = froms.size === 1 ? [...froms][0] : `${froms.size} places`;
  return {
    state: isAlready ? "already" : "ok",
    title: isAlready ? `${who} ${isOne ? "is" : "are"} already there` : `${who} ${done(first.verb)}`,
    name: isOne ? row?.item_name : first.place?.name,
    detail: isOne ? [printed(token ?? text), also(row)].filter(Boolean).join(" · ") : events.map((event) => short(event.unit.token ?? event.unit.text)).join(" "),
    say: isAlready && row?.since ? `Since ${moment(row.since)}. Seen again now.` : events.find((event) => event.warning)?.warning ?? undefined,
    from: isAlready ? "Lies in" : isBack ? first.place?.code : from,
    to: isBack ? from : first.place?.code,
    facts: [amount(events), isOne && row?.lot ? `Lot ${row.lot}` : "", isOne && !isBack ? first.place?.name ?? "" : ""].filter(Boolean),
    next,
  };
}

/** @param {EventRecord[]} bad @param {number} count @returns {Card} */
function refusedCard(bad, count) {
  const [{ unit, message, from, verb }] = bad;
  const who = bad.length === 1 ? short(unit.token ?? unit.text) : `${bad.length} of ${rolls(count)}`;
  const what = verb === "reverse" ? SAY.notUndone : SAY.refused;
  return {
    state: "refused",
    title: `${who} ${what}`,
    name: bad.length === 1 ? unit.row?.item_name : "",
    say: message ?? "",
    from: from ? "Leave it in" : undefined,
    to: from ?? undefined,
    facts: [SAY.nothingBooked],
    next: "anything",
  };
}

/** @param {EventRecord} event */
function origin({ from, unit }) {
  return from ?? (unit.row?.state === "dispatched" ? SAY.offSite : SAY.noPlace);
}

/** @param {EventRecord[]} events */
function amount(events) {
  const rows = events.map((event) => event.unit.row).filter((row) => row?.quantity);
  if (!rows.length) return "";
  const total = sum(rows.map((row) => String(row?.quantity)));
  return weight({ quantity: total, unit_of_measure: rows[0]?.unit_of_measure });
}
