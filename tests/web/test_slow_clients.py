"""A client that sends slowly or takes nothing does not hold a server up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from rag.web.sockets import PatientSocket


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PatientSocket, socket.socket]]:
    monkeypatch.setattr("rag.web.sockets._TO_SEND", 0.4)
    monkeypatch.setattr("rag.web.sockets._TO_TAKE", 0.4)
    monkeypatch.setattr("rag.web.sockets._TO_LEAVE", 5.0)
    left, right = socket.socketpair()
    patient = PatientSocket.instead_of(left)
    with patient, right:
        yield patient, right


def test_a_slow_client_is_given_up_on(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, client = pair
    patient.setblocking(True)
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(0.05):
            client.send(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    received = 0
    while patient.recv(100):
        received += 1
    took = time.monotonic() - began
    ended.set()
    thread.join()
    assert received >= 1
    assert 0.3 < took < 5.0, "each byte gave it more time"


def test_a_silent_client_is_given_up_on(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, _ = pair
    patient.setblocking(True)
    assert patient.recv(100) == b""


def test_each_request_has_time_of_its_own(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, client = pair
    for _ in range(3):
        patient.setblocking(True)
        time.sleep(0.2)
        client.send(b"request")
        assert patient.recv(100) == b"request"


def test_who_takes_no_answer_is_given_up_on(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, _ = pair
    patient.setblocking(True)
    with pytest.raises(BrokenPipeError):
        patient.sendall(b"a" * 10_000_000)


def test_the_end_of_an_answer_waits_for_what_is_still_sent(
    pair: tuple[PatientSocket, socket.socket],
) -> None:
    patient, client = pair
    sent: list[int] = []

    def send_late() -> None:
        time.sleep(0.1)
        sent.append(client.send(b"late"))
        client.close()

    thread = threading.Thread(target=send_late)
    thread.start()
    patient.linger()
    thread.join()
    assert sent == [4]


def test_at_the_end_nobody_is_waited_for(pair: tuple[PatientSocket, socket.socket]) -> None:
    patient, client = pair
    patient.setblocking(True)
    client.send(b"rest")
    patient.shutdown(socket.SHUT_WR)
    began = time.monotonic()
    assert patient.recv(100) == b"rest"
    assert patient.recv(100) == b""
    assert time.monotonic() - began < 0.3


def test_a_connection_is_taken_over_once() -> None:
    left, right = socket.socketpair()
    with right:
        patient = PatientSocket.instead_of(left)
        assert PatientSocket.instead_of(patient) is patient
        patient.close()


def test_a_time_that_was_set_for_a_while_is_forgotten(
    pair: tuple[PatientSocket, socket.socket],
) -> None:
    patient, client = pair
    patient.setblocking(True)
    before = patient.gettimeout()
    assert before is None
    patient.settimeout(0.05)
    assert patient.gettimeout() == 0.05
    began = time.monotonic()
    assert patient.recv(100) == b""
    assert time.monotonic() - began < 0.3
    patient.settimeout(before)
    patient.setblocking(False)
    patient.setblocking(True)

    def send_late() -> None:
        time.sleep(0.1)
        client.send(b"late")

    thread = threading.Thread(target=send_late)
    thread.start()
    assert patient.recv(100) == b"late"
    thread.join()
