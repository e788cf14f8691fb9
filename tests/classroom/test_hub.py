"""JupyterHub, end to end: three students and a teacher on one machine, from release to feedback.

    sudo .venv/bin/pytest -m hub -s

What is installed is what a teacher installs, by classroom/hub/install.sh and under its real paths.
Accounts, homes, hub and exchange lie on layers over this machine's folders that only the test's own
processes see and that vanish with it, so real passwords and real file permissions decide. Needs
root on Linux and the package index; what pip and npm bring is kept in pytest's cache.
"""

import asyncio
import configparser
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from types import SimpleNamespace

import nbformat
import pytest
import requests
import yaml
from bs4 import BeautifulSoup
from classwork import CLASSROOM, SOURCES, points
from course import checks_deleted, good, partly_wrong
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect
from traitlets.config import Config

HUB = CLASSROOM / "hub"
ASSIGNMENT = "numbers"
STUDENTS = {"ada": good, "blaise": partly_wrong, "carl": checks_deleted}
TEACHER, GRADER = "grace", "grader-dualedu"
PASSWORD = "the same for all, in here"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

MACHINE = """
set -eu
for folder in etc home srv opt var; do
  mkdir -p "$LAYERS/$folder" "$LAYERS/.$folder"
  mount -t overlay overlay /$folder \
    -o "lowerdir=/$folder,upperdir=$LAYERS/$folder,workdir=$LAYERS/.$folder"
done
mkdir -p /opt/jupyterhub
mount --bind "$CACHE" /opt/jupyterhub
groupadd students
groupadd teachers
for name in $STUDENTS; do
  useradd --create-home --key HOME_MODE=0700 --groups students --shell /bin/bash "$name"
done
useradd --create-home --key HOME_MODE=0700 --groups teachers --shell /bin/bash "$TEACHER"
for name in $STUDENTS $TEACHER; do echo "$name:$PASSWORD"; done | chpasswd
sh "$INSTALL"
cd "$FOLDER"
exec "$@"
"""
"""What a teacher does as root, inside a machine of its own. The hub's command follows."""


def free_ports(number):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def unit():
    """The command, the folder and the search path of the service, as systemd would read them."""
    service = configparser.ConfigParser(interpolation=None)
    service.optionxform = str
    service.read(HUB / "jupyterhub.service")
    return service["Service"]


class User:
    """A browser at the hub: a login, a token, and what is asked for with it."""

    def __init__(self, url, name):
        self.url, self.name = url, name
        self.session = requests.Session()
        self.session.get(f"{url}/hub/login")
        xsrf = {"_xsrf": self.session.cookies["_xsrf"]}
        login = {"username": name, "password": PASSWORD}
        # Not on to where a browser would be sent: that would start the server.
        page = f"{url}/hub/login"
        self.session.post(page, params=xsrf, data=login, allow_redirects=False).raise_for_status()
        xsrf = {"_xsrf": self.session.cookies.get("_xsrf", path="/hub/")}
        made = self.session.post(f"{url}/hub/api/users/{name}/tokens", params=xsrf, json={})
        made.raise_for_status()
        self.token = {"Authorization": f"token {made.json()['token']}"}

    def ask(self, path, method="GET", **arguments):
        """The answer, whatever it is."""
        return requests.request(
            method, self.url + path, headers=self.token, timeout=300, **arguments
        )

    def get(self, path, method="GET", **arguments):
        """What a good answer says."""
        answer = self.ask(path, method, **arguments)
        assert answer.ok, (method, path, answer.status_code, answer.text[-2000:])
        return answer.json() if answer.text else None

    def start(self, owner):
        """Starts the owner's server; waits until it answers."""
        self.get(f"/hub/api/users/{owner}/server", "POST")
        limit = time.monotonic() + 120
        while self.ask(f"/user/{owner}/api/status").status_code != 200:
            assert time.monotonic() < limit, f"the server of {owner} does not start"
            time.sleep(0.5)

    def button(self, action):
        """A button of nbgrader's list of assignments; the list afterwards."""
        body = {"assignment_id": ASSIGNMENT, "course_id": "dualedu"}
        listed = self.get(f"/user/{self.name}/assignments/{action}", "POST", json=body)
        assert listed["success"], listed
        return listed["value"]

    def formgrader(self, action, method="POST"):
        """A button of the formgrader, on the server that holds the course."""
        result = self.get(f"/user/{GRADER}/formgrader/api/{action}", method)
        if method == "POST":
            assert result["success"], result
        return result

    def run(self, owner, code):
        """What the code prints in a notebook on the owner's server."""
        return asyncio.run(self.execute(owner, code))

    async def execute(self, owner, code):
        kernel = self.get(f"/user/{owner}/api/kernels", "POST", json={"name": "python3"})["id"]
        address = f"{self.url}/user/{owner}/api/kernels/{kernel}/channels"
        request = HTTPRequest(address.replace("http", "ws", 1), headers=self.token)
        channel = await websocket_connect(request)
        header = {"msg_id": "it", "msg_type": "execute_request", "session": "it", "version": "5.3"}
        content = {"code": code, "silent": False}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        await channel.write_message(json.dumps(message | {"content": content}))
        printed = ""
        while True:
            reply = json.loads(await asyncio.wait_for(channel.read_message(), timeout=300))
            said = reply["content"]
            if reply["parent_header"].get("msg_id") != "it":
                continue
            printed += said.get("text", "") + "\n".join(said.get("traceback", []))
            if said.get("execution_state") == "idle":
                break
        channel.close()
        self.get(f"/user/{owner}/api/kernels/{kernel}", "DELETE")
        return printed


def open_to_all(folder):
    return all(part.stat().st_mode & 0o005 == 0o005 for part in [folder, *folder.parents])


@pytest.fixture(scope="module")
def hub(pytestconfig, tmp_path_factory):
    """A running hub, with everybody's server; `took` says how long each step took."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("accounts and layers over folders need root on Linux: sudo pytest -m hub")
    what = [(HUB / name).read_bytes() for name in ("requirements.txt", "install.sh")]
    name = hashlib.sha256(b"".join([*what, sys.version.encode()])).hexdigest()[:12]
    cache = pytestconfig.cache.mkdir(f"hub-{name}")
    assert open_to_all(cache), f"{cache}: the students of the test cannot enter; use --cache-dir"
    port, inner, proxy = free_ports(3)
    service = unit()
    folder = tmp_path_factory.mktemp("machine")
    environment = os.environ | {
        "PATH": PATH,
        "LAYERS": str(folder),
        "CACHE": str(cache),
        "INSTALL": str(HUB / "install.sh"),
        "STUDENTS": " ".join(STUDENTS),
        "TEACHER": TEACHER,
        "PASSWORD": PASSWORD,
        "FOLDER": service["WorkingDirectory"],
    }
    environment.pop("PYTHONPATH", None)
    command = [
        *("unshare", "--mount", "--propagation", "private"),
        *("--pid", "--mount-proc", "--fork", "--kill-child"),
        *("sh", "-c", MACHINE, "machine", "env", service["Environment"]),
        *service["ExecStart"].split(),
        f"--JupyterHub.bind_url=http://127.0.0.1:{port}",
        f"--JupyterHub.hub_port={inner}",
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}",
    ]
    log = folder / "log.txt"
    took = {}
    start = time.perf_counter()
    with log.open("wb") as file:
        machine = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        url = f"http://127.0.0.1:{port}"
        while "JupyterHub is now running" not in log.read_text(errors="replace"):
            assert machine.poll() is None, log.read_text(errors="replace")[-5000:]
            assert time.perf_counter() < start + 900, log.read_text(errors="replace")[-5000:]
            time.sleep(0.5)
        took["install and start"] = time.perf_counter() - start
        users = {name: User(url, name) for name in [*STUDENTS, TEACHER]}
        start = time.perf_counter()
        for name in STUDENTS:
            users[name].start(name)
        users[TEACHER].start(GRADER)
        took["four servers"] = time.perf_counter() - start
        yield SimpleNamespace(users=users, took=took, log=log, url=url)
    finally:
        print(log.read_text(errors="replace")[-6000:])
        machine.send_signal(signal.SIGKILL)
        machine.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def course(hub, tmp_path_factory):
    """One assignment, by the buttons, from its release to the feedback in each student's home."""
    teacher = hub.users[TEACHER]
    seen = defaultdict(dict)
    start = time.perf_counter()

    def step(name):
        nonlocal start
        hub.took[name] = time.perf_counter() - start
        start = time.perf_counter()

    teacher.formgrader(f"assignment/{ASSIGNMENT}/assign")
    teacher.formgrader(f"assignment/{ASSIGNMENT}/release")
    step("release")
    for number, (name, kind) in enumerate(STUDENTS.items()):
        student = hub.users[name]
        seen[name]["fetched"] = [entry["status"] for entry in student.button("fetch")]
        file = f"/user/{name}/api/contents/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
        seen[name]["released"] = json.dumps(student.get(file)["content"])
        path = tmp_path_factory.mktemp("work") / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        seen[name]["lost"], seen[name]["says"] = kind(ASSIGNMENT, number, path)
        work = {"type": "notebook", "content": nbformat.read(path, as_version=4)}
        student.get(file, "PUT", json=work)
        seen[name]["submitted"] = [entry["status"] for entry in student.button("submit")]
    step("three students fetch, save, submit")
    teacher.formgrader(f"assignment/{ASSIGNMENT}/collect")
    step("collect")
    for name in STUDENTS:
        teacher.formgrader(f"submission/{ASSIGNMENT}/{name}/autograde")
    by_button = scores(teacher)
    step("autograde, by the button")
    account = teacher.run(
        GRADER,
        "import subprocess, sys\n"
        f"command = [sys.executable, '-m', 'grading.grade', '{ASSIGNMENT}', '--again']\n"
        "done = subprocess.run(command, cwd='classroom', capture_output=True, text=True)\n"
        "print(done.stdout, done.stderr, f'status {done.returncode}')",
    )
    step("grading.grade")
    teacher.formgrader(f"assignment/{ASSIGNMENT}/generate_feedback")
    teacher.formgrader(f"assignment/{ASSIGNMENT}/release_feedback")
    for name in STUDENTS:
        listed = hub.users[name].button("fetch_feedback")
        (submission,) = [one for entry in listed for one in entry.get("submissions", [])]
        folder = submission["local_feedback_path"]
        seen[name]["feedback"] = hub.users[name].run(
            name, f"print(open({folder!r} + '/{ASSIGNMENT}.html').read())"
        )
    step("feedback")
    for step_name, seconds in hub.took.items():
        print(f"{step_name}: {seconds:.0f} s")
    return SimpleNamespace(seen=seen, account=account, scores=scores(teacher), by_button=by_button)


def scores(teacher):
    """The points of each student, as the formgrader's table of submissions tells them."""
    listed = teacher.formgrader(f"submissions/{ASSIGNMENT}", "GET")
    return {entry["student"]: entry["score"] for entry in listed}


@pytest.mark.hub
def test_everyone_is_accounted_for(course):
    total = points(SOURCES[ASSIGNMENT].cells)
    assert set(course.scores) == set(STUDENTS)
    assert "status 0" in course.account, course.account
    marks = course.account.partition("\nMarks")[2]
    for name in STUDENTS:
        seen = course.seen[name]
        assert seen["fetched"] == ["fetched"]
        assert seen["submitted"] == ["fetched", "submitted"]
        assert course.scores[name] == total - seen["lost"], course.account
        assert re.search(rf"^ *{name}: {total - seen['lost']:g} of ", marks, re.MULTILINE), marks
        for sentence in seen["says"]:
            assert sentence in course.account
    assert "cheating attempt" not in course.account


@pytest.mark.hub
def test_the_formgraders_button_gives_the_same_marks(course):
    assert course.by_button == course.scores


@pytest.mark.hub
def test_feedback_is_ones_own(course):
    for name in STUDENTS:
        page = BeautifulSoup(course.seen[name]["feedback"], "html.parser").get_text()
        assert re.findall(r"^student = '(\w+)'", page, re.MULTILINE) == [name]


@pytest.mark.hub
def test_a_release_has_no_solutions(course):
    for name in STUDENTS:
        released = course.seen[name]["released"]
        assert "### BEGIN" not in released
        assert '"..."' in released or "= ..." in released


FORBIDDEN = {
    "the submissions": "os.listdir('/srv/nbgrader/exchange/dualedu/inbound')",
    "the feedback of others": "os.listdir('/srv/nbgrader/exchange/dualedu/feedback')",
    "another student's home": "os.listdir('/home/ada')",
    "another's list of what was submitted": "os.listdir('/home/ada/.local/share/jupyter')",
    "the source with its solutions": f"os.listdir('/home/{GRADER}/classroom/source')",
    "the gradebook": f"open('/home/{GRADER}/classroom/gradebook.db')",
    "the exchange of the class, to take it away": "os.rename(X + '/dualedu', X + '/mine')",
    "a release, to change it": "open(X + f'/dualedu/outbound/{A}/{A}.ipynb', 'a')",
    "the hub's secrets": "os.listdir('/srv/jupyterhub')",
    "the passwords": "open('/etc/shadow')",
    "another account": "os.setuid(0)",
    "the hub's own files": "open('/opt/jupyterhub/pyvenv.cfg', 'a')",
}


@pytest.mark.hub
def test_a_student_cannot_reach(hub, course):
    """Each of these, tried by a student in a notebook."""
    code = f"import os\nX = '/srv/nbgrader/exchange'\nA = {ASSIGNMENT!r}\n"
    for number, attempt in enumerate(FORBIDDEN.values()):
        code += (
            f"try:\n    {attempt}\n    print('{number} reached')\n"
            f"except PermissionError:\n    print('{number} denied')\n"
        )
    printed = hub.users["blaise"].run("blaise", code)
    assert printed.split() == [w for n in range(len(FORBIDDEN)) for w in (str(n), "denied")], (
        printed
    )


DOORS = [
    ("blaise", "/user/blaise/api/status", 200),
    ("blaise", "/user/ada/api/contents", 403),
    ("blaise", f"/user/{GRADER}/formgrader/", 403),
    ("blaise", f"/user/{GRADER}/api/contents/classroom/source", 403),
    ("blaise", "/user/blaise/formgrader/", 404),
    ("blaise", f"/hub/api/users/{GRADER}", 404),
    ("blaise", "/hub/api/users", 403),
    (TEACHER, f"/user/{GRADER}/formgrader/", 200),
    (TEACHER, f"/user/{GRADER}/formgrader/manage_submissions/{ASSIGNMENT}", 200),
    (TEACHER, "/user/ada/api/contents", 403),
    (TEACHER, "/hub/api/users", 403),
]


@pytest.mark.hub
@pytest.mark.parametrize(("name", "path", "status"), DOORS)
def test_doors(hub, course, name, path, status):
    assert hub.users[name].ask(path).status_code == status


@pytest.mark.hub
@pytest.mark.parametrize(
    ("name", "owner", "is_off"), [("ada", "ada", True), (TEACHER, GRADER, False)]
)
def test_menu_has_the_formgrader_for_teachers_alone(hub, name, owner, is_off):
    page = hub.users[name].ask(f"/user/{owner}/lab").text
    (data,) = BeautifulSoup(page, "html.parser").select("#jupyter-config-data")
    off = json.loads(data.string)["disabledExtensions"]
    assert ("@jupyter/nbgrader:formgrader" in off) == is_off
    assert "@jupyter/nbgrader:assignment-list" not in off


@pytest.mark.hub
@pytest.mark.parametrize("name", [GRADER, "nobody", "ada"])
def test_no_entry_without_the_password(hub, name):
    session = requests.Session()
    session.get(f"{hub.url}/hub/login")
    xsrf = {"_xsrf": session.cookies["_xsrf"]}
    login = {"username": name, "password": PASSWORD if name == GRADER else "wrong"}
    assert session.post(f"{hub.url}/hub/login", params=xsrf, data=login).status_code == 403


# The cluster's files: what can be said of them without one.

VALUES = yaml.safe_load((HUB / "values.yaml").read_text(encoding="utf-8"))


def test_cluster_gives_everyone_a_number_of_their_own(monkeypatch):
    """What the hub of the chart reads of the class, by the chart's own way of reading it."""

    def get_config(key):
        value = VALUES
        for part in key.split("."):
            value = value[part]
        return value

    monkeypatch.setitem(sys.modules, "z2jh", SimpleNamespace(get_config=get_config))
    c = Config()
    exec(VALUES["hub"]["extraConfig"]["accounts"], {"c": c})
    names = c.Authenticator.allowed_users
    assert names == {*STUDENTS, TEACHER, GRADER}
    numbers = [c.KubeSpawner.uid(SimpleNamespace(user=SimpleNamespace(name=n))) for n in names]
    assert len(set(numbers)) == len(names)
    assert min(numbers) >= 10000
    assert c.JupyterHub.load_groups == {"formgrade-dualedu": {"users": [TEACHER]}}
