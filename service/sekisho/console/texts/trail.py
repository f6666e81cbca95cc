"""The trail."""

TEXTS = {
    "title": ("操作の記録", "Trail"),
    "lead": (
        "審査担当者の操作。変更も削除もできません。",
        "What analysts did. Nobody can change or remove it.",
    ),
    "when": ("日時", "When"),
    "who": ("操作者", "Who"),
    "what": ("操作", "What"),
    "case": ("案件", "Case"),
    "summary": ("内容", "Details"),
    "group": ("グループを開く", "the group"),
    "note": ("メモ", "Note"),
    "actor": ("操作者", "Who"),
    "actor_hint": ("me = 自分、analyst/名前", "me, or analyst/name"),
    "empty": ("記録はありません。", "Nothing is recorded."),
    "entries": ("操作の一覧", "What was done"),
}
