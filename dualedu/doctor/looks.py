"""What is looked at before a kind of fault is tried: does f run, is the claim finite and steady?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dualedu.doctor.guesses import close
from dualedu.doctor.oracles import Differences, by_duals
from dualedu.doctor.reading import Reading, another_point, contract, rms
from dualedu.doctor.report import Finding
from dualedu.doctor.structure import numbers
from dualedu.doctor.tracing import spread

if TYPE_CHECKING:
    from dualedu.doctor.examination import Examination


def cannot_start(exam: Examination, start: list[Any]) -> str | None:
    for leaf, given in zip(exam.problem.leaves, start, strict=True):
        if not np.all(np.isfinite(given)):
            return f"the place itself holds numbers that are not finite, in {leaf.name}"
    value, once_more = exam.problem.value(start), exam.problem.value(start)
    if not np.all(np.isfinite(value)):
        where = first_not_finite(exam, start)
        return f"f is not finite at this place{where}; choose another place, or mend f first"
    if not same(value, once_more):
        return (
            "f gives another value each time it is called; fix the seed of its random numbers "
            "inside of f"
        )
    return None


def first_not_finite(exam: Examination, start: list[Any]) -> str:
    from dualedu.doctor.steps import line
    from dualedu.doctor.tracing import trace_run

    try:
        home = exam.problem.f.__code__.co_filename
        _, tape = trace_run(exam.problem.phi(np.ones(exam.problem.out.shape)), start, home)
    except Exception:
        return ""
    for step in tape.steps:
        if not np.all(np.isfinite(step.value)):
            return f": the first step that is not is {step.name}, {line(step.where)}"
    return ""


def narrow(exam: Examination, start: list[Any]) -> None:
    """Whether the claim, or f, computes in less than float64 whatever it is given."""
    problem = exam.problem
    try:
        answer = problem.call(start, np.ones(problem.out.shape)) if problem.kind != "jvp" else None
    except Exception:
        if not problem.wide:
            raise
        problem.wide = False
        answer = problem.call(start, np.ones(problem.out.shape))
    from dualedu.doctor.structure import walk

    dtypes = (
        [numbers(a).dtype for _, a in walk(problem.unpacked(answer)) if a is not None]
        if answer is not None
        else []
    )
    problem.claim_digits = min((d.itemsize for d in dtypes if d.kind == "f"), default=8)


def runs_on_duals(exam: Examination, start: list[Any]) -> bool:
    """Whether f runs on dual numbers and its tangents are those of its values."""
    probe_u = np.ones(exam.problem.out.shape)
    phi = exam.problem.phi(probe_u)
    rng = np.random.default_rng(exam.seed)
    for i, value in enumerate(start):
        v = rng.choice([-1.0, 1.0], (1, *np.shape(value)))
        try:
            slope = float(by_duals(phi, start, i, v)[0])
        except Exception:
            return False
        differences = Differences(phi, start)
        measured, bar = differences.one(i, v[0])
        slack = 30 * bar + 1e-4 * max(abs(slope), abs(measured)) + 1e-9
        if not np.isfinite(measured):  # the ladder's steps leave the domain of f
            if not np.isfinite(slope):
                return False
            continue
        if not abs(slope - measured) <= slack:
            right, left, side_bar = differences.one_sided(i, v[0])
            if abs(right - left) > 10 * side_bar or bar > 0.01 * abs(measured):
                if not np.isfinite(slope):
                    return False
                continue  # a kink, or a difference too noisy to judge
            if hidden_by_rounding(phi, start, i, v):
                continue
            exam.notes.append(
                f"f's own rule for dual numbers disagrees with f's values: along one direction "
                f"of {exam.problem.leaves[i].name} it says {slope:.6g}, differences "
                f"{measured:.6g}. So differences are the judge here."
            )
            return False
    return True


TINY = 1e-4
"""An array so small that a 1 beside its square, as in log(1 + w²), rounds the square away."""


def hidden_by_rounding(phi: Any, start: list[Any], i: int, v: Any) -> bool:
    """Whether f's rule disagrees with differences at tiny numbers alone: made larger, on the same
    side of each branch, they agree."""
    size = spread(start[i])
    if size > TINY:
        return False
    larger = [x * (0.01 / spread(x)) if spread(x) < TINY else x for x in start]
    slope = float(by_duals(phi, larger, i, v)[0])
    measured, bar = Differences(phi, larger).one(i, v[0])
    return abs(slope - measured) <= 30 * bar + 1e-4 * max(abs(slope), abs(measured))


def not_finite(exam: Examination, reading: Reading) -> Finding | None:
    for i, v in enumerate(reading.directions) if reading.jvp_only else ():
        if not np.all(np.isfinite(reading.claimed_along(i, v[:1]))):
            return exam.finding("overflow", [i], "its tangent is not finite", 1.0)
    for i, g in enumerate(reading.as_given):
        if g is not None and not np.all(np.isfinite(g)):
            place = np.unravel_index(int(np.argmin(np.isfinite(g))), g.shape)
            count = int(np.sum(~np.isfinite(g)))
            spot = f"[{', '.join(map(str, map(int, place)))}]" if g.ndim else ""
            name = exam.problem.leaves[i].name
            return exam.finding(
                "overflow",
                [i],
                f"{count} of {g.size} entries are not finite, the first of them {name}{spot}",
                1.0,
            )
    return None


def off_the_kink(exam: Examination, reading: Reading) -> Reading:
    """If the point lies on a kink and the claim differs, a point beside it."""
    for i in range(len(reading.values)):
        if not reading.ill(i) or reading.claim[i] is None:
            continue
        claims = reading.claimed_along(i, reading.directions[i])
        for k in range(2):
            right, left, bar = reading.differences.one_sided(i, reading.directions[i][k])
            if abs(right - left) > 20 * bar:
                beside = another_point(exam.problem, reading.values, 17, 1e-3)
                inside = min(left, right) - bar <= claims[k] <= max(left, right) + bar
                exam.notes.append(
                    f"The place lies on a kink of f: along one direction of "
                    f"{exam.problem.leaves[i].name} the slope is {right:.4g} to one side and "
                    f"{left:.4g} to the other; the claim says {claims[k]:.4g}"
                    + (", which lies between them" if inside else "")
                    + ". So a place beside it was examined."
                )
                return exam.reading(beside, 3)
    return reading


def changing(exam: Examination, reading: Reading) -> None:
    """Whether the claim's answer depends on when it is asked."""
    if not callable(exam.problem.claimed):
        return
    if reading.jvp_only:
        changing_tangents(exam, reading)
        return
    again = exam.problem.gradients(reading.values, reading.u)
    third = exam.problem.gradients(reading.values, reading.u)
    for i, (a, b, c) in enumerate(zip(reading.as_given, again, third, strict=True)):
        if a is None or b is None or c is None or same(a, b):
            continue
        kind, detail = "random estimate", "two calls at the same place differ"
        if np.shape(a) == np.shape(reading.values[i]) and (
            share := kept_share(exam, reading, i, b, c)
        ):
            kind, detail = "accumulated", "each call adds the gradient once more"
            if not close(share, 1):
                detail += f", to {share:.3g} times what was there (as momentum does)"
        exam.findings.append(exam.finding(kind, [i], detail, 0.99))
    exam.excluded = {i for finding in exam.findings for i in finding.leaves}


def same(a: Any, b: Any) -> bool:
    """Whether two answers agree up to the last digits, which change with the order of a sum: that
    of a set is another in each call."""
    size = np.max(np.abs(a), initial=0, where=np.isfinite(a))
    eps = np.finfo(a.dtype).eps if a.dtype.kind == "f" else 0.0
    return a.shape == b.shape and np.allclose(a, b, rtol=0, atol=64 * eps * size, equal_nan=True)


def kept_share(exam: Examination, reading: Reading, i: int, before: Any, now: Any) -> float | None:
    """β, if each answer is β times the one before it and the gradient."""
    t = reading.truth(i)[0]
    old, new = (contract(reading.directions[i], x) for x in (before, now))
    share = float(np.dot(old, new - t) / max(float(np.dot(old, old)), 1e-300))
    fits = rms(new - share * old - t) <= 1e-4 * max(rms(t), 1e-300)
    return share if fits and 0 < share < 1 + 1e-5 else None


def changing_tangents(exam: Examination, reading: Reading) -> None:
    for i, v in enumerate(reading.directions):
        once, twice = (reading.claimed_along(i, v[:1]) for _ in range(2))
        if not same(once, twice):
            detail = "two calls along the same direction differ"
            exam.findings.append(exam.finding("random estimate", [i], detail, 0.99))
    exam.excluded = {i for finding in exam.findings for i in finding.leaves}


def without_cotangent(exam: Examination, reading: Reading) -> None:
    """Whether a backward uses what comes in: it must be linear in it."""
    if exam.problem.kind != "vjp":
        return
    doubled, nothing = (exam.problem.gradients(reading.values, c * reading.u) for c in (2, 0))
    ignored: dict[str, list[int]] = {}
    for i, (a, b, zero) in enumerate(zip(reading.as_given, doubled, nothing, strict=True)):
        if a is None or b is None or zero is None or not np.any(a):
            continue
        if np.allclose(a, b, rtol=1e-6, atol=0):
            words = "twice the incoming gradient gives the same"
        elif np.all(np.isfinite(zero)) and rms(zero) > 1e-4 * rms(a):
            words = "a part does not use it: of an incoming gradient of 0 something is made"
        else:
            continue
        ignored.setdefault(words, []).append(i)
    for words, leaves in ignored.items():
        exam.findings.append(exam.finding("cotangent ignored", leaves, words, 0.99))
        exam.excluded = exam.excluded | set(leaves)


def values_disagree(exam: Examination, reading: Reading) -> None:
    """Whether a claim of the form (value, gradient) computes another function than f."""
    if exam.problem.kind != "gradient" or not callable(exam.problem.claimed):
        return
    value = exam.problem.claimed_value(reading.values)
    mine = float(np.sum(exam.problem.value(reading.values)))
    if value is not None and abs(value - mine) > 1e-5 * max(abs(value), abs(mine)):
        exam.other_value = value
        exam.notes.append(f"The value that comes with the claim is {value:.6g}; f is {mine:.6g}.")


def perhaps_exchanged(exam: Examination) -> str | None:
    """Whether a claim read as (value, gradient) may be the gradients of two arguments, the wrong
    way round: then its value is not f's, and the second argument is a number."""
    found = exam.problem.all_leaves
    if exam.other_value is None or len(found) != 2 or np.size(numbers(found[1].given)) != 1:
        return None
    first, other = (leaf.name for leaf in found)
    return (
        f"the claim returns a number and an array. As a value and the gradient for {first} the "
        f"array is right, but the number is {exam.other_value:.6g} and not f's value; as the "
        f"gradients for {first} and {other} they stand in the wrong order. Return the gradient "
        "alone, or both in the order of the arguments"
    )


def second(exam: Examination, reading: Reading) -> Reading | None:
    if not callable(exam.problem.claimed):
        exam.notes.append(
            "The claim is an array, not a function: nothing could be checked at a second place."
        )
        return None
    try:
        values = another_point(exam.problem, reading.values, 29)
        other = exam.reading(values, 5)
    except Exception as error:
        exam.notes.append(f"The claim does not run at a second place: {error}")
        return None
    same = [
        a is not None and b is not None and np.array_equal(a, b)
        for a, b in zip(reading.as_given, other.as_given, strict=True)
    ]
    if all(same) and not exam.wrong(reading) and exam.wrong(other):
        exam.findings.append(
            exam.finding(
                "stale",
                exam.wrong(other),
                "at another place the claim is still the gradient of the first (if it was "
                "computed beforehand, give the arrays and not a function)",
                0.99,
            )
        )
        return None
    if not all(g is None or np.all(np.isfinite(g)) for g in other.as_given):
        return None
    return other


def hidden(exam: Examination, noisy: list[int]) -> None:
    """What a healthy verdict cannot see because rounding hides it, or hides half of it."""
    readings = [r for r in (exam.first, exam.other) if r is not None]
    excused = sorted(set().union(*(r.excused for r in readings)))
    if excused:
        names = ", ".join(exam.problem.leaves[i].name for i in excused)
        exam.notes.append(
            f"The slopes of {names} are smaller than rounding lets see, as where units are "
            "saturated: a fault there would not show. Choose another place to be sure of them."
        )
    for i in noisy:
        if i not in excused:
            error, slope = rms(exam.first.error(i)), rms(exam.first.truth(i)[0])
            much = f"{100 * error / slope:.2g} %" if error < slope else f"{error:.2g}"
            exam.notes.append(
                f"The claim for {exam.problem.leaves[i].name} is off by {much}, no more than it "
                "jumps itself if the place moves by a rounding error: noise."
            )
    for i, leaf in enumerate(exam.problem.leaves):
        slopes = rms(exam.first.truth(i)[0])
        share = exam.first.taken_back(i) / slopes if slopes else 0.0
        if share > 1e-3:
            exam.notes.append(
                f"The steps of {leaf.name} are as short as the gaps between its numbers: rounding "
                f"makes {100 * share:.2g} % of them, and hides faults smaller than four times that."
            )


def find_rate(exam: Examination, reading: Reading) -> None:
    """The learning rate of an update, where it was not given: what is common to its arrays."""
    rates = []
    for i in range(len(reading.values)):
        claim, true = reading.claimed_along(i, reading.directions[i]), reading.truth(i)[0]
        rates.append(float(np.dot(claim, true) / max(float(np.dot(true, true)), 1e-300)))
    rate = float(np.median(rates))
    if rate > 0:
        exam.problem.learning_rate = rate
        exam.notes.append(f"The learning rate was not given; {rate:.4g} was taken.")
