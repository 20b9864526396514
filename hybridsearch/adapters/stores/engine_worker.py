"""The program that ``engine_client`` starts as ``python -m``: the engine process.

In: frames on standard input; as an argument the descriptor of a ``lifeline``, where there is one.
Out: frames on standard output. See ``engine_desk``.
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__":
    # Before anything slow is imported: an interrupt from the keyboard reaches the whole group
    # of processes, and it is the parent who decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    from hybridsearch.adapters.stores.lifeline import hold_on

    for descriptor in sys.argv[1:]:
        hold_on(int(descriptor))

    from hybridsearch.adapters.stores.engine_desk import main

    main()
