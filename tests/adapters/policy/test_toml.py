import hashlib
import re
from pathlib import Path

import pytest

from sekisho.adapters.policy.problems import PolicyError, Problem
from sekisho.adapters.policy.toml import (
    default_policy_text,
    load_default_policy,
    load_policy,
    parse_policy,
)
from sekisho.domain.decision import ChallengeKind, Verdict
from sekisho.domain.policy import WhenUnknown
from sekisho.domain.sim_change import DocumentType

HEAD = """\
name = "test"
threshold = 100
[documents]
accepted = ["driving_licence"]
"""
RULE = """\
[[rule]]
code = "locked"
when = 'line.locked'
hard = true
demands = ["fraud_team"]
text.en = "Locked."
text.ja = "ロック中。"
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text.encode())
    return [str(problem) for problem in caught.value.problems]


def test_a_policy_is_what_its_text_says() -> None:
    text = (
        'name = "carrier"\nthreshold = 50\nwait_seconds = 60\n'
        'missing_demands = ["fraud_team", "supervisor"]\n'
        '[documents]\naccepted = ["passport", "driving_licence"]\nexpiry_grace_days = 3\n'
        + RULE
        + """
[[rule]]
code = "many_tries"
when = '''velocity.line.tries_24h > 3
  && !line.locked'''
weight = 20
demands = ["supervisor", "read_chip"]
unknown = "weigh"
text = {en = "Many tries.", ja = "多数回。"}
"""
    )
    policy = parse_policy(text.encode())
    locked, tries = policy.rules

    assert policy.version == f"carrier@{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    assert (policy.threshold, policy.wait_seconds, policy.expiry_grace_days) == (50, 60, 3)
    assert policy.missing_demands == (ChallengeKind.SUPERVISOR, ChallengeKind.FRAUD_TEAM)
    assert policy.accepted_documents == {DocumentType.PASSPORT, DocumentType.DRIVING_LICENCE}
    assert (locked.code, locked.hard, locked.weight) == ("locked", True, 0)
    assert locked.when_unknown is WhenUnknown.STEP_UP
    assert (tries.hard, tries.weight, tries.when_unknown) == (False, 20, WhenUnknown.WEIGH)
    assert tries.demands == (ChallengeKind.READ_CHIP, ChallengeKind.SUPERVISOR)
    assert tries.facts == ("line.locked", "velocity.line.tries_24h")
    assert tries.texts == {"en": "Many tries.", "ja": "多数回。"}


def test_what_may_be_left_out_has_the_documented_value() -> None:
    policy = parse_policy((HEAD + RULE).encode())

    assert (policy.wait_seconds, policy.expiry_grace_days) == (86_400, 0)
    assert policy.missing_demands == (ChallengeKind.FRAUD_TEAM,)


def test_a_parsed_policy_judges() -> None:
    policy = parse_policy((HEAD + RULE).encode())

    assert policy.decide({"line.locked": True}, ()).verdict is Verdict.STEP_UP
    assert policy.decide({"line.locked": False}, ()).verdict is Verdict.ALLOW
    assert policy.decide({}, ()).verdict is Verdict.STEP_UP


def test_any_change_of_the_text_is_another_version() -> None:
    one = parse_policy((HEAD + RULE).encode())
    other = parse_policy((HEAD + RULE + "# a comment\n").encode())

    assert one.version != other.version


def test_a_file_is_named_in_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + RULE)
    assert load_policy(path).version.startswith("test@")

    path.write_text("threshold = 1\n")
    with pytest.raises(PolicyError, match=re.escape(f"{path}: line 1, column 1: ")):
        load_policy(path)


def test_all_problems_are_told_at_once_with_rule_line_and_column() -> None:
    text = (
        HEAD
        + """\
[[rule]]
code = "clerk_burst"
when = 'line.locked && velocity.clerk.tries_1x > 30'
weight = 10
demands = ["supervisr", "retry"]
text.en = "Burst."
[[rule]]
code = "clerk_burst"
when = "change.hour > 2.5"
hard = true
weight = 5
demand = []
unknown = "weight"
text.en = " "
text.fr = "x"
"""
    )

    assert problems(text) == [
        "rule clerk_burst, line 5, column 1: `ja` must be a text that says something",
        "rule clerk_burst, line 7, column 24: no fact `velocity.clerk.tries_1x`;"
        " did you mean `velocity.clerk.tries_1h`?",
        "rule clerk_burst, line 9, column 1: 'supervisr' is no `demands`;"
        " did you mean `supervisor`?",
        "rule clerk_burst, line 9, column 1: retry is for missing signals alone;"
        " no rule can demand it",
        "rule clerk_burst, line 11, column 1: `demands` must be a list with at least one entry",
        "rule clerk_burst, line 11, column 1: `ja` must be a text that says something",
        "rule clerk_burst, line 11, column 1: a rule has either `hard = true` or a `weight`",
        "rule clerk_burst, line 12, column 1: the code `clerk_burst` is taken",
        "rule clerk_burst, line 13, column 21: `>` does not take (int, double)",
        "rule clerk_burst, line 16, column 1: unknown key `demand`; did you mean `demands`?",
        "rule clerk_burst, line 17, column 1: 'weight' is no `unknown`; did you mean `weigh`?",
        "rule clerk_burst, line 18, column 1: `en` must be a text that says something",
        "rule clerk_burst, line 19, column 1: unknown key `fr`",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "test"', "", "line 1, column 1: `name` must be a text that says something"),
        ('name = "test"', 'name = "a b"', "line 1, column 1: `name` must be letters"),
        ("threshold = 100", "threshold = 0", "line 2, column 1: `threshold` must be a whole"),
        ("threshold = 100", "threshold = true", "line 2, column 1: `threshold` must be a whole"),
        ("threshold = 100", "threshold = 1.5", "line 2, column 1: `threshold` must be a whole"),
        ("threshold = 100", "thresold = 1", "unknown key `thresold`; did you mean `threshold`?"),
        ("[documents]", "wait_seconds = -1\n[documents]", "`wait_seconds` must be a whole"),
        ("[documents]", "missing_demands = []\n[documents]", "`missing_demands` must be a list"),
        ("[documents]", 'missing_demands = ["retry"]\n[documents]', "line 3, column 1: retry is"),
        ("[documents]", "documents = 1\n[more]", "line 3, column 1: `documents` must be a table"),
        ('accepted = ["driving_licence"]', "", "line 3, column 1: `accepted` must be a list"),
        ('["driving_licence"]', '["driving_license"]', "did you mean `driving_licence`?"),
        ('["driving_licence"]', "[3]", "3 is no `accepted`; known are driving_licence, my_"),
        (
            '["driving_licence"]',
            '["passport", "passport"]',
            "line 4, column 1: `accepted` names an entry twice",
        ),
        ('accepted = ["dr', 'grace = 1\naccepted = ["dr', "unknown key `grace`"),
        ('"locked"', '"Locked-Line"', "line 6, column 1: `code` must be words of a-z"),
        ('code = "locked"', "", "line 5, column 1: `code` must be a text"),
        ("when = 'line.locked'", "", "rule locked, line 5, column 1: `when` must be a text"),
        ("'line.locked'", "3", "rule locked, line 7, column 1: `when` must be a text"),
        ("'line.locked'", "'line.locked || true'", "line 7, column 9: the result is the same"),
        ("hard = true", "hard = 1", "a rule has either"),
        ("hard = true", "hard = false", "a rule has either"),
        ("hard = true", "weight = 0", "`weight` must be a whole number of at least 1"),
        ("hard = true", 'hard = true\nunknown = "weigh"', "a hard rule has no weight to weigh"),
        ("hard = true", "hard = true\nunknown = []", "[] is no `unknown`"),
        ('["fraud_team"]', '"fraud_team"', "`demands` must be a list"),
        ("text.en", "test.en", "unknown key `test`; did you mean `text`?"),
    ],
)
def test_each_thing_wrong_is_named_with_its_place(old: str, new: str, expected: str) -> None:
    text = HEAD + RULE
    assert text.count(old) == 1

    assert any(expected in problem for problem in problems(text.replace(old, new)))


@pytest.mark.parametrize("rules", ["", "rule = []\n", "rule = 3\n"])
def test_a_policy_without_rules_would_allow_everything_and_is_refused(rules: str) -> None:
    assert "a policy needs at least one [[rule]]" in problems(rules + HEAD)[0]


def test_a_rule_that_is_no_table_is_refused() -> None:
    assert "line 1, column 1: a rule must be a table" in problems("rule = [3]\n" + HEAD)[0]


def test_escapes_in_an_expression_do_not_shift_its_columns() -> None:
    text = (HEAD + RULE).replace("'line.locked'", '"change.kind == \\"lost\\" || nothing"')

    assert "rule locked, line 7, column 36: no fact `nothing`" in problems(text)


def test_an_expression_over_several_lines_has_the_lines_of_the_file() -> None:
    text = (HEAD + RULE).replace("'line.locked'", "'''\nline.locked\n  && nothing\n'''")

    assert problems(text) == ["rule locked, line 9, column 6: no fact `nothing`"]


def test_windows_line_ends_make_no_difference_to_places() -> None:
    text = (HEAD + RULE).replace("line.locked'", "line.loked'")

    assert problems(text.replace("\n", "\r\n")) == problems(text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"name = \n", "line 1, column 8: not TOML: Invalid value"),
        (b'name = "x"\nb = [1,\n', "line 3, column 1: not TOML: "),
        (b'name = "x"\n\xff\n', "line 2, column 1: the text is not UTF-8"),
        (b"a = 1\na = 2\n", "not TOML: Cannot overwrite a value"),
    ],
)
def test_a_text_that_is_no_toml_is_refused_with_its_place(data: bytes, expected: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(data)

    assert expected in str(caught.value)


def test_problems_stand_in_the_order_of_the_text() -> None:
    error = PolicyError([Problem(3, 1, "b"), Problem(1, 9, "a", "r")], "file")

    assert str(error) == "file: rule r, line 1, column 9: a\nfile: line 3, column 1: b"


def test_the_default_policy_loads_and_is_its_own_text() -> None:
    policy = load_default_policy()

    assert policy.version == parse_policy(default_policy_text()).version
    assert policy.version.startswith("default@")
    assert all(rule.when_unknown is not WhenUnknown.REPORT for rule in policy.rules)
