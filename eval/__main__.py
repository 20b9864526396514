"""``python -m eval`` is ``hybridsearch eval``."""

import sys

from eval.cli import app
from hybridsearch.cli import tell_errors

if __name__ == "__main__":
    sys.exit(tell_errors(app))
