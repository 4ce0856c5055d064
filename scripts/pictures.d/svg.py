"""Draws rows of a terminal as SVG.

Bars and lines are drawn as shapes, and each word has an explicit width, so that the columns are aligned in any monospaced
font.
"""

from html import escape

from ansi import Style

CELL, ROW, FONT = 8.4, 20, 14
MARGIN, TITLE = 24, 44
BACKGROUND, FRAME, STROKE, FOREGROUND, FAINT = "#0d1420", "#263247", "#46577a", "#d7deea", "#8493ab"
# The program's colours, adapted to this background.
COLORS = {28: "#5fd38a", 30: "#45c8d8", 130: "#f0a35e", 164: "#d787f5", 196: "#ff6b6b", 2: "#5fd38a", 1: "#ff6b6b"}
# The fraction of a cell that a block fills, from the left.
BLOCKS = {character: (8 - index) / 8 for index, character in enumerate("█▉▊▋▌▍▎▏")}
# Box drawing: whether a stroke goes up, down and to the right of the middle.
STROKES = {"│": (True, True, False), "├": (True, True, True), "└": (True, False, True)}


def color(style):
    if style.color is not None:
        return COLORS.get(style.color, FOREGROUND)
    return FAINT if style.dim else FOREGROUND


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


def runs(cells):
    """Runs of adjacent cells that are drawn together: `(column, text, style)`; spaces are left out."""
    result = []
    for column, (character, style) in enumerate(cells):
        if character == " ":
            continue
        if result:
            start, text, before = result[-1]
            is_next = start + len(text) == column and before == style
            if is_next and (character in BLOCKS) == (text[0] in BLOCKS) and not {character, text[0]} & set(STROKES):
                result[-1] = (start, text + character, style)
                continue
        result.append((column, character, style))
    return result


def shape(column, top, text, style):
    x = MARGIN + column * CELL
    fill = color(style)
    if text[0] in BLOCKS:
        width = sum(BLOCKS[character] for character in text) * CELL
        return (
            f'<rect x="{number(x)}" y="{number(top + 4)}" width="{number(max(width, 1.5))}" height="{ROW - 8}" '
            f'rx="2" fill="{fill}"/>'
        )
    if text[0] in STROKES:
        up, down, right = STROKES[text[0]]
        middle, center = x + CELL / 2, top + ROW / 2
        path = f"M{number(middle)} {number(top if up else center)}V{number(top + ROW if down else center)}"
        if right:
            path += f"M{number(middle)} {number(center)}H{number(x + CELL * 1.6)}"
        return f'<path d="{path}" stroke="{STROKE}" stroke-width="1.2" fill="none"/>'
    if text == "◆":
        middle, center = x + CELL / 2, top + ROW / 2
        path = f"M{number(middle)} {number(center - 4.5)}l4.5 4.5l-4.5 4.5l-4.5 -4.5z"
        return f'<path d="{path}" fill="{fill}"/>'
    weight = ' font-weight="700"' if style.bold else ""
    return (
        f'<text x="{number(x)}" y="{number(top + ROW * 0.7)}" textLength="{number(len(text) * CELL)}" '
        f'lengthAdjust="spacingAndGlyphs" fill="{fill}"{weight}>{escape(text)}</text>'
    )


def picture(rows, title, description):
    """An SVG document that shows the rows in a window."""
    columns = max(len(row) for row in rows)
    width = round(2 * MARGIN + columns * CELL)
    height = round(TITLE + len(rows) * ROW + MARGIN * 0.75)
    dots = "".join(
        f'<circle cx="{MARGIN + 4 + index * 20}" cy="{TITLE / 2}" r="6" fill="{fill}"/>'
        for index, fill in enumerate(("#ff6b6b", "#f0c35e", "#5fd38a"))
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="title description" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" '
        f'font-size="{FONT}">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="12" fill="{BACKGROUND}" stroke="{FRAME}"/>',
        dots,
        f'<text x="{number(width / 2)}" y="{TITLE / 2 + 5}" text-anchor="middle" fill="{FAINT}">{escape(title)}</text>',
    ]
    for index, cells in enumerate(rows):
        for column, text, style in runs(cells):
            lines.append(shape(column, TITLE + index * ROW, text, style))
    return "\n".join(lines + ["</svg>", ""])


def prompt(command):
    """The row with the prompt and the command."""
    return [("$", Style(color=28, bold=True)), (" ", Style())] + [(character, Style(bold=True)) for character in command]
