"""The planner on the dev queries: its numbers chosen by cross-validation, its promise checked.

In: judged collections, each with an encoder that has not seen it. Out: what every setting scored,
and the planner beside each leg and beside the best that any fixed weight could have scored.
"""

from __future__ import annotations

from eval.planning.study import Study, study
from eval.planning.tell import tell_study

__all__ = ["Study", "study", "tell_study"]
