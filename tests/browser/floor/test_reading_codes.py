"""The reader of codes in the browser gives what the reader on the server gives."""

READ_ALL = """async (texts) => {
  const { parse } = await import("/static/current/js/scan/codes.js");
  return texts.map((text) => {
    const { candidates, problem } = parse(text);
    return [candidates.map(({ scheme, value }) => [scheme, value]), problem];
  });
}"""
CHECK_ALL = """async (tokens) => {
  const { isToken } = await import("/static/current/js/scan/codes.js");
  return tokens.map(isToken);
}"""


def test_every_vector_is_read_as_on_the_server(bench, vectors):
    texts = [vector["text"] for vector in vectors["parse"]]

    answers = bench.evaluate(READ_ALL, texts)

    expected = [[vector["candidates"], vector["problem"]] for vector in vectors["parse"]]
    names = [vector["name"] for vector in vectors["parse"]]
    wrong = [n for n, a, e in zip(names, answers, expected, strict=True) if a != e]
    assert wrong == []


def test_every_kind_of_token_passes_its_check(bench, vectors):
    assert all(bench.evaluate(CHECK_ALL, list(vectors["tokens"].values())))


def test_a_token_with_one_wrong_character_fails_its_check(bench, vectors):
    slips = [
        token[:place] + ("2" if token[place] != "2" else "3") + token[place + 1 :]
        for token in vectors["tokens"].values()
        for place in range(13)
    ]

    assert not any(bench.evaluate(CHECK_ALL, slips))
