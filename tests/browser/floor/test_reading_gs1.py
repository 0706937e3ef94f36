"""GS1 codes mean the same in the browser and on the server, also what only looks like one."""

import json
from pathlib import Path

from app.domain.codes.gs1_words import say
from app.domain.codes.rules import parse
from tests.factories.codes import strange_codes

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "gs1_vectors.json").read_text())["parse"]
AT_ONCE = 2_000
READ_ALL = """async (texts) => {
  const { parse } = await import("/static/current/js/scan/codes.js");
  const { say } = await import("/static/current/js/scan/gs1_words.js");
  return texts.map((text) => {
    const { candidates, problem, elements } = parse(text);
    return [candidates.map(({ scheme, value }) => [scheme, value]), problem, say(elements, 2026)];
  });
}"""


def read_here(text):
    parsed = parse(text)
    said = [list(words) for words in say(parsed.elements, year=2026)]
    return [[[c.scheme, c.value] for c in parsed.candidates], parsed.problem, said]


def test_every_gs1_vector_is_read_as_on_the_server(bench):
    answers = bench.evaluate(READ_ALL, [vector["text"] for vector in VECTORS])

    expected = [[one["candidates"], one["problem"], one["says"]] for one in VECTORS]
    names = [vector["name"] for vector in VECTORS]
    assert [n for n, a, e in zip(names, answers, expected, strict=True) if a != e] == []


def test_thousands_of_garbled_codes_are_read_the_same_in_both_languages(bench):
    for seed in (1, 2, 3):
        texts = strange_codes(seed, AT_ONCE)

        answers = bench.evaluate(READ_ALL, texts)

        here = [read_here(text) for text in texts]
        pairs = zip(texts, answers, here, strict=True)
        apart = [(text, there, mine) for text, there, mine in pairs if there != mine]
        assert apart[:5] == [], f"seed {seed}: {len(apart)} differ"
