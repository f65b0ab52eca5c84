"""What the two sets of vectors share: the usual mail, and the collecting of cases into files."""

import json
import pathlib

from signer import CLOCK, DOMAIN, key_zone, sign

HERE = pathlib.Path(__file__).resolve().parent
BODY = b"Hello Anna,\r\n\r\nplease  pay 42.00 EUR. \r\n"


def field(name, value):
    return f"{name}: {value}\r\n".encode("utf-8")


FIELDS = [field("From", f"Joe <joe@{DOMAIN}>"), field("To", "Anna <anna@payer.example>"),
          field("Subject", "Invoice  2026-118"), field("Date", "Mon, 23 Nov 2026 09:00:00 +0000")]


def join(fields, body, *signatures):
    return b"".join(signatures) + b"".join(fields) + b"\r\n" + body


def mail(fields=FIELDS, body=BODY, **options):
    """A mail with one good signature."""
    return join(fields, body, sign(fields, body, **options))


class Collection:
    def __init__(self, kind):
        self.kind, self.files, self.names = kind, {}, set()

    def add(self, file, name, rule, description, message, zone, expected, clock=CLOCK, envelope=None):
        assert (file, name) not in self.names, name
        self.names.add((file, name))
        case = {"name": name, "rule": rule, "description": description, "clock": clock}
        if envelope is not None:
            case["envelope"] = envelope
        case |= {"zone": zone, "message": message.decode("latin-1"), "expected": expected}
        self.files.setdefault(file, []).append(case)

    def texts(self):
        """(path, what it should hold) of every file."""
        for file, cases in self.files.items():
            document = {"format": "mail authentication vectors 1", "suite": self.kind, "cases": cases}
            yield HERE / self.kind / f"{file}.json", json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    def count(self):
        return sum(map(len, self.files.values()))


ZONE = key_zone()
