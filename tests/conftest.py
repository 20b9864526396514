"""What holds for every test: an interrupt reaches the processes that the tests start."""

from __future__ import annotations

import signal

# Started in the background (nohup, a shell's &), this process ignores interrupts, and so would
# every process that it starts; the tests send interrupts to some of them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
