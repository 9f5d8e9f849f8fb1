"""Build the front-end files: `python -m guanxi.pages.build`, after `npm ci`. Quick, and harmless to repeat.

Third-party files are copied from the packages that `package-lock.json` pins; our own style sheets and modules are
joined in their order, so that a page asks for few files; translations are compiled. Nothing built is committed.
"""

import gzip
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from guanxi.pages.icons import ICONS, REACH

PAGES = Path(__file__).parent
STATIC = PAGES / "static" / "pages"
VENDOR = STATIC / "vendor"

COPIES = {
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
    "@fontsource-variable/inter/LICENSE": "licenses/inter.txt",
    "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2": "source-serif-4.woff2",
    "@fontsource-variable/source-serif-4/LICENSE": "licenses/source-serif-4.txt",
    "@tabler/icons/LICENSE": "licenses/tabler-icons.txt",
    "echarts/LICENSE": "licenses/echarts.txt",
    "echarts/NOTICE": "licenses/echarts-notice.txt",
    "echarts/licenses/LICENSE-d3": "licenses/echarts-d3.txt",
    "echarts/dist/echarts.common.min.js": "echarts.js",
    "echarts/dist/echarts.min.js": "echarts-full.js",
    "htmx.org/LICENSE": "licenses/htmx.txt",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "tslib/LICENSE.txt": "licenses/tslib.txt",
    "zrender/LICENSE": "licenses/zrender.txt",
    "tom-select/dist/css/tom-select.min.css": "tom-select.css",
    "tom-select/dist/js/tom-select.base.min.js": "tom-select.js",
}
STYLES = (
    "fonts",
    "tokens",
    "base",
    "shell",
    "button",
    "card",
    "metric",
    "tag",
    "table",
    "chart",
    "chosen",
    "filter",
    "form",
    "popover",
    "palette",
    "period",
    "timeline",
    "queue",
    "detail",
    "settings",
    "api",
    "setup",
    "panel",
    "steps",
    "progress",
    "toast",
    "state",
    "import",
    "job",
    "home",
    "rfm",
    "forced",
    "print",
)
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*")


def build(modules: Path) -> None:
    """Make everything under `static/pages/vendor` and the compiled translations."""
    for source, target in COPIES.items():
        _copy(modules / source, VENDOR / target)
    _write(VENDOR / "tabler.css", _tabler(modules / "@tabler/core/dist/css/tabler.min.css"))
    _write(VENDOR / "icons.svg", sprite(modules / "@tabler/icons/icons/outline", ICONS))
    _write(VENDOR / "reach.svg", row_of(modules / "@tabler/icons/icons/outline", REACH))
    _write(VENDOR / "gx.css", _styles())
    _write(VENDOR / "gx.js", _behaviours())
    for module in sorted((STATIC / "js" / "chart").glob("*.js")):
        _write(VENDOR / "chart" / module.name, module.read_text(encoding="utf-8"))
    compile_messages()


def sprite(folder: Path, names: Iterable[str]) -> str:
    """Join icons into one SVG whose symbols are named after them."""
    symbols = "".join(_symbol(folder / f"{name}.svg") for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def row_of(folder: Path, names: Sequence[str]) -> str:
    """Put icons side by side, for marks that are cut out of the row."""
    marks = "".join(
        f'<g transform="translate({24 * place})">{_shapes(folder / f"{name}.svg")}</g>'
        for place, name in enumerate(names)
    )
    size = f'viewBox="0 0 {24 * len(names)} 24" width="{24 * len(names)}" height="24"'
    style = 'fill="none" stroke="#000" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{marks}</svg>\n'


def compile_messages() -> None:
    """Compile each `django.po` to the `.mo` that Django reads; fuzzy entries stay out."""
    for source in (PAGES / "locale").glob("*/LC_MESSAGES/django.po"):
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)


def _symbol(path: Path) -> str:
    """Take the drawing of one icon as a symbol of its name."""
    return f'<symbol id="{path.stem}" viewBox="0 0 24 24">{_shapes(path)}</symbol>'


def _shapes(path: Path) -> str:
    """Take the drawing of one icon, without the frame that Tabler puts around it."""
    body = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    if not body:
        raise SystemExit(f"{path} holds no drawing; run `npm ci` again")
    return "".join(line.strip() for line in body[1].splitlines() if line.strip() and 'stroke="none"' not in line)


def _tabler(path: Path) -> str:
    """Put Tabler into a cascade layer below ours."""
    sheet = SOURCE_MAP.sub("", path.read_text().removeprefix("\ufeff").replace('@charset "UTF-8";', "", 1))
    return f"@layer tabler, gx;\n@layer tabler {{\n{sheet}\n}}\n"


def _styles() -> str:
    """Join our style sheets in their order, in the layer above Tabler's."""
    sheets = [(STATIC / "css" / f"{name}.css").read_text() for name in STYLES]
    return "@layer tabler, gx;\n@layer gx {\n" + "\n".join(sheets) + "}\n"


def _behaviours() -> str:
    """Join our modules; each keeps its names in a block of its own and imports nothing."""
    modules = sorted((STATIC / "js").glob("*.js"))
    return "\n".join(f"{{\n{SOURCE_MAP.sub('', module.read_text())}}}" for module in modules) + "\n"


def _copy(source: Path, target: Path) -> None:
    """Copy a file, leaving out the reference to a source map that is not shipped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".css", ".js"}:
        _write(target, SOURCE_MAP.sub("", source.read_text(encoding="utf-8")))
    else:
        shutil.copyfile(source, target)


def _write(target: Path, text: str) -> None:
    """Write a text and its compressed twin unless they stand there already, so that caches keep their times."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
        target.with_name(target.name + ".gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def main(arguments: list[str]) -> None:
    """Build from the given folder of packages, or from `node_modules` of the working directory."""
    modules = Path(arguments[0] if arguments else "node_modules")
    if not (modules / "@tabler").is_dir():
        raise SystemExit(f"{modules} holds no front-end packages; run `npm ci` first")
    build(modules)


if __name__ == "__main__":
    main(sys.argv[1:])
