"""A scoring model survives its JSON, and what is wrong with a model is said in a sentence."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pqldesk.services.basics.exact import HUNDRED, MILLION
from pqldesk.services.scoring.model import (
    DEFAULT_MODEL,
    Exclusion,
    ExclusionRule,
    FitSignal,
    Operator,
    ScoringModel,
)
from pqldesk.services.scoring.model_json import BadModel, model_from_json, model_to_json

RICH = replace(
    DEFAULT_MODEL,
    cut=6050,
    signals=(
        replace(
            DEFAULT_MODEL.signals[0], weight=-250, threshold=2_500_000, proportional=True, cap=9 * MILLION
        ),
        *DEFAULT_MODEL.signals[1:],
    ),
    exclusions=(
        Exclusion("internal", "Internal", ExclusionRule.INTERNAL_DOMAINS, ("example.com",)),
        Exclusion("burst", "Single session", ExclusionRule.SINGLE_SESSION, events=5, minutes=30),
    ),
    fit=(
        FitSignal("role", "Role", "job_title", Operator.ONE_OF, ("CTO", "CEO"), 10 * HUNDRED),
        FitSignal("size", "Size", "employees", Operator.AT_LEAST, 50, 10 * HUNDRED),
        FitSignal("phone", "Phone", "phone", Operator.IS_SET, None, HUNDRED),
    ),
)


@pytest.mark.parametrize("model", [DEFAULT_MODEL, RICH])
def test_a_model_survives_its_json(model: ScoringModel) -> None:
    assert model_from_json(json.loads(json.dumps(model_to_json(model)))) == model


def test_the_default_model_is_the_published_table() -> None:
    shown = model_to_json(DEFAULT_MODEL)
    assert (shown["name"], shown["cut"]) == ("PLG default", 60)
    assert [
        (s["key"], s["label"], s["kind"], s["measure"], s["window_days"], s["threshold"], s["weight"])
        for s in shown["signals"]
    ] == [
        ("logins", "Logins (7d)", "login", "count", 7, 5, 10),
        ("features", "Features activated", "feature_activated", "distinct_keys", None, 3, 15),
        ("invites", "Team invites", "team_invited", "sum", None, 2, 20),
        ("integrations", "Integration connected", "integration_connected", "count", None, 1, 25),
        ("records", "Data imported", "data_imported", "sum", None, 100, 20),
        ("active_days", "Active days (14d)", None, "distinct_days", 14, 7, 10),
    ]
    assert [(b["key"], b["at_least"]) for b in shown["bands"]] == [
        ("hot", 80),
        ("qualified", 60),
        ("warming", 40),
        ("cold", None),
    ]
    assert DEFAULT_MODEL.total_weight == 100 * HUNDRED


def changed(**changes: Any) -> dict[str, Any]:
    return {**model_to_json(DEFAULT_MODEL), **changes}


def signal(**changes: Any) -> dict[str, Any]:
    return changed(signals=[{**model_to_json(DEFAULT_MODEL)["signals"][0], **changes}])


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "The model is not an object. Known keys: name, version, cut"),
        (changed(cutt=1), "The model has an unknown key cutt. Known keys: name"),
        (changed(name=" "), "In the model, \"name\" is ' '."),
        (changed(version=0), 'In the model, "version" is 0. Write a whole number from 1 up.'),
        (changed(version=True), '"version" is True.'),
        (changed(cut="high"), "\"cut\" is 'high'."),
        (changed(cut=60.005), '"cut" is 60.005. Write a number with up to 2 fraction digits.'),
        (changed(signals=[]), "The model has no signals."),
        (changed(signals={}), '"signals" is {}. Write a list.'),
        (
            signal(measure="average"),
            "\"measure\" is 'average'. Known: count, distinct_keys, sum, distinct_days.",
        ),
        (signal(window_days=0), 'In signals 1, "window_days" is 0.'),
        (signal(window_days=9999), "Write 1 to 3660 days, or null for ever."),
        (signal(threshold=-1), '"threshold" is -1. Write a number from 0 up'),
        (signal(threshold=0.1234567), "up to 6 fraction digits"),
        (signal(weight=None), '"weight" is None.'),
        (signal(weight=1e300), "between -1000000 and 1000000"),
        (signal(key="Bad Key"), "Use lower-case letters, digits and _."),
        (signal(proportional="yes"), "Write true or false."),
        (signal(kind=""), "\"kind\" is ''."),
        (
            changed(signals=model_to_json(DEFAULT_MODEL)["signals"] * 2),
            'the key "logins" stands more than once',
        ),
        (changed(bands=[{"key": "hot", "at_least": 80}]), "The lowest band must have no limit."),
        (
            changed(bands=[{"key": "a", "at_least": 1}, {"key": "b", "at_least": 2}, {"key": "c"}]),
            "The bands are not in order.",
        ),
        (changed(exclusions=[{"key": "x", "label": "X", "rule": "internal_domains"}]), "at least one domain"),
        (
            changed(exclusions=[{"key": "x", "label": "X", "rule": "single_session", "events": 5}]),
            '"minutes"',
        ),
        (
            changed(fit=[{"key": "x", "field": "country", "operator": "like", "weight": 1}]),
            "Known: equals, one_of",
        ),
        (
            changed(fit=[{"key": "x", "field": "n", "operator": "at_least", "value": "5", "weight": 1}]),
            "Write a number.",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_value(document: object, sentence: str) -> None:
    with pytest.raises(BadModel) as caught:
        model_from_json(document)
    assert sentence in str(caught.value)
    assert caught.value.remedy


def test_labels_and_bands_have_defaults() -> None:
    model = model_from_json(
        {
            "name": "Small",
            "version": 2,
            "cut": 10,
            "signals": [{"key": "logins", "measure": "count", "threshold": 1, "weight": 10.5}],
        }
    )
    assert model.bands == DEFAULT_MODEL.bands
    assert (model.signals[0].label, model.signals[0].kind, model.signals[0].weight) == ("logins", None, 1050)
