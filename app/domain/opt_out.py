"""Words that end all calls and texts, and words that allow them again (TELEPHONY 1.11).

Carriers know the English ones at best. A text counts only when it says nothing else: 停止供水了 is a household without
water, not one without a wish to be called.
"""

from __future__ import annotations

import re
import unicodedata

_OUT = frozenset(
    {
        "td",
        "t",
        "退订",
        "退訂",
        "退定",
        "取消",
        "取消订阅",
        "取消訂閱",
        "停止",
        "停",
        "拒收",
        "拒绝接收",
        "不再接收",
        "stop",
        "stopall",
        "end",
        "quit",
        "cancel",
        "unsubscribe",
        "optout",
        "revoke",
    }
)
_BACK = frozenset(
    {
        "start",
        "unstop",
        "subscribe",
        "订阅",
        "訂閱",
        "重新订阅",
        "恢复",
        "恢复订阅",
        "恢復",
        "取消退订",
        "取消退訂",
        "开通",
    }
)
# So plain that they count as the first word of a longer text too.
_OUT_FIRST = frozenset({"退订", "退訂", "td", "unsubscribe", "stopall"})
_POLITE = re.compile(r"^(?:回复|回覆|回|发送|发|我要|我想|请|麻烦|申请)+|(?:谢谢|谢了|吧|了|啊)+$")
_EDGES = re.compile(r"[\W_]+")


def is_opt_out(text: str) -> bool:
    """True for 退订, ＴＤ, "t.", 回复TD, STOP, "Opt-out" …: full-width, case, spaces and punctuation do not matter."""
    word = _folded(text)
    return not is_opt_in(text) and (word in _OUT or _plain(word) in _OUT or _first_word(text) in _OUT_FIRST)


def is_opt_in(text: str) -> bool:
    """True for the words that take an opt-out back: START, 恢复, 重新订阅 …"""
    word = _folded(text)
    return word in _BACK or _plain(word) in _BACK


def _folded(text: str) -> str:
    return _EDGES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _plain(word: str) -> str:
    """Without the words of courtesy around it: 回复td → td, 我要退订谢谢 → 退订."""
    return _POLITE.sub("", word)


def _first_word(text: str) -> str:
    words = _EDGES.split(unicodedata.normalize("NFKC", text).casefold().strip())
    return next((word for word in words if word), "")
