"""Every row of the decision table is reached, every situation has a row."""

import json
from itertools import product
from pathlib import Path

TABLE = json.loads(Path("app/static/js/scan/decision-table.json").read_text())
ROWS = TABLE["rows"]
SCANNED = (
    "unit", "location", "department", "partner", "command", "other", "foreign",
    "void", "unknown", "ambiguous",
)  # fmt: skip
PENDING = ("nothing", "units", "shown", "open", "question")
MODES = ("auto", "store", "dispatch", "view")
COMMANDS = ("undo", "cancel", "done", "mode")
FACTS = ("listed", "left", "same", *COMMANDS)
DECIDE = """async ({ rows, situations }) => {
  const { decide } = await import("/static/current/js/scan/table.js");
  return situations.map(({ facts, ...rest }) =>
    rows.indexOf(decide(rows, { ...rest, facts: new Set(facts) })));
}"""


def decide_all(bench, situations):
    return bench.evaluate(DECIDE, {"rows": ROWS, "situations": situations})


def situation(row, pending):
    facts = [row["when"]] if "when" in row else []
    mode = row.get("mode", "auto")
    return {"scanned": row["scanned"], "pending": pending, "mode": mode, "facts": facts}


def test_each_row_is_chosen_by_the_situation_it_describes(bench):
    cases = [(n, pending) for n, row in enumerate(ROWS) for pending in row["pending"]]

    chosen = decide_all(bench, [situation(ROWS[n], pending) for n, pending in cases])

    assert chosen == [n for n, _ in cases]


def test_every_situation_has_a_row(bench):
    subsets = [[], *([fact] for fact in FACTS), ["listed", "left"], ["left", "same"]]
    situations = [
        {"scanned": scanned, "pending": pending, "mode": mode, "facts": facts}
        for scanned, pending, mode, facts in product(SCANNED, PENDING, MODES, subsets)
    ]

    assert -1 not in decide_all(bench, situations)


def test_a_screen_that_only_looks_up_never_books(bench):
    situations = [
        {"scanned": scanned, "pending": pending, "mode": "view", "facts": facts}
        for scanned, pending, facts in product(SCANNED, PENDING, ([], ["same"], ["left"]))
    ]

    assert {ROWS[n]["verb"] for n in decide_all(bench, situations)} == {None}


def test_the_screen_has_words_for_every_next_step(bench):
    known = bench.evaluate(
        'async () => Object.keys((await import("/static/current/js/scan/messages.js")).NEXT)'
    )

    assert {row["next"] for row in ROWS} - {"same"} <= set(known)


def test_only_the_verbs_of_the_protocol_are_booked():
    assert {row["verb"] for row in ROWS if row["act"] == "book"} == {
        "putaway", "transfer", "dispatch",
    }  # fmt: skip
    assert all(row["verb"] is None for row in ROWS if row["act"] != "book")
