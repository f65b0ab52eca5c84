"""DKIM signing for the vectors: canonical forms written from RFC 6376 §3.4 with regular expressions, the arithmetic done by
the openssl command. Shares nothing with libmailauth, so that a vector is evidence and not an echo.

Every key here is public and worthless: they exist for these vectors alone.
"""

import base64
import functools
import hashlib
import pathlib
import re
import subprocess
import tempfile

KEYS = pathlib.Path(__file__).resolve().parent / "keys"
CLOCK = 1795000000
DOMAIN, SELECTOR = "signer.example", "sel"
SIGNED = ["from", "to", "subject", "date"]


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True).stdout


# ---- Keys ----


@functools.cache
def public_der(key):
    """SubjectPublicKeyInfo."""
    return openssl("pkey", "-in", KEYS / f"{key}.pem", "-pubout", "-outform", "DER")


def public_text(key):
    """What stands in p=: for Ed25519 the bare 32 bytes (RFC 8463 §4.2)."""
    der = public_der(key)
    return base64.b64encode(der[-32:] if key.startswith("ed25519") else der).decode()


@functools.cache
def sign_digest(key, digest, algorithm="sha256"):
    if key.startswith("ed25519"):
        with tempfile.NamedTemporaryFile() as file:
            file.write(digest)
            file.flush()
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey", KEYS / f"{key}.pem", "-in", file.name)
    return openssl("pkeyutl", "-sign", "-inkey", KEYS / f"{key}.pem", "-pkeyopt", "rsa_padding_mode:pkcs1",
                   "-pkeyopt", f"digest:{algorithm}", data=digest)


# ---- Canonical forms ----


def simple_body(body):
    return re.sub(rb"(\r\n)*\Z", b"", body, count=1) + b"\r\n"


def relaxed_body(body):
    lines = body.split(b"\r\n")
    lines = [re.sub(rb"[ \t]+", b" ", re.sub(rb"[ \t]+\Z", b"", line)) for line in lines]
    while lines and lines[-1] == b"":
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def relaxed_field(field):
    name, _, value = field.partition(b":")
    value = re.sub(rb"\r\n(?=[ \t])", b"", value)
    ending = b"\n" if value.endswith(b"\n") and not value.endswith(b"\r\n") else b"\r\n"
    return name.strip(b" \t").lower() + b":" + re.sub(rb"[ \t]+", b" ", value.strip(b" \t\r\n")) + ending


FIELD = {"simple": lambda field: field, "relaxed": relaxed_field}
BODY = {"simple": simple_body, "relaxed": relaxed_body}


def field_name(field):
    return field.partition(b":")[0].strip(b" \t").lower().decode("latin-1")


def select(fields, names):
    """The fields that h= names: each name takes the lowest one not yet taken; what is absent adds nothing (§5.4.2)."""
    left = list(enumerate(fields))
    for name in names:
        found = [pair for pair in left if field_name(pair[1]) == name.strip().lower()]
        if found:
            left.remove(found[-1])
            yield found[-1][1]


# ---- Signing ----

TEMPLATE = "DKIM-Signature: v=1; a={a}; {c}d={d}; s={s};{extra}\r\n\th={h};\r\n\tbh={bh};\r\n\tb={b}\r\n"


def fold(text, width=72):
    return "\r\n\t ".join(text[i : i + width] for i in range(0, len(text), width))


def sign(fields, body, key="rsa2048", *, a=None, c="relaxed/relaxed", d=DOMAIN, s=SELECTOR, h=None, extra="",
         template=TEMPLATE, length=None, hash_name="sha256", forms=None, b_text=fold, bh=None, h_text=None):
    """The signature field for `fields` and `body`. `template` decides its layout; `b_text` writes the value of b= with all space
    around it, which is empty while it is hashed (§3.7). `forms` overrides what c= says, for fields that say nothing or nonsense."""
    h = SIGNED if h is None else h
    header_form, body_form = forms or ((c or "simple/simple") + "/simple").split("/")[:2]
    canonical = BODY[body_form](body)
    if length is not None:
        canonical = canonical[:length]
        extra += f" l={length};"
    values = {"a": a or ("ed25519-sha256" if key.startswith("ed25519") else "rsa-sha256"), "c": f"c={c}; " if c else "",
              "d": d, "s": s, "extra": extra, "h": ":".join(h) if h_text is None else h_text,
              "bh": bh or base64.b64encode(hashlib.new(hash_name, canonical).digest()).decode()}
    empty = template.format(b="", **values).encode("latin-1")
    signed = b"".join(FIELD[header_form](field) for field in select(fields, h))
    own = FIELD[header_form](empty)
    own = own[:-2] if own.endswith(b"\r\n") else own
    digest = hashlib.new(hash_name, signed + own).digest()
    signature = base64.b64encode(sign_digest(key, digest, hash_name)).decode()
    return template.format(b=b_text(signature), **values).encode("latin-1")


# ---- Zones ----


def quoted(text):
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else "\\%03d" % ord(c) for c in text) + '"'


def txt(name, *strings):
    """One TXT record; a single string is cut into pieces of 255."""
    if len(strings) == 1:
        strings = [strings[0][i : i + 255] for i in range(0, len(strings[0]), 255)] or [""]
    return f"{name}. 300 IN TXT " + " ".join(map(quoted, strings)) + "\n"


def key_record(key, tags=None):
    kind = "ed25519" if key.startswith("ed25519") else "rsa"
    return (f"v=DKIM1; k={kind}; " if tags is None else tags) + f"p={public_text(key)}"


def key_zone(key="rsa2048", tags=None, d=DOMAIN, s=SELECTOR):
    return txt(f"{s}._domainkey.{d}", key_record(key, tags))
