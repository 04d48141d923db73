"""What is wrong with a script, in words a page can translate."""

from __future__ import annotations


class Problem(str):
    """One line, "where: what is wrong; what to do". `where` names the place in the file; `msgid` with `values` put in
    is the rest, so that a page can say it in its reader's language: `gettext(problem.msgid) % problem.values`."""

    where: str
    msgid: str
    values: dict[str, object]

    def __new__(cls, where: str, msgid: str, **values: object) -> Problem:
        problem = super().__new__(cls, f"{where}: {msgid % values}")
        problem.where, problem.msgid, problem.values = where, msgid, values
        return problem
