"""Where a WSGI server finds the application: `gunicorn server:app`, or `python server.py`."""

import sys

from rag.errors import WellcitedError
from rag.settings import load_settings
from rag.web import create_app
from rag.web.serve import run

if __name__ == "__main__":
    try:
        run(load_settings()[0])
    except WellcitedError as error:
        sys.exit(str(error))
app = create_app()
