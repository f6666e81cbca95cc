"""What the clerk reads where no text of the service can be shown. Never why."""

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["ja", "en"]

NO_ANSWER: Final[Mapping[Language, str]] = {
    "ja": (
        "確認の結果を受け取れませんでした。お手続きは進めず、少し待ってから、もう一度送信してください。"
        "繰り返すときは責任者にお知らせください。"
    ),
    "en": (
        "No answer came. Do not go on with the change. Wait a moment, then send the request again. "
        "If this repeats, tell your supervisor."
    ),
}
BAD_INPUT: Final[Mapping[Language, str]] = {
    "ja": (
        "入力内容に誤りがあります。お手続きは進めず、"
        "示された項目を現物と見比べて、もう一度入力してください。"
    ),
    "en": (
        "Something was entered wrongly. Do not go on with the change. "
        "Compare the fields shown with the originals and enter them again."
    ),
}
REFUSED: Final[Mapping[Language, str]] = {
    "ja": "この端末からは受け付けられませんでした。お手続きは進めず、本部にお問い合わせください。",
    "en": "The request was not accepted. Do not go on with the change, and call head office.",
}
NOT_UNDERSTOOD: Final[Mapping[Language, str]] = {
    "ja": (
        "この端末では結果を表示できません。お手続きは進めず、"
        "受付番号を控えて、本部にお問い合わせください。"
    ),
    "en": (
        "This terminal cannot show the result. Do not go on with the change. "
        "Note the case number and call head office."
    ),
}
