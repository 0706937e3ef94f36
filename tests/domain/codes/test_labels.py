"""What becomes of a label: printed again, replaced, exchanged, made void."""

import uuid
from collections import Counter

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import Forbidden, Invalid, NotFound
from app.domain.audit.models import AuditEntry
from app.domain.codes import commands
from app.domain.codes.commands import LabelChanged, Labelled, WrongLabel
from app.domain.codes.label_queries import acts_of, codes_of
from app.domain.codes.models import LabelAct, LabelEntry, LabelState
from app.domain.codes.queries import CodeOfAnotherSite, VoidLabel, find_code, tokens_of
from app.domain.codes.rules import CodeKind, display_token
from app.domain.locations.commands import open_department, open_site
from tests.domain.ledger.test_concurrency import together
from tests.factories.plant import Plant
from tests.factories.scans import token_of
from tests.factories.stock import stored_coils


@pytest.fixture
def coils(database: Database, plant: Plant) -> list[Labelled]:
    return [Labelled(CodeKind.UNIT, coil) for coil in stored_coils(database, plant, 2)]


@pytest.fixture
def coil(coils: list[Labelled]) -> Labelled:
    return coils[0]


def label_of(database: Database, thing: Labelled) -> str:
    return token_of(database, thing.kind, thing.subject_id)


def do(database: Database, command: str, actor, thing: Labelled, **more):
    """One act on the label of a thing, from a form of its own."""
    more = {"reason": "Torn off", "key": uuid.uuid4()} | more
    if command != "give_code" and "token" not in more:
        more["token"] = label_of(database, thing)
    act = getattr(commands, command)
    return database.unit_of_work(lambda session: act(session, actor=actor, thing=thing, **more))


def look_up(database: Database, text: str, site_id: int | None = None):
    with database.reader() as session:
        return find_code(session, text, site_id)


def acts(database: Database, thing: Labelled) -> list[LabelAct]:
    with database.reader() as session:
        return [row.act for row in acts_of(session, thing.kind, thing.subject_id)]


def states(database: Database, thing: Labelled) -> dict[str, LabelState]:
    with database.reader() as session:
        rows = codes_of(session, thing.kind, thing.subject_id)
        return {row.token: row.state for row in rows}


def written(database: Database) -> tuple[int, int]:
    """How many acts and audit entries of labels there are."""
    with database.reader() as session:
        entries = sa.select(sa.func.count()).where(AuditEntry.subject_kind == "label_code")
        return session.scalar(sa.select(sa.func.count(LabelEntry.id))) or 0, session.scalar(
            entries
        ) or 0


def test_a_replaced_label_still_finds_its_thing_and_names_the_newest(database, plant, coil):
    old = label_of(database, coil)

    new = do(database, "replace_code", plant.keeper, coil)

    assert label_of(database, coil) == new != old
    (match,) = look_up(database, old, plant.site.id)
    assert (match.kind, match.subject_id) == (coil.kind, coil.subject_id)
    assert match.warning == (
        f"Label {display_token(old)} was replaced. The newest is {display_token(new)}."
    )
    assert look_up(database, new)[0].warning is None
    assert states(database, coil) == {new: LabelState.CURRENT, old: LabelState.REPLACED}
    assert acts(database, coil) == [LabelAct.REPLACED]
    assert written(database) == (1, 1)


def test_a_label_replaced_twice_leads_to_the_newest_from_both(database, plant, coil):
    tokens = [label_of(database, coil)]
    tokens += [do(database, "replace_code", plant.keeper, coil) for _ in range(2)]

    for old in tokens[:2]:
        assert display_token(tokens[2]) in str(look_up(database, old)[0].warning)


def test_a_void_label_finds_nothing_and_says_why(database, plant, coil):
    token = label_of(database, coil)

    do(database, "void_code", plant.keeper, coil, reason="Stuck on scrap")

    with pytest.raises(VoidLabel, match="is void: Stuck on scrap"):
        look_up(database, f"https://plant.example/q/{token}", plant.site.id)
    with database.reader() as session:
        assert tokens_of(session, coil.kind, [coil.subject_id]) == {}
    assert states(database, coil) == {token: LabelState.VOID}


def test_a_void_label_of_another_site_says_only_that(database, plant, coil):
    token = label_of(database, coil)
    do(database, "void_code", plant.keeper, coil)
    pune = database.unit_of_work(
        lambda session: open_site(
            session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC"
        )
    )

    with pytest.raises(CodeOfAnotherSite):
        look_up(database, token, pune.id)


def test_a_thing_without_a_label_gets_one(database, plant, coil):
    void = label_of(database, coil)
    do(database, "void_code", plant.keeper, coil)

    given = do(database, "give_code", plant.keeper, coil)
    again = do(database, "give_code", plant.keeper, coil)

    assert given == again != void
    assert states(database, coil) == {given: LabelState.CURRENT, void: LabelState.VOID}
    assert acts(database, coil) == [LabelAct.GIVEN, LabelAct.VOIDED]


def test_a_replaced_label_without_a_newer_one_says_so(database, plant, coil):
    old = label_of(database, coil)
    do(database, "replace_code", plant.keeper, coil)
    do(database, "void_code", plant.keeper, coil)

    assert str(look_up(database, old)[0].warning).endswith("There is no newer one.")


def test_exchanged_labels_find_the_things_that_they_are_on(database, plant, coils):
    first, second = (label_of(database, coil) for coil in coils)

    do(database, "swap_codes", plant.keeper, coils[0], other_token=second)

    assert [label_of(database, coil) for coil in coils] == [second, first]
    assert look_up(database, first)[0].subject_id == coils[1].subject_id
    for coil in coils:
        assert acts(database, coil) == [LabelAct.SWAPPED]
    assert written(database) == (1, 1)


def test_printing_again_changes_no_label_and_is_written_down(database, plant, coil):
    before = label_of(database, coil)

    do(database, "record_reprint", plant.operator, coil, reason="  rubbed\noff ")

    assert label_of(database, coil) == before
    with database.reader() as session:
        (row,) = acts_of(session, coil.kind, coil.subject_id)
    assert (row.act, row.token, row.reason) == (LabelAct.REPRINTED, before, "rubbed off")
    assert row.by_name == plant.operator.name


COMMANDS = ("record_reprint", "replace_code", "void_code", "swap_codes")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_form_that_is_sent_twice_is_one_act(database, plant, coils, command):
    sent = {"key": uuid.uuid4(), "token": label_of(database, coils[0])}
    if command == "swap_codes":
        sent["other_token"] = label_of(database, coils[1])

    first = do(database, command, plant.keeper, coils[0], **sent)
    after = [states(database, coil) for coil in coils]
    second = do(database, command, plant.keeper, coils[0], **sent)

    assert first == second
    assert [states(database, coil) for coil in coils] == after
    assert written(database) == (1, 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_form_that_is_sent_twice_at_once_is_one_act(database, plant, coils, command):
    sent = {"key": uuid.uuid4(), "token": label_of(database, coils[0])}
    if command == "swap_codes":
        sent["other_token"] = label_of(database, coils[1])

    answers = together(3, lambda _: do(database, command, plant.keeper, coils[0], **sent))

    assert len(set(answers)) == 1, answers
    assert written(database) == (1, 1)


def test_of_two_people_who_replace_a_label_one_is_told(database, plant, coil):
    token = label_of(database, coil)

    answers = together(3, lambda _: do(database, "replace_code", plant.keeper, coil, token=token))

    kinds = Counter(type(answer).__name__ for answer in answers)
    assert kinds == {"str": 1, "LabelChanged": 2}
    assert Counter(states(database, coil).values()) == {"current": 1, "replaced": 1}


def test_two_exchanges_of_the_same_labels_from_both_sides_do_not_deadlock(database, plant, coils):
    tokens = [label_of(database, coil) for coil in coils]

    answers = together(
        2,
        lambda n: do(
            database,
            "swap_codes",
            plant.keeper,
            coils[n],
            token=tokens[n],
            other_token=tokens[1 - n],
        ),
    )

    assert Counter(type(answer).__name__ for answer in answers) == {
        "NoneType": 1,
        "LabelChanged": 1,
    }
    assert [label_of(database, coil) for coil in coils] == tokens[::-1]


def test_two_labels_given_at_once_are_one(database, plant, coil):
    do(database, "void_code", plant.keeper, coil)

    answers = together(3, lambda _: do(database, "give_code", plant.keeper, coil))

    assert set(answers) == {label_of(database, coil)}


@pytest.mark.parametrize("command", ["replace_code", "void_code", "swap_codes", "give_code"])
def test_only_who_keeps_labels_changes_them(database, plant, coils, command):
    other = {"other_token": label_of(database, coils[1])} if command == "swap_codes" else {}

    with pytest.raises(Forbidden):
        do(database, command, plant.operator, coils[0], **other)

    assert written(database) == (0, 0)


def test_nobody_prints_again_what_is_not_theirs(database, plant):
    place = Labelled(CodeKind.LOCATION, plant.finishing_bins[0].id)

    for actor in (plant.operator, plant.keeper, plant.driver):
        with pytest.raises(Forbidden):
            do(database, "record_reprint", actor, place)

    assert written(database) == (0, 0)


def test_labels_of_another_department_are_not_exchanged_from_here(database, plant):
    here = Labelled(CodeKind.LOCATION, plant.bin.id)
    there = Labelled(CodeKind.LOCATION, plant.finishing_bins[0].id)
    other = label_of(database, there)

    with pytest.raises(Forbidden):
        do(database, "swap_codes", plant.keeper, here, other_token=other)
    do(database, "swap_codes", plant.manager, here, other_token=other)

    assert label_of(database, here) == other


@pytest.mark.parametrize("reason", ["", " \n", "x" * 201])
def test_every_act_wants_a_reason(database, plant, coils, reason):
    for command in COMMANDS:
        other = {"other_token": label_of(database, coils[1])} if command == "swap_codes" else {}
        with pytest.raises(Invalid):
            do(database, command, plant.keeper, coils[0], reason=reason, **other)

    assert written(database) == (0, 0)


@pytest.mark.parametrize("command", ["record_reprint", "replace_code"])
def test_what_is_no_longer_the_label_is_refused(database, plant, coil, command):
    old = label_of(database, coil)
    do(database, "replace_code", plant.keeper, coil)

    with pytest.raises(LabelChanged, match="was replaced"):
        do(database, command, plant.keeper, coil, token=old)

    assert written(database) == (1, 1)


def test_an_old_label_is_made_void_and_only_once(database, plant, coil):
    old = label_of(database, coil)
    new = do(database, "replace_code", plant.keeper, coil)

    do(database, "void_code", plant.keeper, coil, token=old)

    with pytest.raises(LabelChanged, match="void already"):
        do(database, "void_code", plant.keeper, coil, token=old)
    assert label_of(database, coil) == new


def test_labels_that_do_not_fit_are_not_exchanged(database, plant, coils):
    place = label_of(database, Labelled(CodeKind.LOCATION, plant.bin.id))
    own = label_of(database, coils[0])
    elsewhere = database.unit_of_work(lambda session: _department_of_pune(session, plant))

    for other, error in ((place, WrongLabel), (own, WrongLabel), ("R2222222222", NotFound)):
        with pytest.raises(error):
            do(database, "swap_codes", plant.admin, coils[0], other_token=other)
    with pytest.raises(WrongLabel, match="another site"):
        do(
            database,
            "swap_codes",
            plant.admin,
            Labelled(CodeKind.DEPARTMENT, plant.hot_rolling.id),
            other_token=label_of(database, elsewhere),
        )

    assert written(database) == (0, 0)


def test_a_label_of_something_else_is_not_touched(database, plant, coils):
    other = label_of(database, coils[1])

    for command in ("record_reprint", "replace_code", "void_code"):
        with pytest.raises(LabelChanged, match="on another thing"):
            do(database, command, plant.keeper, coils[0], token=other)

    assert written(database) == (0, 0)


def _department_of_pune(session, plant: Plant) -> Labelled:
    pune = open_site(session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC")
    paint = open_department(session, actor=plant.admin, site_id=pune.id, code="PNT", name="Paint")
    return Labelled(CodeKind.DEPARTMENT, paint.id)
