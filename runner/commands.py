"""The commands of `./run` and their options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runner import bootstrap

HELP = """\
./run                    install what is missing, then serve Rollcall
  --host ADDRESS           address to listen on (127.0.0.1)
  --port NUMBER            port (8000)
  --data DIR               where the database, uploads and keys are kept (var/)
  --empty                  do not load the demo plant into an empty database
  --demo-password WORD     password of the demo log-ins (else a random one, kept in DIR)
  --lan                    https for phones in the local network, with a certificate of its own
./run test [PATH…]       every check and test, layer by layer; or only the tests in PATH
./run lint               only the static checks
./run soak [NAME]        the long runs; without a name, the list of them
./run help               this text

Environment: DATABASE_URL, REDIS_URL and the others in docs/operations.md; PIP_… and UV_… for
package mirrors."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to do, and which packages it needs (None: none)."""

    requirements: str | None
    run: Callable[[], int]


def parse(arguments: list[str]) -> Command:
    """Find out what is asked for. Modules that need packages are imported when it runs."""
    first = arguments[0] if arguments else ""
    if first in {"help", "--help", "-h"}:
        return Command(None, _print_help)
    if first == "test":
        return Command(bootstrap.DEVELOPMENT, lambda: _test(arguments[1:]))
    if first == "lint":
        return Command(bootstrap.DEVELOPMENT, _lint)
    if first == "soak":
        return Command(bootstrap.DEVELOPMENT, lambda: _soak(arguments[1:]))
    options = _serve_options(arguments)
    return Command(bootstrap.RUNTIME, lambda: _serve(options))


def _print_help() -> int:
    print(HELP)
    return 0


def _serve_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", usage="./run help", add_help=False)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ROLLCALL_DATA") or bootstrap.ROOT / "var")
    )
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--demo-password", default=os.environ.get("DEMO_PASSWORD"))
    parser.add_argument("--lan", action="store_true")
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace) -> int:
    from runner import serve

    return serve.serve(
        serve.Options(
            host=options.host or ("0.0.0.0" if options.lan else "127.0.0.1"),  # noqa: S104
            port=options.port,
            data=options.data.resolve(),
            is_empty=options.empty,
            demo_password=options.demo_password,
            is_lan=options.lan,
        )
    )


def _test(arguments: list[str]) -> int:
    from runner import layers

    return layers.test(arguments)


def _lint() -> int:
    from runner import layers

    return layers.lint()


def _soak(arguments: list[str]) -> int:
    from runner import soak

    return soak.run(arguments)
