"""What an assessment costs by policies of more rules, beside the default one.

`python -m tests.benchmarks.assess.policies [--rules 25 100 400] [--rounds 5] [--json FILE]`: rules
of the default policy, as often as it takes, each time under other codes.
"""

from itertools import count, islice
from pathlib import Path

from sekisho.adapters.policy import toml
from tests.benchmarks.assess.opening import opening
from tests.benchmarks.assess.report import parser, reporting
from tests.benchmarks.assess.runs import compare

_RULE = "[[rule]]\n"
_CODE = 'code = "'


def policy(rules: int) -> str:
    """Return a policy with so many rules."""
    head, *every = Path(toml.__file__).with_name("default.toml").read_text().split(_RULE)
    copies = (rule.replace(_CODE, f"{_CODE}r{number}_", 1) for number in count() for rule in every)
    return _RULE.join([head, *islice(copies, rules)])


def main() -> None:
    """Measure one after the other."""
    options = parser()
    options.add_argument("--rules", type=int, nargs="*", default=[25, 100, 400])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0)
    given = options.parse_args()
    with opening() as there, reporting(given) as report:
        default = there.open("sqlite")
        for rules in given.rules:
            file = there.folder / f"{rules}.toml"
            file.write_text(policy(rules))
            name = f"{rules} rules"
            subject = there.sekisho(name, there.valkey(name), policy_file=str(file))
            compare(report, default, subject, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
