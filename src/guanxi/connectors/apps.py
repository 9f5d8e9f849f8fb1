"""How Django finds the connectors; every TOML file in a platform's folder is a preset."""

from pathlib import Path

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """The app of the platforms."""

    name = "guanxi.connectors"
    label = "connectors"

    def ready(self) -> None:
        """Register every preset."""
        from guanxi.ingest import presets

        for path in sorted(Path(__file__).parent.glob("*/*.toml")):
            presets.register(path)
