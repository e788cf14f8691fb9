"""Faults that show without a look inside of f: shapes, places, one number, difference quotients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dualedu.doctor.guesses import Guess, close, factor_named
from dualedu.doctor.hypotheses import TABLE
from dualedu.doctor.reading import Reading, contract, rms

if TYPE_CHECKING:
    from dualedu.doctor.examination import Examination


def of_shape(exam: Examination, i: int) -> bool:
    """A claim whose shape is not its array's."""
    r = exam.first
    if r.jvp_only:
        return False
    given, shape = r.as_given[i], np.shape(r.values[i])
    if given is None:
        exam.findings.append(exam.finding("zeros", [i], "no gradient is given at all", 0.99))
        return True
    if given.shape == shape:
        return False
    words = f"it has shape {given.shape}, and the array {shape}"
    if r.claim[i] is not None and given.size == int(np.prod(shape)):
        if not r.ill(i):
            turned = np.squeeze(given).shape != np.squeeze(r.values[i]).shape
            kind = "transposed" if turned and given.T.shape == shape else "shape"
            exam.findings.append(exam.finding(kind, [i], words, 0.99))
            return True
        exam.notes.append(f"{exam.problem.leaves[i].name}: {words}.")
        return False
    found = summed_to(given, shape, r, i)
    if found is not None:
        axes, factor = found
        along = ", ".join(map(str, axes))
        _, name, _ = factor_named(r, 1 / factor)
        extra = "" if close(factor, 1) else f", and is then {name}"
        exam.findings.append(
            exam.finding(
                "not summed", [i], f"{words}: summed over axis {along} it is right{extra}", 0.99
            )
        )
        return True
    if r.claim[i] is None:
        exam.findings.append(exam.finding("unknown", [i], words, 0.99))
        return True
    if given.ndim and given.size < int(np.prod(shape)):
        exam.notes.append(f"{exam.problem.leaves[i].name}: {words}.")
    return False


def turned(exam: Examination, wrong: list[int]) -> list[int]:
    """A Jacobian with rows and columns exchanged, as wide as it is high and known in columns: those
    of several arguments. What is left unexplained."""
    r, other = exam.first, exam.other
    leaves = range(len(r.values))
    size = exam.problem.out.size
    if (
        exam.problem.kind != "jacobian"
        or len(leaves) < 2
        or not 1 < size == sum(np.size(v) for v in r.values) <= 64
    ):
        return wrong
    for reading in (r, other) if other is not None else (r,):
        claim, true = (square(exam, reading, of) for of in ("claim", "truth"))
        small = 1e-6 * np.max(np.abs(true), initial=0)
        if claim is None or np.max(np.abs(claim - true.T)) > small:
            return wrong
    exam.findings.append(
        exam.finding("transposed", list(leaves), "the rows of the Jacobian are its columns", 0.99)
    )
    return [i for i in wrong if i not in leaves]


def square(exam: Examination, r: Reading, of: str) -> Any:
    """The whole Jacobian, row by row: that of the claim, or the true one."""
    out = exam.problem.out
    rows = []
    for u in np.eye(out.size).reshape(-1, *out.shape):
        if of == "claim":
            parts = exam.problem.gradients(r.values, u)
        else:
            row = Reading(exam.problem, r.values, u, exam.duals, 1)
            parts = [row.full(i) for i in range(len(r.values))]
        if any(p is None or np.size(p) != np.size(v) for p, v in zip(parts, r.values, strict=True)):
            return None
        rows.append(np.concatenate([np.ravel(part) for part in parts]))
    return np.array(rows)


def stale(exam: Examination, i: int) -> bool:
    """Whether the claim is right for another point: the one asked before, or the first."""
    r, other = exam.first, exam.other
    if other is None or r.jvp_only or not callable(exam.problem.claimed):
        return False
    # ask here, then there, then here again: what came last must belong here
    there = exam.problem.gradients(other.values, r.u)[i]
    if there is None or np.shape(there) != np.shape(r.values[i]):
        return False
    here = r.truth(i)[0]
    along = contract(r.directions[i], there)
    fixed = rms(along - here) <= r.tolerance(i) * 3
    shape = np.shape(r.values[i])
    there_true = Reading(exam.problem, other.values, r.u, exam.duals, 1).true_along(
        i, r.directions[i]
    )[0]
    back = exam.problem.gradients(r.values, r.u)[i]
    behind = (
        back is not None
        and np.shape(back) == shape
        and rms(contract(r.directions[i], back) - there_true) <= 3 * r.tolerance(i)
    )
    if (fixed or behind) and rms(there_true - here) > 10 * r.tolerance(i):
        detail = (
            "it is the gradient of the place asked before"
            if behind
            else "at another place it is still the gradient of the first"
        )
        exam.findings.append(exam.finding("stale", [i], detail, 0.99))
        return True
    return False


def one_number(exam: Examination, wrong: list[int]) -> list[int]:
    """Arrays with the same number in every entry: along which direction is it the slope, and
    of which f?"""
    r, other = exam.first, exam.other
    flat = [
        i
        for i in wrong
        if r.claim[i] is not None
        and not r.jvp_only
        and np.size(r.claim[i]) > 1
        and np.any(r.claim[i])
        and np.ptp(r.claim[i]) <= 1e-6 * np.max(np.abs(r.claim[i]))
        and (
            other is None
            or other.claim[i] is None
            or np.ptp(other.claim[i]) <= 1e-6 * np.max(np.abs(other.claim[i]))
        )
    ]
    if not flat:
        return wrong
    ones = {i: np.ones((1, *np.shape(r.values[i]))) for i in flat}
    numbers_ = {i: float(np.mean(r.claim[i])) for i in flat}
    sums = {i: float(r.true_along(i, ones[i])[0][0]) for i in flat}
    named: dict[int, str] = {}
    for i in flat:
        n = int(np.size(r.values[i]))
        for words, value in (
            ("the slope along a direction of ones, the sum of the gradient", sums[i]),
            ("the mean of the gradient", sums[i] / n),
            ("the slope along ones in all arrays at once", sum_over_all(r)),
        ):
            if abs(numbers_[i] - value) <= 1e-5 * abs(value) + 1e-3 * r.tolerance(i):
                named.setdefault(i, words)
    rest = [i for i in flat if i not in named]
    for i in named:
        exam.findings.append(
            replace(
                exam.finding("one number", [i], f"{named[i]}, stands in every entry", 0.99),
                measured=numbers_[i],
                predicted=sums[i],
            )
        )
    if rest:
        one_number_of_another(exam, rest, ones, numbers_, sums)
    return [i for i in wrong if i not in flat]


def one_number_of_another(
    exam: Examination,
    rest: list[int],
    ones: dict[int, Any],
    numbers_: dict[int, float],
    sums: dict[int, float],
) -> None:
    """One number, and not the slope of f: is it the slope of an f with a faulty step?"""
    r, other = exam.first, exam.other
    best: tuple[int, float, Guess, list[int]] | None = None
    for hypothesis in TABLE:
        if hypothesis.guesses is None:
            continue
        for guess in hypothesis.guesses(r):
            if guess.where is None or guess.free:
                continue
            hit = [i for i in rest if sum_fits(exam, guess, r, i, ones[i], numbers_[i])]
            if hit and other is not None:
                hit = [
                    i
                    for i in hit
                    if sum_fits(exam, guess, other, i, ones[i], float(np.mean(other.claim[i])))
                ]
            if hit and (best is None or (-len(hit), guess.rank) < best[:2]):
                best = (-len(hit), guess.rank, guess, hit)
    hit = best[3] if best else []
    if best:
        guess = best[2]
        i = hit[0]
        exam.findings.append(
            replace(
                exam.finding(
                    "one number",
                    hit,
                    "the slope along a direction of ones stands in every entry",
                    0.97,
                ),
                measured=numbers_[i],
                predicted=sums[i],
            )
        )
        exam.findings.append(
            replace(
                exam.finding(guess.kind, hit, guess.detail, 0.97 if other is not None else 0.8),
                predicted=float(guess.effect(r, i, ones[i])[0]),
                measured=numbers_[i],
                true=sums[i],
            )
        )
    for i in rest:
        if i not in hit:
            exam.findings.append(
                replace(
                    exam.finding(
                        "one number",
                        [i],
                        f"{numbers_[i]:.6g} stands in every entry; the slope along ones would "
                        f"be {sums[i]:.6g}, so a second fault is in it",
                        0.6,
                    ),
                    measured=numbers_[i],
                    true=sums[i],
                )
            )


def sum_fits(exam: Examination, guess: Guess, r: Reading, i: int, one: Any, claim: float) -> bool:
    for r.quick in (True, False):
        try:
            with np.errstate(all="ignore"):
                predicted = guess.effect(r, i, one)
        except Exception:
            r.quick = False
            return False
        if predicted is None or not abs(predicted[0] - claim) <= 0.05 * abs(claim):
            r.quick = False
            return False
    true = float(r.true_along(i, one)[0][0])
    slack = 2e-5 * abs(claim) + 3 * r.trace_noise * np.sqrt(one.size)
    return bool(abs(predicted[0] - claim) <= slack < 0.01 * abs(claim - true))


def quotient(exam: Examination, i: int) -> bool:
    """Whether the claim is a difference quotient, of which step."""
    r = exam.first
    if r.jvp_only or r.claim[i] is None or not np.size(r.claim[i]):
        return False
    size = int(np.size(r.values[i]))
    full = r.full(i)
    if full is not None:  # where the claim is wrong, for all else is no evidence
        places = np.argsort(-np.abs(np.ravel(r.claim[i] - full)))[:8]
        true_there = np.ravel(full)[places]
    else:
        places = np.linspace(0, size - 1, 8).astype(int)
        unit = np.zeros((len(places), size))
        unit[np.arange(len(places)), places] = 1
        true_there = r.true_along(i, unit.reshape(-1, *np.shape(r.values[i])))[0]
    claim = np.ravel(r.claim[i])[places]
    off = rms(claim - true_there)
    if not (off > 0 and np.any(claim)):
        return False
    if len(claim) > 1 and np.ptp(np.abs(claim)) <= 1e-6 * np.max(np.abs(claim)):
        return False  # one size alone: with a tiny step, rounding gives that by chance
    middle = float(r.phi(r.values))
    steps = sorted(
        {a * 10.0**-k for k in range(17) for a in (1, 2, 5)} | {2.0**-k for k in range(1, 53)}
    )

    def at(place: int, h: float) -> float:
        new = [np.array(v) for v in r.values]
        flat = np.ravel(new[i])
        flat[place] += h
        new[i] = flat.reshape(np.shape(new[i]))
        return float(r.phi(new))

    forms = (
        ("(f(x + h) − f(x)) / h", 1, 0),
        ("(f(x) − f(x − h)) / h", 0, -1),
        ("(f(x + h) − f(x − h)) / 2h", 1, -1),
    )
    for h in steps:
        for words, right, left in forms:
            for k, c in zip(places, claim, strict=True):
                ahead = at(int(k), h) if right else middle
                behind = at(int(k), -h) if left else middle
                q = (ahead - behind) / ((right - left) * h)
                if not abs(q - c) <= min(1e-7 * abs(c), 0.03 * off):
                    break
            else:
                gap = rms(r.error(i)) / max(rms(r.truth(i)[0]), 1e-300)
                side = "large" if h > 1e-6 else "small"
                detail = f"{words} with h = {h:.2g}: the step is too {side}, the error {gap:.1e}"
                exam.findings.append(exam.finding("difference quotient", [i], detail, 0.98))
                return True
    return False


def unexplained(exam: Examination, left: list[int]) -> None:
    """No hypothesis fits. Say what can be said: where, how much, and whether it can be the
    gradient of anything."""
    r = exam.first
    if exam.other_value is not None:
        exam.findings.append(
            exam.finding(
                "another function",
                left,
                "its own value differs from f's, so it belongs to another function",
                0.8,
            )
        )
        return
    for i in left:
        g, t = r.claim[i], r.truth(i)[0]
        claim = r.claimed_along(i, r.directions[i])
        ratio = rms(r.error(i)) / max(rms(t), 1e-300)
        cosine = float(np.dot(claim, t) / max(np.linalg.norm(claim) * np.linalg.norm(t), 1e-300))
        detail = (
            f"the error is {100 * ratio:.3g} % of the gradient; along the same directions the "
            f"two agree with a correlation of {cosine:.2f}"
        )
        full = r.full(i)
        if full is not None and full.ndim and g is not None:
            off = np.abs(g - full) > 10 * r.tolerance(i) / np.sqrt(max(g.size, 1)) + 1e-9
            worst = np.unravel_index(int(np.argmax(np.abs(g - full))), full.shape)
            spot = ", ".join(map(str, map(int, worst)))
            detail += (
                f"; {int(off.sum())} of {off.size} entries differ, most of all [{spot}]: "
                f"{g[worst]:.6g} for {full[worst]:.6g}"
            )
        exam.findings.append(exam.finding("unknown", [i], detail, 0.99))


def summed_to(
    given: Any, shape: tuple[int, ...], r: Reading, i: int
) -> tuple[tuple[int, ...], float] | None:
    """The axes over which the claim has to be summed to be right, and by which factor then."""
    import itertools

    extra = given.ndim - len(shape)
    for count in range(max(extra, 0), given.ndim + 1):
        for axes in itertools.combinations(range(given.ndim), count):
            total = given.sum(axis=axes)
            if total.size != int(np.prod(shape)) or total.size == given.size:
                continue
            along = contract(r.directions[i], total)
            true = r.truth(i)[0]
            factor = float(np.dot(along, true) / max(float(np.dot(along, along)), 1e-300))
            if rms(factor * along - true) <= r.tolerance(i) * 3 and abs(factor) > 1e-9:
                return axes, factor
    return None


def sum_over_all(r: Reading) -> float:
    return sum(
        float(r.true_along(i, np.ones((1, *np.shape(v))))[0][0]) for i, v in enumerate(r.values)
    )
