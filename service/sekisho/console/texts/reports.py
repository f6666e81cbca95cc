"""Fraud that came to light later."""

TEXTS = {
    "title": ("後日の不正報告", "Report fraud"),
    "lead": (
        "後から分かった不正を記録します。案件は「不正確定」になり、許可していたものは"
        "「見逃し」として統計に出ます。",
        "Records fraud found later. The cases become confirmed fraud; those that were allowed "
        "count as missed.",
    ),
    "one": ("1件を報告する", "Report one"),
    "decision": ("受付番号または決定名", "Case number, or the decision's name"),
    "or": ("または", "or"),
    "msisdn": ("乗っ取られた回線の電話番号", "Telephone number of the line that was taken over"),
    "msisdn_hint": (
        "不正の日時より前30日間に、その回線で許可された変更が対象です。",
        "Meant are the changes that passed on it within 30 days before the fraud.",
    ),
    "source": ("報告元", "Who says so"),
    "source.customer": ("契約者", "The customer"),
    "source.bank": ("銀行", "A bank"),
    "source.police": ("警察", "The police"),
    "source.carrier": ("自社", "The carrier itself"),
    "choose": ("選択してください", "choose"),
    "fraud_time": ("不正の日時（不明なら空欄）", "When it happened, where known"),
    "note": ("メモ（個人情報は書かない）", "Note, without personal data"),
    "go": ("報告する", "Report"),
    "file_title": ("ファイルでまとめて報告する", "Report by a file"),
    "file_hint": (
        "見出し行のあるCSV、500行まで。1行に decision か msisdn のどちらか。見出し:",
        "CSV with a heading row, up to 500 rows; each names a decision or an msisdn. Headings:",
    ),
    "file": ("ファイル", "File"),
    "file_go": ("まとめて報告する", "Report all"),
    "done": ("{n}件の案件を「不正確定」にしました。", "Cases now confirmed fraud: {n}."),
    "none": ("該当する案件はありませんでした。", "No case was met."),
    "not_done": ("報告できなかった行", "Rows that were not reported"),
    "row": ("{n}行目", "Row {n}"),
    "bad.encoding": ("文字コードがUTF-8でもシフトJISでもない", "neither UTF-8 nor Shift JIS"),
    "bad.headings": ("見出しが正しくない", "the headings are not the expected ones"),
    "bad.csv": ("CSVとして読めない", "is no CSV"),
    "bad.too_many": ("500行を超えている", "more than 500 rows"),
    "bad.empty": ("報告が1件もない", "holds no report"),
    "bad.one_subject": (
        "decision か msisdn のどちらか一方が必要",
        "expected either a decision or an msisdn",
    ),
    "bad.source": (
        "source が customer・bank・police・carrier のいずれでもない",
        "source: expected customer, bank, police or carrier",
    ),
    "bad.time": ("fraud_time が日時でない", "fraud_time is no date or time"),
}
