"""How long ago, and how long still. The script that keeps ages true has these too."""

TEXTS = {
    "ago_s": ("{n}秒前", "{n} s ago"),
    "ago_m": ("{n}分前", "{n} min ago"),
    "ago_h": ("{n}時間前", "{n} h ago"),
    "ago_d": ("{n}日前", "{n} d ago"),
    "left_s": ("あと{n}秒", "{n} s left"),
    "left_m": ("あと{n}分", "{n} min left"),
    "left_h": ("あと{n}時間", "{n} h left"),
    "left_d": ("あと{n}日", "{n} d left"),
    "over_s": ("{n}秒超過", "{n} s over"),
    "over_m": ("{n}分超過", "{n} min over"),
    "over_h": ("{n}時間超過", "{n} h over"),
    "over_d": ("{n}日超過", "{n} d over"),
    "long_s": ("{n}秒", "{n} s"),
    "long_m": ("{n}分", "{n} min"),
    "long_h": ("{n}時間", "{n} h"),
    "long_d": ("{n}日", "{n} d"),
}
