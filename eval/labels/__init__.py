"""Labels judged: are tags' probabilities true, are classes right, do captions fit?

In: a collection whose pictures somebody labelled, an index of it. Out: tables.
"""

from eval.labels.study import Study, study
from eval.labels.tell import tell_study

__all__ = ["Study", "study", "tell_study"]
