"""What a case is tied to."""

TEXTS = {
    "title": ("{number} のつながり", "Links of {number}"),
    "steps": ("たどる範囲", "How far"),
    "steps.1": ("1段階", "1 step"),
    "steps.2": ("2段階", "2 steps"),
    "steps.3": ("3段階", "3 steps"),
    "steps.0": ("最後まで", "To the end"),
    "days": ("前後の日数", "Within"),
    "days_n": ("{n}日", "{n} days"),
    "case": ("案件 {number} を開く", "Open case {number}"),
    "found": ("{n}件の案件", "{n} cases"),
    "alone": (
        "この期間に、つながる案件はありません。",
        "Nothing is tied to this case within these days.",
    ),
    "truncated": (
        "多すぎるため、近いものだけを表示しています。",
        "There is more than fits: the nearest are shown.",
    ),
    "graph": (
        "つながりの図。案件を選ぶとその案件を起点に描き直し、識別子を選ぶとその案件を検索します。"
        "同じ内容が下の表にあります。",
        "Drawing of the links. A case leads on to its own links, an identifier to all its cases. "
        "The table below says the same.",
    ),
    "legend": (
        "案件を選ぶと、その案件を起点に描き直します。識別子や店舗を選ぶと、その案件を検索します。",
        "A case leads on to its own links; an identifier or a shop leads to all its cases.",
    ),
    "node_case": ("案件 {number} を起点にする", "Walk on to case {number}"),
    "node_tie": ("{role} {name} を共有する{n}件", "{role} {name}, shared by {n} cases"),
    "and": ("・", ", "),
    "table": ("つながる案件", "Cases"),
    "step": ("段階", "Step"),
    "start": ("起点", "start"),
    "ties": ("共有しているもの", "Shares"),
    "pick": ("{number} を選ぶ", "Choose {number}"),
    "chosen": ("選択", "Choose"),
    "make_group": ("選んだ案件をグループにする", "Make the chosen ones a group"),
    "group_name": ("グループ名", "Name of the group"),
    "group_make": ("グループを作る", "Make the group"),
    "group_into": ("既存のグループ", "Existing group"),
    "group_add": ("グループに加える", "Add to it"),
    "new_group": ("（新しいグループ）", "(a new one)"),
}
