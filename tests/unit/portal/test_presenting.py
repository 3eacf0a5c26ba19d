"""What templates are made with."""

import pytest
from jinja2 import ChainableUndefined, DictLoader, Environment

from portal.presenting import Components

TEMPLATES = {
    "macros": "{% macro field(params) %}[{{ params.label.text }}|{{ params.hint.text }}|"
    "{% for name, value in params.attributes.items() %}{{ name }}={{ value }};{% endfor %}"
    "{{ params['items'] }}]{{ known }}{% endmacro %}",
    "page": "{% from 'macros' import field %}{{ field(said) }}"
    "{{ said.copy is callable }}{{ said.get('label').text }}",
}


@pytest.mark.parametrize(
    "said",
    [
        {"label": {"text": "Name"}, "attributes": {}},
        {"label": {"text": "<b>"}, "hint": {"text": None}, "attributes": {"maxlength": 200}, "items": [1, 2]},
        {"label": {}, "hint": {"text": "O'Hara & Sons"}, "attributes": {"get": "x", "keys": "y"}},
    ],
    ids=["least", "all", "named as what dicts have"],
)
def test_a_page_is_what_jinja_itself_makes_of_it(said: dict[str, object]) -> None:
    made = [
        _rendered(kind(loader=DictLoader(TEMPLATES), autoescape=True, undefined=ChainableUndefined), said)
        for kind in (Environment, Components)
    ]

    assert made[0] == made[1]
    assert "known everywhere" in made[0]


def _rendered(environment: Environment, said: dict[str, object]) -> str:
    environment.globals["known"] = "known everywhere"
    return environment.get_template("page").render(said=said)
