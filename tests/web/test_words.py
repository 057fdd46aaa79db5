"""Chinese first: every word of a page, whoever wrote the page, has its Chinese."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2] / "lianfang"
WEB = ROOT / "doors/web"
QUOTED = r"""(?:"([^"]+)"|'([^']+)')"""
TRANSLATE = re.compile(rf"""{{%\s*translate\s+{QUOTED}(?:\s+context\s+{QUOTED})?""")
BLOCK = re.compile(r"""{%\s*blocktranslate\b[^%]*%}(.*?)(?:{%\s*plural\s*%}.*?)?{%\s*endblocktranslate\s*%}""", re.S)
CALLED = re.compile(r"""(?<![\w.])_\(\s*"((?:[^"\\]|\\.)+)"\s*\)""")


def known() -> set[tuple[str, str]]:
    """What the catalogues of the rooms say in Chinese, each word with its context."""
    found = set()
    for file in ROOT.rglob("zh_Hans/LC_MESSAGES/django.po"):
        for message in read_po(file.open("rb")):
            one = message.id if isinstance(message.id, str) else message.id[0]
            told = message.string if isinstance(message.string, str) else message.string[0]
            if one and told:
                found.add((message.context or "", one))
    return found


def said() -> dict[tuple[str, str], str]:
    """What the pages of the web say in English, and the file that says it."""
    found = {}
    for file in WEB.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        for one, other, context, as_well in TRANSLATE.findall(text):
            found[context or as_well, one or other] = file.name
        for body in BLOCK.findall(text):
            found["", re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", body.replace("%", "%%") if "{{" in body else body)] = (
                file.name
            )
    for file in WEB.glob("*.py"):
        for text in CALLED.findall(file.read_text(encoding="utf-8")):
            found["", text.replace('\\"', '"')] = file.name
    return found


def test_every_word_of_a_page_has_its_chinese():
    there = known()
    missing = {
        f"{file}: {context} {text!r}" for (context, text), file in said().items() if (context, text) not in there
    }
    assert len(said()) > 300
    assert not missing, "\n".join(sorted(missing))


def test_no_translation_loses_a_value():
    wrong = []
    for file in ROOT.rglob("zh_Hans/LC_MESSAGES/django.po"):
        for message in read_po(file.open("rb")):
            for one, told in zip(
                [message.id] if isinstance(message.id, str) else message.id[-1:],
                [message.string] if isinstance(message.string, str) else message.string[-1:],
                strict=False,
            ):
                values = [set(re.findall(r"%\((\w+)\)|{(\w+)}", text)) for text in (one, told)]
                if told and values[1] - values[0]:
                    wrong.append((file.parts[-5], one))
    assert not wrong
