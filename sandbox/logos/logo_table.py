"""Writes a C table {name, base64 of the PNG} from the PNG files given as arguments."""
import base64
import pathlib
import sys


def main() -> None:
    target, *pictures = sys.argv[1:]
    rows = []
    for picture in sorted(pictures):
        path = pathlib.Path(picture)
        text = base64.b64encode(path.read_bytes()).decode("ascii")
        pieces = "\n".join(f'        "{text[i:i + 96]}"' for i in range(0, len(text), 96))
        rows.append(f'    {{ "{path.stem}",\n{pieces} }},')
    body = "\n".join(rows)
    pathlib.Path(target).write_text(
        "/* Made by logo_table.py from sandbox/logos. */\n"
        '#include "logo_table.h"\n\n'
        f"const LogoRow logo_rows[] = {{\n{body}\n}};\n"
        "const size_t logo_row_count = sizeof logo_rows / sizeof logo_rows[0];\n"
    )


main()
