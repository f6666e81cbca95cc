"""The policy's rules."""

TEXTS = {
    "title": ("ルール", "Rules"),
    "policy": (
        "有効なポリシー: {version}、追加確認の基準 {threshold}",
        "Policy in force: {version}; it steps up from a score of {threshold}",
    ),
    "rule": ("ルール", "Rule"),
    "weight": ("重み", "Weight"),
    "demands": ("求めるもの", "Demands"),
    "fired": ("該当数", "Fired"),
    "share": ("判定に占める割合", "Of decisions"),
    "fraud": ("不正", "Fraud"),
    "legitimate": ("正当", "Legitimate"),
    "precision": ("適合率", "Precision"),
    "precision_hint": (
        "適合率 = 不正（確定・疑い）÷（不正＋正当）。審査結果のある案件だけで計算します。",
        "Precision is fraud (confirmed or suspected) out of fraud and legitimate, among cases "
        "whose disposition is known.",
    ),
    "expression": ("条件式", "Expression"),
    "former": ("以前のポリシーのルール", "Rules of former policies"),
    "never": ("この期間には該当なし", "did not fire in this range"),
    "table": ("ルールの一覧", "Rules"),
}
