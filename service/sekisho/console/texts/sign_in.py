"""The pages of signing in."""

TEXTS = {
    "title": (
        "サインイン",
        "Sign in",
    ),
    "heading": (
        "sekisho 不正対策デスク",
        "sekisho fraud desk",
    ),
    "lead_link": (
        "起動時に表示されたワンタイムリンクを開いてください。",
        "Open the one-time link that was printed when the console started.",
    ),
    "lead_new": (
        "新しいリンクは次のコマンドで作れます。",
        "This command makes a new one:",
    ),
    "lead_code": (
        "このリンクは一度だけ使えます。記録に残す名前を確認してください。",
        "This link works once. Check the name that the trail will keep.",
    ),
    "lead_issuer": (
        "所属組織のアカウントでサインインします。",
        "Sign in with the account of your organisation.",
    ),
    "name": (
        "担当者名",
        "Analyst's name",
    ),
    "name_hint": (
        "英数字と . _ @ + -。監査記録に残ります。",
        "Letters, digits and . _ @ + -. The trail keeps it.",
    ),
    "sign_in": (
        "サインイン",
        "Sign in",
    ),
    "signed_out": (
        "サインアウトしました。",
        "You are signed out.",
    ),
    "bad_name": (
        "担当者名は英数字と . _ @ + - で、先頭は英数字、100文字までです。",
        "A name has up to 100 letters, digits and . _ @ + -, and begins with a letter or digit.",
    ),
    "bad_link": (
        "このリンクは使えません。すでに使われたか、期限が切れたか、起動前のものです。",
        "This link cannot be used: it was used already, has expired, or is older than the console.",
    ),
    "bad_answer": (
        "サインインを確認できませんでした。もう一度お試しください。",
        "The sign-in could not be confirmed. Please try again.",
    ),
    "refused": (
        "このアカウントには不正対策デスクを使う権限がありません。",
        "This account may not use the fraud desk.",
    ),
    "denied": (
        "サインインは取り消されました。",
        "The sign-in was cancelled.",
    ),
    "issuer_away": (
        "認証サーバーに接続できません。しばらくしてからもう一度お試しください。",
        "The sign-in server does not answer. Please try again in a moment.",
    ),
    "forged": (
        "この操作は受け付けられませんでした。ページを開き直して、もう一度お試しください。",
        "This was not accepted. Open the page anew and try again.",
    ),
    "ended": (
        "サインインの期限が切れました。もう一度サインインしてください。",
        "Your sign-in has ended. Please sign in again.",
    ),
    "too_long": (
        "送信された内容が長すぎます。",
        "What was sent is too long.",
    ),
    "back": (
        "戻る",
        "Back",
    ),
}
