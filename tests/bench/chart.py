"""Draws README.md's pictures, of compare.py's figures and of footprint.py's."""
import xml.sax.saxutils

WIDTH, LEFT, ROW, BAR, TOP, EDGE = 840, 226, 32, 11, 92, 18
GAP = 50          # behind a bar, for its figure
TOP_VALUE = 5500  # longer bars are cut
BACK, PLAIN, DIM, OURS, OTHERS = "#242933", "#d8dee9", "#9aa5b8", "#88c0d0", "#d08770"


def text(x, y, words, colour=PLAIN, more=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}"{more}>{xml.sax.saxutils.escape(words)}</text>'


def pairs_of_bars(columns):
    """columns: {bytes of a read: {corpus: (ours, the best of the others')}}"""
    names = list(next(iter(columns.values())))
    height = TOP + ROW * len(names) + EDGE
    step = (WIDTH - LEFT) / len(columns)
    drawn = [text(EDGE, 30, "Instructions per event, g++ -O2 (less is better)", PLAIN, ' font-size="16" font-weight="bold"'),
             f'<rect x="{EDGE}" y="43" width="{BAR}" height="{BAR}" fill="{OURS}"/>', text(EDGE + 18, 53, "this library"),
             f'<rect x="{EDGE + 120}" y="43" width="{BAR}" height="{BAR}" fill="{OTHERS}"/>',
             text(EDGE + 138, 53, "the best of the others in the same run, which deliver text alone")]
    for column, size in enumerate(columns):
        drawn.append(text(LEFT + column * step, TOP - 12, f"reads of {size}", DIM))
    for number, name in enumerate(names):
        y = TOP + ROW * number
        drawn.append(text(LEFT - 10, y + BAR + 4, name, PLAIN, ' text-anchor="end"'))
        for column, pairs in enumerate(columns.values()):
            x = LEFT + column * step
            for index, (value, colour) in enumerate(zip(pairs[name], (OURS, OTHERS))):
                length = max(1, (step - GAP) * min(1, value / TOP_VALUE))
                y_bar = y + index * (BAR + 1)
                drawn.append(f'<rect x="{x:.0f}" y="{y_bar}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>')
                if value > TOP_VALUE:
                    drawn.append(f'<path d="M{x + length - 16:.0f} {y_bar + BAR}l6 -{BAR}h4l-6 {BAR}z" fill="{BACK}"/>')
                drawn.append(text(x + length + 5, y_bar + BAR - 1, f"{value:,.0f}", DIM, ' font-size="11"'))
    return picture("Instructions per event, ours and the best of the others", height, drawn)


def bars(title, figures, is_ours):
    """figures: {name: value}"""
    height = TOP - ROW + (BAR + 9) * len(figures) + EDGE
    left, longest = 2 * LEFT // 3 + LEFT, max(figures.values())
    drawn = [text(EDGE, 30, title, PLAIN, ' font-size="16" font-weight="bold"')]
    for number, (name, value) in enumerate(figures.items()):
        y, length = TOP - ROW + (BAR + 9) * number, (WIDTH - left - GAP - EDGE) * value / longest
        drawn += [text(left - 10, y + BAR, name, PLAIN, ' text-anchor="end"'),
                  f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{OURS if is_ours(name) else OTHERS}"/>',
                  text(left + length + 5, y + BAR - 1, f"{value:,}", DIM, ' font-size="11"')]
    return picture(title, height, drawn)


def picture(title, height, drawn):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            'font-family="system-ui,sans-serif" font-size="13">\n'
            f'<title>{xml.sax.saxutils.escape(title)}</title>\n'
            f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>\n' + "\n".join(drawn) + "\n</svg>\n")
