"""The examination: which array is wrong, how, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dualedu.doctor import looks, plain_faults
from dualedu.doctor.claims import Problem
from dualedu.doctor.guesses import Guess, close
from dualedu.doctor.hypotheses import BY_NAME, TABLE
from dualedu.doctor.reading import (
    Reading,
    rms,
)
from dualedu.doctor.report import Diagnosis, Finding

EXPLAINED = 2e-4
"""The largest part of the error that a true hypothesis may leave."""
OF_ONE_NUMBER = 0.005
"""How much less of it where a factor was fitted to one number: any factor fits there, and only the
second place can refute it."""


PATIENCE = 60.0
"""Seconds after which no further hypothesis about the steps inside of f is tried."""


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
    patience: float = PATIENCE,
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
    patience : float, optional
        After how many seconds no further hypothesis about the steps inside of f is tried; a note
        says how many were left, which are the rarest.

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
    return Examination(problem, rng, progress, patience).diagnosis()


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

    def __init__(
        self,
        problem: Problem,
        seed: int,
        progress: Callable[[str], None] | None = None,
        patience: float = np.inf,
    ):
        self.problem, self.seed, self.patience = problem, seed, patience
        self.until = time.monotonic() + patience
        self.untried: dict[int, tuple[int, int]] = {}
        """How many hypotheses time did not suffice for, and of how many, by array."""
        self.say = progress or (lambda words: None)
        self.notes: list[str] = []
        self.findings: list[Finding] = []
        self.regained: dict[tuple[str, str], set[int]] = {}
        """Arrays that a fault inside of f explains too, beside the one that it was found by."""
        self.replaced: list[Finding] = []
        """Findings that such a fault was to take the place of."""
        self.excluded: set[int] = set()
        """Arrays that need no further explanation."""
        self.other_value: float | None = None
        """The value that came with the claim, where it is not f's."""

    def diagnosis(self) -> Diagnosis:
        problem = self.problem
        self.say("measuring the slopes of f along random directions")
        start = problem.start()
        if (reason := looks.cannot_start(self, start)) is not None:
            return self.verdict("cannot tell", reason)
        looks.narrow(self, start)
        self.duals = looks.runs_on_duals(self, start)
        first = self.reading(start, 0)
        if problem.kind == "update" and problem.learning_rate is None:
            looks.find_rate(self, first)
            first = self.reading(start, 0)
        if (found := looks.not_finite(self, first)) is not None:
            self.findings.append(found)
            return self.verdict("ill")
        first = looks.off_the_kink(self, first)
        looks.changing(self, first)
        looks.without_cotangent(self, first)
        looks.values_disagree(self, first)
        self.say("asking again at a second place")
        second = looks.second(self, first)
        if not self.wrong(first) and second is not None and self.wrong(second):
            self.notes.append(
                "At the place given it is right; a little beside it, it is not. What is said here "
                "is about the place beside."
            )
            first, second = second, looks.second(self, second)
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
            noisy = [i for i in range(len(first.values)) if first.noisy(i)]
            noisy = [i for i in noisy if not plain_faults.quotient(self, i)]
            if self.findings:
                return self.verdict("ill")
            if (doubt := looks.perhaps_exchanged(self)) is not None:
                return self.verdict("cannot tell", doubt)
            looks.hidden(self, noisy)
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

    def wrong(self, reading: Reading) -> list[int]:
        return [i for i in range(len(reading.values)) if self.is_wrong(reading, i)]

    def is_wrong(self, reading: Reading, i: int) -> bool:
        shape = np.shape(reading.values[i])
        given = reading.as_given[i]
        if given is not None and given.shape != shape and not reading.jvp_only:
            return True
        return reading.ill(i) and i not in self.excluded

    # --- explanations --------------------------------------------------------------------------

    def explain(self, wrong: list[int]) -> None:
        left = [i for i in wrong if not plain_faults.of_shape(self, i)]
        left = [i for i in left if not plain_faults.stale(self, i)]
        left = plain_faults.one_number(self, left)
        left = plain_faults.turned(self, left)
        if not left:
            return
        # First what concerns the finished array and is simply said; then the steps inside of f,
        # together with what is less simply said.
        outer = self.fits(left, inside=False)
        before = list(left)
        left = self.choose([fit for fit in outer if fit.rank < 3], left)
        left = [i for i in left if not plain_faults.quotient(self, i)]
        if left:
            inner = self.fits(left, inside=True)
            self.reach(inner, [i for i in before if i not in left])
            left = self.choose([*outer, *inner], left)
            explained = {i for finding in self.findings for i in finding.leaves}
            self.findings += [f for f in self.replaced if not explained.issuperset(f.leaves)]
        if left:
            plain_faults.unexplained(self, left)
            self.say_what_was_not_tried(left)

    def say_what_was_not_tried(self, left: Sequence[int]) -> None:
        some = [i for i in left if i in self.untried]
        if not some:
            return
        names = ", ".join(self.problem.leaves[i].name for i in some)
        n, of = max(self.untried[i] for i in some)
        self.notes.append(
            f"After {self.patience:g} s, {n} of {of} hypotheses about the steps inside of f were "
            f"not tried on {names}: the rarest ones. A longer patience has them tried."
        )

    def choose(self, fits: list[Explained], left: list[int]) -> list[int]:
        """Accept explanations, the one that covers most first; what is left unexplained."""
        while any(fit.leaf in left for fit in fits):
            best, covered = self.best(fits, left)
            if self.contradicted(best, covered, left):
                fits = [fit for fit in fits if fit.key != best.key]
                continue
            self.accept(best, covered, fits)
            left = [i for i in left if i not in covered]
        return left

    def contradicted(self, best: Explained, covered: Sequence[int], left: Sequence[int]) -> bool:
        """Whether another f explains one number alone, or is one of very many, and has another
        slope for an array too that is wrong in another way, or right: then it is a coincidence."""
        r = self.first
        of_f = best.guess.where is not None or best.guess.everywhere
        lonely = sum(np.size(r.values[i]) for i in covered) == 1
        if not of_f or not (lonely or best.guess.strict):
            return False
        others = range(len(r.values)) if best.guess.strict else left
        for j in set(others) - set(covered):
            v = r.directions[j][:2]
            try:
                with np.errstate(all="ignore"):
                    predicted = best.guess.effect(r, j, v)
            except Exception:
                continue
            unchanged = r.truth(j)[0][:2] if best.guess.of_claim else np.zeros(len(v))
            reached = predicted is not None and rms(predicted - unchanged)
            if reached and reached > 1e-3 * r.scale(j) and best.guess.only in (None, j):
                return True
        return False

    def reach(self, inner: list[Explained], others: Sequence[int]) -> None:
        """A fault inside of f that explains what was already explained otherwise, and more, takes
        its place: one fault is likelier than two."""
        for fit in list({x.key: x for x in inner}.values()):
            also = [x for i in others if (x := self.fit(fit.guess, i)) and x.key == fit.key]
            for x in also:
                self.confirm(x)
            also = [x for x in also if x.confirmed is not False]
            inner += also
            reached = {x.leaf for x in also}
            for finding in list(self.findings):
                if reached.issuperset(finding.leaves) and (finding.kind, finding.detail) != fit.key:
                    self.replaced.append(finding)
                    self.findings.remove(finding)
                    self.regained.setdefault(fit.key, set()).update(finding.leaves)

    def fits(self, left: Sequence[int], inside: bool) -> list[Explained]:
        """All guesses that explain one of the arrays, here and at the second place."""
        found: list[Explained] = []
        if not left:
            return found
        guesses = sorted(self.guesses(inside), key=lambda guess: guess.rank)
        where = "at the steps inside of f" if inside else "for the finished arrays"
        todo = list(left)
        while todo:
            lead = todo.pop(0)
            simplest = np.inf
            for k, guess in enumerate(guesses):
                if k % 20 == 0:
                    if inside and time.monotonic() >= self.until:
                        self.untried[lead] = len(guesses) - k, len(guesses)
                        break
                    name = self.problem.leaves[lead].name
                    self.say(f"{name}: hypothesis {k + 1} of {len(guesses)} {where}")
                if guess.rank > simplest + 0.35 and (inside or simplest < 3 <= guess.rank):
                    break  # it is explained, and more simply than by what comes now
                if guess.only not in (None, lead) or not self.may_fit(guess, lead):
                    continue
                # What explains one array inside of f is tried on the others at once.
                for i in [lead, *todo] if inside else [lead]:
                    fit = self.fit(guess, i) if guess.only in (None, i) else None
                    if fit is not None:
                        self.confirm(fit)
                        if fit.confirmed is not False:
                            found.append(fit)
                            simplest = min(simplest, guess.rank if inside else fit.rank)
            if inside:
                todo = [i for i in todo if all(fit.leaf != i for fit in found)]
        return found

    def guesses(self, inside: bool) -> Iterator[Guess]:
        """All predictions, but those of a hypothesis that does not get along with f."""
        for hypothesis in TABLE:
            if hypothesis.guesses is None or hypothesis.inside != inside:
                continue
            try:
                yield from hypothesis.guesses(self.first)
            except Exception as error:
                self.notes.append(
                    f"The hypothesis “{hypothesis.name}” could not be tried to its end: "
                    f"{type(error).__name__}: {error}."
                )

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
        for count in (few, len(v)) if np.size(r.values[i]) > 1 else (1,):
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
        i = fit.leaf
        v = r.directions[i][: 4 if np.size(r.values[i]) > 1 else 1]
        try:
            with np.errstate(all="ignore"):
                predicted = fit.guess.effect(r, i, v)
        except Exception:
            fit.confirmed = False
            return
        true, claim = r.truth(i)[0][: len(v)], r.claimed_along(i, v)
        error = rms(claim - true)
        if predicted is None or not np.all(np.isfinite(predicted)):
            fit.confirmed = False
            return
        target = claim if fit.guess.of_claim else claim - true
        traced = 3 * r.trace_noise if fit.guess.where is not None else 0.0
        bar = float(np.max(r.truth(i)[1]))
        size = min(error, rms(claim)) if np.any(claim) else error
        lonely = fit.guess.free and np.size(r.values[i]) == 1 and self.problem.claim_digits == 8
        strict = OF_ONE_NUMBER if lonely else 1.0
        close_by = min(r.tolerance(i), 1e-4 * strict * r.scale(i))
        slack = 10 * EXPLAINED * strict * size + 10 * bar + traced + close_by
        fit.confirmed = rms(target - fit.factor * predicted) <= slack
        if not fit.confirmed and fit.guess.kind == "constant factor" and np.size(r.claim[i]) > 1:
            other = float(
                np.dot(predicted, target) / max(float(np.dot(predicted, predicted)), 1e-300)
            )
            if rms(target - other * predicted) <= slack and other:
                lengths = [rms(x.claim[i]) * np.sqrt(np.size(x.claim[i])) for x in (self.first, r)]
                what = f"by {fit.factor:.4g} here and {other:.4g} at another place"
                # Without a length of its own, a step inside of f may tell why.
                rank = 4.0
                if close(*lengths):
                    what += f"; its length is {lengths[0]:.4g} at both"
                    rank = 2.0
                fit.kind, fit.detail, fit.rank, fit.confirmed = "normalised", what, rank, True

    def best(self, fits: list[Explained], left: Sequence[int]) -> tuple[Explained, list[int]]:
        """The explanation that covers most of what is left, the simplest of these."""

        def covers(fit: Explained) -> list[int]:
            here = {x.leaf for x in fits if x.key == fit.key and x.leaf in left}
            return sorted(here | self.regained.get(fit.key, set()))

        able = [fit for fit in fits if fit.leaf in left]
        best = min(able, key=lambda fit: (-len(covers(fit)), fit.rank, fit.residual))
        return best, covers(best)

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
        lonely = best.guess.free and sum(np.size(r.values[k]) for k in covered) == 1
        if lonely and not any(
            close(c, float(f"{c:.2g}")) for c in (best.factor, 1 / (best.factor or 1))
        ):
            sure = min(sure, 0.9)  # any fault of one number is some factor
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
            "right": not self.is_wrong(r, i) and not any(i in f.leaves for f in self.findings),
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
