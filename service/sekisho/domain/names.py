"""Names reduced to what is compared. The results are for fingerprints and equality only."""

import re
import unicodedata

_KANA = re.compile("[ァ-ヶー]+")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)} | {
    ord("ゝ"): "ヽ",
    ord("ゞ"): "ヾ",
}
# Voicing marks typed apart, which NFKC would keep apart behind a space.
_JOIN_VOICING = str.maketrans({"゛": "\u3099", "゜": "\u309a"})
_HYPHEN_AFTER_KANA = re.compile("(?<=[ァ-ヶー])[-‐‑‒–—―−]")
_JAPANESE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_APOSTROPHE = re.compile("['’‘ʼ`´ʻ]")
_WORD = re.compile(r"[^\W_]+")
# Letters that a decomposition leaves alone.
_PLAIN_LATIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
# Forms of one character that registers, cards and keyboards use for the same family: the one
# written now comes second.
_KANJI_FORMS = (
    "髙高 﨑崎 嵜崎 邊辺 邉辺 齋斎 齊斉 澤沢 濱浜 濵浜 廣広 國国 嶋島 嶌島 櫻桜 瀧滝 澁渋 渕淵"
    " 眞真 惠恵 榮栄 條条 藏蔵 團団 圓円 壽寿 龍竜 禮礼 德徳 冨富 栁柳 籠篭 槇槙 桒桑 舘館"
    " 埜野 萬万 與与 賴頼 黑黒 靑青 顯顕 豐豊"
)
_TODAYS_KANJI = str.maketrans({form[0]: form[1] for form in _KANJI_FORMS.split()})


def kana_key(raw: str) -> str:
    """Return a name in kana as full-width katakana without spaces and punctuation.

    Small kana and long vowels stay; a hyphen after kana is a long vowel, as half-width forms
    write it. Letters that are not kana are kept in lower case; empty where nothing is left.
    """
    joined = "".join(raw.split())
    if _KANA.fullmatch(joined):
        return joined
    text = unicodedata.normalize("NFKC", raw.translate(_JOIN_VOICING)).casefold()
    text = _HYPHEN_AFTER_KANA.sub("ー", text.translate(_HIRAGANA_TO_KATAKANA))
    return "".join(_WORD.findall(text))


def person_key(raw: str) -> str:
    """Return a name in any script without case, accents, punctuation and variants of kanji.

    A name with kanji or kana keeps its order and loses its spaces (山田 太郎 is 山田太郎); the
    parts of any other name are sorted (`Anna ERIKSSON` is `Eriksson, Anna`). Empty where no
    letter or digit is left.
    """
    text = unicodedata.normalize("NFKC", raw).casefold()
    if _JAPANESE.search(text):
        return kana_key(text).translate(_TODAYS_KANJI)
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHE.sub("", text).translate(_PLAIN_LATIN))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(sorted(_WORD.findall(bare)))
