"""Tags of lists: `{% load lists %}`. A row names its cells; the reader's columns decide which are drawn, and where.

{% cells %}{% cell "number" %}<td>…</td>{% endcell %}…{% endcells %}

`{% cells entry.own %}` takes the cells of columns that no template knows from there, drawn already.
"""

from collections.abc import Mapping

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()


class CellsNode(template.Node):
    """Draws the cells of one row in the order of the columns of `listing`."""

    def __init__(self, cells: Mapping[str, NodeList], others: FilterExpression | None = None) -> None:
        self.cells, self.others = cells, others

    def render(self, context: template.Context) -> SafeString:
        """Draw the cells that are looked at."""
        columns = context["listing"].columns
        others: Mapping[str, SafeString] = (self.others.resolve(context) or {}) if self.others else {}
        return mark_safe("".join(self._cell(name, context, others) for name in columns))  # noqa: S308 - of rendered parts

    def _cell(self, name: str, context: template.Context, others: Mapping[str, SafeString]) -> str:
        return self.cells[name].render(context) if name in self.cells else conditional_escape(others.get(name, ""))


@register.simple_tag
def pick(key: str, name: str) -> SafeString:
    """Draw the cell by which a row is chosen."""
    return format_html(
        '<td class="gx-pick"><label>'
        '<input type="checkbox" name="pick" value="{}" form="bulk" aria-label="{}"></label></td>',
        key,
        _("Choose %(name)s") % {"name": name},
    )


@register.simple_tag
def who(name: str, href: str, *, initial: str, note: str, hint: str = "") -> SafeString:
    """Draw the cell of a person: the letter, the name that leads to them, and a line below it."""
    return format_html(
        '<td data-card="who"><div class="gx-who" data-i="{}">'
        '<span><a href="{}">{}</a><span{}>{}</span></span></div></td>',
        initial,
        href,
        name,
        format_html(' title="{}"', hint) if hint else "",
        note,
    )


@register.tag
def cells(parser: Parser, token: Token) -> CellsNode:
    """Read the cells up to `endcells`."""
    found: dict[str, NodeList] = {}
    others = [FilterExpression(word, parser) for word in token.split_contents()[1:2]]
    while True:
        parser.parse(("cell", "endcells"))  # what stands between cells is layout
        token = parser.next_token()
        if token.contents == "endcells":
            return CellsNode(found, *others)
        name = FilterExpression(token.split_contents()[1], parser).resolve(template.Context())
        found[str(name)] = parser.parse(("endcell",))
        parser.delete_first_token()
