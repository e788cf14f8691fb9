"""A finger as a phone reports it: by Chromium's own input, which decides what scrolls."""


class Finger:
    def __init__(self, page):
        self.page = page
        self.session = page.context.new_cdp_session(page)

    def _tell(self, kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def slide(self, start, end, steps=12):
        """Put it down at one place of the screen, and move it to another."""
        (x, y), (to_x, to_y) = start, end
        self._tell("touchStart", (x, y))
        for step in range(1, steps + 1):
            share = step / steps
            self._tell("touchMove", (x + share * (to_x - x), y + share * (to_y - y)))

    def lift(self):
        self._tell("touchEnd")
        self.page.wait_for_timeout(50)  # a scroll is drawn in the next frames

    def swipe(self, start, end):
        self.slide(start, end)
        self.lift()
