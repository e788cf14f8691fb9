"""The site as it was at each release: found, named by the pages, and put beside the newest."""

import zipfile
from types import SimpleNamespace

import pytest
from frontdoor import cite, entrance, place
from frontdoor.address import Address
from frontdoor.assemble import assemble
from frontdoor.editions import SETTING, Edition, earlier
from sphinx.errors import ConfigError

SITE = "https://o.github.io/n/"
PUBLIC = Address("https://github.com/o/n", SITE)


def packed(folder, number, *names, within="book/book/"):
    """The archive of an edition with these files, each of which says its number."""
    archive = folder / number / "book.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("book/START-HERE.html", "open me")
        for name in ("index.html", "_static/a.css", *names):
            made.writestr(within + name, f"{name} of {number}")
    return archive


@pytest.fixture
def folder(tmp_path):
    archives = tmp_path / "editions"
    packed(archives, "1.9.0", "a/b.html")
    packed(archives, "1.10.0", "a/b.html", "_static/lite/index.html")
    packed(archives, "1.2.0", "a/old.html", within="")
    return archives


def here(address, version, editions=()):
    builder = SimpleNamespace(format="html", get_target_uri=lambda name: f"{name}.html")
    app = SimpleNamespace(builder=builder)
    found = SimpleNamespace(app=app, address=address, version=version, editions=list(editions))
    app.frontdoor = found
    return found


def test_editions_are_found_the_newest_first(folder):
    assert [e.number for e in earlier("2.0.0", folder)] == ["1.10.0", "1.9.0", "1.2.0"]
    assert [e.number for e in earlier("1.9.0", folder)] == ["1.10.0", "1.2.0"]


def test_a_site_is_found_in_its_archive_where_it_lies(folder):
    assert [e.within for e in earlier("2.0.0", folder)] == ["book/book/", "book/book/", ""]
    assert [e.has("a/b.html") for e in earlier("2.0.0", folder)] == [True, True, False]


def test_a_place_knows_the_editions_that_the_environment_names(folder, monkeypatch):
    monkeypatch.setenv(SETTING, str(folder))
    named = place.Place.editions.func
    public = SimpleNamespace(version="1.10.0", address=PUBLIC)
    assert [e.number for e in named(public)] == ["1.9.0", "1.2.0"]
    assert named(SimpleNamespace(version="1.10.0", address=Address())) == []
    monkeypatch.setenv(SETTING, str(folder / "absent"))  # before the first release
    assert named(public) == []


def test_a_page_says_its_version_and_where_others_are(folder):
    version = "2.0"
    assert cite.edition(here(PUBLIC, ""), "a/b") == ""
    assert cite.edition(here(Address(), version), "a/b") == "Version 2.0"
    all_of_them = f'<a href="{SITE}editions.html">all editions</a>'
    assert cite.edition(here(PUBLIC, version), "a/b") == f"Version 2.0 ({all_of_them})"
    links = [f'<a href="{SITE}{n}/a/b.html">{n}</a>' for n in ("1.10.0", "1.9.0")]
    said = cite.edition(here(PUBLIC, version, earlier(version, folder)), "a/b")
    assert said == f"Version 2.0 ({all_of_them}; this page in {', '.join(links)})"


def test_the_page_of_editions_names_each(folder):
    ((name, context, template),) = entrance.editions(
        here(PUBLIC, "2.0.0", earlier("2.0.0", folder)).app
    )
    assert (name, template) == ("editions", "page.html")
    links = [f'href="{SITE}{n}/"' for n in ("2.0.0", "1.10.0", "1.9.0", "1.2.0")]
    places = [context["body"].index(link) for link in links]
    assert places == sorted(places)
    assert 'href="https://github.com/o/n/releases"' in context["body"]
    assert list(entrance.editions(here(Address(), "2.0.0").app)) == []


def test_each_edition_stands_under_its_number_as_it_was(folder, tmp_path):
    site, target = tmp_path / "html", tmp_path / "all"
    (site / "a").mkdir(parents=True)
    (site / "a" / "b.html").write_text("newest")
    for _ in range(2):  # and again, over what is there
        assemble(site, earlier("2.0.0", folder), "2.0.0", target)
    texts = {
        path.relative_to(target).as_posix(): path.read_text()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert texts == {
        "a/b.html": "newest",
        "2.0.0/a/b.html": "newest",
        **{f"{n}/index.html": f"index.html of {n}" for n in ("1.10.0", "1.9.0", "1.2.0")},
        **{f"{n}/_static/a.css": f"_static/a.css of {n}" for n in ("1.10.0", "1.9.0", "1.2.0")},
        **{f"{n}/a/b.html": f"a/b.html of {n}" for n in ("1.10.0", "1.9.0")},
        "1.10.0/_static/lite/index.html": "_static/lite/index.html of 1.10.0",
        "1.2.0/a/old.html": "a/old.html of 1.2.0",
        "1.2.0/book/START-HERE.html": "open me",
    }
    assert sorted(p.name for p in target.iterdir()) == ["1.10.0", "1.2.0", "1.9.0", "2.0.0", "a"]


def test_a_host_that_is_full_is_told_before_it_is_asked(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("frontdoor.assemble.ROOM", 100)
    (tmp_path / "html").mkdir()
    with pytest.raises(ConfigError, match=r"leave out the oldest, 1\.2\.0"):
        assemble(tmp_path / "html", earlier("2.0.0", folder), "2.0.0", tmp_path / "all")


def test_an_archive_that_is_none_is_named(tmp_path):
    broken = tmp_path / "1.0" / "book.zip"
    broken.parent.mkdir()
    broken.write_text("half of a downlo")
    with pytest.raises(ConfigError, match="is no zip file: download it again"):
        Edition("1.0", broken).has("index.html")
    bare = tmp_path / "bare.zip"
    with zipfile.ZipFile(bare, "w") as made:
        made.writestr("index.html", "a page and no more")
    with pytest.raises(ConfigError, match="holds no site"):
        Edition("1.1", bare).has("index.html")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["1.0/a.zip", "1.0/b.zip"], "1.0 holds 2 zip files"),
        (["1.0/a.txt"], "1.0 holds 0 zip files"),
        (["latest/a.zip"], "latest is not named by a release's number"),
    ],
)
def test_a_folder_of_another_kind_is_refused(tmp_path, names, said):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(ConfigError, match=said):
        earlier("2.0", tmp_path)
