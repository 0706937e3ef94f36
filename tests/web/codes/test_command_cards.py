"""Command cards to print, and what happens when something else than the scan screen meets one."""

import pytest

from app.domain.codes.rules import CodeKind, is_token, kind_of
from app.web.commands import command_cards
from tests.support.paper import sheets_of
from tests.support.web import log_in


def test_every_card_has_a_code_of_its_own_that_says_it_is_a_command():
    tokens = [card.token for card in command_cards()]

    assert len(set(tokens)) == len(tokens) == 7
    assert all(is_token(token) and kind_of(token) is CodeKind.COMMAND for token in tokens)


def test_all_cards_fit_on_one_sheet_and_can_be_scanned(client, plant):
    log_in(client, "keeper")

    answer = client.get("/print/commands/labels.pdf?paper=a4-2x4&dpi=300")

    (sheet,) = sheets_of(answer.data, 300)
    said = {text.rsplit("/", 1)[1] for _, _, text in sheet.codes}
    assert said == {card.token for card in command_cards()}
    assert all(card.sign in sheet.words for card in command_cards())


def test_the_page_shows_what_each_card_does(client, plant):
    log_in(client, "keeper")

    page = client.get("/print/commands/")

    assert all(card.words in page.text for card in command_cards())
    assert 'href="/print/commands/"' in client.get("/labels/").text


@pytest.mark.parametrize("way, status", [("/q/{}", 409), ("/search/?q={}", 200)])
def test_a_card_says_what_it_is_where_it_can_do_nothing(client, plant, way, status):
    log_in(client, "driver")

    answer = client.get(way.format(command_cards()[0].token))

    assert answer.status_code == status
    assert "This is the command card “UNDO”. Scan it on the scan screen." in answer.text
