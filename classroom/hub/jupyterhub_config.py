"""JupyterHub for one class on one machine, whose students and teachers have accounts on it.

Started as root by jupyterhub.service. A server runs under its user's own account, so the machine's
file permissions keep students apart.
"""

import grp

c = get_config()  # noqa: F821

# Not for the network: a web server in front of it speaks HTTPS.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Passwords are the machine's own. Two groups of the machine say who is who.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"students", "teachers"}
c.JupyterHub.spawner_class = "localprocess"
c.Spawner.default_url = "/lab"

# This account holds the course and has no password. Its name and the group's are as nbgrader's
# documentation has them: grader-<course> and formgrade-<course>.
c.Authenticator.allowed_users = {"grader-dualedu"}
c.JupyterHub.load_groups = {"formgrade-dualedu": {"users": grp.getgrnam("teachers").gr_mem}}
c.JupyterHub.load_roles = [
    {
        "name": "formgrade-dualedu",
        "description": "Start the server that holds the course, and work in it.",
        "groups": ["formgrade-dualedu"],
        "scopes": [
            "access:servers!user=grader-dualedu",
            "servers!user=grader-dualedu",
        ],
    }
]
