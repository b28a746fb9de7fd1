#!/usr/bin/env python3
"""Draws docs/demo.svg from what a demo printed: aftercall demo > printed 2> progress; docs/demo.py printed progress

Shown are the last progress line, the first tables of the report and the proof; the tables between are left out.
"""
import re
import sys
import unicodedata
from html import escape
from pathlib import Path

CELL, LINE, MARGIN = 8.4, 19, 18
WIDEST = 100
LEFT_OUT = "  ⋮"


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrapped(line):
    """A long line as a terminal of that width shows it, but broken between its parts."""
    row = ""
    for part in line.split(" · "):
        if row and width(row) + 3 + width(part) > WIDEST:
            yield row
            row = "  · " + part
        else:
            row = row + " · " + part if row else part
    yield row


def lines(printed, progress):
    last = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", progress)) if " · done " in line][-1]
    report, proof = printed.split("\nproof ", 1)
    tables = report.strip().split("\n\n")
    # The folder of the one who ran it is nobody's business.
    proof = re.sub(r"\S*/(?=data/|far-end\.jsonl|aftercall\.toml)", "demo-data/", "proof " + proof.rstrip())
    shown = ["$ scripts/demo", *wrapped(last), ""]
    for table in tables[:4]:
        shown += table.split("\n") + [""]
    return shown + [LEFT_OUT, ""] + proof.split("\n")


def colour(line):
    if line.startswith("$"):
        return "#9ece6a"
    if line.startswith(("due ", "  · ")):
        return "#7dcfff"
    if line.startswith(("回访任务", "呼叫", "失访构成", "满意度", "proof")):
        return "#e0af68"
    return "#c0caf5"


def spans(line):
    """Each piece at its own cell, so that a font of another width moves nothing."""
    at = 0
    for piece in re.findall(r"\s+|[\u2e80-\u9fff\uff00-\uffef]+|[^\s\u2e80-\u9fff\uff00-\uffef]+(?: [!-~]+)*", line):
        if not piece.isspace():
            yield f'<tspan x="{MARGIN + at * CELL:.1f}" textLength="{width(piece) * CELL:.1f}">{escape(piece)}</tspan>'
        at += width(piece)


def draw(shown):
    wide = max(map(width, shown)) * CELL + 2 * MARGIN
    high = len(shown) * LINE + 2 * MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high}" width="{wide:.0f}" '
           f'font-family="\'Sarasa Mono SC\',\'Noto Sans Mono CJK SC\',Menlo,Consolas,monospace" font-size="14">')
    yield f'<title>The end of a demo run</title><rect width="100%" height="100%" rx="8" fill="#1a1b26"/>'
    for number, line in enumerate(shown):
        if line.strip():
            yield f'<text y="{MARGIN + number * LINE + 14}" fill="{colour(line)}">{"".join(spans(line))}</text>'
    yield "</svg>\n"


printed, progress = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
Path(__file__).with_name("demo.svg").write_text("\n".join(draw(lines(printed, progress))), encoding="utf-8")
