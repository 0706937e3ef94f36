// @ts-check
/* The scan screen as a whole: what it shows now, and keeping strip, last ten and thumbs in step. */
import { moment } from "../lib/format.js";
import { afterFrame } from "../lib/frame.js";
import { currentLink } from "../offline/connection.js";
import { counts, countSince, eventsOfAct, recent } from "../offline/log.js";
import { unitHistory } from "../offline/snapshot.js";
import { actCard } from "./act_card.js";
import { cardOf, leftCard } from "./cards.js";
import { historyWords } from "./pages.js";
import { hideAlarm } from "./alarm.js";
import { drawCard, drawNext, drawReady, drawRecent } from "./render.js";
import { signal } from "./signals.js";
import { drawLink, drawThumbs, drawWho } from "./strip.js";

/** @import { Card, EventRecord, EventResult, Thing } from "../lib/types.js" */
/** @import { Floor } from "./floor.js" */
/** @import { Outcome } from "./session.js" */
/** @typedef {{kind: "ready"}|{kind: "card", card: Card}|{kind: "act", actId: string, next: string}} Showing */

const LAST = 10;
const HISTORY_LINES = 3;

export class Screen {
  /** @param {Floor} floor */
  constructor(floor) {
    this.floor = floor;
    /** @type {Showing} */
    this.showing = { kind: "ready" };
    this.today = 0;
    this.next = "anything";
    this.counts = { waiting: 0, held: 0 };
  }

  /** @param {Outcome} outcome */
  showOutcome(outcome) {
    const { row, actId, thing, isRefused } = outcome;
    if (actId) {
      this.today += outcome.events.length;
      const events = /** @type {EventRecord[]} */ (outcome.events);
      this.showing = { kind: "act", actId, next: row.next };
      this.#draw(actCard(events, currentLink().state, row.next), true);
    } else {
      const card = cardOf(outcome, this.floor.stock, this.floor.session.mode);
      this.showCard(card, true);
      const isOne = row.act === "look_up" || (row.act === "pend" && outcome.units.length === 0);
      if (isOne && !isRefused) void this.#enrich(card, thing);
    }
  }

  /** @param {Card} card @param {boolean} isNew with flash and tone */
  showCard(card, isNew) {
    this.showing = { kind: "card", card };
    this.#draw(card, isNew);
  }

  /** An act of a button, drawn as it lies in the store. @param {string} actId @param {string} next */
  async showAct(actId, next) {
    this.showing = { kind: "act", actId, next };
    this.#draw(actCard(await eventsOfAct(actId), currentLink().state, next), true);
  }

  /** What is left when a card has had its time: pending rolls, or the ready screen. */
  showRest() {
    const card = leftCard(this.floor.session.pending.map((each) => each.thing), this.floor.session.mode);
    if (card) return this.showCard(card, false);
    this.showing = { kind: "ready" };
    drawReady(this.floor.session.mode, "Camera, keyboard scanner or Type code");
    this.#drawNext("anything");
    void this.refresh();
  }

  /** The server has answered: the card that is shown follows, with a tone only if it turned bad. @param {EventResult[]} results */
  async follow(results) {
    const { showing } = this;
    const bad = results.filter(({ verdict }) => verdict === "rejected" || verdict === "conflict");
    if (showing.kind === "act") {
      const events = await eventsOfAct(showing.actId);
      const isAbout = events.some((event) => results.some(({ id }) => id === event.id));
      const card = actCard(events, currentLink().state, showing.next);
      if (isAbout && this.showing === showing) this.#draw(card, card.state === "refused" || card.state === "ask");
      else if (bad.length) signal(actCard(events, "online", "anything"));
    }
    await this.refresh();
  }

  /** The link has come or gone: an unsent act says so, without a tone. */
  async followLink() {
    this.drawStrip();
    const { showing } = this;
    if (showing.kind !== "act") return;
    const events = await eventsOfAct(showing.actId);
    if (this.showing === showing && events.some((event) => !event.verdict)) {
      this.#draw(actCard(events, currentLink().state, showing.next), false);
    }
  }

  /** Strip, thumbs and the last ten, from the store. */
  async refresh() {
    const { session, grant } = this.floor;
    const [now, events] = [await counts(), await recent(LAST)];
    this.counts = now;
    drawWho(grant, session.mode, session.phase === "open" ? session.open?.thing.place : undefined);
    this.drawStrip();
    drawRecent(events, (event) => this.floor.mayUndo(event));
  }

  /** The parts that age by themselves. */
  drawStrip() {
    const { session, grant } = this.floor;
    const { waiting, held } = this.counts;
    drawLink(currentLink(), waiting);
    const page = location.hash.slice(1);
    const { phase, pending } = session;
    drawThumbs({ isSignedIn: grant !== null, phase, pending: pending.length, waiting, held, link: currentLink().state, page });
  }

  /** What this person did today, counted once at start. */
  async countToday() {
    const midnight = new Date().setHours(0, 0, 0, 0);
    this.today = await countSince(midnight, this.floor.grant?.user.id);
  }

  /** @param {Card} card @param {boolean} isNew */
  #draw(card, isNew) {
    hideAlarm();
    if (isNew && location.hash && location.hash !== "#") location.hash = "";
    drawCard(card);
    this.#drawNext(card.next);
    if (isNew) signal(card);
    afterFrame(() => void this.refresh());
  }

  /** @param {string} key */
  #drawNext(key) {
    const { session } = this.floor;
    this.next = key === "same" ? this.next : key;
    const open = session.open?.thing.place?.code ?? "";
    drawNext(this.next, session.mode, this.next === "units_here" ? open : "", this.today);
  }

  /** The last moves of a roll, if the server answers while its card is still shown. @param {Card} card @param {Thing} thing */
  async #enrich(card, thing) {
    const body = thing.unit ? await unitHistory(thing.unit.uid) : null;
    if (!body?.history || this.showing.kind !== "card" || this.showing.card !== card) return;
    const lines = body.history.slice(0, HISTORY_LINES);
    const history = lines.map((/** @type {any} */ line) => ({ at: moment(line.at), what: historyWords(line), by: line.by ?? "" }));
    drawCard({ ...card, history });
  }
}
