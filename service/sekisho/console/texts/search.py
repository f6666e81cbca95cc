"""Search over all decisions."""

TEXTS = {
    "title": ("検索", "Search"),
    "lead": (
        "待っているものに限らず、すべての判定から探します。",
        "Over all decisions, not only over what waits.",
    ),
    "go": ("検索", "Search"),
    "conditions": ("条件", "Conditions"),
    "found": ("検索結果", "Found"),
    "export": ("書き出し", "Export"),
    "export_hint": (
        "この条件に合うすべての案件。書き出した人と条件は記録に残ります。",
        "Every case that matches. The trail keeps who took it, and by which conditions.",
    ),
    "csv": ("CSVで保存", "As CSV"),
    "json": ("JSON Linesで保存", "As JSON Lines"),
}
