"""The program that ``process`` starts as ``python -m``: one reader.

In: pickles on standard input, first the order, then work. Out: pickles on standard output.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # Before anything slow is imported: an interrupt from the keyboard reaches the whole group
    # of processes, and it is the parent who decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    from hybridsearch.adapters.readers.desk import main

    main()
