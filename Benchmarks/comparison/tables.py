"""Tables that read well on a terminal and are Markdown."""


def table(header, rows, right=()):
    """The columns whose numbers are in `right` are set to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *rows)]

    def line(cells):
        set_right = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths))
        ]
        return f"| {' | '.join(set_right)} |"

    rule = [
        "-" * (width - 1) + ":" if index in right else "-" * width
        for index, width in enumerate(widths)
    ]
    return "\n".join([line(header), line(rule), *map(line, rows)])
