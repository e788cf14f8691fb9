"""The gradient doctor: bring your own patient.

    examine(f, claimed, at)           is this the derivative of f? if not: which array, which fault
    assert_gradient(f, claimed, at)   the same as a test, whose failure is the diagnosis
    symptoms(losses=…, step=…, …)     what a loss curve or a training step shows

`python -m dualedu.doctor my_code.py:loss my_code.py:gradient --at my_code.py:start` does it from
the command line.
"""

from dualedu.doctor.examination import examine
from dualedu.doctor.report import Diagnosis, Finding
from dualedu.doctor.symptoms import Symptom, symptoms
from dualedu.doctor.testing import assert_gradient

__all__ = ["Diagnosis", "Finding", "Symptom", "assert_gradient", "examine", "symptoms"]
