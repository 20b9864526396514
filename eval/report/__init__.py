"""The report: an evaluation as one page that opens anywhere, and as files to compute with.

In: an ``Evaluation``. Out: a folder with report.html, figures.json, run.json and runs/*.trec.
"""

from eval.report.write import write_report

__all__ = ["write_report"]
