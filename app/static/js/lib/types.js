// @ts-check
/* Every shape that crosses a module boundary. Nothing runs here. */

/**
 * A unit as the server tells it.
 * @typedef {object} UnitRow
 * @property {string} token
 * @property {string} uid
 * @property {string[]} aliases
 * @property {string|number|null} [item]
 * @property {string} item_name
 * @property {string|null} lot
 * @property {string|null} quantity exact decimal text
 * @property {string|null} unit_of_measure
 * @property {string} state
 * @property {string|null} place code of the location
 * @property {string|null} since ISO time
 * @property {string|null} department code
 * @property {boolean} [isLocal] not yet confirmed by the server
 */

/** A location, department or partner. @typedef {{token: string, code: string, name: string, department?: string|null, kind?: string}} Place */

/**
 * @typedef {object} Snapshot
 * @property {string} epoch
 * @property {string|null} etag
 * @property {string} server_time
 * @property {number} fetched_at milliseconds
 * @property {UnitRow[]} units
 * @property {Place[]} locations
 * @property {Place[]} departments
 * @property {Place[]} partners
 * @property {RetiredLabel[]} [labels] not in lists of an older server
 */

/** A label that counts no more; `newest` is null where it is void. @typedef {{token: string, newest: string|null, words: string}} RetiredLabel */

/** @typedef {"unit"|"location"|"department"|"partner"|"other"|"void"|"foreign"|"command"|"unknown"|"ambiguous"} ScannedKind */

/**
 * What a scanned text turned out to be. `isKnown` is false for a label that this device has not
 * heard of and that only the server can judge.
 * @typedef {object} Thing
 * @property {ScannedKind} kind
 * @property {string} text as scanned
 * @property {string|null} token
 * @property {boolean} isKnown
 * @property {UnitRow} [unit]
 * @property {Place} [place]
 * @property {Thing[]} [choices]
 * @property {string|null} [problem]
 * @property {string[]} [says] what a GS1 code says
 * @property {string} [note] what became of the label that was scanned
 * @property {CommandCard} [card] the command card that was scanned
 */

/** @typedef {{scheme: string, value: string}} Candidate "token", "uuid", "alias" or one of GS1 */

/** @typedef {{command: "undo"|"cancel"|"done"|"mode", mode?: Mode, token: string, sign: string, words: string}} CommandCard */
/** @typedef {"auto"|"store"|"dispatch"|"view"} Mode */
/** @typedef {"nothing"|"units"|"shown"|"open"|"question"} Phase */
/** @typedef {"pend"|"look_up"|"remind"|"book"|"show"|"open"|"close"|"ask"|"explain"|"refuse"|"choose"|"undo"|"cancel"|"switch"|"idle"} ActName */
/** @typedef {"putaway"|"transfer"|"dispatch"|"reverse"} Verb */

/**
 * One row of the decision table; a missing `when` or `mode` matches everything.
 * @typedef {object} DecisionRow
 * @property {ScannedKind} scanned
 * @property {Phase[]} pending
 * @property {"listed"|"left"|"same"|"undo"|"cancel"|"done"|"mode"} [when]
 * @property {Mode} [mode]
 * @property {ActName} act
 * @property {Verb|null} verb
 * @property {string} next
 */

/**
 * One accepted code and what became of it; `scan_seq` is given when it is stored.
 * @typedef {{scan_seq?: number, text: string, source: string, at: number, session_id: string,
 *   user_id: string|null, became: string, token: string|null, act_id: string|null}} ScanRecord
 */

/** @typedef {"applied"|"duplicate"|"superseded"|"rejected"|"review"|"received"|"conflict"} Verdict */

/**
 * A stored event: the wire form plus what the screen wants to say about it.
 * @typedef {object} EventRecord
 * @property {string} id
 * @property {number} seq
 * @property {"waiting"|"answered"|"held"} state
 * @property {Record<string, any>} wire exactly what is sent
 * @property {string} act_id
 * @property {Verb} verb
 * @property {number} at
 * @property {string|null} user_id
 * @property {{token: string|null, text: string, row: UnitRow|null}} unit
 * @property {string|null} from
 * @property {Place|null} place
 * @property {boolean} is_already the unit was there before
 * @property {string|null} [warning] what became of a label that was scanned for it
 * @property {string|null} reverses
 * @property {string|null} undone_by
 * @property {Verdict|null} verdict
 * @property {string|null} code
 * @property {string|null} message
 * @property {string|null} movement
 * @property {number|null} answered_at
 * @property {boolean} [is_seen]
 */

/** @typedef {{id: string, verdict: Verdict, latest?: Verdict, code: string|null, message: string|null, movement: string|null, at: string|null, unit: UnitRow|null}} EventResult */

/**
 * The right of one person to send scans from this device; `issued_at` in milliseconds.
 * @typedef {{id: string, token: string, expires_at: string, issued_at: number,
 *   rights: Record<string, string[]|"*">,
 *   user: {id: string, name: string, department: string|null, site: string|null}}} Grant
 */

/** @typedef {{id: string, name: string}} Device */
/** @typedef {{offset_ms: number, at: number}} ClockOffset */

/** What connection and strip show; `is_forbidden`: online, without the right to scan. @typedef {{state: "unknown"|"online"|"offline"|"signed-out", answered_at: number|null, failed_since: number|null, is_forbidden: boolean}} Link */

/**
 * What the result card draws; every field is optional but the first three.
 * @typedef {object} Card
 * @property {""|"ok"|"pending"|"ask"|"already"|"refused"} state
 * @property {string} title
 * @property {string} next
 * @property {boolean} [isHollow]
 * @property {string} [name]
 * @property {string} [detail]
 * @property {string} [say]
 * @property {string} [from]
 * @property {string} [to]
 * @property {boolean} [isCode] the title is a code that people say
 * @property {boolean} [isToOpen]
 * @property {{token: string, name: string, amount: string}[]} [list]
 * @property {string} [listMore]
 * @property {string[]} [facts]
 * @property {Place} [openPlace]
 * @property {boolean} [isPlaceFirst] the place is what was asked about
 * @property {Thing[]} [choices]
 * @property {string} [shown] code that was read
 * @property {{at: string, what: string, by: string}[]} [history]
 */

export {};
