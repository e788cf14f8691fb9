"""Your own patient, on its page and on a phone: by keys, from a notebook, and to nobody else."""

import json

import pytest
from living_page import RUN, START, LivingPage

expect = pytest.importorskip("playwright.sync_api").expect

PAGE = "book/2-diagnosis/own-patient.html"
CODE = """import numpy as np
x = np.arange(12.0).reshape(4, 3) / 12
def cost(w):
    return np.mean(np.tanh(x @ w) ** 2)
def gradient(w):
    t = np.tanh(x @ w)
    return 2 * x.T @ (t * (1 - t)) / 4
w = np.array([0.3, -0.2, 0.5])
"""
SEND = """import js
request = js.XMLHttpRequest.new()
request.open("POST", "ADDRESS", False)
request.send("homework")
"""


def notebook(*cells):
    made = [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]
    return {
        "name": "homework.ipynb",
        "mimeType": "application/x-ipynb+json",
        "buffer": json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5}).encode(),
    }


@pytest.fixture(scope="module")
def living(open_page, book):
    """The page at the width of a phone, its widget woken by the keyboard."""
    living = LivingPage(open_page(width=360), f"{book}/{PAGE}")
    living.page.locator(".dualedu-standin .explore-examine").press("Enter")
    living.page.wait_for_selector(".live-output .explore-tray", timeout=START)
    yield living
    living.page.context.close()


def words(living):
    return living.page.locator(".live-output .explore-words")


def examine(living, file=None):
    if file:
        living.page.locator(".live-output .explore-tray input").set_input_files(file)
        expect(living.page.locator(".live-output .explore-tray [role=status]")).to_have_text(
            "homework.ipynb is read.", timeout=RUN
        )
    living.page.locator(".live-output .explore-examine").press("Enter")


def test_a_key_on_the_sleeping_widget_is_not_lost(living):
    expect(words(living)).to_contain_text("Ill: the gradient for W1 and b1", timeout=RUN)
    assert living.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_notebook_is_examined_and_the_report_leads_into_the_book(living):
    examine(living, notebook("%matplotlib inline\nimport no_such_library", CODE))
    expect(words(living)).to_contain_text("Cell 1 did not run to its end", timeout=RUN)
    expect(words(living)).to_contain_text("Ill: the gradient for w is wrong", timeout=RUN)
    link = living.page.locator(".live-output .explore-report a").first
    found = living.page.evaluate("link => fetch(link.href).then(r => r.ok)", link.element_handle())
    assert found
    living.assert_quiet()


def test_nothing_leaves_the_machine(living, serve, site):
    other = serve(site)  # another port is another origin, and one that could be reached
    examine(living, notebook(SEND.replace("ADDRESS", other), CODE))
    expect(words(living)).to_contain_text("Cell 1 did not run to its end", timeout=RUN)
    expect(words(living)).to_contain_text("NetworkError", timeout=RUN)
    assert living.page.external == []
