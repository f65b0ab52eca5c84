"""Mails of all shapes, and ways to break them. Everything comes from the random generator that is given, so that a seed names
a mail."""

import base64
import binascii
import quopri

TEXTS = {
    "utf-8": "Zażółć gęślą jaźń – Größe №7 请付款",
    "iso-8859-1": "Größenänderung é",
    "iso-8859-2": "Zażółć gęślą",
    "iso-8859-15": "10 € für März",
    "windows-1252": "“Rechnung” – 10 €",
    "windows-1250": "Zażółć „gęślą”",
    "windows-1251": "Счёт № 7",
    "koi8-r": "Счет 7",
    "shift_jis": "請求書",
    "euc-jp": "請求書",
    "iso-2022-jp": "請求書",
    "gb18030": "请付款 发票",
    "euc-kr": "청구서",
    "us-ascii": "Invoice 7 of 12",
}
DATES = ["Mon, 23 Nov 2026 09:00:00 +0000", "3 Jan 2026 9:05 +0130", "Fri, 1 May 2026 23:59:59 -0800 (PST)",
         "Tue, 2 Jun 2026 10:00:00 GMT"]
FILE_TYPES = ["application/pdf", "application/xml", "text/xml", "application/octet-stream", "image/png", "application/zip"]
NAMES = ["invoice.pdf", "Rechnung 7.xml", "Größe №7.pdf", "żółć.xml", "a;b.pdf", 'quote".pdf', "long " * 12 + ".pdf", "請求書.pdf"]


def encoded_word(text, charset, kind):
    data = text.encode(charset)
    if kind in "bB":
        return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
    inside = "".join(chr(c) if chr(c).isascii() and chr(c).isalnum() else "_" if c == 32 else f"={c:02X}" for c in data)
    return f"=?{charset}?{kind}?{inside}?="


def header_text(random):
    """Text of a header: plain, encoded, a mixture, raw UTF-8, or one character cut in two words."""
    charset = random.choice(list(TEXTS))
    text = TEXTS[charset]
    shape = random.randrange(6)
    if shape == 0:
        return TEXTS["us-ascii"]
    if shape == 1:
        return "Re: " + encoded_word(text, charset, random.choice("bqQ")) + " - 7"
    if shape == 2:
        return TEXTS["utf-8"]
    if shape == 3 and charset == "utf-8":
        data = text.encode()
        return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(data[i:i + 9]).decode()}?=" for i in range(0, len(data), 9))
    return encoded_word(text, charset, random.choice("bqBQ"))


def percent(text, charset="utf-8"):
    return "".join(chr(c) if chr(c).isascii() and chr(c).isalnum() else f"%{c:02X}" for c in text.encode(charset))


def name_parameter(random, key, name):
    """A file name in one of the forms seen in mail."""
    shape = random.randrange(6)
    if shape == 0:
        return f"{key}*=utf-8''{percent(name)}"
    if shape == 1:
        coded = percent(name)
        cut = coded.find("%", len(coded) // 2) if "%" in coded[len(coded) // 2:] else len(coded) // 2 + 2
        return f"{key}*0*=UTF-8'de'{coded[:cut]};\r\n {key}*1*={coded[cut:]}"
    if shape == 2:
        return f'{key}="{encoded_word(name, "utf-8", random.choice("bq"))}"'
    if shape == 3 and name.isascii():
        half = len(name) // 2
        quoted = [part.replace("\\", "\\\\").replace('"', '\\"') for part in (name[:half], name[half:])]
        return f'{key}*0="{quoted[0]}"; {key}*1="{quoted[1]}"'
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key}="{quoted}"'


def uuencoded(name, data):
    lines = [binascii.b2a_uu(data[i:i + 45], backtick=True).decode().rstrip("\n") for i in range(0, len(data), 45)]
    return "\r\n".join([f"begin 644 {name}", *lines, "`", "end", ""]).encode()


def encode_body(random, data, is_text):
    """(Content-Transfer-Encoding or None, encoded)."""
    shape = random.randrange(5)
    if shape == 0 or (not is_text and shape != 4):
        width = random.choice([76, 76, 64, 1000])
        coded = base64.b64encode(data).decode()
        lines = "\r\n".join(coded[i:i + width] for i in range(0, len(coded), width))
        return random.choice(["base64", "BASE64", "Base64"]), (lines + "\r\n").encode()
    if shape == 1 and is_text:
        return random.choice(["quoted-printable", "Quoted-Printable"]), quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    if shape == 4 and not is_text:
        return random.choice(["x-uuencode", "uuencode"]), uuencoded("inside.bin", data)
    return random.choice(["8bit", "7bit", "binary", None, " 8bit (as it is)"]), data


def text_part(random):
    charset = random.choice(list(TEXTS))
    is_html = random.random() < 0.5
    lines = [random.choice(["Dear Anna,", "", TEXTS[charset], "  indented = yes", "-- ", "trailing ", ".", "From here",
                            "x" * random.randrange(200)]) for _ in range(random.randrange(12))]
    data = "\r\n".join(lines).encode(charset)
    encoding, body = encode_body(random, data, True)
    fields = []
    if random.random() < 0.95:
        mark = random.choice([f"charset={charset}", f'charset="{charset.upper()}"', f"charset = {charset} (of mine)",
                              f"format=flowed; charset={charset}"])
        fields.append(f"Content-Type: text/{'html' if is_html else 'plain'}; {mark}")
    return fields, encoding, body


def file_part(random):
    data = random.randbytes(random.randrange(400))
    encoding, body = encode_body(random, data, False)
    media_type, name = random.choice(FILE_TYPES), random.choice(NAMES)
    fields = [f"Content-Type: {media_type}" + (f";\r\n\t{name_parameter(random, 'name', name)}" if random.random() < 0.5 else "")]
    if random.random() < 0.8:
        fields.append(f"Content-Disposition: {random.choice(['attachment', 'inline'])}; {name_parameter(random, 'filename', name)}")
    return fields, encoding, body


def entity(random, depth):
    """Fields and body of one entity, as bytes: headers, empty line, body."""
    shape = random.random()
    if depth < 4 and shape < 0.4 / (depth + 1) + 0.1:
        return multipart(random, depth)
    if depth < 3 and shape > 0.93:
        return b"Content-Type: message/rfc822\r\n\r\n" + mail(random, depth + 1)
    fields, encoding, body = text_part(random) if random.random() < 0.6 else file_part(random)
    if encoding is not None:
        fields.append(f"Content-Transfer-Encoding: {encoding}")
    random.shuffle(fields)
    return ("".join(field + "\r\n" for field in fields) + "\r\n").encode() + body


def multipart(random, depth):
    boundary = random.choice(["b", "=_Part_7", "----=_NextPart", "a b'()+,-./:=?", "x" * 70]) + str(random.randrange(10**6))
    kind = random.choice(["mixed", "alternative", "related", "signed", "MIXED", "digest" if depth > 0 else "report"])
    parts = [entity(random, depth + 1) for _ in range(random.randrange(1, 4))]
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    line = b"--" + boundary.encode()
    preamble = random.choice([b"", b"This is a message in MIME format.\r\n"])
    return head + preamble + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n" + random.choice([b"", b"epilogue\r\n"])


def mail(random, depth=0):
    name = random.choice(['Anna', '"Bau, GmbH"', "Anna B. C.", encoded_word("Jörg Größe", "utf-8", "q"),
                          encoded_word("Łódź", "iso-8859-2", "b"),
                          "Zażółć", '"Anna \\"die\\" B."'])
    fields = [f"From: {random.choice([name + ' <anna@brightforge.example>', 'anna@brightforge.example', 'anna@brightforge.example (Anna)'])}",
              f"Subject: {header_text(random)}", "To: ap@payer.example", "Message-ID: <7@brightforge.example>", "MIME-Version: 1.0",
              f"Date: {random.choice(DATES)}"]
    random.shuffle(fields)
    return ("".join(field + "\r\n" for field in fields)).encode() + entity(random, depth)


# ---- Breaking ----


def at_random(random, raw):
    return random.randrange(len(raw) + 1)


def cut(random, raw):
    return raw[:at_random(random, raw)]


def to_line_feeds(random, raw):
    return raw.replace(b"\r\n", b"\n")


def change_byte(random, raw):
    at = at_random(random, raw)
    return raw[:at] + bytes([random.randrange(256)]) + raw[at + 1:]


def insert_bytes(random, raw):
    at = at_random(random, raw)
    return raw[:at] + random.choice([b"\0", b"\r\n", b"\n", b" ", b"=", b"--", b";", b'"', b"=?", b"\xff", b"()", b"\r\n\r\n"]) + raw[at:]


def remove_bytes(random, raw):
    at = at_random(random, raw)
    return raw[:at] + raw[at + random.randrange(1, 9):]


def lines_of(raw):
    return raw.split(b"\r\n")


def drop_line(random, raw):
    lines = lines_of(raw)
    del lines[random.randrange(len(lines))]
    return b"\r\n".join(lines)


def double_line(random, raw):
    lines = lines_of(raw)
    at = random.randrange(len(lines))
    return b"\r\n".join(lines[:at] + [lines[at]] + lines[at:])


def swap_lines(random, raw):
    lines = lines_of(raw)
    one, two = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def shout(random, raw):
    """Field names in capitals."""
    return b"\r\n".join(line.replace(line.split(b":")[0], line.split(b":")[0].upper(), 1) if b": " in line[:30] else line for line in lines_of(raw))


def fold(random, raw):
    """Another fold in a line of the headers."""
    lines = lines_of(raw)
    at = random.randrange(len(lines))
    return b"\r\n".join(lines[:at] + [lines[at].replace(b"; ", b";\r\n\t").replace(b": ", b":\r\n ", 1)] + lines[at + 1:])


def drop_ends(random, raw):
    """Closing boundaries are missing."""
    return b"\r\n".join(line for line in lines_of(raw) if not (line.startswith(b"--") and line.endswith(b"--")))


def rename_charset(random, raw):
    return raw.replace(b"charset=", b"charset=x-", 1)


BREAKERS = [cut, to_line_feeds, change_byte, insert_bytes, remove_bytes, drop_line, double_line, swap_lines, shout, fold, drop_ends, rename_charset]


def broken(random, raw):
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        raw = random.choice(BREAKERS)(random, raw)
    return raw
