"""What farmers read and hear: Chinese whatever the language of the screen, and nothing of any household in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.date_words import civil_words


@dataclass(frozen=True, slots=True)
class Server:
    """A person on the board: `phone` only where it was released as an office number, else ''."""

    name: str
    title: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """网格公示牌: one unit and who serves it."""

    village: str
    unit: str
    worker_title: str
    workers: tuple[Server, ...] = ()
    supervisors: tuple[Server, ...] = ()
    heads: tuple[Server, ...] = ()
    covered: tuple[str, ...] = ()
    boundary: str = ""
    office: str = ""


def day(on: date) -> str:
    return civil_words(on, chinese=True)


def merged(old: Sequence[str], new: str, on: date) -> str:
    return f"自{day(on)}起，{'、'.join(old)}合并为{new}。"


def split(old: str, new: Sequence[str], on: date) -> str:
    return f"自{day(on)}起，{old}分为{'、'.join(new)}。"


def moved(unit: str, parent: str, on: date) -> str:
    return f"自{day(on)}起，{unit}划归{parent}。"


def worker_begins(title: str, name: str, unit: str, on: date) -> str:
    return f"自{day(on)}起，{unit}的{title}为{name}。"


def worker_ends(title: str, name: str, unit: str, on: date) -> str:
    return f"{name}担任{unit}{title}至{day(on)}止。"


def broadcast(board: Board, changes: Sequence[str]) -> str:
    """村村通广播稿: short sentences that are understood when heard once; read out twice."""
    lines = ["乡亲们，大家好！", f"现在播送{board.village}网格化监测通知。"]
    lines += [*changes]
    if board.workers:
        names = "、".join(f"{one.name}" for one in board.workers)
        lines.append(f"{board.unit}的{board.worker_title}是{names}。")
    lines += [f"{board.worker_title}联系电话：{spoken(one.phone)}。" for one in board.workers if one.phone]
    if board.supervisors:
        lines.append(f"包组干部是{'、'.join(one.name for one in board.supervisors)}。")
    lines += [
        "家里收入明显减少、有人生大病、孩子上学有困难、住房或者饮水出了问题的，请及时告诉网格员。",
        "网格员上门和打电话都不收钱，不问银行卡号和密码。",
        "下面再播送一遍。",
    ]
    return "\n".join(lines)


_SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))


def spoken(phone: str) -> str:
    """Digits as an announcer reads them: 幺 for 1, in groups."""
    digits = "".join(_SPOKEN.get(one, "") for one in phone)
    return "，".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def text_message(org: str, village: str, what: str) -> str:
    """The body of a text; the sender in brackets as carriers want it, how to opt out at the end."""
    return f"【{org}】{village}网格公示：{what}不收费，不要密码。退订回T"
