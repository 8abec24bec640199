"""Ten thousand requests and more, made from /openapi.json, right and wrong ones.

    python -m benchmarks.torture [--seed N] [--requests N] [--minutes N]

Goes on in rounds, each with another seed, until there were as many requests or as many minutes:
first against `rag serve` over a copy of the shipped articles, with the editors' token, so that what
is published and withdrawn counts, then against the application in-process as the public meets it.
Fails where a status is 5xx, where a response is not as described, and where an error repeats
what was sent.
"""

from __future__ import annotations

import argparse
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.fuzzing import Findings, fuzz
from benchmarks.grounds import TOKEN, new_ground, serving
from benchmarks.results import save
from rag.settings import Settings
from rag.web import create_app

_REQUESTS = 10_000
_MINUTES = 30.0
# Requests an operation and round: more teach schemathesis more of what to vary.
_EXAMPLES = 60
_SHARE_OF_SERVER = 0.6
_CHAINS = "Stateful tests"


def main() -> None:
    """Run both parts, and write down what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--requests", type=int, default=_REQUESTS)
    parser.add_argument("--minutes", type=float, default=_MINUTES)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    started = time.monotonic()
    findings = Findings()
    with tempfile.TemporaryDirectory() as made:
        ground = new_ground(Path(made) / "ground").with_variables(RAG_RATE_LIMIT="off")
        ground.update()
        app = create_app(Settings(corpus=ground.corpus, index=ground.index, rate_limit="off"))

        def application(seed: int) -> Findings:
            return fuzz(app, _EXAMPLES, seed)

        def rounds(ask: Callable[[int], Findings], share: float) -> None:
            while findings.requests < options.requests * share:
                if time.monotonic() - started > options.minutes * 60 * share:
                    return
                seen = ask(options.seed + findings.requests)
                for what, how in seen.failures.items():
                    print(f"{what}\n  {how}", flush=True)
                findings.add(seen)
                print(
                    f"{findings.requests} requests, {len(findings.failures)} failures", flush=True
                )

        with serving(ground, _free_port(), workers=2) as server:
            server.settled()
            headers = {"Authorization": f"Bearer {TOKEN}"}
            address = server.client.base
            rounds(lambda seed: fuzz(address, _EXAMPLES, seed, headers=headers), _SHARE_OF_SERVER)
        rounds(application, 1.0)
    save("torture", _told(findings, options.seed, time.monotonic() - started))
    sys.exit(1 if findings.failures or findings.server_errors else 0)


def _free_port() -> int:
    """A port that nobody listens on: a server that was left behind must not be asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _told(findings: Findings, seed: int, seconds: float) -> dict[str, Any]:
    return {
        "seed": seed,
        "minutes": round(seconds / 60, 1),
        "requests": findings.requests,
        "operations": len(findings.operations.keys() - {_CHAINS}),
        "by status": {str(status): n for status, n in sorted(findings.statuses.items())},
        "streams": findings.media["text/event-stream; charset=utf-8"],
        "by operation": dict(findings.operations.most_common()),
        "5xx": findings.server_errors,
        "failures": [{"what": what, "request": how} for what, how in findings.failures.items()],
        "goals": {"requests": f"≥ {_REQUESTS}", "5xx": 0, "failures": 0},
    }


if __name__ == "__main__":
    main()
