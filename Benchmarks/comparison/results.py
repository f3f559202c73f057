"""The part of a file that the comparison writes, between two markers; the rest is left alone."""

BEGIN = "<!-- compare.py writes from here -->"
END = "<!-- to here -->"


def replaced(text, part):
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{part.strip()}\n\n{END}{after}"


def check(path):
    """Fails now and not after all was measured."""
    replaced(path.read_text(), "")


def write(path, part):
    path.write_text(replaced(path.read_text(), part))
