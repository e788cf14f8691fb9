"""The examination: which array is wrong, how, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dualedu.doctor.claims import Problem
from dualedu.doctor.guesses import Guess, close, factor_named
from dualedu.doctor.hypotheses import BY_NAME, TABLE
from dualedu.doctor.oracles import Differences, by_duals
from dualedu.doctor.reading import (
    Reading,
    another_point,
    contract,
    rms,
)
from dualedu.doctor.report import Diagnosis, Finding
from dualedu.doctor.structure import numbers

EXPLAINED = 2e-4
"""The largest part of the error that a true hypothesis may leave."""


def examine(
    f: Callable[..., Any],
    claimed: Any,
    at: Any,
    *,
    kind: str | None = None,
    wrt: int | Sequence[int] | None = None,
    learning_rate: float | None = None,
    rng: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Diagnosis:
    """
    Examine a claimed derivative: say whether it is right, or which array is wrong, and how.

    Parameters
    ----------
    f : callable
        Function of one or several arguments (arrays, numbers, lists and dicts of them) that returns
        a number or an array; of a tuple, its first entry. NumPy functions run on dual numbers; for
        all others (PyTorch, JAX, SciPy, loops over floats) central differences serve.
    claimed : callable or array_like
        What is examined, called as f is, or arrays computed beforehand (then nothing can be checked
        at a second place): its gradient, or the pair (value, gradient); its Jacobian, of shape
        ``(*f(x).shape, *x.shape)``; with kind="jvp" (x, v) → tangent; with kind="vjp", as a
        backward, (x, ḡ) → gradient; with kind="update" the parameters after a step of gradient
        descent.
    at : array_like, list, dict or tuple
        The place: the argument, or a tuple of the arguments of f.
    kind : str, optional
        One of "gradient", "jacobian", "jvp", "vjp" and "update"; the first two are found out.
    wrt : int or sequence of int, optional
        Which arguments the claim is about, by number; found out where it is not given.
    learning_rate : float, optional
        Rate of an update; without it a common factor is not judged.
    rng : int, optional
        Seed of the directions.
    progress : callable, optional
        Called with a few words on what is done next, such as print: a large function that is wrong
        inside takes some seconds.

    Returns
    -------
    Diagnosis
        What was found; it prints as a person would say it.

    Raises
    ------
    TypeError
        If f returns no number, no argument holds floats, or the claim fits to no argument.
    ValueError
        If the kind does not exist or has to be said.

    Examples
    --------
    >>> import numpy as np
    >>> examine(lambda w: np.sum(w**2), lambda w: w, np.array([1.0, 2.0])).findings[0].kind
    'constant factor'
    """
    problem = Problem(f, claimed, at, kind, wrt, learning_rate)
    return Examination(problem, rng, progress).diagnosis()


@dataclass
class Explained:
    """A guess that fits an array's error at one point, and perhaps at a second."""

    guess: Guess
    leaf: int
    kind: str
    detail: str
    rank: float
    factor: float
    residual: float
    confirmed: bool | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.detail


class Examination:
    """One examination, from the first look to the diagnosis."""

    def __init__(self, problem: Problem, seed: int, progress: Callable[[str], None] | None = None):
        self.problem, self.seed = problem, seed
        self.say = progress or (lambda words: None)
        self.notes: list[str] = []
        self.findings: list[Finding] = []
        self.regained = {}

    # --- looks ---------------------------------------------------------------------------------

    def diagnosis(self) -> Diagnosis:
        problem = self.problem
        self.say("measuring the slopes of f along random directions")
        start = problem.start()
        if (reason := self.cannot_start(start)) is not None:
            return self.verdict("cannot tell", reason)
        self.narrow(start)
        self.duals = self.runs_on_duals(start)
        first = self.reading(start, 0)
        if problem.kind == "update" and problem.learning_rate is None:
            self.find_rate(first)
            first = self.reading(start, 0)
        if (found := self.not_finite(first)) is not None:
            self.findings.append(found)
            return self.verdict("ill")
        first = self.off_the_kink(first)
        self.changing(first)
        self.without_cotangent(first)
        self.values_disagree(first)
        self.say("asking again at a second place")
        second = self.second(first)
        if not self.wrong(first) and second is not None and self.wrong(second):
            self.notes.append(
                "At the place given it is right; a little beside it, it is not. What is said here "
                "is about the place beside."
            )
            first, second = second, self.second(second)
        self.first, self.other = first, second
        wrong = self.wrong(first)
        uncertain = [i for i in range(len(first.values)) if first.uncertain(i)]
        wrong = [i for i in wrong if i not in uncertain]
        if not wrong and not self.findings:
            if uncertain:
                names = ", ".join(problem.leaves[i].name for i in uncertain)
                return self.verdict(
                    "cannot tell",
                    f"the differences of f are too noisy for {names}: their error bar is as large "
                    "as the slope. Let f compute in float64, or choose a smoother place",
                )
            return self.verdict("healthy")
        self.explain(wrong)
        return self.verdict("ill")

    def reading(self, values: list[Any], k: int) -> Reading:
        out = self.problem.out
        u = np.ones(out.shape)
        if not self.problem.scalar:
            rng = np.random.default_rng((self.seed, 7, k))
            u = rng.choice([-1.0, 1.0], out.shape) * rng.uniform(0.5, 1, out.shape)
        return Reading(self.problem, values, u, self.duals, 1000 * self.seed + k + 1)

    def cannot_start(self, start: list[Any]) -> str | None:
        value, once_more = self.problem.value(start), self.problem.value(start)
        if not np.all(np.isfinite(value)):
            where = self.first_not_finite(start)
            return f"f is not finite at this place{where}; choose another place, or mend f first"
        if not np.array_equal(value, once_more):
            return (
                "f gives another value each time it is called; fix the seed of its random numbers "
                "inside of f"
            )
        return None

    def first_not_finite(self, start: list[Any]) -> str:
        from dualedu.doctor.steps import line
        from dualedu.doctor.tracing import trace_run

        try:
            home = self.problem.f.__code__.co_filename
            _, tape = trace_run(self.problem.phi(np.ones(self.problem.out.shape)), start, home)
        except Exception:
            return ""
        for step in tape.steps:
            if not np.all(np.isfinite(step.value)):
                return f": the first step that is not is {step.name}, {line(step.where)}"
        return ""

    def narrow(self, start: list[Any]) -> None:
        """Whether the claim, or f, computes in less than float64 whatever it is given."""
        problem = self.problem
        try:
            answer = (
                problem.call(start, np.ones(problem.out.shape)) if problem.kind != "jvp" else None
            )
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

    def runs_on_duals(self, start: list[Any]) -> bool:
        """Whether f runs on dual numbers and its tangents are those of its values."""
        probe_u = np.ones(self.problem.out.shape)
        phi = self.problem.phi(probe_u)
        rng = np.random.default_rng(self.seed)
        for i, value in enumerate(start):
            v = rng.choice([-1.0, 1.0], (1, *np.shape(value)))
            try:
                slope = float(by_duals(phi, start, i, v)[0])
            except Exception:
                return False
            differences = Differences(phi, start)
            measured, bar = differences.one(i, v[0])
            slack = 30 * bar + 1e-4 * max(abs(slope), abs(measured)) + 1e-9
            if not abs(slope - measured) <= slack:
                right, left, side_bar = differences.one_sided(i, v[0])
                if abs(right - left) > 10 * side_bar or bar > 0.01 * abs(measured):
                    return bool(np.isfinite(slope))  # a kink, or a difference too noisy to judge
                self.notes.append(
                    f"f's own rule for dual numbers disagrees with f's values: along one direction "
                    f"of {self.problem.leaves[i].name} it says {slope:.6g}, differences "
                    f"{measured:.6g}. So differences are the judge here."
                )
                return False
        return True

    def not_finite(self, reading: Reading) -> Finding | None:
        for i, v in enumerate(reading.directions) if reading.jvp_only else ():
            if not np.all(np.isfinite(reading.claimed_along(i, v[:1]))):
                return self.finding("overflow", [i], "its tangent is not finite", 1.0)
        for i, g in enumerate(reading.as_given):
            if g is not None and not np.all(np.isfinite(g)):
                place = np.unravel_index(int(np.argmin(np.isfinite(g))), g.shape)
                count = int(np.sum(~np.isfinite(g)))
                spot = f"[{', '.join(map(str, map(int, place)))}]" if g.ndim else ""
                name = self.problem.leaves[i].name
                return self.finding(
                    "overflow",
                    [i],
                    f"{count} of {g.size} entries are not finite, the first of them {name}{spot}",
                    1.0,
                )
        return None

    def off_the_kink(self, reading: Reading) -> Reading:
        """If the point lies on a kink and the claim differs, a point beside it."""
        for i in range(len(reading.values)):
            if not reading.ill(i) or reading.claim[i] is None:
                continue
            claims = reading.claimed_along(i, reading.directions[i])
            for k in range(2):
                right, left, bar = reading.differences.one_sided(i, reading.directions[i][k])
                if abs(right - left) > 20 * bar:
                    beside = another_point(self.problem, reading.values, 17, 1e-3)
                    inside = min(left, right) - bar <= claims[k] <= max(left, right) + bar
                    self.notes.append(
                        f"The place lies on a kink of f: along one direction of "
                        f"{self.problem.leaves[i].name} the slope is {right:.4g} to one side and "
                        f"{left:.4g} to the other; the claim says {claims[k]:.4g}"
                        + (", which lies between them" if inside else "")
                        + ". So a place beside it was examined."
                    )
                    self.kink = True
                    return self.reading(beside, 3)
        return reading

    def changing(self, reading: Reading) -> None:
        """Whether the claim's answer depends on when it is asked."""
        if not callable(self.problem.claimed):
            return
        if reading.jvp_only:
            self.changing_tangents(reading)
            return
        again = self.problem.gradients(reading.values, reading.u)
        third = self.problem.gradients(reading.values, reading.u)
        for i, (a, b, c) in enumerate(zip(reading.as_given, again, third, strict=True)):
            if a is None or b is None or c is None or np.array_equal(a, b, equal_nan=True):
                continue
            kind, detail = "random estimate", "two calls at the same place differ"
            if np.shape(a) == np.shape(reading.values[i]) and (
                share := self.kept_share(reading, i, b, c)
            ):
                kind, detail = "accumulated", "each call adds the gradient once more"
                if not close(share, 1):
                    detail += f", to {share:.3g} times what was there (as momentum does)"
            self.findings.append(self.finding(kind, [i], detail, 0.99))
        self.excluded = {i for finding in self.findings for i in finding.leaves}

    def kept_share(self, reading: Reading, i: int, before: Any, now: Any) -> float | None:
        """β, if each answer is β times the one before it and the gradient."""
        t = reading.truth(i)[0]
        old, new = (contract(reading.directions[i], x) for x in (before, now))
        share = float(np.dot(old, new - t) / max(float(np.dot(old, old)), 1e-300))
        fits = rms(new - share * old - t) <= 1e-4 * max(rms(t), 1e-300)
        return share if fits and 0 < share < 1 + 1e-5 else None

    def changing_tangents(self, reading: Reading) -> None:
        for i, v in enumerate(reading.directions):
            once, twice = (reading.claimed_along(i, v[:1]) for _ in range(2))
            if not np.array_equal(once, twice):
                detail = "two calls along the same direction differ"
                self.findings.append(self.finding("random estimate", [i], detail, 0.99))
        self.excluded = {i for finding in self.findings for i in finding.leaves}

    regained: dict[tuple[str, str], set[int]] = {}  # noqa: RUF012 — set anew for each patient
    excluded: set[int] = set()  # noqa: RUF012 — replaced as a whole, never changed
    kink = False

    def without_cotangent(self, reading: Reading) -> None:
        """Whether a backward uses what comes in: it must be linear in it."""
        if self.problem.kind != "vjp":
            return
        doubled, nothing = (self.problem.gradients(reading.values, c * reading.u) for c in (2, 0))
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
            self.findings.append(self.finding("cotangent ignored", leaves, words, 0.99))
            self.excluded = self.excluded | set(leaves)

    def values_disagree(self, reading: Reading) -> None:
        """Whether a claim of the form (value, gradient) computes another function than f."""
        self.other_value: float | None = None
        if self.problem.kind != "gradient" or not callable(self.problem.claimed):
            return
        value = self.problem.claimed_value(reading.values)
        mine = float(np.sum(self.problem.value(reading.values)))
        if value is not None and abs(value - mine) > 1e-5 * max(abs(value), abs(mine)):
            self.other_value = value
            self.notes.append(
                f"The value that comes with the claim is {value:.6g}; f is {mine:.6g}."
            )

    def second(self, reading: Reading) -> Reading | None:
        if not callable(self.problem.claimed):
            self.notes.append(
                "The claim is an array, not a function: nothing could be checked at a second place."
            )
            return None
        try:
            values = another_point(self.problem, reading.values, 29)
            other = self.reading(values, 5)
        except Exception as error:
            self.notes.append(f"The claim does not run at a second place: {error}")
            return None
        same = [
            a is not None and b is not None and np.array_equal(a, b)
            for a, b in zip(reading.as_given, other.as_given, strict=True)
        ]
        if all(same) and not self.wrong(reading) and self.wrong(other):
            self.findings.append(
                self.finding(
                    "stale",
                    self.wrong(other),
                    "at another place the claim is still the gradient of the first (if it was "
                    "computed beforehand, give the arrays and not a function)",
                    0.99,
                )
            )
            return None
        if not all(g is None or np.all(np.isfinite(g)) for g in other.as_given):
            return None
        return other

    def wrong(self, reading: Reading) -> list[int]:
        return [i for i in range(len(reading.values)) if self.is_wrong(reading, i)]

    def is_wrong(self, reading: Reading, i: int) -> bool:
        shape = np.shape(reading.values[i])
        given = reading.as_given[i]
        if given is not None and given.shape != shape and not reading.jvp_only:
            return True
        return reading.ill(i) and i not in self.excluded

    def find_rate(self, reading: Reading) -> None:
        """The learning rate of an update, where it was not given: what is common to its arrays."""
        rates = []
        for i in range(len(reading.values)):
            claim, true = reading.claimed_along(i, reading.directions[i]), reading.truth(i)[0]
            rates.append(float(np.dot(claim, true) / max(float(np.dot(true, true)), 1e-300)))
        rate = float(np.median(rates))
        if rate > 0:
            self.problem.learning_rate = rate
            self.notes.append(f"The learning rate was not given; {rate:.4g} was taken.")

    # --- explanations --------------------------------------------------------------------------

    def explain(self, wrong: list[int]) -> None:
        left = [i for i in wrong if not self.of_shape(i)]
        left = [i for i in left if not self.stale(i)]
        left = self.one_number(left)
        if not left:
            return
        # First what concerns the finished array and is simply said; then the steps inside of f,
        # together with what is less simply said.
        outer = self.fits(left, inside=False)
        before = list(left)
        left = self.choose([fit for fit in outer if fit.rank < 3], left)
        left = [i for i in left if not self.quotient(i)]
        if left:
            inner = self.fits(left, inside=True)
            self.reach(inner, [i for i in before if i not in left])
            left = self.choose([*outer, *inner], left)
        if left:
            self.unexplained(left)

    def choose(self, fits: list[Explained], left: list[int]) -> list[int]:
        """Accept explanations, the one that covers most first; what is left unexplained."""
        while any(fit.leaf in left for fit in fits):
            best, covered = self.best(fits, left)
            self.accept(best, covered, fits)
            left = [i for i in left if i not in covered]
        return left

    def reach(self, inner: list[Explained], others: Sequence[int]) -> None:
        """A fault inside of f that explains what was already explained otherwise, and more, takes
        its place: one fault is likelier than two."""
        for fit in list({x.key: x for x in inner}.values()):
            also = [x for i in others if (x := self.fit(fit.guess, i)) and x.key == fit.key]
            for x in also:
                self.confirm(x)
            also = [x for x in also if x.confirmed is not False]
            inner += also
            for x in also:
                kept = []
                for finding in self.findings:
                    if finding.leaves == (x.leaf,) and finding.kind != fit.kind:
                        continue
                    kept.append(finding)
                if len(kept) < len(self.findings):
                    self.findings = kept
                    self.regained.setdefault(fit.key, set()).add(x.leaf)

    def fits(self, left: Sequence[int], inside: bool) -> list[Explained]:
        """All guesses that explain one of the arrays, here and at the second place."""
        found: list[Explained] = []
        if not left:
            return found
        guesses = [
            guess
            for hypothesis in TABLE
            if hypothesis.guesses is not None and hypothesis.inside == inside
            for guess in hypothesis.guesses(self.first)
        ]
        if inside:
            guesses.sort(key=lambda guess: guess.rank)
        where = "at the steps inside of f" if inside else "for the finished arrays"
        todo = list(left)
        while todo:
            lead = todo.pop(0)
            simplest = np.inf
            for k, guess in enumerate(guesses):
                if k % 20 == 0:
                    name = self.problem.leaves[lead].name
                    self.say(f"{name}: hypothesis {k + 1} of {len(guesses)} {where}")
                if inside and guess.rank > simplest + 0.35:
                    break  # it is explained, and more simply than by what comes now
                if guess.only not in (None, lead) or not self.may_fit(guess, lead):
                    continue
                # What explains one array is tried on the others at once.
                for i in [lead, *todo]:
                    fit = self.fit(guess, i) if guess.only in (None, i) else None
                    if fit is not None:
                        self.confirm(fit)
                        if fit.confirmed is not False:
                            found.append(fit)
                            simplest = min(simplest, guess.rank)
            if inside:
                todo = [i for i in todo if all(fit.leaf != i for fit in found)]
        return found

    def may_fit(self, guess: Guess, i: int) -> bool:
        """A first rough look along as few directions as can refute the guess."""
        r = self.first
        if guess.where is None:
            return True
        count = 2 if guess.free else 1
        r.quick = True
        try:
            with np.errstate(all="ignore"):
                predicted = guess.effect(r, i, r.directions[i][:count])
        except Exception:
            return False
        finally:
            r.quick = False
        if predicted is None or not np.all(np.isfinite(predicted)):
            return False
        claim, true = r.claimed_along(i, r.directions[i][:count]), r.truth(i)[0][:count]
        target = claim if guess.of_claim else claim - true
        factor = 1.0
        if guess.free:
            size = float(np.dot(predicted, predicted))
            if size == 0:
                return False
            factor = float(np.dot(predicted, target)) / size
        slack = 0.03 * rms(claim - true) + 1e-4 * r.scale(i)
        return rms(target - factor * predicted) <= slack

    def fit(self, guess: Guess, i: int) -> Explained | None:
        """The guess held against the claim along a few directions, then along all."""
        r = self.first
        few = 3 if guess.free else 2
        v = r.directions[i]
        factor = 1.0
        for count in (few, len(v)):
            try:
                with np.errstate(all="ignore"):
                    predicted = guess.effect(r, i, v[:count])
            except Exception:
                return None
            if predicted is None or not np.all(np.isfinite(predicted)):
                return None
            true = r.truth(i)[0][:count]
            claim = r.claimed_along(i, v[:count])
            target = claim if guess.of_claim else claim - true
            if guess.free:
                # Fitted along one half of the directions, judged along all of them.
                half = slice(0, max(2, count // 2))
                size = float(np.dot(predicted[half], predicted[half]))
                if size == 0:
                    return None
                factor = float(np.dot(predicted[half], target[half]) / size)
            miss = rms(target - factor * predicted)
            error = rms(claim - true)
            # A claim much smaller than the truth must be met by its own size, not by the error's.
            size = min(error, rms(claim)) if np.any(claim) else error
            slack = EXPLAINED * size + 3 * self.noise(guess, i)
            if miss > slack or slack > 0.05 * error:
                return None
        kind, detail, rank = guess.kind, guess.detail, guess.rank
        if guess.name is not None:
            uncertain = 3 * self.noise(guess, i) / max(rms(factor * predicted), 1e-300)
            r.blur = min(max(1e-5, uncertain), 1e-3)
            named = guess.name(r, factor)
            if named is None:
                return None
            kind, detail, rank = named
        return Explained(guess, i, kind, detail, rank, factor, miss / max(error, 1e-300))

    def noise(self, guess: Guess, i: int) -> float:
        r = self.first
        bar = float(np.max(r.truth(i)[1]))
        own = min(r.jitter[i], r.largest)
        traced = r.trace_noise if guess.where is not None else 0.0
        return bar + own + traced + (1e-6 * r.scale(i) if self.problem.claim_digits < 8 else 0)

    def confirm(self, fit: Explained) -> None:
        """The same guess, with the same factor, at a second point."""
        r = self.other
        if r is None:
            return
        i, v = fit.leaf, r.directions[fit.leaf][:4]
        try:
            with np.errstate(all="ignore"):
                predicted = fit.guess.effect(r, i, v)
        except Exception:
            fit.confirmed = False
            return
        true, claim = r.truth(i)[0][:4], r.claimed_along(i, v)
        error = rms(claim - true)
        if predicted is None or not np.all(np.isfinite(predicted)):
            fit.confirmed = False
            return
        target = claim if fit.guess.of_claim else claim - true
        traced = 3 * r.trace_noise if fit.guess.where is not None else 0.0
        bar = float(np.max(r.truth(i)[1]))
        size = min(error, rms(claim)) if np.any(claim) else error
        slack = 10 * EXPLAINED * size + 10 * bar + traced + min(r.tolerance(i), 1e-4 * r.scale(i))
        fit.confirmed = rms(target - fit.factor * predicted) <= slack
        if not fit.confirmed and fit.guess.kind == "constant factor" and np.size(r.claim[i]) > 1:
            other = float(
                np.dot(predicted, target) / max(float(np.dot(predicted, predicted)), 1e-300)
            )
            if rms(target - other * predicted) <= slack and other:
                lengths = [rms(x.claim[i]) * np.sqrt(np.size(x.claim[i])) for x in (self.first, r)]
                what = f"by {fit.factor:.4g} here and {other:.4g} at another place"
                if close(*lengths):
                    what += f"; its length is {lengths[0]:.4g} at both"
                fit.kind, fit.detail, fit.rank, fit.confirmed = "normalised", what, 2.0, True

    def best(self, fits: list[Explained], left: Sequence[int]) -> tuple[Explained, list[int]]:
        """The explanation that covers most of what is left, the simplest of these."""

        def covers(fit: Explained) -> list[int]:
            return sorted({x.leaf for x in fits if x.key == fit.key and x.leaf in left})

        able = [fit for fit in fits if fit.leaf in left]
        best = min(able, key=lambda fit: (-len(covers(fit)), fit.rank, fit.residual))
        return best, sorted({*covers(best), *self.regained.get(best.key, ())})

    def accept(self, best: Explained, covered: list[int], fits: list[Explained]) -> None:
        also = {
            x.key
            for x in fits
            if x.leaf in covered and x.key != best.key and x.rank <= best.rank + 0.1
        }
        also = {
            key
            for key in also
            if {x.leaf for x in fits if x.key == key} >= set(covered) and key[0] != best.kind
        }
        sure = 0.99 if best.confirmed else 0.8
        if also:
            sure = min(sure, 0.7)
        i = covered[0]
        r = self.first
        v = r.directions[i][:1]
        predicted = best.factor * float(best.guess.effect(r, i, v)[0])
        if not best.guess.of_claim:
            predicted += float(r.truth(i)[0][0])
        self.findings.append(
            replace(
                self.finding(best.kind, covered, best.detail, sure),
                predicted=predicted,
                measured=float(r.claimed_along(i, v)[0]),
                true=float(r.truth(i)[0][0]),
                also=tuple(sorted({k for k, _ in also})),
                factor=best.factor if best.guess.free else None,
            )
        )

    def of_shape(self, i: int) -> bool:
        """A claim whose shape is not its array's."""
        r = self.first
        if r.jvp_only:
            return False
        given, shape = r.as_given[i], np.shape(r.values[i])
        if given is None:
            self.findings.append(self.finding("zeros", [i], "no gradient is given at all", 0.99))
            return True
        if given.shape == shape:
            return False
        words = f"it has shape {given.shape}, and the array {shape}"
        if r.claim[i] is not None and given.size == int(np.prod(shape)):
            if not r.ill(i):
                turned = np.squeeze(given).shape != np.squeeze(r.values[i]).shape
                kind = "transposed" if turned and given.T.shape == shape else "shape"
                self.findings.append(self.finding(kind, [i], words, 0.99))
                return True
            self.notes.append(f"{self.problem.leaves[i].name}: {words}.")
            return False
        found = summed_to(given, shape, r, i)
        if found is not None:
            axes, factor = found
            along = ", ".join(map(str, axes))
            _, name, _ = factor_named(r, 1 / factor)
            extra = "" if close(factor, 1) else f", and is then {name}"
            self.findings.append(
                self.finding(
                    "not summed", [i], f"{words}: summed over axis {along} it is right{extra}", 0.99
                )
            )
            return True
        if r.claim[i] is None:
            self.findings.append(self.finding("unknown", [i], words, 0.99))
            return True
        if given.ndim and given.size < int(np.prod(shape)):
            self.notes.append(f"{self.problem.leaves[i].name}: {words}.")
        return False

    def stale(self, i: int) -> bool:
        """Whether the claim is right for another point: the one asked before, or the first."""
        r, other = self.first, self.other
        if other is None or r.jvp_only or not callable(self.problem.claimed):
            return False
        # ask here, then there, then here again: what came last must belong here
        there = self.problem.gradients(other.values, r.u)[i]
        if there is None or np.shape(there) != np.shape(r.values[i]):
            return False
        here = r.truth(i)[0]
        along = contract(r.directions[i], there)
        fixed = rms(along - here) <= r.tolerance(i) * 3
        shape = np.shape(r.values[i])
        there_true = Reading(self.problem, other.values, r.u, self.duals, 1).true_along(
            i, r.directions[i]
        )[0]
        back = self.problem.gradients(r.values, r.u)[i]
        behind = (
            back is not None
            and np.shape(back) == shape
            and rms(contract(r.directions[i], back) - there_true) <= 3 * r.tolerance(i)
        )
        if (fixed and rms(there_true - here) > 10 * r.tolerance(i)) or behind:
            detail = (
                "it is the gradient of the place asked before"
                if behind
                else "at another place it is still the gradient of the first"
            )
            self.findings.append(self.finding("stale", [i], detail, 0.99))
            return True
        return False

    def one_number(self, wrong: list[int]) -> list[int]:
        """Arrays with the same number in every entry: along which direction is it the slope, and
        of which f?"""
        r, other = self.first, self.other
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
            self.findings.append(
                replace(
                    self.finding("one number", [i], f"{named[i]}, stands in every entry", 0.99),
                    measured=numbers_[i],
                    predicted=sums[i],
                )
            )
        if rest:
            self.one_number_of_another(rest, ones, numbers_, sums)
        return [i for i in wrong if i not in flat]

    def one_number_of_another(
        self,
        rest: list[int],
        ones: dict[int, Any],
        numbers_: dict[int, float],
        sums: dict[int, float],
    ) -> None:
        """One number, and not the slope of f: is it the slope of an f with a faulty step?"""
        r, other = self.first, self.other
        best: tuple[int, float, Guess, list[int]] | None = None
        for hypothesis in TABLE:
            if hypothesis.guesses is None:
                continue
            for guess in hypothesis.guesses(r):
                if guess.where is None or guess.free:
                    continue
                hit = [i for i in rest if self.sum_fits(guess, r, i, ones[i], numbers_[i])]
                if hit and other is not None:
                    hit = [
                        i
                        for i in hit
                        if self.sum_fits(guess, other, i, ones[i], float(np.mean(other.claim[i])))
                    ]
                if hit and (best is None or (-len(hit), guess.rank) < best[:2]):
                    best = (-len(hit), guess.rank, guess, hit)
        hit = best[3] if best else []
        if best:
            guess = best[2]
            i = hit[0]
            self.findings.append(
                replace(
                    self.finding(
                        "one number",
                        hit,
                        "the slope along a direction of ones stands in every entry",
                        0.97,
                    ),
                    measured=numbers_[i],
                    predicted=sums[i],
                )
            )
            self.findings.append(
                replace(
                    self.finding(guess.kind, hit, guess.detail, 0.97 if other is not None else 0.8),
                    predicted=float(guess.effect(r, i, ones[i])[0]),
                    measured=numbers_[i],
                    true=sums[i],
                )
            )
        for i in rest:
            if i not in hit:
                self.findings.append(
                    replace(
                        self.finding(
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

    def sum_fits(self, guess: Guess, r: Reading, i: int, one: Any, claim: float) -> bool:
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

    def quotient(self, i: int) -> bool:
        """Whether the claim is a difference quotient, of which step."""
        r = self.first
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
            {a * 10.0**-k for k in range(13) for a in (1, 2, 5)} | {2.0**-k for k in range(1, 53)}
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
                    if abs(q - c) > min(1e-7 * abs(c), 0.03 * off):
                        break
                else:
                    gap = rms(r.error(i)) / max(rms(r.truth(i)[0]), 1e-300)
                    side = "large" if h > 1e-6 else "small"
                    detail = (
                        f"{words} with h = {h:.2g}: the step is too {side}, the error {gap:.1e}"
                    )
                    self.findings.append(self.finding("difference quotient", [i], detail, 0.98))
                    return True
        return False

    def unexplained(self, left: list[int]) -> None:
        """No hypothesis fits. Say what can be said: where, how much, and whether it can be the
        gradient of anything."""
        r = self.first
        if self.other_value is not None:
            self.findings.append(
                self.finding(
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
            cosine = float(
                np.dot(claim, t) / max(np.linalg.norm(claim) * np.linalg.norm(t), 1e-300)
            )
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
            self.findings.append(self.finding("unknown", [i], detail, 0.99))

    # --- words ---------------------------------------------------------------------------------

    def finding(self, kind: str, leaves: Sequence[int], detail: str, sure: float) -> Finding:
        h = BY_NAME[kind]
        return Finding(
            kind=kind,
            arrays=tuple(self.problem.leaves[i].name for i in leaves),
            leaves=tuple(leaves),
            says=h.says,
            detail=detail,
            page=h.page,
            ask=h.ask,
            confidence=sure,
        )

    def verdict(self, verdict: str, reason: str = "") -> Diagnosis:
        first: Reading | None = getattr(self, "first", None)
        if verdict == "ill" and all(f.kind == "unknown" for f in self.findings):
            verdict = "ill, kind unknown"
        return Diagnosis(
            verdict=verdict,
            findings=tuple(self.findings),
            notes=tuple(dict.fromkeys(self.notes)),
            reason=reason,
            kind=self.problem.kind,
            oracle="dual numbers" if getattr(self, "duals", False) else "central differences",
            directions=len(first.directions[0]) if first else 0,
            places=0 if first is None else (1 if getattr(self, "other", None) is None else 2),
            arrays=tuple(self.row(first, i) for i in range(len(self.problem.leaves)))
            if first
            else (),
            pictures=self.pictures(first),
        )

    def row(self, r: Reading, i: int) -> dict[str, Any]:
        claim, (true, bars) = r.claimed_along(i, r.directions[i]), r.truth(i)
        size = max(rms(true), 1e-300)
        return {
            "array": self.problem.leaves[i].name,
            "shape": np.shape(r.values[i]),
            "true": float(true[0]),
            "claimed": float(claim[0]),
            "error": float(rms(claim - true) / size) if rms(true) else float(rms(claim - true)),
            "tolerance": float(r.tolerance(i) / size)
            if r.claim[i] is not None or r.jvp_only
            else 0.0,
            "bar": float(np.max(bars) / size),
            "right": not self.is_wrong(r, i) and i not in self.excluded,
        }

    def pictures(self, r: Reading | None) -> tuple[tuple[str, Any, Any], ...]:
        """(name, true, claimed) of arrays that are wrong and small enough to be known whole."""
        if r is None or r.jvp_only:
            return ()
        found = []
        for i in sorted({i for f in self.findings for i in f.leaves}):
            true = r.full(i)
            if true is not None and r.claim[i] is not None and true.size > 1:
                found.append((self.problem.leaves[i].name, true, r.claim[i]))
        return tuple(found)


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
