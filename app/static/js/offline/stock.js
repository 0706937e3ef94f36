// @ts-check
/* The snapshot in memory, indexed by every code that may be scanned, with what this device has
   queued laid over it: a roll is where the driver put it, sent or not. */

/** @import { Candidate, CommandCard, EventRecord, Place, RetiredLabel, Snapshot, Thing, UnitRow } from "../lib/types.js" */

const KIND_OF_LETTER = { R: "unit", X: "location", D: "department", C: "partner" };

/** @param {string} text */
function key(text) {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

export class Stock {
  /** @param {Snapshot|null} snapshot @param {EventRecord[]} unsent oldest first @param {CommandCard[]} [commands] */
  constructor(snapshot, unsent, commands = []) {
    this.fetchedAt = snapshot?.fetched_at ?? null;
    /** @type {Map<string, UnitRow>} */
    this.units = new Map((snapshot?.units ?? []).map((row) => [row.token, row]));
    /** @type {Map<string, Thing[]>} */
    this.codes = new Map();
    for (const row of this.units.values()) this.#addUnit(row);
    for (const place of snapshot?.locations ?? []) this.#addPlace("location", place);
    for (const place of snapshot?.departments ?? []) this.#addPlace("department", place);
    for (const place of snapshot?.partners ?? []) this.#addPlace("partner", place);
    for (const card of commands) {
      this.#add("token", card.token, { kind: "command", text: card.token, token: card.token, isKnown: true, card });
    }
    for (const label of snapshot?.labels ?? []) this.#addRetired(label);
    for (const event of unsent) this.overlay(event);
  }

  /** Every known thing that a candidate stands for. @param {Candidate} candidate @returns {Thing[]} */
  find({ scheme, value }) {
    // What GS1 codes call things is kept among the aliases.
    const kept = scheme.startsWith("gs1:") ? "alias" : scheme;
    return (this.codes.get(`${kept}:${key(value)}`) ?? []).map((thing) =>
      thing.token && thing.kind === "unit" ? { ...thing, unit: this.units.get(thing.token) } : thing);
  }

  /** A label of ours that this device has not heard of: its letter says what it is. @param {string} token @returns {Thing} */
  stranger(token) {
    const kind = /** @type {Thing["kind"]} */ (
      KIND_OF_LETTER[/** @type {"R"} */ (token[0])] ?? "other");
    const isPlace = kind === "location" || kind === "department" || kind === "partner";
    const place = isPlace ? { token, code: token.slice(0, 4), name: "" } : undefined;
    return { kind, text: token, token, isKnown: false, place };
  }

  /** What lies in a location. @param {string} code @returns {UnitRow[]} */
  at(code) {
    return [...this.units.values()].filter((row) => row.place === code)
      .sort((a, b) => String(b.since).localeCompare(String(a.since)));
  }

  /** The name of a place by its code. @param {string|null} code */
  placeName(code) {
    return this.find({ scheme: "alias", value: code ?? "" })[0]?.place?.name ?? "";
  }

  /** What a queued event will do to its unit. @param {EventRecord} event */
  overlay(event) {
    const row = event.unit.token ? this.units.get(event.unit.token) : undefined;
    if (!row || event.undone_by) return;
    const since = new Date(event.at).toISOString();
    const isLocal = event.verdict === null;
    if (event.verb === "putaway" && event.place) {
      this.replace({ ...row, place: event.place.code, state: "stored", since, isLocal });
    } else if (event.verb === "transfer") {
      this.replace({ ...row, place: null, department: event.place?.code ?? null, since, isLocal });
    } else if (event.verb === "dispatch") {
      this.replace({ ...row, place: null, state: "dispatched", since, isLocal });
    } else if (event.unit.row) {
      this.replace({ ...event.unit.row, isLocal });
    }
  }

  /** The newest word on a unit. @param {UnitRow} row */
  replace(row) {
    if (!this.units.has(row.token)) this.#addUnit(row);
    this.units.set(row.token, row);
  }

  /** @param {UnitRow} row */
  #addUnit(row) {
    const thing = { kind: /** @type {const} */ ("unit"), text: row.token, token: row.token, isKnown: true };
    this.#add("token", row.token, thing);
    this.#add("uuid", row.uid, thing);
    for (const alias of row.aliases ?? []) this.#add("alias", alias, thing);
  }

  /** @param {"location"|"department"|"partner"} kind @param {Place} place */
  #addPlace(kind, place) {
    const thing = { kind, text: place.code, token: place.token, isKnown: true, place };
    this.#add("token", place.token, thing);
    this.#add("alias", place.code, thing);
  }

  /** A label that was replaced finds what its successor finds, a void one finds only its reason. @param {RetiredLabel} label */
  #addRetired({ token, newest, words }) {
    const things = newest ? this.find({ scheme: "token", value: newest }) : [];
    for (const thing of things) this.#add("token", token, { ...thing, note: words });
    if (!newest) this.#add("token", token, { kind: "void", text: token, token, isKnown: true, note: words });
  }

  /** @param {string} scheme @param {string} value @param {Thing} thing */
  #add(scheme, value, thing) {
    const code = `${scheme}:${key(value)}`;
    const known = this.codes.get(code);
    if (known) known.push(thing);
    else this.codes.set(code, [thing]);
  }
}
