"""Parses the terminal output of a program into rows of cells, each a character with its style."""

import re
from dataclasses import dataclass, replace

ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


@dataclass(frozen=True)
class Style:
    color: int | None = None  # of the 256
    bold: bool = False
    dim: bool = False


def styled(style, codes):
    """The style after the parameters of an SGR sequence, such as `1;38;5;196`."""
    numbers = [int(code or 0) for code in codes.split(";")]
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            style = Style()
        elif number == 1:
            style = replace(style, bold=True)
        elif number == 2:
            style = replace(style, dim=True)
        elif number == 22:
            style = replace(style, bold=False, dim=False)
        elif 30 <= number <= 37:
            style = replace(style, color=number - 30)
        elif 90 <= number <= 97:
            style = replace(style, color=number - 82)
        elif number == 39:
            style = replace(style, color=None)
        elif number == 38 and numbers[:1] == [5]:
            style = replace(style, color=numbers[1])
            del numbers[:2]
    return style


def rows(text):
    """Rows of `(character, style)`. Only colours and line ends are supported: nothing here moves the cursor."""
    result = []
    style = Style()
    for line in text.replace("\r", "").rstrip("\n").split("\n"):
        cells = []
        position = 0
        while position < len(line):
            escape = ESCAPE.match(line, position)
            if escape:
                if escape.group(2) == "m":
                    style = styled(style, escape.group(1))
                position = escape.end()
            else:
                cells.append((line[position], style))
                position += 1
        result.append(cells)
    return result
