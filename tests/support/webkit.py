"""WebKit, which Safari and every browser of an iPhone run on, as Debian builds it for GTK.

Playwright has a WebKit of its own and drives no other; this one answers WebDriver, by Selenium.
"""

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import untested
from browsers import PATIENCE
from living_page import OUTPUTS, RUN_CHAPTER, SOURCES, START

DRIVER = "WebKitWebDriver"
BROWSERS = "*/webkit2gtk-4.*/MiniBrowser"  # below /usr/lib; no user starts it by its name

LISTEN = """
window.complaints = [];
addEventListener("error", (event) => complaints.push(event.message));
addEventListener("unhandledrejection", (event) => complaints.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => complaints.push(event.blockedURI));
"""


@contextlib.contextmanager
def screen():
    """A screen that nobody sees: GTK opens no window without one."""
    x = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1400x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield f":{x.stdout.readline().strip()}"
    finally:
        x.terminate()
        x.wait()


@contextlib.contextmanager
def started():
    """One browser with one window, in which a test opens page after page."""
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser = next(iter(sorted(Path("/usr/lib").glob(BROWSERS), reverse=True)), None)
    if not (browser and shutil.which(DRIVER) and shutil.which("Xvfb")):
        untested.skip("webkit")
    options = selenium.webkitgtk.options.Options()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    with screen() as display:
        service = selenium.webkitgtk.service.Service(
            shutil.which(DRIVER), env=os.environ | {"DISPLAY": display}
        )
        driver = selenium.WebKitGTK(options=options, service=service)
        try:
            yield WebKit(driver)
        finally:
            driver.quit()


class WebKit:
    """What a reader does in it, in words."""

    def __init__(self, driver):
        from selenium.webdriver import ActionChains, Keys

        self.driver, self.keys = driver, Keys
        self.actions = lambda: ActionChains(driver, duration=50)

    def open(self, address, width=1000, height=1000):
        self.driver.set_window_size(width, height)
        self.driver.get(address)
        self.ask(LISTEN)

    def ask(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def evaluate(self, function):
        """What an asynchronous function answers, as Playwright has it."""
        return self.driver.execute_async_script(f"({function})().then(arguments[0])")

    def wait_for_timeout(self, milliseconds):
        time.sleep(milliseconds / 1000)

    def wait(self, condition, *arguments, timeout=PATIENCE):
        """Wait until an expression of JavaScript is true, and return it."""
        from selenium.webdriver.support.wait import WebDriverWait

        script = f"return {condition}"
        waiting = WebDriverWait(self.driver, timeout / 1000, poll_frequency=0.1)
        return waiting.until(lambda _: self.ask(script, *arguments), condition)

    def find(self, css):
        self.wait("document.querySelector(arguments[0])", css)
        return self.shown(self.driver.find_element("css selector", css))

    def shown(self, element):
        self.ask("arguments[0].scrollIntoView({ block: 'center' })", element)
        return element

    def button(self, name):
        """The one of that name that is shown."""
        self.wait(f"{BUTTON}(arguments[0])", name)
        return self.shown(self.ask(f"return {BUTTON}(arguments[0])", name))

    def start(self):
        self.button("Make this page live").click()
        self.wait("document.querySelector('.live-bar').dataset.state !== 'starting'", timeout=START)
        bar = self.find(".live-bar")
        assert bar.get_attribute("data-state") == "live", bar.text

    def run_all(self):
        self.button("Run all").click()
        self.wait("livePage.cells.every((cell) => cell.root.dataset.ran)", timeout=RUN_CHAPTER)

    def write(self, number, code):
        """Replace the code of a cell, by the keyboard."""
        editor = self.cell(number, ".cm-content")
        editor.click()
        control, typed = self.keys.CONTROL, code.replace("\n", self.keys.ENTER)
        self.actions().key_down(control).send_keys("a").key_up(control).send_keys(typed).perform()

    def run(self, number):
        """Run a cell, and return what it put out, as text."""
        self.cell(number, f"button[aria-label='Run cell {number}']").click()
        self.wait("livePage.cells[arguments[0]].root.dataset.ran", number - 1)
        return self.cell(number, ".live-output").text

    def drag(self, kind, element, x, y):
        """Hold an element with a mouse or a finger (touch), and move it by so many pixels."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder
        from selenium.webdriver.common.actions.pointer_input import PointerInput

        doing = ActionBuilder(self.driver, mouse=PointerInput(kind, kind), duration=50)
        doing.pointer_action.move_to(element).pointer_down()
        doing.pointer_action.move_to(element, x, y).pointer_up()
        doing.perform()

    def cell(self, number, css):
        """What there is of that kind in a cell."""
        found = "livePage.cells[arguments[0]].root.querySelector(arguments[1])"
        self.wait(found, number - 1, css)
        return self.shown(self.ask(f"return {found}", number - 1, css))

    def sources(self):
        return self.ask(f"return {SOURCES}")

    def outputs(self):
        """Of each cell, as a notebook would store them."""
        return self.ask(f"return {OUTPUTS}")

    def assert_quiet(self):
        assert self.ask("return complaints") == []


BUTTON = """((name) => [...document.querySelectorAll("button")].find((button) =>
  [button.innerText.trim(), button.ariaLabel].includes(name) && button.checkVisibility()))"""
