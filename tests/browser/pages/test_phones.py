"""What must fit into the width of a phone without being pushed aside."""

import pytest

from tests.support.installation import PHONE

SCROLLS_ASIDE = """() => [...document.querySelectorAll("body, .table-wrap, .labels ~ p")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className)"""


@pytest.mark.parametrize("address", ["/", "/movements/", "/print/{unit}/", "/print/lot/{lot}/"])
def test_nothing_is_pushed_aside(address, installation, things):
    context, watch = installation.context("manager", PHONE)
    page = context.new_page()

    page.goto(address.format(**things))

    assert page.evaluate(SCROLLS_ASIDE) == []
    assert watch.faults == []
    context.close()
