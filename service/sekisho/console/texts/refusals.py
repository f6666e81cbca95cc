"""Why the API refused, by its reason. `other` stands for the rest."""

_LATER = "しばらくしてからもう一度お試しください。"

TEXTS = {
    "CASE_CHANGED": (
        "この案件は、開いた後に変わりました。最新の内容を確認して、もう一度操作してください。",
        "The case has changed since you opened it. Look at it as it is now, then act again.",
    ),
    "CASE_CLAIMED": ("他の担当者がこの案件を担当しています。", "Another analyst holds this case."),
    "STEP_UP_NOT_OPEN": (
        "追加確認はすでに終わっています。",
        "The step-up is not open any more.",
    ),
    "NOT_FOUND": ("見つかりません。", "There is no such thing."),
    "AMBIGUOUS_CASE_NUMBER": (
        "この受付番号の案件は複数あります。",
        "More than one case has this number.",
    ),
    "INVALID_ARGUMENT": ("入力内容に誤りがあります。", "Something in the form is wrong."),
    "REQUEST_ID_REUSED": (
        "この操作はすでに別の内容で送られています。ページを開き直してください。",
        "This form was sent before with other content. Open the page anew.",
    ),
    "ALREADY_EXISTS": ("すでに存在します。", "It exists already."),
    "ABORTED": (
        "他の変更と重なりました。もう一度お試しください。",
        "Something else changed it at the same time. Try again.",
    ),
    "PERMISSION_DENIED": ("この操作の権限がありません。", "You may not do this."),
    "UNAUTHENTICATED": (
        "サインインが認められませんでした。もう一度サインインしてください。",
        "The sign-in does not count. Sign in again.",
    ),
    "UNAVAILABLE": (
        f"サーバーが応答しません。{_LATER}",
        "The server does not answer. Try again in a moment.",
    ),
    "LEDGER_UNAVAILABLE": (
        f"台帳が応答しません。{_LATER}",
        "The ledger does not answer. Try again in a moment.",
    ),
    "DEADLINE_EXCEEDED": (
        "時間内に応答がありませんでした。もう一度お試しください。",
        "There was no answer in time. Try again.",
    ),
    "OVERLOADED": (
        f"混み合っています。{_LATER}",
        "There is too much to do just now. Try again in a moment.",
    ),
    "other": ("実行できませんでした（{reason}）。", "It could not be done ({reason})."),
}
