"""One hash over all static files: kept for ever under it, never kept under another."""

import pytest

from app.web.assets import Assets


@pytest.fixture
def assets(app):
    return app.extensions["assets"]


def test_a_file_under_the_hash_of_today_is_kept_for_ever(client, assets):
    with client.get(assets.url("css/tokens.css")) as answer:
        assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_under_an_old_hash_is_answered_but_not_kept(client):
    with client.get("/static/0000000000/css/tokens.css") as answer:
        assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["css/none.css", "vendor/README.md", "../config.py", "css/../../config.py", "css/"],
)
def test_nothing_but_the_listed_files_is_served(client, assets, path):
    assert client.get(f"{assets.prefix}{path}").status_code == 404


def test_a_name_that_does_not_exist_is_a_mistake_of_ours(assets):
    with pytest.raises(LookupError, match=r"css/none\.css"):
        assets.url("css/none.css")


def test_the_hash_changes_with_a_name_and_with_a_byte(tmp_path):
    (tmp_path / "a.css").write_text("a")
    first = Assets.scan(tmp_path).tree_hash
    (tmp_path / "README.md").write_text("a paper")
    assert Assets.scan(tmp_path).tree_hash == first

    (tmp_path / "a.css").write_text("b")
    second = Assets.scan(tmp_path).tree_hash
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    third = Assets.scan(tmp_path).tree_hash

    assert len({first, second, third}) == 3
