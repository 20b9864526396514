"""``python -m eval.fuzz``."""

import sys

from eval.fuzz.run import main

sys.exit(main())
