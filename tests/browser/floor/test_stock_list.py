"""The stock list on the device is large: it is read and written only when it has changed."""

LOOK = """async () => {
  const { refreshSnapshot } = await import("/static/current/js/offline/snapshot.js");
  const touched = new Set();
  for (const name of ["get", "put"]) {
    const real = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...all) {
      touched.add(all.at(-1));
      return real.apply(this, all);
    };
  }
  const state = await refreshSnapshot();
  return [state, touched.has("snapshot"), touched.has("snapshot_facts")];
}"""
LISTED = """async () => {
  const { storedSnapshot } = await import("/static/current/js/offline/snapshot.js");
  const list = await storedSnapshot();
  return list && [list.units.length, list.fetched_at];
}"""


def test_an_unchanged_list_is_neither_read_nor_written(floor, shelf):
    floor.wait_until(lambda: floor.page.evaluate(LISTED) is not None)
    _, before = floor.page.evaluate(LISTED)

    assert floor.page.evaluate(LOOK) == ["unchanged", False, True]
    units, after = floor.page.evaluate(LISTED)
    assert (units, after > before) == (6, True)


def test_whoever_leaves_takes_the_list_along(floor, shelf):
    floor.wait_until(lambda: floor.page.evaluate(LISTED) is not None)

    floor.page.evaluate(
        """import("/static/current/js/offline/grant.js").then(({ leave }) => leave())"""
    )

    assert floor.page.evaluate(LISTED) is None
