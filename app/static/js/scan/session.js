// @ts-check
/* What is going on at this screen: the mode, the units that wait for a place, the rack that is
   shown or open, the question that was asked. Every scan is committed before it is believed. */
import { commit } from "../offline/commit.js";
import { randomUuid } from "../lib/ids.js";
import { draft, mayDo, scanRecord, thingOf } from "./records.js";
import { decide } from "./table.js";

/** @import { CommandCard, DecisionRow, EventRecord, Mode, Phase, Thing } from "../lib/types.js" */
/** @import { Author } from "./records.js" */

/** @typedef {{scanSeq: number, thing: Thing}} Waiting */
/** @typedef {{row: DecisionRow, thing: Thing, units: Thing[], actId: string|null, events: Omit<EventRecord, "seq">[], isRefused: boolean}} Outcome */

const OPEN_MS = 60_000;
const CONFIRM_FROM_MS = 300;
const BECAME = {
  pend: "pending", look_up: "looked_up", remind: "repeated", book: "act", show: "looked_up", open: "opened",
  close: "closed", ask: "asked", explain: "explained", refuse: "unknown", choose: "ambiguous",
  undo: "command", cancel: "command", switch: "command", idle: "command",
};

// What leaves everything on the screen as it was.
const UNMOVED = new Set(["refuse", "choose", "remind", "undo", "cancel", "switch", "idle"]);

export class Session {
  /** @param {{rows: DecisionRow[], commands: CommandCard[]}} table @param {Mode} mode */
  constructor({ rows, commands }, mode) {
    this.table = rows;
    this.commands = commands;
    this.mode = mode;
    /** @type {Waiting[]} */
    this.pending = [];
    /** @type {Thing|null} */
    this.shown = null;
    /** @type {{thing: Thing, until: number}|null} */
    this.open = null;
    /** @type {{thing: Thing, at: number}|null} */
    this.question = null;
  }

  /** @returns {Phase} */
  get phase() {
    if (this.open && Date.now() >= this.open.until) this.open = null;
    if (this.question) return "question";
    if (this.open) return "open";
    if (this.pending.length) return "units";
    return this.shown ? "shown" : "nothing";
  }

  /**
   * Decide, store, and only then change. Throws NotSaved with nothing changed.
   * @param {Thing} thing @param {string} source @param {Author} author @returns {Promise<Outcome>}
   */
  async take(thing, source, author) {
    const row = this.#decide(thing);
    const mayNot = row.verb !== null && !mayDo(author.grant, row.verb);
    const units = row.act === "book" ? this.#unitsOf(thing) : this.pending.map((each) => each.thing);
    const actId = row.act === "book" && !mayNot ? randomUuid() : null;
    const scan = scanRecord(thing, source, author, mayNot ? "refused" : BECAME[row.act], actId);
    const place = thing.kind === "unit" ? this.open?.thing ?? null : thing;
    const events = actId ? units.map((unit) => draft(actId, row, unit, place, author)) : [];
    const stored = await commit({
      id: randomUuid(),
      scans: [scan],
      // A roll that goes into an open place leaves the pending ones alone.
      marks: actId && thing.kind !== "unit" ? this.pending.map(({ scanSeq }) => ({ scan_seq: scanSeq, became: "act" })) : [],
      act: actId ? { id: actId, verb: String(row.verb), at: scan.at } : undefined,
      events,
    });
    const closed = row.act === "close" ? this.open?.thing : null;
    if (!mayNot) this.#change(row, thing, stored.scanSeqs[0]);
    return { row, thing: closed ?? thing, units, actId, events, isRefused: mayNot };
  }

  /** The same code again so soon is the scanner, not the driver. @param {Thing} thing @param {string} source @param {Author} author */
  async bounce(thing, source, author) {
    await commit({ id: randomUuid(), scans: [scanRecord(thing, source, author, "bounced", null)] });
  }

  /** Drop pending units; their scans stay in the log. Null where there is nothing to drop. @param {number} count the newest so many */
  async cancel(count) {
    if (!this.pending.length && !this.question) return null;
    const dropped = this.pending.slice(-count);
    const marks = dropped.map(({ scanSeq }) => ({ scan_seq: scanSeq, became: "cancelled" }));
    await commit({ id: randomUuid(), scans: [], marks });
    this.pending = this.pending.slice(0, -count);
    this.question = null;
    return dropped.map((each) => each.thing);
  }

  /**
   * Undo events by reversals, which are queued like everything else. Rolls that were dispatched
   * are pending afterwards: somebody must say where they are.
   * @param {EventRecord[]} events @param {Author} author
   */
  async undo(events, author) {
    const actId = randomUuid();
    /** @type {DecisionRow} */
    const row = { scanned: "unit", pending: [], act: "book", verb: "reverse", next: "unit" };
    const drafts = events.map((event) => draft(actId, row, thingOf(event), null, author, event));
    const back = events.filter((event) => event.verb === "dispatch").map(thingOf);
    const stored = await commit({
      id: randomUuid(),
      scans: back.map((thing) => scanRecord(thing, "undo", author, "pending", null)),
      act: { id: actId, verb: "reverse", at: Date.now() },
      events: drafts,
      undone: Object.fromEntries(drafts.map((event) => [String(event.reverses), event.id])),
    });
    back.forEach((thing, n) => this.pending.push({ scanSeq: stored.scanSeqs[n], thing }));
    if (back.length) this.open = this.shown = this.question = null;
    return { actId, back, events: drafts };
  }

  /** @param {Thing} thing @returns {DecisionRow} */
  #decide(thing) {
    const facts = new Set();
    if (this.pending.some((each) => each.thing.token === thing.token)) facts.add("listed");
    if (this.pending.some((each) => each.thing.unit?.state === "dispatched")) facts.add("left");
    if (thing.card) facts.add(thing.card.command);
    const asked = this.question?.thing ?? this.open?.thing ?? this.shown;
    const isEarly = this.question !== null && Date.now() - this.question.at < CONFIRM_FROM_MS;
    if (asked && asked.token === thing.token && !isEarly) facts.add("same");
    return decide(this.table, { scanned: thing.kind, pending: this.phase, mode: this.mode, facts });
  }

  /** @param {Thing} thing */
  #unitsOf(thing) {
    return thing.kind === "unit" ? [thing] : this.pending.map((each) => each.thing);
  }

  /** @param {DecisionRow} row @param {Thing} thing @param {number} scanSeq */
  #change(row, thing, scanSeq) {
    if (row.act === "switch") {
      this.mode = thing.card?.mode ?? "auto";
      this.question = null;
    }
    if (UNMOVED.has(row.act)) return;
    const isBookedHere = row.act === "book" && thing.kind === "unit";
    this.question = row.act === "ask" ? { thing, at: Date.now() } : null;
    this.shown = row.act === "show" ? thing : null;
    if (row.act === "pend") this.pending.push({ scanSeq, thing });
    if (row.act === "book" && !isBookedHere) this.pending = [];
    const opened = row.act === "open" ? thing : isBookedHere ? this.open?.thing : null;
    this.open = opened ? { thing: opened, until: Date.now() + OPEN_MS } : null;
  }
}
