"""The answering process: `python -m rag.apart N`, where N is the socket to whoever asks."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection

from rag.apart.answering import serve

if __name__ == "__main__":
    connection = Connection(int(sys.argv[1]))
    settings, threads = connection.recv()
    serve(connection, settings, threads)
