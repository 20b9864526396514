"""The study as tables."""

from __future__ import annotations

from eval.evaluation import ALL, classes_of
from eval.planning.study import BASE, HELD_OUT, LEGS, PLANNER, Studied, Study
from eval.tables import markdown, spread


def tell_study(found: Study) -> None:
    """Print what each setting scored, and the planner beside legs and fixed weights."""
    for each in found.studied:
        for note in each.notes:
            print(f"{each.name}: {note}\n")
    print("The settings, by the mean over all classes of all collections:\n")
    ranked = sorted(found.means.items(), key=lambda pair: -pair[1])
    rows = ([name, f"{mean:.4f}", str(found.chosen.get(name, ""))] for name, mean in ranked)
    print(markdown(["setting", "mean", "chosen in folds"], rows))
    print(
        "The planner beside its legs, plain RRF and the best that one fixed weight could have "
        "scored, had it been chosen on these very queries:\n"
    )
    head = ["collection, encoder (d')", "class", "queries", "measure", *LEGS, BASE]
    head += ["best weighted RRF", "best convex", PLANNER, HELD_OUT, "planner - better leg", ""]
    print(markdown(head, (row for each in found.studied for row in _rows(found, each))))
    told = [each for each in found.studied if any(each.within.values())]
    if told:
        print("Order within a name's own pictures (average precision of the higher grades):\n")
        systems = list(told[0].within)
        print(
            markdown(
                ["collection", *systems],
                ([_name(each), *(f"{each.within[s]:.3f}" for s in systems)] for each in told),
            )
        )


def _rows(found: Study, each: Studied) -> list[list[str]]:
    regret = {(r.system, r.query_class): r for r in found.regrets(each)}
    rows = []
    for kind in classes_of(each.queries):
        if kind == ALL:
            continue
        against = regret[PLANNER, kind]
        held_out = found.held_out[each.key]
        cells = [_name(each), kind, str(against.queries), each.measure]
        cells += [_mean(each, system, kind) for system in (*LEGS, BASE)]
        cells += [_best(each, kind, "rrf dense="), _best(each, kind, "convex")]
        cells += [_mean(each, PLANNER, kind), f"{each.mean(held_out, kind):.3f}"]
        cells += [spread(against.difference), "regret" if against.is_regret else ""]
        rows.append(cells)
    return rows


def _name(each: Studied) -> str:
    return f"{each.key} ({each.distance:.2f})" if each.distance else each.key


def _mean(each: Studied, system: str, kind: str) -> str:
    return f"{each.mean(each.systems[system], kind):.3f}" if system in each.systems else "–"


def _best(each: Studied, kind: str, prefix: str) -> str:
    means = {
        name.removeprefix("rrf ").removeprefix("convex "): each.mean(scores, kind)
        for name, scores in each.systems.items()
        if name.startswith(prefix)
    }
    if not means:
        return "–"
    best = max(means, key=means.__getitem__)
    return f"{means[best]:.3f} ({best})"
