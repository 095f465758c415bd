"""Writes fixtures/jinja.json: random templates, and what Prefect's own server says of each (null, or line and message).

    .venv/bin/python test/templates/record.py
"""

import json
import random
import re
from pathlib import Path

from jinja2.exceptions import TemplateSyntaxError
from prefect.server.utilities.user_templates import TemplateSecurityError, validate_user_template

random.seed(7)
PIECES = (
    "x|a|a.b|a[0]|a[1:2]|a[::2]|(|)|[|]|{|}|1|1.5|0x1f|1_000|'t'|\"s\"|+|-|*|**|/|//|%|~|==|!=|<|>=|and|or|not|in|not in|is|is not|"
    "if|else|for|a in b|endfor|endif|elif|set|=|with|macro|m(a, b=1)|call|filter|upper|f(1, *a, **b)|f(x=1, 2)|block|n|raw|"
    "include|import|from|as|with context|ignore missing|recursive|loop|true|none|,|:|.|!|@|$|\\|\"|_x|autoescape|extends|print|"
    "required|scoped|é|&|foo|^"
).split("|") + ["|", "| upper", '| default("x")', "\n"]
TAGS = (
    "{% for a in b %} {% endfor %} {% if a %} {% endif %} {% else %} {% elif b %} {{ a }} {{ a | upper }} {% set a = 1 %} "
    "{% set a %} {% endset %} {% macro m(a, b=2) %} {% endmacro %} {% call m() %} {% endcall %} {% filter upper %} {% endfilter %} "
    "{% block x %} {% endblock %} {% with a = 1 %} {% endwith %} {% raw %} {% endraw %} {# c #} {% include 'a' %} {% set ns.x = 1 %} "
    "{% from 'x' import a, b as c with context %} {% import 'x' as y %} {% for a, b in c if a recursive %} {% print a, b %}"
)
TAGS = [*re.findall(r"\{[%{#].*?[%}#]\}", TAGS), "text\n"]


def some(pieces, least, most, between=" "):
    return between.join(random.choice(pieces) for _ in range(random.randint(least, most)))


def template() -> str:
    kind = random.random()
    if kind < 0.4:
        return some(TAGS, 1, 9, "")
    if kind < 0.7:
        return "{{ " + some(PIECES, 1, 7) + " }}"
    return random.choice(TAGS) + "{% " + some(PIECES, 1, 7) + " %}" + random.choice(TAGS)


def verdict(text: str):
    try:
        validate_user_template(text)
    except (TemplateSyntaxError, TemplateSecurityError) as error:
        return [error.lineno, error.message]
    return None


cases = [[text, verdict(text)] for text in (template() for _ in range(1500))]
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
Path(__file__).with_name("fixtures").joinpath("jinja.json").write_text(f"[\n{lines}\n]\n")
