"""The public address: one setting, and while it is empty nothing names one."""

import pytest
from frontdoor.address import Address, address
from frontdoor.release import obstacles

TABLE = '[tool.frontdoor]\nrepository = "{}"\nsite = "{}"\ncontact = ""\n'
PUBLIC = Address("https://github.com/o/n", "https://o.github.io/n/")


def read(folder, repository="", site="", **environment):
    (folder / "pyproject.toml").write_text(TABLE.format(repository, site))
    return address(folder, environment)


def test_the_site_is_the_repository_s_pages(tmp_path):
    assert read(tmp_path, "https://github.com/Owner/name/").site == "https://owner.github.io/name/"


def test_a_site_of_its_own_stands_before_that(tmp_path):
    assert read(tmp_path, "https://github.com/o/n", "https://a.org/b").site == "https://a.org/b/"


def test_the_environment_stands_before_the_table(tmp_path):
    here = read(tmp_path, FRONTDOOR_REPOSITORY="https://github.com/o/n")
    assert here.repository == "https://github.com/o/n"


def test_without_an_address_nothing_is_guessed(tmp_path):
    assert read(tmp_path) == Address()


@pytest.mark.parametrize(
    ("repository", "site", "said"),
    [
        ("github.com/o/n", "", "'github.com/o/n' is no address"),
        ("https://github.com/o/n", "https://a.org/?page=1", r"without \? and #"),
        ("https://codeberg.org/o/n", "", "is not on GitHub"),
        ("", "https://a.org", "a site and no repository"),
    ],
)
def test_what_is_no_address_is_refused(tmp_path, repository, site, said):
    with pytest.raises(ValueError, match=said):
        read(tmp_path, repository, site)


def test_a_setting_that_is_not_known_is_named(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.frontdoor]\nurl = "x"\n')
    with pytest.raises(ValueError, match="has url; it knows repository, site, contact"):
        address(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("[a](b.md)", "[a](https://github.com/o/n/blob/v1/b.md)"),
        ("![a](b.svg)", "![a](https://github.com/o/n/raw/v1/b.svg)"),
        (
            "[![a](b.svg)](c.md#d)",
            "[![a](https://github.com/o/n/raw/v1/b.svg)](https://github.com/o/n/blob/v1/c.md#d)",
        ),
        ("[a](https://b.org) [c](#d)", "[a](https://b.org) [c](#d)"),
        ("`x[0](1)`", "`x[0](1)`"),
        ("[`b/`](b)", "[`b/`](https://github.com/o/n/blob/v1/b)"),
    ],
)
def test_links_to_files_become_addresses(text, there):
    assert PUBLIC.absolute(text, "v1") == there
    assert Address().absolute(text, "v1") == text


@pytest.fixture
def project(tmp_path):
    """A project that is ready to be published as v1.2.0."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.hatch.version]\npath = "n.py"\n' + TABLE.format("https://github.com/o/n", "")
    )
    (tmp_path / "n.py").write_text('__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n\n## 1.2.0 - 2026-11-29\n\n- All.\n")
    return tmp_path


def test_a_release_in_order_meets_no_obstacle(project):
    assert list(obstacles(project, "v1.2.0")) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("n.py", "1.2.0", "1.2.1", "they must agree"),
        ("pyproject.toml", "https://github.com/o/n", "", "the project has no address"),
        ("CHANGELOG.md", " - 2026-11-29", "", "has no heading '## 1.2.0"),
        (
            "CHANGELOG.md",
            "Unreleased\n",
            "Unreleased\n\n### Added\n\n- More.\n",
            "under Unreleased",
        ),
    ],
)
def test_what_stands_in_the_way_is_named(project, file, old, new, said):
    text = (project / file).read_text()
    (project / file).write_text(text.replace(old, new))
    assert any(said in sentence for sentence in obstacles(project, "v1.2.0"))
