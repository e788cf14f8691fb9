"""Change each solution of the assignments in one small thing after another, and count what loses
points; writes mutants.json, which the page for teachers shows.

    python benchmarks/mutants.py              all assignments, some minutes
    python benchmarks/mutants.py numbers      one of them; the others' rows stay

A mutant that keeps all points is a survivor. Its change is stored: either it does not change what
the answer does, or the checks do not see it.
"""

import json
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests/support", "classroom", "book/_ext")]

from classwork import ASSIGNMENTS  # noqa: E402
from mutants import rows  # noqa: E402

TABLE = ROOT / "benchmarks" / "mutants.json"


def main():
    warnings.simplefilter("ignore")
    table = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
    for assignment in sys.argv[1:] or ASSIGNMENTS:
        table[assignment] = {}
        for exercise, row in rows(assignment):
            table[assignment][exercise] = row
            print(assignment, exercise, row["mutants"], *row["survivors"], sep="\n    ", flush=True)
            text = json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False)
            TABLE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
