"""What a reader does on a living page, in words."""

WIDGET = "application/vnd.jupyter.widget-view+json"
START = 300_000  # milliseconds; a quiet machine takes a fiftieth of it
RUN = 120_000
RUN_CHAPTER = 900_000  # training on the digits takes minutes in a browser, more on a busy machine

SOURCES = "livePage.cells.map((cell) => cell.book)"
OUTPUTS = "livePage.cells.map((cell) => cell.outputs ? cell.outputs.model.toJSON() : [])"


class LivingPage:
    def __init__(self, page, address):
        self.page = page
        page.goto(address)

    @property
    def bar(self):
        return self.page.locator(".live-bar")

    def cell(self, number):
        return self.page.locator(".cell:has(.live-tools)").nth(number - 1)

    def output(self, number):
        return self.cell(number).locator(".live-output")

    def start(self):
        self.page.get_by_role("button", name="Make this page live").click()
        self.wait_live()

    def wait_live(self):
        self.page.wait_for_selector('.live-bar:not([data-state="starting"])', timeout=START)
        assert self.bar.get_attribute("data-state") == "live", self.bar.inner_text()

    def run_all(self):
        self.page.evaluate("livePage.cells.forEach((cell) => delete cell.root.dataset.ran)")
        self.bar.get_by_role("button", name="Run all").click()
        for number in range(1, self.page.locator(".cell:has(.live-tools)").count() + 1):
            self.finished(number, RUN_CHAPTER)

    def at_rest(self):
        """Wait until outputs have taken their room, and what scrolls is reached by keys."""
        self.page.wait_for_function(
            "() => livePage.cells.every((cell) => !cell.live.style.minHeight)"
        )

    def write(self, number, code):
        """Replace the code of a cell, by the keyboard."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)

    def run(self, number, code=None):
        """Run a cell, and return what it put out, as text."""
        if code is not None:
            self.write(number, code)
        self.page.evaluate("cell => delete cell.dataset.ran", self.cell(number).element_handle())
        self.cell(number).get_by_role("button", name=f"Run cell {number}").click()
        self.finished(number)
        return self.output(number).inner_text()

    def finished(self, number, timeout=RUN):
        cell = f":has([aria-label='Cell {number}'])"
        given_up = ":has(.live-status:text('Not run: '))"  # an earlier one ended with an error
        ended = f".cell[data-ran]{cell}, .cell{given_up}{cell}"
        found = self.page.wait_for_selector(ended, state="attached", timeout=timeout)
        assert found.get_attribute("data-ran"), found.inner_text()

    def sources(self):
        return self.page.evaluate(SOURCES)

    def outputs(self):
        """Of each cell, as a notebook would store them."""
        return self.page.evaluate(OUTPUTS)

    def assert_quiet(self):
        assert self.page.errors == []
        assert self.page.external == []
        assert self.page.failed == []
