"""Three readers of mail in one form: a dict {from_name, from_address, subject, date, parts: [{media_type, charset, name, bytes,
sha256, in_forward}]}, None where there is nothing."""

import datetime
import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import re
import subprocess
import unicodedata

PARTS_MAX, FORWARDS_MAX = 500, 1


class Program:
    """A program that prints what it reads in each mail on its standard input, as mail_dump.c does."""

    def __init__(self, path):
        self.path = path

    def read_all(self, mails):
        framed = b"".join(b"%d\n%s" % (len(raw), raw) for raw in mails)
        done = subprocess.run([self.path], input=framed, stdout=subprocess.PIPE, check=True, timeout=600)
        lines = done.stdout.decode().split("\n")[:-1]
        assert len(lines) == len(mails), f"{self.path} answered {len(lines)} of {len(mails)} mails"
        return [json.loads(line) for line in lines]


class Python:
    """Python's email package; where it hands out raw text, it is decoded as this project does (RFC 2047, 2231, 6532)."""

    def read_all(self, mails):
        return [read_with_python(raw) for raw in mails]


class RawPolicy(email.policy.Compat32):
    """Headers as they stand, bytes above 127 as surrogates."""

    def header_fetch_parse(self, name, value):
        return value


def read_with_python(raw):
    message = email.message_from_bytes(raw, policy=RawPolicy())
    fields = {}
    for name, value in message.raw_items():
        fields.setdefault(name.lower(), value)
    found = {"subject": decode_words(fields["subject"]) if "subject" in fields else None, "parts": []}
    for name, address in email.utils.getaddresses([fields.get("from", "")])[:1]:
        found["from_name"], found["from_address"] = decode_words(name), decode_bytes(address)
    found["date"] = read_date(fields.get("date"))
    waiting = [(message, 0)]
    while waiting and len(found["parts"]) < PARTS_MAX:
        part, forwards = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting += [(child, forwards) for child in reversed(part.get_payload())]
            continue
        found["parts"].append(read_part(part, forwards))
        if part.is_multipart() and forwards < FORWARDS_MAX:
            waiting += [(child, forwards + 1) for child in reversed(part.get_payload())]
    return found


def read_part(part, forwards):
    one = {"media_type": part.get_content_type(), "in_forward": forwards > 0, "charset": None, "name": None}
    try:
        charset = part.get_param("charset")
        name = part.get_param("filename", None, "content-disposition") or part.get_param("name")
    except TypeError:  # "name*=…" beside "name*1=…"
        charset = name = None
    one["charset"] = decode_words(email.utils.collapse_rfc2231_value(charset)).lower() if charset else None
    if isinstance(name, tuple):
        one["name"] = email.utils.collapse_rfc2231_value(name, "replace")
    elif name:
        one["name"] = decode_words(email.utils.unquote(name))
    if not part.is_multipart():
        data = part.get_payload(decode=True) or b""
        body = (part._payload or "").encode("ascii", "surrogateescape")
        one["bytes"], one["sha256"] = len(data), hashlib.sha256(data).hexdigest()
        one["raw_bytes"], one["raw_sha256"] = len(body), hashlib.sha256(body.rstrip(b"\r\n")).hexdigest()
    return one


def decode_bytes(text):
    """Raw text of a header: UTF-8, else windows-1252."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


SUPERSETS = {"iso-8859-1": "cp1252", "shift_jis": "cp932", "euc-kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-9": "cp1254"}


def decode_words(value):
    """RFC 2047 by Python's reader, neighbours of one charset joined before they are decoded."""
    text = ""
    try:
        pieces = email.header.decode_header(str(value))
    except email.errors.HeaderParseError:
        return decode_bytes(str(value))
    for piece, charset in pieces:
        if charset is None:
            data = piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
            raw = data.decode("raw-unicode-escape").encode("utf-8", "surrogateescape") if isinstance(piece, bytes) else data
            text += decode_bytes(raw.decode("utf-8", "surrogateescape"))
            continue
        try:
            text += piece.decode(SUPERSETS.get(charset.split("*")[0], charset.split("*")[0]), "replace")
        except (LookupError, ValueError):  # unknown, or with a NUL in its name
            text += decode_bytes(piece.decode("utf-8", "surrogateescape"))
    return text


def read_date(value):
    parsed = email.utils.parsedate_tz(value) if value else None
    if parsed is None:
        return None
    try:
        return datetime.datetime.fromtimestamp(email.utils.mktime_tz(parsed), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def clean(text):
    """One line, as this project shows text (base/text.h); None for nothing."""
    if not text:
        return None
    kept = "".join(" " if c.isspace() and c not in "\x1c\x1d\x1e\x1f\x85" or c in "\u2028\u2029" else c for c in text)
    kept = "".join(c for c in kept if unicodedata.category(c) != "Cc" and c not in "\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return re.sub(" +", " ", kept).strip()[:1000] or None
