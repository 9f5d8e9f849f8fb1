"""Templates are read without their indentation, which no text that is shown may need."""

import re
from pathlib import Path

from django.template.loader import get_template

ROOT = Path(__file__).parents[2]
UNTRIMMED = re.compile(r"{% blocktrans(?:late)? (?:(?!trimmed)[^%])*%}[^{]*\n")


def test_a_template_has_all_its_lines_and_no_indentation() -> None:
    source = get_template("pages/components/panel.html").template.source
    written = (ROOT / "src/guanxi/pages/templates/pages/components/panel.html").read_text()
    assert source == "".join(line.lstrip(" ") for line in written.splitlines(keepends=True))
    assert "  <" in written


def test_a_text_over_several_lines_is_trimmed() -> None:
    templates = (ROOT / "src").rglob("templates/**/*.html")
    assert [path.name for path in templates if UNTRIMMED.search(path.read_text())] == []
