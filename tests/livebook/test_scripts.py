"""The tools that make the scripts."""

from livebook import scripts


def test_npm_needs_no_home(tmp_path, monkeypatch):
    """In a lab or a container the home may be read-only, or none."""
    home = tmp_path / "home"
    home.write_text("no folder")
    monkeypatch.setenv("HOME", str(home))
    scripts.run(tmp_path, scripts.npm(), "cache", "verify")
