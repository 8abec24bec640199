"""Rate limits: what is allowed, what is told, and who is heard in spite of them."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from rag.errors import SettingsError
from rag.settings import Settings
from rag.types import Filters, Mode, Question, Safety, SearchResults
from rag.web import create_app
from rag.web.buckets import Buckets, OwnBuckets, SharedBuckets, shared_file
from rag.web.limits import Limiter
from rag.web.rates import Rate, parse_rate, share
from tests.doubles import ScriptedAssistant
from tests.web.conftest import problem_of

ASKED = {"message": "Does it get better?"}
GRAVE = {"message": "crushing chest pain"}


@pytest.fixture
def settings() -> Settings:
    return Settings(rate_limit="3/hour")


@pytest.fixture(params=["in a file", "in memory"])
def counters(request: pytest.FixtureRequest, tmp_path: Path) -> Buckets:
    return OwnBuckets() if request.param == "in memory" else SharedBuckets(tmp_path / "limits")


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("60/minute", Rate(60, 60)),
        ("1/second", Rate(1, 1)),
        ("600/10minutes", Rate(600, 600)),
        (" 5/2Hours ", Rate(5, 7_200)),
        ("1000/day", Rate(1_000, 86_400)),
        ("off", None),
    ],
)
def test_a_rate_is_written_as_requests_a_time(text: str, rate: Rate | None) -> None:
    assert parse_rate("rate_limit", text) == rate


@pytest.mark.parametrize("text", ["60", "0/minute", "60/minutely", "-1/hour", "60/0minutes", "١/s"])
def test_what_is_no_rate_stops_the_start_and_names_the_setting(text: str) -> None:
    with pytest.raises(SettingsError, match="RAG_RATE_LIMIT must be like 60/minute"):
        create_app(Settings(rate_limit=text), ScriptedAssistant())
    with pytest.raises(SettingsError, match="RAG_RATE_LIMIT_GLOBAL must be"):
        create_app(Settings(rate_limit_global=text), ScriptedAssistant())


def test_a_bucket_gives_its_quota_and_then_nothing(counters: Buckets) -> None:
    rate = Rate(5, 3_600)
    taken = [counters.take(7, rate) for _ in range(7)]
    assert [one.remaining for one in taken] == [4, 3, 2, 1, 0, 0, 0]
    assert [one.allowed for one in taken] == [True] * 5 + [False] * 2
    assert 700 <= taken[-1].wait <= 720
    assert counters.take(8, rate).allowed


def test_a_bucket_fills_up_again(counters: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("rag.web.buckets.time.time", lambda: now)
    rate = Rate(4, 60)
    assert [counters.take(1, rate).allowed for _ in range(5)] == [True] * 4 + [False]
    now += 15.0
    assert [counters.take(1, rate).allowed for _ in range(2)] == [True, False]
    now += 600.0
    assert [counters.take(1, rate).allowed for _ in range(5)] == [True] * 4 + [False]


def test_a_clock_that_is_set_back_locks_nobody_out(
    counters: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("rag.web.buckets.time.time", lambda: now)
    assert [counters.take(1, Rate(2, 60)).allowed for _ in range(3)] == [True, True, False]
    now -= 86_400.0
    assert counters.take(1, Rate(2, 60)).allowed


def test_what_is_left_is_told_in_whole_seconds_and_requests() -> None:
    rate = Rate(60, 60)
    assert share(rate, full=100.0, now=100.0, allowed=True).remaining == 60
    assert share(rate, full=159.5, now=100.0, allowed=False).wait == 1
    assert share(rate, full=160.0, now=100.0, allowed=True).remaining == 0


def test_threads_and_connections_together_get_exactly_the_quota(tmp_path: Path) -> None:
    several = [SharedBuckets(tmp_path / "limits") for _ in range(4)]
    assert len({counters.salt() for counters in several}) == 1
    rate = Rate(100, 3_600)
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda n: several[n % 4].take(1, rate).allowed, range(400)))
    assert sum(taken) == 100


def test_no_address_can_be_read_from_the_file(tmp_path: Path) -> None:
    counters = SharedBuckets(tmp_path / "limits")
    limiter = Limiter(Rate(5, 60), Rate(500, 60), shared=lambda: counters)
    addresses = [f"203.0.113.{n}" for n in range(100)]
    for address in addresses:
        assert limiter.take(address, several=True).problem is None
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for address in addresses:
        assert address.encode() not in content
        assert ip_address(address).packed not in content
    keys = {
        row[0] for row in sqlite3.connect(tmp_path / "limits").execute("SELECT key FROM bucket")
    }
    # So few that hundreds of addresses have each: with the salt, too, nobody can tell who it was.
    assert keys - {-1} <= set(range(1 << 24))


def test_full_buckets_are_forgotten(
    counters: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr("rag.web.buckets.time.time", lambda: now)
    for key in range(50):
        counters.take(key, Rate(2, 60))
    now += 100.0
    counters.take(99, Rate(2, 60))
    counters.take(98, Rate(2, 60))
    if isinstance(counters, OwnBuckets):
        assert set(counters._full) == {98, 99}
    else:
        rows = sqlite3.connect(tmp_path / "limits").execute("SELECT key FROM bucket").fetchall()
        assert rows == [(98,), (99,)]


def test_where_the_disk_is_full_a_worker_counts_for_itself_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("sqlite3.connect", full)
    counters = SharedBuckets(tmp_path / "limits")
    limiter = Limiter(Rate(3, 60), Rate(3, 60), shared=lambda: counters)
    refused = [limiter.take("203.0.113.1", several=True).problem for _ in range(5)]
    assert [problem is None for problem in refused] == [True] * 3 + [False] * 2
    assert caplog.text.count("counts requests for itself") == 1


def test_the_folder_of_the_file_is_this_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    path = shared_file(1)
    assert path.parent.stat().st_mode & 0o077 == 0
    left = path.with_name("limits-999999999.sqlite")
    left.touch()
    assert shared_file(1) == path
    assert not left.exists(), "what an ended server left is removed"
    path.parent.chmod(0o777)
    with pytest.raises(PermissionError):
        shared_file(1)


def test_half_of_an_address_of_the_newer_kind_is_one_client() -> None:
    limiter = Limiter(Rate(2, 60), None, OwnBuckets())
    same = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:9::%eth0"]
    assert [limiter.take(address).problem is None for address in same] == [True, True, False]
    assert limiter.take("2001:db8:0:1::1").problem is None


@pytest.mark.parametrize(
    ("path", "form"), [("/v1/chat", False), ("/v1/search", False), ("/", True)]
)
def test_who_asks_too_often_is_told_when_to_come_back(
    client: FlaskClient, path: str, form: bool
) -> None:
    asked = {"query": "back pain"} if path == "/v1/search" else ASKED
    for left in (2, 1, 0):
        response = client.post(path, data=asked) if form else client.post(path, json=asked)
        assert response.status_code == 200
        assert response.headers["RateLimit-Policy"] == '"client";q=3;w=3600'
        assert re.fullmatch(rf'"client";r={left};t=1?\d+', response.headers["RateLimit"])
    refused = client.post(path, data=asked) if form else client.post(path, json=asked)
    body = problem_of(refused, 429)
    assert body["type"] == "/problems/rate-limited"
    assert 1_190 <= int(refused.headers["Retry-After"]) <= 1_200
    assert re.fullmatch(r'"client";r=0;t=1\d+', refused.headers["RateLimit"])
    if path != "/v1/search":
        assert body["safety"]["level"] == "none"
        assert body["disclaimer"]["text"]
    assert client.get("/healthz").status_code == client.get("/v1/articles").status_code == 200


def test_all_clients_together_have_a_limit(assistant: ScriptedAssistant) -> None:
    app = create_app(Settings(rate_limit="off", rate_limit_global="4/hour"), assistant)
    seen = []
    for last in range(6):
        base = {"REMOTE_ADDR": f"203.0.113.{last}"}
        seen.append(app.test_client().post("/v1/chat", json=ASKED, environ_base=base).status_code)
    assert seen == [200] * 4 + [429] * 2


def test_what_a_client_is_refused_is_not_taken_from_the_others(
    assistant: ScriptedAssistant,
) -> None:
    app = create_app(Settings(rate_limit="2/hour", rate_limit_global="4/hour"), assistant)

    def ask(address: str) -> int:
        client = app.test_client()
        base = {"REMOTE_ADDR": address}
        return client.post("/v1/chat", json=ASKED, environ_base=base).status_code

    assert [ask("203.0.113.1") for _ in range(10)] == [200] * 2 + [429] * 8
    assert [ask("203.0.113.2") for _ in range(2)] == [200] * 2


def test_a_grave_message_is_heard_in_spite_of_every_limit() -> None:
    assistant = ScriptedAssistant()
    settings = Settings(rate_limit="1/day", rate_limit_global="1/day")
    client = create_app(settings, assistant).test_client()
    assert client.post("/v1/chat", json=ASKED).status_code == 200
    assert client.post("/v1/chat", json=ASKED).status_code == 429
    assistant.asked.clear()
    assert client.post("/v1/chat", json=GRAVE).status_code == 200
    assert client.post("/", data=GRAVE).status_code == 200
    assert len(assistant.asked) == 2


@pytest.mark.parametrize("message", [ASKED, GRAVE])
@pytest.mark.parametrize("limit", ["off", "1/day"])
def test_the_gate_is_asked_once_a_request(message: dict[str, str], limit: str) -> None:
    judged: list[str] = []

    class _Counting(ScriptedAssistant):
        def safety(self, question: Question) -> Safety:
            judged.append(question.message)
            return super().safety(question)

    client = create_app(Settings(rate_limit=limit), _Counting()).test_client()
    for _ in range(2):
        judged.clear()
        client.post("/v1/chat", json=message)
        assert judged == [message["message"]]


def test_of_many_at_once_a_few_wait_and_the_rest_is_refused_at_once() -> None:
    released = threading.Event()

    class _Slow(ScriptedAssistant):
        def search(self, query: str, k: int, mode: Mode, filters: Filters) -> SearchResults:
            assert released.wait(timeout=20)
            return super().search(query, k, mode, filters)

    app = create_app(Settings(threads=2, rate_limit="off"), _Slow())

    def search(_: int) -> int:
        status = app.test_client().post("/v1/search", json={"query": "pain"}).status_code
        if status == 503:
            refused.release()
        return status

    refused = threading.Semaphore(0)
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(search, n) for n in range(20)]
        for _ in range(10):
            # Nobody has left the house yet: these were not kept waiting.
            assert refused.acquire(timeout=10)
        grave = app.test_client().post("/v1/chat", json=GRAVE)
        released.set()
        statuses = sorted(future.result() for future in asked)
    assert grave.status_code == 200
    assert statuses == [200] * 10 + [503] * 10
