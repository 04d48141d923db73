"""A workbook as large as people really have: 100,000 rows are read in bounded memory, one more is refused in words."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from app.sheets.reader import MAX_ROWS, open_roster

HEADINGS = ("户编号", "户主姓名", "村组编码", "联系电话1", "家庭住址", "是否长期外出")
_MEASURE = """
import json, resource, sys
from app.sheets.problems import SheetError, explain_in_a_line
from app.sheets.reader import open_roster
data = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = 0
try:
    for _ in open_roster(data).rows():
        count += 1
    said = ""
except SheetError as error:
    said = explain_in_a_line(error.to_json())
print(json.dumps([count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, said]))
"""


def _big(rows: int) -> bytes:
    """Written by hand: a library would take longer than the test may."""

    def cells(number: int, values: tuple[str, ...]) -> str:
        return "".join(f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
                       for at, value in enumerate(values))  # fmt: skip

    body = []
    for n in range(rows):
        values = (f"B{n:06d}", "孙试户", "990001101201001", f"100{n:08d}", f"一组{n}号", "否")
        body.append(f'<row r="{n + 2}">{cells(n + 2, values)}</row>')
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{relation}"><sheets><sheet name="农户名册" '
                                            'sheetId="1" r:id="rId1"/></sheets></workbook>')  # fmt: skip
        archive.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="rId1" '
                         f'Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')  # fmt: skip
        head = f'<row r="1">{cells(1, HEADINGS)}</row>'
        content = f"<worksheet {main}><sheetData>{head}{''.join(body)}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", content)
    return buffer.getvalue()


def test_the_largest_sheet_is_read_in_bounded_memory_and_one_row_more_refused(tmp_path: Path):
    path = tmp_path / "big.xlsx"
    path.write_bytes(_big(MAX_ROWS + 1))
    ran = subprocess.run([sys.executable, "-c", _MEASURE, str(path)], check=True, capture_output=True, text=True)
    count, megabytes, said = json.loads(ran.stdout)
    assert (count, said) == (MAX_ROWS, "The sheet has more than 100000 rows. Split it into several files.")
    assert megabytes < 40  # all its cells at once would take 200


def test_thousands_of_tags_without_an_end_take_no_quadratic_time():
    data = _big(1)
    hostile = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(hostile, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(
                    b"</sheetData>", b'<row r="9">' + b'<c r="A9" x="">' * 200_000 + b"</row></sheetData>"
                )
            target.writestr(name, content)
    assert [row.number for row in open_roster(hostile.getvalue()).rows()] == [2]
