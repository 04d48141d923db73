"""补贴发放表 (form 23): one line a person, the funds that bear it, and totals counted from the very lines above."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from app.domain.date_words import civil_words
from app.domain.worker_files.money import FEN
from app.domain.worker_files.words import PayReason
from app.models import GridNode, SubsidyLine, SubsidyRun
from app.queries.household_file_places import names_of
from app.queries.worker_files.pay import list_lines
from app.sheets.ledgers.printed import Frame, write_printed
from app.sheets.writer import OutColumn

TITLE = "网格员误工补贴发放表"
COLUMNS = (
    OutColumn("序号", 6, True), OutColumn("乡镇", 11), OutColumn("村", 12), OutColumn("组", 9), OutColumn("姓名", 10),
    OutColumn("核定说明", 24), OutColumn("任职天数", 8, True), OutColumn("周期天数", 8, True),
    OutColumn("绩效系数", 8, True), OutColumn("基础补贴(元)", 11, True), OutColumn("绩效补贴(元)", 11, True),
    OutColumn("合计(元)", 11, True), OutColumn("县级承担(元)", 11, True), OutColumn("乡镇承担(元)", 11, True),
    OutColumn("村级承担(元)", 11, True), OutColumn("银行账号", 22), OutColumn("领取签字", 12),
)  # fmt: skip
REASONS = {
    PayReason.PAID: "全周期任职", PayReason.PART_PERIOD: "部分任职，按天折算", PayReason.EXCLUDED_IDENTITY: "不发：",
    PayReason.NOT_SERVING: "不发：周期内未任职", PayReason.NO_EVALUATION: "无考核结果，只发基础",
    PayReason.ALREADY_PAID: "不发：已在其他发放表", PayReason.CORRECTION: "更正差额",
}  # fmt: skip
_MONEY = range(9, 15)  # positions of the amounts


def payroll(session: Any, run: SubsidyRun, *, full_accounts: bool = False) -> bytes:
    """The run as an XLSX ready to print on A4. Account numbers are masked unless asked for in full, which the caller
    records with the reason."""
    lines = list_lines(run.id)
    names = names_of({key for _, node in lines for key in (node.l2_id, node.l3_id, node.l4_id) if key is not None})
    rule = "任职不满周期的按实际天数折算，四舍五入到分；各级分担按最大余数法"
    remark = f"发放日 {civil_words(run.pay_on, chinese=True)}　{rule}"
    frame = Frame(sheet_name=f"{run.period}补贴", title=f"{run.node.name}{TITLE}（{run.period}）", remark=remark,
                  columns=COLUMNS)  # fmt: skip
    rows = (_cells(number, line, node, names, full_accounts) for number, (line, node) in enumerate(lines, start=1))
    buffer = BytesIO()
    write_printed(buffer, frame, rows, _Totals())
    return buffer.getvalue()


def _cells(number: int, line: SubsidyLine, node: GridNode, names: dict[int, str], full: bool) -> list[Any]:
    place = [names.get(key or 0, "") for key in (node.l2_id, node.l3_id, node.l4_id)]
    account = (line.account or "") if full else f"****{line.account_tail}" if line.account_tail else ""
    coefficient = float(line.coefficient) if line.coefficient is not None else ""
    parts = [_yuan(line.split_fen.get(fund, 0)) for fund in ("county", "town", "village")]
    return [number, *place, line.name, f"{REASONS[line.reason]}{line.detail}", line.days, line.of_days, coefficient,
            _yuan(line.base_fen), _yuan(line.performance_fen), _yuan(line.amount_fen), *parts, account, ""]  # fmt: skip


def _yuan(fen: int) -> float:
    """A cell's number: two decimals are exact far beyond any sum paid here."""
    return fen / FEN


class _Totals:
    """Summed in fen from the cells as they are written, so that the last row reconciles with the rows above."""

    def __init__(self) -> None:
        self._people = self._paid = 0
        self._sums = dict.fromkeys(_MONEY, 0)

    def add(self, row: Sequence[Any]) -> None:
        self._people += 1
        self._paid += row[11] > 0
        for position in _MONEY:
            self._sums[position] += round(row[position] * FEN)

    def cells(self) -> list[Any]:
        sums = [_yuan(self._sums[position]) for position in _MONEY]
        return ["", "合计", "", "", f"{self._people} 人", f"应发 {self._paid} 人", "", "", "", *sums, "", ""]
