"""Where two readers of one mail disagree, and why each such disagreement is right to be there.

A disagreement is (field, ours, theirs). Each class below names one reason; a disagreement that falls in no class is a failure.
A class looks at the mail as well, so that it explains only what it was made for."""

import base64
import codecs
import hashlib
import re

import readers

FIELDS = ("from_name", "from_address", "subject", "date", "structure")


class Case:
    """One disagreement with everything that may explain it."""

    def __init__(self, raw, field, ours, theirs, reader, read, part=None, other=None):
        self.raw, self.field, self.ours, self.theirs, self.reader = raw, field, ours, theirs, reader
        self.parts, self.troubles = read["parts"], " ".join(read["troubles"])  # of the whole mail, as we read it
        self.part, self.other = part or {}, other or {}  # the part as we read it, and as they do
        self.header = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]

    def __str__(self):
        return f"{self.field}: ours {self.ours!r}, {self.reader} {self.theirs!r}"


def normal(read):
    """The fields that are compared, in one form."""
    parts = read.get("parts", [])
    form = {key: readers.clean(read.get(key)) for key in ("from_name", "from_address", "subject")}
    form["date"] = (read.get("date") or "").replace(".000000Z", "Z") or None
    form["structure"] = [(part["media_type"], part["in_forward"]) for part in parts]
    return form, parts


def disagreements(raw, ours, theirs, reader):
    (our_form, our_parts), (their_form, their_parts) = normal(ours), normal(theirs)
    for field in FIELDS:
        if our_form[field] != their_form[field]:
            yield Case(raw, field, our_form[field], their_form[field], reader, ours)
    if our_form["structure"] != their_form["structure"]:
        return
    for one, other in zip(our_parts, their_parts):
        for field in ("charset", "name"):
            pair = [readers.clean(part[field]) for part in (one, other)]
            if field == "charset":
                pair = [(text or "").lower() for text in pair]
            if pair[0] != pair[1]:
                yield Case(raw, field, *pair, reader, ours, one, other)
        if "sha256" in other and one.get("sha256") != other["sha256"]:
            yield Case(raw, "content", one.get("bytes"), other["bytes"], reader, ours, one, other)


# ---- Classes: name, reason, test ----

CLASSES = []


def explains(name, reason):
    def add(test):
        CLASSES.append((name, reason, test))
        return test
    return add


def class_of(case):
    return next((name for name, _, test in CLASSES if test(case)), None)


def same_body(case):
    return all(case.part.get(key) == case.other.get(key) for key in ("raw_bytes", "raw_sha256"))


def body_of(case):
    return base64.b64decode(case.part.get("body", ""))


def encoding(case):
    return case.part.get("encoding") or ""


def header_lines(header):
    """The lines of a header block, continuations left out."""
    return [line for line in re.split(rb"\r?\n", header) if line[:1] not in (b" ", b"\t")]


def is_field(line):
    return re.match(rb"[!-9;-~]+[ \t]*:", line) is not None


def has_odd_lines(raw):
    """In the mail's header, or in that of a part or of a forwarded mail."""
    block = rb"((?:[^\r\n]+\r?\n)+)"
    headers = [re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]]
    for name in boundaries(raw):
        headers += re.findall(rb"(?m)^--" + re.escape(name) + rb"[ \t]*\r?\n" + block, raw)
        if re.search(rb"(?i)multipart/digest", raw):  # where a part is a mail by itself
            headers += re.findall(rb"(?m)^--" + re.escape(name) + rb"[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n" + block, raw)
    headers += re.findall(rb"(?im)^content-type:\s*message/(?:[^\r\n]+\r?\n)+\r?\n" + block, raw)
    return raw[:1] in (b" ", b"\t") or any(line and not is_field(line) for header in headers for line in header_lines(header))


def has_bare_return(raw):
    return re.search(rb"\r(?!\n)", raw) is not None


def boundaries(raw):
    return [first or second for first, second in re.findall(rb'boundary="?(?:([^"\r\n]+)"|([^\s;"]+))', raw)]


@explains("text behind a token",
          "a token ends at white space or at a comment (RFC 2045 §5.1); others take what follows as part of the value")
def _(case):
    return case.field == "charset" and re.match(re.escape(case.ours) + r"[ (]", case.theirs) is not None


@explains("name inside a uuencoded part", "ours takes the name that stands in the data when the header gives none")
def _(case):
    return case.field == "name" and case.theirs is None and "uu" in encoding(case)


@explains("broken base64",
          "ours skips what is no digit (RFC 2045 §6.8) and keeps each whole byte; others stop, or give the text back undecoded")
def _(case):
    return case.field == "content" and encoding(case) == "base64" and same_body(case) \
        and case.part["sha256"] == reference_digest(case, reference_base64)


@explains("broken uuencode",
          "ours keeps the lines that are there; others give the text back undecoded, or fill up what a line lacks")
def _(case):
    return case.field == "content" and "uu" in encoding(case) and same_body(case) and not is_whole_uuencoded(body_of(case))


@explains("broken quoted-printable",
          "ours leaves what is no escape as it is and drops blanks at line ends (RFC 2045 §6.7)")
def _(case):
    return case.field == "content" and encoding(case) == "quoted-printable" and same_body(case) \
        and case.part["sha256"] == reference_digest(case, reference_quoted)


def is_whole_uuencoded(body):
    lines = body.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return re.match(rb"begin [0-7]{3} .", lines[0]) is not None and lines[-2:] == [b"`", b"end"] and all(
        re.fullmatch(rb"[!-`]+", line) and len(line) - 1 == (line[0] - 32 + 2) // 3 * 4 for line in lines[1:-2])


def reference_digest(case, decode):
    return hashlib.sha256(decode(body_of(case))).hexdigest()


def reference_base64(body):
    out = b""
    for run in body.split(b"="):
        digits = re.sub(rb"[^A-Za-z0-9+/]", b"", run)
        digits = digits[:-1] if len(digits) % 4 == 1 else digits
        out += base64.b64decode(digits + b"=" * (-len(digits) % 4))
    return out


def reference_quoted(body):
    body = re.sub(rb"=[ \t]*(\r?\n|\Z)", b"", re.sub(rb"(?<![=\s])[ \t]+(?=\r?\n|\Z)", b"", body))
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), body)


@explains("line ends where a boundary is missing",
          "one line end belongs to the boundary that ends a part (RFC 2046 §5.1.1), none to the end of the mail; others take "
          "one for each level, or none")
def _(case):
    return case.field == "content" and boundaries(case.raw) and case.part["raw_sha256"] == case.other["raw_sha256"] \
        and abs(case.part["raw_bytes"] - case.other["raw_bytes"]) <= 4


@explains("lines that are no fields",
          "the header that is signed ends at the empty line: in it ours passes over odd lines, where Python takes the first "
          "as the start of the body; in a part ours does that too, where GMime passes over them")
def _(case):
    return has_odd_lines(case.raw)


@explains("carriage return alone", "no line end in mail (RFC 5322 §2.3), nor for signatures; Python takes it for one")
def _(case):
    return has_bare_return(case.raw)


@explains("field that occurs twice",
          "ours shows and obeys the last one, which is the one a signature covers; others take the first")
def _(case):
    names = [line.split(b":")[0].strip().lower() for line in header_lines(case.header)]
    wanted = {"subject": [b"subject"], "date": [b"date"]}.get(
        case.field, [b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version"])
    in_part = re.search(rb"(?im)^(content-[a-z-]+):.*\r?\n(?:(?:[ \t]|[a-z-]+:).*\r?\n)*\1:", case.raw)
    return any(names.count(name) > 1 for name in wanted) or (case.reader == "GMime" and in_part is not None)


def without_multiparts(structure):
    return [("text/plain" if media_type.startswith("multipart/") else media_type, in_forward) for media_type, in_forward in structure]


def is_ours_without_texts(case):
    """What they found is what we found, but for some texts and the files in them."""
    left = list(case.theirs)
    for one, part in zip(case.ours, case.parts):
        if left and left[0] == one:
            del left[0]
        elif one[0] != "text/plain" and part["encoding"] != "x-uuencode":
            return False
    return not left


@explains("multipart that cannot be taken apart",
          "it names no boundary, or holds no part: ours shows it as text, so that nothing is lost")
def _(case):
    if case.field != "structure" or not re.search("holds no parts|no usable boundary|nested too deeply", case.troubles):
        return False
    return without_multiparts(case.theirs) == case.ours or is_ours_without_texts(case)


@explains("two boundaries in a row", "an empty part stands between them; Python takes them for one")
def _(case):
    return case.field in ("structure", "content") and re.search(rb"(?m)^(--[^\r\n]+?)[ \t]*\r?\n\1(--)?[ \t]*\r?$", case.raw) is not None


@explains("file inside text", "a whole uuencoded file in plain text becomes a part; others leave it in the text")
def _(case):
    others = [(part["media_type"], part["in_forward"]) for part in case.parts
              if part["encoding"] != "x-uuencode" or part["media_type"] != "application/octet-stream"]
    if len(others) == len(case.parts):
        return False
    if case.field == "structure":
        return without_multiparts(case.theirs) == others
    return case.field == "content" and re.search(rb"(?m)^begin [0-7]{3} ", case.raw) is not None


@explains("forward in a transfer encoding",
          "forbidden for message/rfc822 (RFC 2046 §5.2.1) and yet seen: ours decodes and reads it")
def _(case):
    return any(part["media_type"] == "message/rfc822" and part["encoding"] in ("base64", "quoted-printable", "x-uuencode", "uuencode")
               for part in case.parts)


@explains("address without an @", "ours shows it as a name, so that nobody takes it for an address")
def _(case):
    return case.field in ("from_name", "from_address") and "@" not in ((case.theirs if case.field == "from_address" else case.ours) or "")


@explains("sender of another form", "neither Name <address> nor address (Name): ours takes the first word with an @")
def _(case):
    field = re.search(rb"(?im)^from:((?:.*\r?\n[ \t])*.*)$", case.header)
    usual = rb"\s*([^<>@()]*<[\w.-]+@[\w.-]+>|[\w.-]+@[\w.-]+(\s*\(\w*\))?)\s*"
    return case.field in ("from_address", "from_name") and (field is None or not re.fullmatch(usual, field[1]))


@explains("bytes that mean nothing in their charset",
          "ours shows U+FFFD, or takes the whole field for windows-1252; others guess another charset, drop them or show '?'")
def _(case):
    if case.field in ("from_address", "structure", "name", "subject", "from_name") and "\ufffd" in str(case.ours):
        return True
    try:
        return case.field in ("subject", "from_name") and not case.header.decode()
    except UnicodeDecodeError:
        return True


WORD = re.compile(r"=\?[\w.:-]+(\*\w*)?\?([bB]\?([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
                  r"|[qQ]\?(=[0-9A-F]{2}|[!->@-~])*)\?=")


@explains("broken encoded word",
          "ours reads what can be read of it; others show it as it stands, or read it in another way")
def _(case):
    if case.field not in ("subject", "name", "from_name"):
        return False
    rest = WORD.sub("", case.raw.decode("latin-1"))
    return "=?" in rest or "?=" in rest


@explains("white space beside an encoded word", "ours keeps it where no other word follows (RFC 2047 §6.2)")
def _(case):
    if case.field not in ("subject", "name", "from_name") or b"=?" not in case.header:
        return False
    return (case.ours or "").replace(" ", "") == (case.theirs or "").replace(" ", "")


@explains("media type of another form",
          "ours ends it at white space or at a comment and reads what is no type as text/plain (RFC 2045 §5.2)")
def _(case):
    token = r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+"
    odd = re.search(rb"(?im)^content-type\s*:\s*(?!" + f"{token}/{token}[ \t]*(;|\\(|\r|$))".encode(), case.raw)
    return case.field == "structure" and odd and len(case.ours) == len(case.theirs) and all(
        ours == theirs or theirs[0] == "application/octet-stream" or ours[0].startswith(theirs[0])
        or not (re.fullmatch(f"{token}/{token}", theirs[0]) and re.fullmatch(f"{token}/{token}", ours[0]))
        for ours, theirs in zip(case.ours, case.theirs))


@explains("date of another form", "ours reads what RFC 5322 §3.3 and §4.3 allow; others guess")
def _(case):
    strict = rb"(?im)^date:\s*([a-z]{3},\s*)?\d{1,2} [a-z]{3} \d{4} \d{1,2}:\d\d(:\d\d)? ([+-]\d{4}|GMT)( \([A-Z]+\))?\s*$"
    return case.field == "date" and re.search(strict, case.header) is None


@explains("text behind a quoted value",
          "ours takes the quoted string alone; others take what follows up to the next semicolon, or nothing")
def _(case):
    return case.field in ("charset", "name", "structure") and re.search(rb'="(\\.|[^"\\])*"(\r?\n[ \t]|[ \t])*[^;\s]', case.raw) is not None


@explains("quotation mark alone", "ours ends the value where the field ends; others have their own ways")
def _(case):
    unfolded = re.sub(rb"\r?\n[ \t]", b" ", case.raw).split(b"\n")
    return case.field in ("charset", "name", "structure") and any(re.sub(rb"\\.", b"", line).count(b'"') % 2 for line in unfolded)


@explains("message of another type", "Python takes every message/… apart; ours message/rfc822 and message/global")
def _(case):
    return case.field == "structure" and any(re.match("message/(?!rfc822$|global$)", part["media_type"]) for part in case.parts)


@explains("transfer encoding with something behind it", "ours takes the first word; others know no such encoding")
def _(case):
    return case.field == "content" and same_body(case) and case.other["bytes"] == case.other["raw_bytes"] and re.search(
        rb"(?im)^content-transfer-encoding:\s*[\w-]+(\r?\n)?[ \t;(]+\S", case.raw) is not None


@explains("encoded quotation mark in a name", "GMime cuts the name there")
def _(case):
    return case.reader == "GMime" and case.field == "name" and (case.ours or "").split('"')[0] == case.theirs


@explains("charset of a parameter that is none",
          "ours reads UTF-8 or windows-1252; others have their own guess (RFC 2231 §4)")
def _(case):
    return case.field == "name" and re.search(rb"(?i)name\*(0\*)?=(?!(utf-8|iso-8859-\d)'\w*')", case.raw) is not None


@explains("mail cut off in a header", "ours shows the part that begins there, without a body; GMime drops it")
def _(case):
    starts = [found.end() for name in boundaries(case.raw)
              for found in re.finditer(rb"(?m)^--" + re.escape(name) + rb"[ \t]*\r?\n", case.raw)]
    tail = case.raw[max(starts, default=0):]
    tail = re.sub(rb"(?is)^.*?content-type:\s*message/rfc822\r?\n\r?\n", b"", tail)
    is_cut = re.search(rb"\r?\n\r?\n", tail.rstrip(b"\r\n")) is None
    return is_cut and case.reader == "GMime" and case.field == "structure" and case.theirs == case.ours[:len(case.theirs)]


@explains("parameter without a value", "ours passes over it; GMime reads none of those behind it")
def _(case):
    odd = rb"(?im)^content-(type|disposition):\s*[^;]*;((\s*[\w*-]+\s*=\s*(\"[^\"]*\"|[^;\s]*)\s*;)*)\s*([^=;]*(;|\r?\n\S)|=)"
    return case.reader == "GMime" and case.field in ("charset", "name") and re.search(odd, case.raw) is not None


@explains("NUL in a header", "GMime ends the field there")
def _(case):
    return case.reader == "GMime" and b"\0" in case.raw


@explains("charset that nobody knows",
          "ours takes UTF-8 or windows-1252; others show the bytes in their own way, or drop them")
def _(case):
    labels = re.findall(r"=\?([^?*\s]+)[?*]", case.raw.decode("latin-1"))
    return case.field in ("subject", "name", "from_name") and not all(is_charset(label) for label in labels)


def is_charset(label):
    try:
        return codecs.lookup(label) is not None
    except (LookupError, ValueError):
        return False
