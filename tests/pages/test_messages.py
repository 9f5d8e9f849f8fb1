"""Everything people read is there in both languages, in the words of the glossary."""

from pathlib import Path

from babel.messages.catalog import Catalog

from guanxi.pages import glossary, messages


def test_every_text_has_its_translation() -> None:
    assert messages.faults(messages.read()) == []


def test_no_translation_uses_a_synonym() -> None:
    entries = [message for message in messages.read() if message.id]
    found = [
        (message.id, fault)
        for message in entries
        for text in messages._forms(message.string)
        for fault in glossary.synonyms(text, chinese=True)
    ]
    assert found == []


def test_no_english_text_uses_a_synonym() -> None:
    texts = [text for message in messages.collect() if message.id for text in messages._forms(message.id)]
    assert [(text, fault) for text in texts for fault in glossary.synonyms(text, chinese=False)] == []


def test_a_term_of_the_glossary_has_its_one_translation() -> None:
    found = {
        message.id: message.string
        for message in messages.read()
        if not message.context and message.id in glossary.TERMS
    }
    assert found == {term: glossary.TERMS[term] for term in found}


def test_texts_of_templates_and_programs_are_found(tmp_path: Path) -> None:
    (tmp_path / "trade").mkdir()
    (tmp_path / "trade" / "views.py").write_text(
        'x = ngettext("%(count)s order", "%(count)s orders", 2)\ny = _("Refund")\n'
    )
    folder = tmp_path / "trade" / "templates" / "trade"
    folder.mkdir(parents=True)
    (folder / "list.html").write_text(
        "<p>{% translate 'Orders' %}</p>\n"
        "  {% blocktranslate trimmed with n=1 %}\n  of {{ n }}\n  {% endblocktranslate %}"
        '{% translate "is" context "filter" %}{% card title=_("Stock") %}{% endcard %}'
    )
    found = {(message.context, message.id) for message in messages.collect(tmp_path) if message.id}
    assert found == {
        (None, ("%(count)s order", "%(count)s orders")),
        (None, "Refund"),
        (None, "Orders"),
        (None, "of %(n)s"),
        ("filter", "is"),
        (None, "Stock"),
    }


def test_a_text_without_a_faithful_translation_is_named() -> None:
    wanted, given = Catalog(), Catalog(locale="zh_Hans")
    for text in ("Refund", "Merge", "%(n)s orders", "Stock"):
        wanted.add(text)
    given.add("Merge", "合并", flags=["fuzzy"])
    given.add("%(n)s orders", "%(m)s 单")
    given.add("Stock", "库存")
    assert messages.faults(given, wanted) == [
        "'Refund': not translated",
        "'Merge': doubtful (fuzzy)",
        "'%(n)s orders': placeholders differ",
    ]
