"""What a clerk is told to do next. Never why: insiders read shop screens too.

The texts are the same for everyone whom a challenge is asked of. No policy can change them,
so that no rule's reason can find its way onto a counter.
"""

from collections.abc import Mapping
from typing import Final

from sekisho.domain.decision import ChallengeKind, ChallengeState, DecisionState, Standing

LANGUAGES: Final = ("ja", "en")
"""The languages of every text, the default first."""

_CHALLENGES: Mapping[ChallengeKind, Mapping[str, str]] = {
    ChallengeKind.RETRY: {
        "ja": "通信が混み合っている場合があります。少し待ってから、もう一度送信してください。",
        "en": "The service may be busy. Wait a moment, then send the request again.",
    },
    ChallengeKind.REENTER_NUMBER: {
        "ja": "入力した番号を現物と見比べて、もう一度入力してください。",
        "en": "Compare the number with the original and enter it again.",
    },
    ChallengeKind.READ_CHIP: {
        "ja": (
            "本人確認書類のICチップを読み取ってください。"
            "読み取れないときは、カードの向きを確かめてやり直してください。"
        ),
        "en": (
            "Read the chip of the identity document. "
            "If it cannot be read, check how the card lies on the reader and try again."
        ),
    },
    ChallengeKind.SECOND_DOCUMENT: {
        "ja": "お客様に、種類の異なる本人確認書類をもう1点ご提示いただいてください。",
        "en": "Ask the customer for one more identity document of another type.",
    },
    ChallengeKind.CONFIRM_ON_CURRENT_SIM: {
        "ja": (
            "現在ご利用中のSIMに確認の連絡をお送りします。お客様に、その端末でお答えいただいてください。"
        ),
        "en": (
            "A confirmation goes to the SIM in use now. "
            "Ask the customer to answer it on that device."
        ),
    },
    ChallengeKind.CALL_REGISTERED_CONTACT: {
        "ja": (
            "以前からご登録のある連絡先へお電話し、ご契約者様にお手続きの意思を確認してください。"
            "お客様がその場でおっしゃった番号にはかけないでください。"
        ),
        "en": (
            "Call the contact that has been on file for longer and confirm the request with the "
            "subscriber. Do not call a number that the customer gives you."
        ),
    },
    ChallengeKind.WAIT: {
        "ja": "画面に表示された時刻までお待ちいただき、その後に手続きを再開してください。",
        "en": "Wait until the time shown on the screen, then continue.",
    },
    ChallengeKind.SUPERVISOR: {
        "ja": "店舗の責任者を呼び、ご本人と書類を一緒に確認してください。",
        "en": "Call the shop's supervisor to check the customer and the documents with you.",
    },
    ChallengeKind.FRAUD_TEAM: {
        "ja": (
            "本部で確認しています。結果が画面に表示されるまでお待ちください。"
            "お問い合わせの際は受付番号をお伝えください。"
        ),
        "en": (
            "Head office is checking. Wait until the result appears on the screen. "
            "If you call, give the case number."
        ),
    },
}

_STATES: Mapping[DecisionState, Mapping[str, str]] = {
    DecisionState.ALLOWED: {
        "ja": "お手続きを進めてください。完了したら結果を登録してください。",
        "en": "Go on with the change. Report the outcome when it is done.",
    },
    DecisionState.STEP_UP_OPEN: {
        "ja": "お手続きの前に、表示されている確認を順に行ってください。",
        "en": "Before you go on, carry out the checks shown, one after the other.",
    },
    DecisionState.STEP_UP_FAILED: {
        "ja": (
            "本日はお手続きを承れません。"
            "お客様には受付番号をお伝えし、お問い合わせ窓口をご案内ください。"
        ),
        "en": (
            "The change cannot be made today. "
            "Give the customer the case number and the enquiry desk's telephone number."
        ),
    },
    DecisionState.EXPIRED: {
        "ja": "有効期限が過ぎました。お手続きを続ける場合は、最初から受け付け直してください。",
        "en": "The time limit has passed. To continue, take the request anew from the start.",
    },
    DecisionState.COMPLETED: {
        "ja": "お手続きは完了しています。追加の操作は必要ありません。",
        "en": "The change is complete. Nothing more is needed.",
    },
    DecisionState.ABANDONED: {
        "ja": "お手続きは取りやめになりました。ご希望があれば、改めて受け付けてください。",
        "en": "The request was withdrawn. If the customer wishes, take it anew.",
    },
    DecisionState.REFUSED: {
        "ja": "お手続きはお断りとして登録されました。お客様にはお問い合わせ窓口をご案内ください。",
        "en": "The request is recorded as refused. Direct the customer to the enquiry desk.",
    },
}


def instruction(standing: Standing, language: str) -> str:
    """Return what the clerk does next, in `language` (ja or en; any other reads as ja).

    A step-up with one open challenge says that challenge's own instruction.
    """
    if standing.state is DecisionState.STEP_UP_OPEN:
        left = [
            challenge.kind
            for challenge in standing.step_up.challenges
            if challenge.state is ChallengeState.OPEN
        ]
        if len(left) == 1:
            return challenge_instruction(left[0], language)
    return _in(language, _STATES[standing.state])


def challenge_instruction(kind: ChallengeKind, language: str) -> str:
    """Return what the clerk does for one challenge, in `language` (ja or en; else ja)."""
    return _in(language, _CHALLENGES[kind])


def _in(language: str, texts: Mapping[str, str]) -> str:
    return texts[language] if language in texts else texts[LANGUAGES[0]]
