"""A diagnosis as a dict and as a page."""

import json

import numpy as np

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


def test_as_a_dict_and_as_a_page():
    found = examine(lambda w: np.sum(w**2), lambda w: w, {"a<b": W}["a<b"])
    again = json.loads(json.dumps(found.as_dict()))
    assert again["findings"][0]["kind"] == "constant factor"
    page = found._repr_html_()
    assert '<svg role="img" aria-label=' in page
    assert found._repr_mimebundle_()["text/plain"] == str(found)
