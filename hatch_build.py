"""The parts of the package's metadata that name an address: links, the README's among them.

They come from [tool.frontdoor] in pyproject.toml; while that is empty, there are none.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Links(MetadataHookInterface):
    """What hatchling asks for the fields that pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        root = Path(self.root)
        here = runpy.run_path(str(root / "book/_ext/frontdoor/address.py"))["address"](root)
        version = metadata["version"]
        readme = (root / "README.md").read_text(encoding="utf-8")
        text = here.absolute(readme, f"v{version}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        if here.repository:
            metadata["urls"] = {
                "Homepage": here.site,
                "Documentation": here.site,
                "Source": here.repository,
                "Issues": f"{here.repository}/issues",
                "Changelog": here.file("CHANGELOG.md", f"v{version}"),
            }
        contact = {"email": here.contact} if here.contact else {}
        metadata["authors"] = [{"name": here.authors} | contact]
