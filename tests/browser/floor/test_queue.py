"""The device's queue: gap-free, once, in order, and never called saved when it is not."""

import pytest
from playwright.sync_api import expect

from tests.support.floor import READ_STORE

HELPERS = """
  const { commit } = await import("/static/current/js/offline/commit.js");
  const { settle } = await import("/static/current/js/offline/queue.js");
  const log = await import("/static/current/js/offline/log.js");
  const scan = (text) => ({ text, source: "keyboard", at: Date.now(), session_id: "s",
    user_id: "u", became: "act", token: null, act_id: null });
  const event = (id) => ({ id, state: "waiting", wire: { id, grant: "g", client_time: "t" },
    act_id: "a", verb: "putaway", at: Date.now(), user_id: "u", unit: { token: "R", text: "R",
    row: null }, from: null, place: null, is_already: false, reverses: null, undone_by: null,
    verdict: null, code: null, message: null, movement: null, answered_at: null });
  const verdict = (id, verdict) => ({ id, verdict, code: "c", message: "m", movement: null,
    at: null, unit: null });
"""
BREAK_WRITES = """IDBDatabase.prototype.transaction = ((real) => function (stores, mode, options) {
  if (mode === "readwrite") throw new DOMException("disk is full", "QuotaExceededError");
  return real.call(this, stores, mode, options);
})(IDBDatabase.prototype.transaction);"""
HANG_WRITES = """Object.defineProperty(IDBTransaction.prototype, "oncomplete", { set() {} });"""


def run(page, body, argument=None):
    return page.evaluate(f"async (argument) => {{ {HELPERS} {body} }}", argument)


def test_a_scan_with_its_events_gets_numbers_without_gaps(bench):
    run(
        bench,
        """for (let n = 0; n < 3; n += 1) {
          await commit({ id: `c${n}`, scans: [scan("x")],
            events: [event(`e${n}a`), event(`e${n}b`)] });
        }""",
    )

    events = sorted(bench.evaluate(READ_STORE, "events"), key=lambda event: event["seq"])
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event["wire"]["seq"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert [scan["scan_seq"] for scan in bench.evaluate(READ_STORE, "scans")] == [1, 2, 3]


def test_the_same_commit_again_changes_nothing(bench):
    first, second = run(
        bench,
        """const one = { id: "c", scans: [scan("x")], events: [event("e")] };
        return [await commit(one), await commit(one)];""",
    )

    assert first == second
    assert len(bench.evaluate(READ_STORE, "events")) == 1
    assert len(bench.evaluate(READ_STORE, "scans")) == 1


def test_a_commit_that_fails_in_the_middle_leaves_nothing_and_no_gap(bench):
    run(
        bench,
        """await commit({ id: "c1", scans: [scan("x")], events: [event("e1")] });
        const twice = [event("e2"), event("e1")];
        await commit({ id: "c2", scans: [scan("y")], events: twice }).catch(() => 0);
        await commit({ id: "c3", scans: [scan("z")], events: [event("e3")] });""",
    )

    events = {event["id"]: event["seq"] for event in bench.evaluate(READ_STORE, "events")}
    assert events == {"e1": 1, "e3": 2}
    assert [scan["scan_seq"] for scan in bench.evaluate(READ_STORE, "scans")] == [1, 2]


def test_two_tabs_share_one_row_of_numbers(bench):
    other = bench.context.new_page()
    other.goto("/bench")
    body = """const all = [];
      for (let n = 0; n < 10; n += 1) {
        all.push(commit({ id: argument + n, scans: [scan("x")],
          events: [event(argument + n)] }));
      }
      return Promise.all(all);"""

    bench.evaluate(f"window.done = (async (argument) => {{ {HELPERS} {body} }})('one')")
    run(other, body, "two")
    bench.evaluate("window.done")

    seqs = sorted(event["seq"] for event in bench.evaluate(READ_STORE, "events"))
    assert seqs == list(range(1, 21))


@pytest.mark.parametrize(
    "verdict,state",
    [
        ("applied", "answered"),
        ("duplicate", "answered"),
        ("superseded", "answered"),
        ("rejected", "held"),
        ("review", "held"),
        ("received", "held"),
        ("conflict", "held"),
    ],
)
def test_a_verdict_moves_an_event_to_where_it_belongs(bench, verdict, state):
    waiting, held = run(
        bench,
        """await commit({ id: "c", scans: [], events: [event("e")] });
        await settle([verdict("e", argument), verdict("never-seen", argument)], {});
        return [(await log.waiting(9)).length, (await log.held()).length];""",
        verdict,
    )

    [event] = bench.evaluate(READ_STORE, "events")
    assert (event["state"], event["verdict"]) == (state, verdict)
    assert (waiting, held) == (0, 1 if state == "held" else 0)


def test_a_refused_reversal_lets_the_act_stand(bench):
    run(
        bench,
        """await commit({ id: "c1", scans: [], events: [event("e")] });
        await commit({ id: "c2", scans: [], events: [{ ...event("r"), verb: "reverse",
          reverses: "e" }], undone: { e: "r" } });
        await settle([verdict("r", "rejected")], {});""",
    )

    events = {event["id"]: event for event in bench.evaluate(READ_STORE, "events")}
    assert events["e"]["undone_by"] is None


@pytest.mark.parametrize("fault", [BREAK_WRITES, HANG_WRITES])
def test_a_write_that_does_not_end_is_not_saved(bench, fault):
    name = run(
        bench,
        f"""await commit({{ id: "c0", scans: [], events: [] }});
        {fault}
        return commit({{ id: "c", scans: [scan("x")], events: [event("e")] }})
          .then(() => "saved", (error) => error.constructor.name);""",
    )

    assert name == "NotSaved"


STALL = """const store = await import("/static/current/js/offline/db.js");
let isStalled = true;
const stores = ["kv", "scans", "acts", "events"];
const stall = store.writeNext(stores, async (transaction) => {
  while (isStalled) await store.ask(transaction.objectStore("kv").get("x"));
});
"""
# What a transaction answers that is being flushed when its time is up.
TOO_LATE = """IDBTransaction.prototype.abort = () => {
  throw new DOMException("committing", "InvalidStateError");
};"""


@pytest.mark.parametrize("engine", ["", TOO_LATE], ids=["waiting", "flushing"])
def test_what_was_said_to_be_not_saved_is_not_there_when_the_disk_goes_on(bench, engine):
    """And its numbers are free for the scan that comes next."""
    answer = run(
        bench,
        f"""await commit({{ id: "c0", scans: [{{ ...scan("roll"), became: "pending" }}] }});
        await commit({{ id: "c1", scans: [scan("x")], events: [event("e1")] }});
        {STALL} {engine}
        const answer = await commit({{ id: "c2", scans: [scan("y")], act: {{ id: "a2" }},
          marks: [{{ scan_seq: 1, became: "act" }}], undone: {{ e1: "e2" }},
          events: [event("e2"), event("e3")] }}).then(() => "saved", (error) => error);
        isStalled = false;
        await stall;
        await commit({{ id: "c3", scans: [scan("z")], events: [event("e4")] }});
        return answer.constructor.name;""",
    )

    assert answer == "NotSaved"
    scans = {scan["scan_seq"]: scan for scan in bench.evaluate(READ_STORE, "scans")}
    assert {n: (scan["text"], scan["became"]) for n, scan in scans.items()} == {
        1: ("roll", "pending"),
        2: ("x", "act"),
        3: ("z", "act"),
    }
    events = {event["id"]: event for event in bench.evaluate(READ_STORE, "events")}
    assert {key: event["seq"] for key, event in events.items()} == {"e1": 1, "e4": 2}
    assert events["e1"]["undone_by"] is None
    assert bench.evaluate(READ_STORE, "acts") == []


def test_what_is_taken_back_while_a_flush_begins_is_not_sent(bench):
    sent = run(
        bench,
        """const { put } = await import("/static/current/js/offline/db.js");
        const { flush } = await import("/static/current/js/offline/flush.js");
        await put("grants", { g: { id: "g", token: "t" } });
        await put("current_grant", "g");
        await put("device", { id: "d" });
        await commit({ id: "c", scans: [], events: [event("e1"), event("e2")] });
        const sent = [];
        window.fetch = async (_, { body }) => {
          sent.push(...JSON.parse(body).events.map(({ id }) => id));
          throw new Error("no network");
        };
        const begin = IDBDatabase.prototype.transaction;
        let writes = 0;
        IDBDatabase.prototype.transaction = function (stores, mode, options) {
          const isBetween = mode === "readwrite" && (writes += 1) === 2;
          if (isBetween) begin.call(this, "events", mode).objectStore("events").delete("e2");
          return begin.call(this, stores, mode, options);
        };
        await flush({});
        return sent;""",
    )

    assert sent == ["e1"]


def test_the_screen_says_not_saved_and_takes_the_next_scan(floor, shelf):
    floor.scan(shelf.units[0])
    floor.page.evaluate(
        f"() => {{ window.mend = IDBDatabase.prototype.transaction; {BREAK_WRITES} }}"
    )

    floor.page.keyboard.insert_text(f"https://plant.example/q/{shelf.bins[0]}")
    floor.page.keyboard.press("Enter")

    alarm = floor.page.get_by_role("alert")
    expect(alarm).to_contain_text("NOTSAVED")
    expect(alarm).to_contain_text(f"{shelf.bins[0][:4]} was not stored")
    assert floor.store("events") == []
    floor.page.evaluate("() => { IDBDatabase.prototype.transaction = window.mend; }")
    floor.scan(shelf.bins[0])
    expect(alarm).to_be_hidden()
    floor.expect_result("ok", f"{shelf.units[0][:4]} stored")
