"""What the pages of signing in say."""

import re
from collections.abc import Mapping
from typing import Final

_JA: Final = {
    "title": "サインイン",
    "heading": "sekisho 不正対策デスク",
    "lead_link": "起動時に表示されたワンタイムリンクを開いてください。",
    "lead_new": "新しいリンクは次のコマンドで作れます。",
    "lead_code": "このリンクは一度だけ使えます。記録に残す名前を確認してください。",
    "lead_issuer": "所属組織のアカウントでサインインします。",
    "name": "担当者名",
    "name_hint": "英数字と . _ @ + -。監査記録に残ります。",
    "sign_in": "サインイン",
    "signed_out": "サインアウトしました。",
    "bad_name": "担当者名は英数字と . _ @ + - で、先頭は英数字、100文字までです。",
    "bad_link": "このリンクは使えません。すでに使われたか、期限が切れたか、起動前のものです。",
    "bad_answer": "サインインを確認できませんでした。もう一度お試しください。",
    "refused": "このアカウントには不正対策デスクを使う権限がありません。",
    "denied": "サインインは取り消されました。",
    "issuer_away": "認証サーバーに接続できません。しばらくしてからもう一度お試しください。",
    "forged": "この操作は受け付けられませんでした。ページを開き直して、もう一度お試しください。",
    "ended": "サインインの期限が切れました。もう一度サインインしてください。",
    "too_long": "送信された内容が長すぎます。",
    "back": "戻る",
}
_EN: Final = {
    "title": "Sign in",
    "heading": "sekisho fraud desk",
    "lead_link": "Open the one-time link that was printed when the console started.",
    "lead_new": "This command makes a new one:",
    "lead_code": "This link works once. Check the name that the trail will keep.",
    "lead_issuer": "Sign in with the account of your organisation.",
    "name": "Analyst's name",
    "name_hint": "Letters, digits and . _ @ + -. The trail keeps it.",
    "sign_in": "Sign in",
    "signed_out": "You are signed out.",
    "bad_name": "A name has up to 100 letters, digits and . _ @ + -, and begins with a letter or "
    "digit.",
    "bad_link": "This link cannot be used: it was used already, has expired, or is older than the "
    "console.",
    "bad_answer": "The sign-in could not be confirmed. Please try again.",
    "refused": "This account may not use the fraud desk.",
    "denied": "The sign-in was cancelled.",
    "issuer_away": "The sign-in server does not answer. Please try again in a moment.",
    "forged": "This was not accepted. Open the page anew and try again.",
    "ended": "Your sign-in has ended. Please sign in again.",
    "too_long": "What was sent is too long.",
    "back": "Back",
}
_TAG: Final = re.compile(r"\b(ja|en)(?:-[a-z0-9]+)*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?", re.I)


def texts_for(accept_language: str) -> tuple[str, Mapping[str, str]]:
    """Return the language that a browser prefers, ja or en, and its texts; ja without a wish."""
    wishes = {tag.lower(): float(q or 1) for tag, q in _TAG.findall(accept_language[:500])}
    english = wishes.get("en", 0.0) > wishes.get("ja", 0.0)
    return ("en", _EN) if english else ("ja", _JA)
