"""A diagnosis: as a person would say it, as a page of a notebook, and as a dict."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from dualedu.doctor.pages import TITLES
from dualedu.doctor.pictures import arrows, heat_maps


@dataclass(frozen=True)
class Finding:
    """
    One fault that an examination found.

    Parameters
    ----------
    kind : str
        Its name, as in `doctor.hypotheses.TABLE`.
    arrays : tuple of str
        Names of the arrays it is in.
    leaves : tuple of int
        Their places among the arrays examined.
    says, detail : str
        What is wrong, in general and here.
    page, ask : str
        Where the book teaches it, and a teacher's question.
    confidence : float
        From 0 to 1; 0.99 if it explains the error at two places and nothing simpler does.
    predicted, measured, true : float, optional
        Along one direction: what the fault predicts of the claim, what it says, what is true.
    factor : float, optional
        The factor measured, where the fault leaves one open.
    also : tuple of str, optional
        Kinds that explain the same error as well.
    """

    kind: str
    arrays: tuple[str, ...]
    leaves: tuple[int, ...]
    says: str
    detail: str
    page: str
    ask: str
    confidence: float
    predicted: float | None = None
    measured: float | None = None
    true: float | None = None
    factor: float | None = None
    also: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{', '.join(self.arrays)}: {self.says}"

    @property
    def how_sure(self) -> str:
        if self.kind == "unknown" or self.confidence >= 0.95:
            return ""
        return "probably" if self.confidence >= 0.75 else "perhaps"


@dataclass(frozen=True)
class Diagnosis:
    """
    What an examination found.

    Parameters
    ----------
    verdict : str
        "healthy", "ill", "ill, kind unknown" or "cannot tell".
    findings : tuple of Finding, optional
        The faults.
    notes : tuple of str, optional
        What else was seen.
    reason : str, optional
        Why it cannot be told.
    kind : str, optional
        What was claimed, such as "gradient".
    oracle : str, optional
        What it was held against.
    directions, places : int, optional
        Along how many directions for each array, and at how many places.
    arrays : tuple of dict, optional
        One row an array: error and tolerance, relative to the gradient's size.
    pictures : tuple, optional
        For small arrays that are wrong: name, true and claimed array.
    """

    verdict: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    kind: str = "gradient"
    oracle: str = ""
    directions: int = 0
    places: int = 0
    arrays: tuple[dict[str, Any], ...] = ()
    pictures: tuple[tuple[str, Any, Any], ...] = field(default=(), repr=False, compare=False)

    @property
    def healthy(self) -> bool:
        """Whether the claim was found right."""
        return self.verdict == "healthy"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of fault found, each once."""
        return tuple(dict.fromkeys(f.kind for f in self.findings))

    def as_dict(self) -> dict[str, Any]:
        """
        Give everything but the pictures, in plain types that JSON takes.

        Returns
        -------
        dict
            The verdict, the findings, the notes and the rows of the table.
        """
        parts = {
            name: getattr(self, name)
            for name in ("verdict", "reason", "kind", "oracle", "directions", "places")
        }
        findings = [
            {
                k: list(v) if isinstance(v, tuple) else v
                for k, v in asdict(f).items()
                if k != "leaves"
            }
            for f in self.findings
        ]
        rows = [{**row, "shape": list(row["shape"])} for row in self.arrays]
        return {**parts, "findings": findings, "notes": list(self.notes), "arrays": rows}

    # --- as a person would say it --------------------------------------------------------------

    @property
    def headline(self) -> str:
        what = {"jacobian": "Jacobian"}.get(self.kind, self.kind)
        if self.verdict == "healthy":
            return f"Healthy: the {what} is right."
        if self.verdict == "cannot tell":
            return f"I cannot tell: {self.reason}."
        ill = list(dict.fromkeys(a for f in self.findings for a in f.arrays))
        well = [str(row["array"]) for row in self.arrays if row["array"] not in ill]
        also = f" ({joined(well)} {'is' if len(well) == 1 else 'are'} right)" if well else ""
        return f"Ill: the {what} for {joined(ill)} is wrong{also}."

    def lines(self) -> list[str]:
        out = [self.headline, ""]
        for k, f in enumerate(self.findings, 1):
            number = f"{k}. " if len(self.findings) > 1 else ""
            sure = f"{f.how_sure}, " if f.how_sure else ""
            out.append(f"{number}{joined(f.arrays)}: {sure}{f.says}.")
            if f.detail:
                out.append(f"   Here: {f.detail}.")
            if f.predicted is not None and f.measured is not None and f.true is not None:
                out.append(
                    f"   Evidence: along one direction this fault would give {f.predicted:.4g}; "
                    f"the claim says {f.measured:.4g}, the truth is {f.true:.4g}."
                )
            if f.also:
                out.append(f"   Fits as well: {', '.join(f.also)}.")
            out.append(f"   Read: {f.page}")
            out.append("")
        if self.arrays:
            width = max(len(str(row["array"])) for row in self.arrays)
            out.append(f"{'array':{width}}  error   allowed")
            for row in self.arrays:
                mark = "right" if row["right"] else "WRONG"
                out.append(
                    f"{row['array']:{width}}  {size(row['error'])}   {size(row['tolerance'])}   "
                    + mark
                )
            out.append("")
        out += [f"Note: {note}" for note in self.notes]
        if self.verdict == "healthy":
            out.append(self.limits)
        return out

    @property
    def limits(self) -> str:
        n = "one place" if self.places == 1 else f"{self.places} places"
        return (
            f"Checked along {self.directions} directions for each array at {n}, against "
            f"{self.oracle}. Not seen: what happens elsewhere, on the other side of a branch, or "
            "below the error allowed; and whether f is the function that you meant."
        )

    def __str__(self) -> str:
        wrapped = [
            line
            if not line or line.startswith(("   Read", "array")) or "   " in line.strip()
            else textwrap.fill(
                line,
                88,
                subsequent_indent="   " if line.startswith(" ") else "",
                break_long_words=False,
            )
            for line in self.lines()
        ]
        return "\n".join(wrapped).rstrip()

    __repr__ = __str__

    # --- in a notebook -------------------------------------------------------------------------

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        return f"<p><strong>{escape(self.headline)}</strong></p>\n{self.evidence()}"

    def evidence(self) -> str:
        """
        Write all but the headline as HTML: findings, table, heat-maps and arrows, notes.

        Returns
        -------
        str
            HTML in which every text is escaped.
        """
        parts = []
        for f in self.findings:
            sure = f"{f.how_sure}, " if f.how_sure else ""
            parts.append(
                f"<p><strong>{escape(joined(f.arrays))}</strong>: {escape(sure + f.says)}. "
                f"{escape(f.detail[:1].upper() + f.detail[1:])}{'.' if f.detail else ''}"
            )
            if f.predicted is not None and f.measured is not None and f.true is not None:
                parts.append(
                    f"<br>Along one direction: this fault would give {f.predicted:.4g}, the claim "
                    f"says {f.measured:.4g}, the truth is {f.true:.4g}."
                )
            parts.append(
                f'<br>Read: <a href="{self.link(f.page)}">{escape(TITLES[f.page])}</a></p>'
            )
        if self.arrays:
            head = "".join(
                f'<th scope="col">{t}</th>'
                for t in ("array", "shape", "error", "allowed", "verdict")
            )
            rows = "".join(
                f'<tr><th scope="row">{escape(str(row["array"]))}</th><td>{row["shape"]}</td>'
                f"<td>{escape(size(row['error']))}</td><td>{size(row['tolerance'])}</td>"
                f"<td>{'right' if row['right'] else 'wrong'}</td></tr>"
                for row in self.arrays
            )
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        parts += [draw(*picture) for picture in self.pictures[:4] for draw in (heat_maps, arrows)]
        parts += [f"<p>{escape(note)}</p>" for note in self.notes]
        if self.verdict == "healthy":
            parts.append(f"<p>{escape(self.limits)}</p>")
        return "\n".join(parts)

    @staticmethod
    def link(page: str) -> str:
        """From a page of Part 2 to another page of the book."""
        return "../" + page.removeprefix("book/")


def size(error: float) -> str:
    """An error in one digit; rounding errors, which differ between machines, as what they are."""
    return "<1e-9" if error < 1e-9 else f"{error:.0e}"


def joined(names: Any) -> str:
    names = [str(n) for n in names]
    return str(names[0]) if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
