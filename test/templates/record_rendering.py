"""Writes fixtures/rendering.json: random templates, and what Prefect's own server makes of each: its text, or null and what is wrong.

    .venv/bin/python test/templates/record_rendering.py
"""

import json
import logging
import random
import re
from pathlib import Path

from jinja2.exceptions import TemplateSyntaxError
from prefect.server.utilities.user_templates import (
    TemplateRenderError,
    TemplateSecurityError,
    render_user_template_sync,
    validate_user_template,
)

logging.disable(logging.CRITICAL)
random.seed(11)

VALUES = (
    "1|0|7|-3|2.5|-0.5|1e20|10 ** 20|true|false|none|'abc'|'Hello World'|''|' a  b '|'42'|'1.5'|'é'|'<b>'|\"it's\"|[]|[1, 2, 3]|"
    "[3, 1, 2]|['b', 'A', 'c']|[1, 'a', none]|{}|{'a': 1, 'b': [2]}|(1, 2)|range(4)|nope|nope.a|[{'n': 2}, {'n': 1}]|x|y|ns.z"
).split("|")
OPERATORS = "+ - * / // % ** ~ == != < <= > >= and or in".split() + ["not in"]
FILTERS = (
    "upper|lower|title|capitalize|trim|length|count|string|int|int(5)|float|abs|round|round(1)|round(1, 'floor')|default('d')|"
    "d('d', true)|first|last|sort|sort(reverse=true)|reverse|list|unique|sum|min|max|join|join('-')|tojson|tojson(indent=2)|e|safe|"
    "replace('a', 'XX')|replace('l', '', 1)|center(9)|indent|indent(2, true)|truncate(8)|truncate(5, true, '')|wordcount|striptags|"
    "batch(2)|slice(2)|dictsort|items|map('string')|map('upper')|map(attribute='n')|map(attribute='n', default=0)|select|"
    "select('odd')|reject('none')|selectattr('n')|selectattr('n', '>', 1)|rejectattr('n', 'eq', 1)|sum(attribute='n')|"
    "sort(attribute='n')|groupby('n')|urlencode|format(1)|attr('upper')|nofilter"
).split("|")
TESTS = (
    "defined|undefined|none|true|false|boolean|integer|float|number|string|mapping|iterable|sequence|even|odd|callable|lower|upper|"
    "eq(1)|ne(1)|gt(1)|lt 2|in [1, 2]|sameas(none)|divisibleby(3)|divisibleby 2|escaped|notest"
).split("|")
MEMBERS = (
    ".upper()|.lower()|.title()|.capitalize()|.strip()|.strip('a')|.split()|.split('b')|.split(' ', 1)|.startswith('a')|"
    ".endswith('c')|.replace('a', 'b')|.join(['x', 'y'])|.find('b')|.count('l')|.count(1)|.index(2)|.zfill(6)|.center(8)|"
    ".ljust(5)|.rjust(5, '.')|.isdigit()|.isalpha()|.splitlines()|.get('a')|.get('q', 5)|.items()|.keys()|.values()|.a|.b[0]|.a.b|"
    "[0]|[-1]|[9]|['a']|[1:]|[:-1]|[::-1]|[::2]|[1:2]|.__class__|['__init__']|.append(1)|.update({})|.nope|.nope()|.format(1)"
).split("|")


def expression(depth: int = 0) -> str:
    kind = random.random()
    if depth > 2 or kind < 0.25:
        return random.choice(VALUES)
    if kind < 0.45:
        return f"{expression(depth + 1)} {random.choice(OPERATORS)} {expression(depth + 1)}"
    if kind < 0.7:
        return f"({expression(depth + 1)}) | {random.choice(FILTERS)}"
    if kind < 0.78:
        return f"({expression(depth + 1)}) is {random.choice(TESTS)}"
    if kind < 0.92:
        return f"({expression(depth + 1)}){random.choice(MEMBERS)}"
    if kind < 0.96:
        return f"{expression(depth + 1)} if {expression(depth + 1)} else {expression(depth + 1)}"
    return f"not {expression(depth + 1)}" if kind < 0.98 else f"[{expression(depth + 1)}, {expression(depth + 1)}]"


SHAPES = (
    "{{{{ {0} }}}}§a {{{{- {0} -}}}} b§{{% if {0} %}}yes{{% elif {1} %}}maybe{{% else %}}no{{% endif %}}§"
    "{{% for i in {0} %}}{{{{ loop.index }}}}:{{{{ i }}}}{{{{ ',' if not loop.last }}}}{{% else %}}none{{% endfor %}}§"
    "{{% for i in {0} if i %}}{{{{ loop.previtem }}}}<{{{{ i }}}}{{% endfor %}}§{{% set x = {0} %}}{{{{ x }}}} {{{{ {1} }}}}§"
    "{{% set x, y = {0} %}}{{{{ x }}}}{{{{ y }}}}§{{% for k, v in {0} %}}{{{{ k }}}}={{{{ v }}}};{{% endfor %}}§"
    "{{% set x = 1 %}}{{% for i in range(2) %}}{{% set x = x + i %}}{{{{ x }}}}{{% endfor %}}{{{{ x }}}}{{{{ {0} }}}}§"
    "{{% set ns = namespace(z={0}) %}}{{% for i in [1, 2] %}}{{% set ns.z = i %}}{{% endfor %}}{{{{ ns.z }}}}§"
    "{{% macro m(a, b={0}) %}}[{{{{ a }}}}{{{{ b }}}}]{{% endmacro %}}{{{{ m({1}) }}}}{{{{ m(1, b=2) }}}}§"
    "{{% macro m() %}}{{{{ varargs }}}}{{{{ kwargs }}}}{{{{ caller(1) }}}}{{% endmacro %}}{{% call(q) m({0}, k={1}) %}}{{{{ q }}}}{{% endcall %}}§"
    "{{% filter upper %}}a{{{{ {0} }}}}{{% endfilter %}}§{{% set x | upper %}}a{{{{ {0} }}}}{{% endset %}}{{{{ x }}}}§"
    "{{% with x = {0}, y = {1} %}}{{{{ x }}}}{{{{ y }}}}{{% endwith %}}{{{{ x }}}}§"
    "{{% for i in [[1, 2], [3]] recursive %}}{{{{ loop.depth }}}}{{{{ loop(i) if i is iterable else i }}}}{{% endfor %}}{{{{ {0} }}}}§"
    "{{% for i in range(4) %}}{{{{ loop.cycle({0}, 'b') }}}}{{{{ loop.changed(i // 2) }}}}{{% endfor %}}"
).split("§")


def template() -> str:
    shape = SHAPES[0] if random.random() < 0.6 else random.choice(SHAPES)
    return shape.format(expression(), expression())


def rendered(text: str):
    try:
        validate_user_template(text)
        return [text, render_user_template_sync(text, {}), None]
    except (TemplateRenderError, TemplateSyntaxError, TemplateSecurityError) as error:
        return [text, None, str(error)]


# What shows where something is in memory is another each time.
NOT_SAME = re.compile(r" at 0x|has no attribute '__|sqlalchemy")
cases = [case for case in (rendered(template()) for _ in range(2500)) if not NOT_SAME.search(str(case))]
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
Path(__file__).with_name("fixtures").joinpath("rendering.json").write_text(f"[\n{lines}\n]\n")
