"""Refuses to pack Guanxi without its pages: front-end files and translations are made by `make setup`, never by pip."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("src/guanxi/pages/static/pages/vendor")
LAST_BUILT = ("gx.css", "gx.js", "icons.svg", "chart")


class PagesAreThere(BuildHookInterface):  # type: ignore[type-arg]
    """Looks before a wheel or a source archive is packed whether everything in it was built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stop with a sentence where something is missing; a clone being set up needs nothing yet."""
        if version == "editable":
            return
        root = Path(self.root)
        texts = [path.with_suffix(".mo") for path in (root / "src").rglob("*.po")]
        wanted = [*(root / VENDOR / name for name in LAST_BUILT), *texts]
        if missing := [path.relative_to(root).as_posix() for path in wanted if not path.exists()]:
            raise SystemExit(f"{missing[0]} was not built yet. Run `make setup` first, then pack again.")
