// @ts-check
/* The floor at work: takes scans one after the other, keeps the list in memory fresh, follows what
   the server says. It draws nothing; the page listens. */
import { Turns } from "../lib/turns.js";
import { listen } from "../offline/bell.js";
import { currentLink, hasFreshList, learned, sendSoon } from "../offline/connection.js";
import { get } from "../offline/db.js";
import { currentGrant } from "../offline/grant.js";
import { newerThan, pendingScans, waiting } from "../offline/log.js";
import { settle } from "../offline/queue.js";
import { laterOutcomes, refreshSnapshot, storedSnapshot } from "../offline/snapshot.js";
import { Stock } from "../offline/stock.js";
import { OTHER_SCANNER } from "./prefix.js";
import { foreign, mayBeNew, resolve } from "./resolve.js";
import { mayUndo } from "./undo.js";

/** @import { EventRecord, EventResult, Grant, ScanRecord, Thing } from "../lib/types.js" */
/** @import { Listener } from "./records.js" */
/** @import { Session } from "./session.js" */

const BOUNCE_MS = 300;
const LOOK_UP_MS = 1500;
const LONGEST_QUEUE = 10_000;

export class Floor {
  /** @param {Session} session @param {string} appVersion @param {Listener} listener */
  constructor(session, appVersion, listener) {
    this.session = session;
    this.appVersion = appVersion;
    this.listener = listener;
    this.stock = new Stock(null, [], session.commands);
    this.grant = /** @type {Grant|null} */ (null);
    this.clock = null;
    this.last = { text: "", at: -Infinity };
    this.turns = new Turns(); // of scans, and of taps that change what they find
    listen((word) => word.kind === "answered" ? void this.#hear(word.results) : listener.changed());
  }

  /** Read what this device knows. Answers what somebody else left pending here. */
  load() {
    return this.turns.take(async () => {
      await this.reload();
      const scans = await pendingScans();
      const isMine = (/** @type {ScanRecord} */ scan) => scan.user_id === this.grant?.user.id;
      this.session.pending = scans.filter(isMine).map((scan) =>
        ({ scanSeq: Number(scan.scan_seq), thing: resolve(scan.text, this.stock, true) }));
      return scans.filter((scan) => !isMine(scan));
    });
  }

  /** The list in memory anew, from the store. */
  async reload() {
    this.grant = await currentGrant();
    this.clock = (await get("clock")) ?? null;
    const snapshot = await storedSnapshot();
    this.stock = new Stock(snapshot, await newerThan(snapshot?.fetched_at ?? 0), this.session.commands);
  }

  /** One scan after the other, in the order they came; none is ever dropped. @param {string} text @param {string} source */
  take(text, source) {
    const at = performance.now();
    return this.turns.take(() => this.#take(text, source, at)).catch((error) => {
      this.last = { text: "", at: -Infinity }; // so that scanning again is not taken for a bounce
      this.listener.notSaved(text, error);
    });
  }

  /** One of several things that a code fits. @param {Thing} thing */
  choose(thing) {
    return this.turns.take(() => this.#settle(thing, "choice")).catch((error) => this.listener.notSaved(thing.text, error));
  }

  /** @param {EventRecord[]} events */
  async undo(events) {
    const undone = await this.session.undo(events, this.#author());
    for (const event of undone.events) this.stock.overlay(/** @type {EventRecord} */ (event));
    sendSoon();
    return undone;
  }

  /** Whether this event can be undone here. @param {EventRecord} event */
  mayUndo(event) {
    return mayUndo(event, this.grant);
  }

  /** A newer list and later verdicts, if the server can be reached. */
  async refresh() {
    const state = await refreshSnapshot();
    const isNews = state === "changed" || state === "unchanged";
    learned(isNews ? "online" : state);
    if (state === "changed") await this.reload();
    const later = isNews ? await laterOutcomes() : [];
    if (later.length) {
      await settle(later, {});
      await this.#hear(later);
    }
    return state;
  }

  /** @param {string} text @param {string} source @param {number} at */
  async #take(text, source, at) {
    if (!this.grant) return this.listener.signIn();
    const isBounce = text === this.last.text && at - this.last.at < BOUNCE_MS;
    this.last = { text, at };
    const isListed = this.stock.fetchedAt !== null;
    const isTrusting = isListed ? !hasFreshList() : currentLink().state === "offline";
    let thing = source === OTHER_SCANNER ? foreign(text) : resolve(text, this.stock, isTrusting);
    if (isBounce) return this.session.bounce(thing, source, this.#author());
    // Before the first list has come, nothing can be called unknown.
    if (mayBeNew(thing) && !(isTrusting && isListed)) thing = await this.#lookUp(text, thing);
    await this.#settle(thing, source);
  }

  /** @param {Thing} thing @param {string} source */
  async #settle(thing, source) {
    const outcome = await this.session.take(thing, source, this.#author());
    for (const event of outcome.events) this.stock.overlay(/** @type {EventRecord} */ (event));
    await this.listener.outcome(outcome);
    if (outcome.actId) sendSoon();
  }

  /** Perhaps the label is newer than our list: ask, but not for long. @param {string} text @param {Thing} thing */
  async #lookUp(text, thing) {
    this.listener.lookingUp(text);
    const late = new Promise((done) => setTimeout(done, LOOK_UP_MS));
    await Promise.race([this.refresh(), late]);
    const isTrusting = thing.token !== null && (!hasFreshList() || this.stock.fetchedAt === null);
    return resolve(text, this.stock, isTrusting);
  }

  /** @param {EventResult[]} results */
  async #hear(results) {
    for (const { unit } of results) if (unit) this.stock.replace(unit);
    for (const event of await waiting(LONGEST_QUEUE)) this.stock.overlay(event);
    this.listener.answered(results);
  }

  #author() {
    if (!this.grant) throw new Error("nobody is signed in");
    return { grant: this.grant, clock: this.clock, appVersion: this.appVersion };
  }
}
