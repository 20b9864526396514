"""``python -m eval.names``: see ``commands``."""

import sys

from eval.names.commands import app
from hybridsearch.cli import tell_errors

if __name__ == "__main__":
    sys.exit(tell_errors(app))
