"""Write the bill of materials of a release: `python -m tests.sbom FOLDER`, in the form of CycloneDX 1.6.

It lists what `requirements.lock` installs beside the wheel and what `package-lock.json` puts into it, with versions,
hashes and licences, and which package asks for which. What only contributors use is not in it.
"""

import base64
import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from guanxi import __version__
from guanxi.pages.build import COPIES

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([\w.-]+)==([^\s;]+).*\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)((?:    #.*\n)*)", re.MULTILINE)
LICENCES = LicenseFactory()
SPELLED = {
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
TOLD_ELSEWHERE = {"colorama": "BSD-3-Clause", "pysqlite3": "Zlib"}  # of other machines, or silent in its metadata


def bill(root: Path = ROOT) -> Bom:
    """Gather everything a release is made of."""
    ours = _component("guanxi", __version__, "Apache-2.0", PackageURL("pypi", None, "guanxi", __version__))
    ours.type = ComponentType.APPLICATION
    bom = Bom()
    bom.metadata.component = ours
    bom.metadata.timestamp = datetime.now(UTC)
    packages, wanted_by = _python((root / "requirements.lock").read_text())
    browser = list(_browser(json.loads((root / "package-lock.json").read_text())))
    for each in (*packages.values(), *browser):
        bom.components.add(each)
    known = {"guanxi": ours, **packages}
    for name, component in known.items():
        children = [packages[child] for child, parents in wanted_by.items() if name in parents]
        bom.register_dependency(component, children + (browser if component is ours else []))
    return bom


def _python(lock: str) -> tuple[dict[str, Component], dict[str, set[str]]]:
    """Read what is locked, and who asks for it."""
    packages, wanted_by = {}, {}
    for name, version, hashes, notes in PINNED.findall(lock):
        sums = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in re.findall(r"sha256:(\w+)", hashes)]
        address = PackageURL("pypi", None, name, version)
        packages[name] = _component(name, version, _licence(name), address, sums)
        wanted_by[name] = {each.partition(" ")[0] for each in re.findall(r"#\s+(?:via )?(\w[^\n]*)", notes)}
    return packages, wanted_by


def _licence(name: str) -> str:
    """Read the licence from the package itself."""
    if name in TOLD_ELSEWHERE:
        return TOLD_ELSEWHERE[name]
    told = importlib.metadata.metadata(name)
    classes = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License ::")]
    known = [SPELLED.get(each, each) for each in classes]
    return told.get("License-Expression") or next(iter(known), "") or (told.get("License") or "").partition("\n")[0]


def _browser(lock: dict[str, dict[str, dict[str, str]]]) -> Iterator[Component]:
    """Read which npm packages lie in the wheel: those whose files are copied."""
    copied = {"@tabler/core", "@tabler/icons"} | {re.match(r"(@[^/]+/)?[^/]+", path)[0] for path in COPIES}  # type: ignore[index]
    for place, package in lock["packages"].items():
        name = place.removeprefix("node_modules/")
        if name in copied:
            group, _, short = name.rpartition("/")
            content = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
            address = PackageURL("npm", group or None, short, package["version"])
            sums = [HashType(alg=HashAlgorithm.SHA_512, content=content)]
            yield _component(name, package["version"], package["license"], address, sums)


def _component(
    name: str, version: str, licence: str, address: PackageURL, hashes: list[HashType] | None = None
) -> Component:
    return Component(
        name=name,
        version=version,
        purl=address,
        bom_ref=address.to_string(),
        hashes=hashes or [],
        licenses=[LICENCES.make_from_string(licence)] if licence else [],
    )


def main(arguments: list[str]) -> None:
    """Write it."""
    path = Path(arguments[0]) / f"guanxi-{__version__}.cdx.json"
    made = bill()
    path.write_text(JsonV1Dot6(made).output_as_string(indent=2) + "\n")
    print(f"{path}: {len(made.components)} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
