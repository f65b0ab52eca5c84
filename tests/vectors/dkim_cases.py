"""The DKIM vectors (RFC 6376, 8301, 8463, 8616), one function for each file."""

import base64

from cases import BODY, FIELDS, ZONE, Collection, field, join, mail
from signer import CLOCK, DOMAIN, SELECTOR, SIGNED, TEMPLATE, key_record, key_zone, public_text, sign, txt

KEY_NAME = f"{SELECTOR}._domainkey.{DOMAIN}"
set_ = Collection("dkim")


def one(result, reason, **more):
    return {"dkim": [{"result": result, "reason": reason, **more}]}


PASS = one("pass", "good")
MISMATCH = one("fail", "signature-mismatch")
BODY_CHANGED = one("fail", "body-changed")


def case(file, name, rule, description, message, expected, zone=ZONE, **more):
    set_.add(file, name, rule, description, message, zone, expected, **more)


# ---- Algorithms and key sizes ----


def algorithms():
    def sized(bits, result, reason, description, rule="RFC 8301 §3.2"):
        key = f"rsa{bits}"
        case("algorithms", f"rsa-{bits}", rule, description, mail(key=key), one(result, reason, key_bits=bits) if result == "pass"
             else one(result, reason), key_zone(key))

    sized(512, "permerror", "key-short", "512 bits: a verifier must not take it for valid.")
    sized(1023, "permerror", "key-short", "One bit below the least size.")
    sized(1024, "pass", "key-size-noted", "1024 bits pass, and the size is told: it is the least that may.")
    sized(2048, "pass", "good", "2048 bits.")
    sized(4096, "pass", "good", "4096 bits: verifiers must handle up to 4096.")
    sized(8192, "pass", "good", "8192 bits: beyond what RFC 8301 asks for; keys of this size are published.")
    case("algorithms", "ed25519", "RFC 8463 §3", "An Ed25519 signature over the SHA-256 of the header.", mail(key="ed25519"),
         one("pass", "good", algorithm="ed25519-sha256", key_bits=256), key_zone("ed25519"))
    case("algorithms", "ed25519-changed", "RFC 8463 §3", "The Subject was changed after an Ed25519 signature.",
         mail(key="ed25519").replace(b"2026-118", b"2026-119"), MISMATCH, key_zone("ed25519"))
    case("algorithms", "ed25519-spki-key", "RFC 8463 §4.2", "p= of an Ed25519 key is the bare 32 bytes, not a SubjectPublicKeyInfo.",
         mail(key="ed25519"), one("permerror", "key-unreadable"),
         txt(KEY_NAME, "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA" + public_text("ed25519")))
    case("algorithms", "ed25519-short-signature", "RFC 8032 §5.1.7", "b= of an Ed25519 signature holds 63 bytes.",
         mail(key="ed25519", b_text=lambda b: base64.b64encode(base64.b64decode(b)[:63]).decode()), MISMATCH, key_zone("ed25519"))
    case("algorithms", "rsa-sha1", "RFC 8301 §3.1", "rsa-sha1 never passes, however good the arithmetic.",
         mail(a="rsa-sha1", hash_name="sha1"), one("permerror", "rsa-sha1"))
    case("algorithms", "rsa-sha1-claimed", "RFC 8301 §3.1", "a=rsa-sha1 over what is really SHA-256.",
         mail(a="rsa-sha1"), one("permerror", "rsa-sha1"))
    case("algorithms", "algorithm-unknown", "RFC 6376 §6.1.1", "An algorithm nobody defined.", mail(a="rsa-sha512"),
         one("permerror", "algorithm-unknown"))
    case("algorithms", "algorithm-upper-case", "RFC 6376 §3.2", "a=RSA-SHA256: the grammar's words are case-insensitive.",
         mail(a="RSA-SHA256"), one("pass", "good", algorithm="rsa-sha256"))
    case("algorithms", "rsa-signature-ed25519-key", "RFC 6376 §6.1.2", "a=rsa-sha256, but the key is an Ed25519 key.", mail(),
         one("permerror", "key-of-another-kind"), key_zone("ed25519"))
    case("algorithms", "ed25519-signature-rsa-key", "RFC 6376 §6.1.2", "a=ed25519-sha256, but the key is an RSA key.",
         mail(key="ed25519"), one("permerror", "key-of-another-kind"))
    case("algorithms", "wrong-key", "RFC 6376 §6.1.3", "The key at the name is another one of the same size.", mail(), MISMATCH,
         key_zone("rsa2048-other"))
    long_modulus = b"\x00" + b"\xff" * 1025
    sequence = b"\x02\x82" + len(long_modulus).to_bytes(2, "big") + long_modulus + b"\x02\x03\x01\x00\x01"
    case("algorithms", "rsa-8200", "local limit", "A key of more than 8192 bits only serves to burn time: this verifier refuses it.",
         mail(), one("permerror", "key-long"),
         txt(KEY_NAME, "v=DKIM1; p=" + base64.b64encode(b"\x30\x82" + len(sequence).to_bytes(2, "big") + sequence).decode()))


# ---- Canonical forms ----


def canonical_forms():
    forms = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]
    changes = {
        "header-space": ("white space inside a header field", lambda m: m.replace(b"Invoice  2026", b"Invoice \t 2026"), "header"),
        "header-fold": ("a header field folded", lambda m: m.replace(b"Invoice  2026", b"Invoice\r\n\t2026"), "header"),
        "header-name-case": ("the case of a field name", lambda m: m.replace(b"\r\nSubject:", b"\r\nSUBJECT:"), "header"),
        "header-colon-space": ("a space before the colon", lambda m: m.replace(b"\r\nSubject:", b"\r\nSubject :"), "header"),
        "header-end-space": ("white space at the end of a field", lambda m: m.replace(b"2026-118\r\n", b"2026-118 \t\r\n"), "header"),
        "body-space": ("white space inside a body line", lambda m: m.replace(b"please  pay", b"please pay"), "body"),
        "body-tab": ("a tab for a space in a body line", lambda m: m.replace(b"pay 42", b"pay\t42"), "body"),
        "body-end-space": ("white space at the end of a body line", lambda m: m.replace(b"EUR. \r\n", b"EUR.\t\r\n"), "body"),
        "body-blank-line": ("a line of blanks at the end of the body", lambda m: m + b" \t\r\n", "body"),
    }
    for form in forms:
        header, body = form.split("/")
        case("canonical", f"plain-{header}-{body}", "RFC 6376 §3.4", f"c={form}, nothing changed.", mail(c=form), PASS)
        for name, (what, change, where) in changes.items():
            kept = (header if where == "header" else body) == "relaxed"
            expected = PASS if kept else MISMATCH if where == "header" else BODY_CHANGED
            case("canonical", f"{name}-{header}-{body}", "RFC 6376 §3.4.2" if where == "header" else "RFC 6376 §3.4.4",
                 f"c={form}; changed on the way: {what}. Only the relaxed {where} form forgives it.", change(mail(c=form)), expected)
    for form in forms[:2]:
        case("canonical", f"more-empty-lines-{form.replace('/', '-')}", "RFC 6376 §3.4.3", "Empty lines at the end of a body count for nothing.",
             mail(c=form) + b"\r\n\r\n\r\n", PASS)
    case("canonical", "no-c", "RFC 6376 §3.5", "No c=: simple for header and body.", mail(c=None, forms=("simple", "simple")), PASS)
    case("canonical", "no-c-is-not-relaxed", "RFC 6376 §3.5", "No c=, but signed as if relaxed/relaxed: the body's end space decides.",
         mail(c=None, forms=("relaxed", "relaxed")), one("fail", "signature-mismatch"))
    case("canonical", "c-relaxed-alone", "RFC 6376 §3.5", "c=relaxed: the body is simple.", mail(c="relaxed"), PASS)
    case("canonical", "c-relaxed-alone-body", "RFC 6376 §3.5", "c=relaxed, signed as if the body were relaxed too.",
         mail(c="relaxed", forms=("relaxed", "relaxed")), BODY_CHANGED)
    case("canonical", "c-simple-alone", "RFC 6376 §3.5", "c=simple.", mail(c="simple"), PASS)
    case("canonical", "c-unknown", "RFC 6376 §3.5", "c=nowsp, which DomainKeys knew.", mail(c="nowsp", forms=("simple", "simple")),
         one("permerror", "c-unknown"))
    case("canonical", "c-body-unknown", "RFC 6376 §3.5", "c=relaxed/none.", mail(c="relaxed/none", forms=("relaxed", "simple")),
         one("permerror", "c-unknown"))


# ---- Bodies ----


def bodies():
    def body(name, rule, description, text, c, expected=PASS, changed=None, **options):
        message = mail(body=text, c=c, **options)
        case("bodies", name, rule, description, message if changed is None else message[: -len(text) or None] + changed, expected)

    for c in ("simple/simple", "relaxed/relaxed"):
        label = c.split("/")[1]
        section = "RFC 6376 §3.4.3" if label == "simple" else "RFC 6376 §3.4.4"
        body(f"empty-{label}", section, "No body: CR LF in simple form, nothing in relaxed form.", b"", c)
        body(f"only-crlf-{label}", section, "The body is one empty line.", b"\r\n", c)
        body(f"only-empty-lines-{label}", section, "The body is five empty lines.", b"\r\n" * 5, c)
        body(f"only-blanks-{label}", section, "The body is lines of blanks: empty in relaxed form only.", b"  \r\n\t\r\n", c)
        body(f"no-final-crlf-{label}", section, "The last line has no line end; the canonical form has one.", b"one\r\ntwo", c)
        body(f"bare-lf-{label}", "RFC 6376 §3.4", "A bare LF in the body is a byte like others, no line end.", b"one\ntwo \nthree\r\n", c)
        body(f"bare-cr-{label}", "RFC 6376 §3.4", "A bare CR in the body is a byte like others.", b"one\rtwo\r\r\nthree\r\n", c)
        body(f"bare-lf-end-{label}", "RFC 6376 §3.4", "The body ends in bare LFs, which are no empty lines.", b"one\n\n\n", c)
        body(f"bytes-{label}", "RFC 6376 §3.4", "Every byte value, NUL included, in the body.",
             bytes(b for b in range(256) if b not in (10, 13)) + b"\r\n", c)
        body(f"long-line-{label}", section, "A line of 5,000 bytes with gaps of many blanks.", b"word  \t  word " * 400 + b"\r\n", c)
    body("lf-to-crlf", "RFC 6376 §3.4", "Bare LFs were made CR LF on the way: the body is another one.", b"one\ntwo\r\n", "relaxed/relaxed",
         BODY_CHANGED, b"one\r\ntwo\r\n")
    body("crlf-to-lf", "RFC 6376 §3.4", "CR LF was made bare LF on the way.", b"one\r\ntwo\r\n", "simple/simple", BODY_CHANGED, b"one\ntwo\n")
    body("leading-space-kept", "RFC 6376 §3.4.4", "Space at the start of a line becomes one space, not none.", b"  one\r\n", "relaxed/relaxed",
         BODY_CHANGED, b"one\r\n")
    body("empty-to-crlf-relaxed", "RFC 6376 §3.4.4", "Signed with no body, arrives with one empty line: both are nothing.", b"", "relaxed/relaxed",
         PASS, b"\r\n")
    body("empty-line-inside", "RFC 6376 §3.4.4", "An empty line inside the body was removed.", b"one\r\n\r\ntwo\r\n", "relaxed/relaxed",
         BODY_CHANGED, b"one\r\ntwo\r\n")
    body("appended", "RFC 6376 §6.1.3", "A line was appended.", BODY, "relaxed/relaxed", BODY_CHANGED, BODY + b"footer\r\n")
    body("bh-wrong", "RFC 6376 §6.1.3", "The header verifies, bh= is of another body.", BODY, "relaxed/relaxed", BODY_CHANGED,
         bh=base64.b64encode(bytes(32)).decode())
    no_body = b"".join([sign(FIELDS, b"", c="relaxed/relaxed"), *FIELDS])
    case("bodies", "header-alone", "RFC 5322 §3.5", "The message ends with its header: no empty line, no body.", no_body, PASS)


# ---- l= ----


def lengths():
    def cut(name, description, text, length, expected, c="simple/simple", changed=None, **options):
        message = mail(body=text, c=c, length=length, **options)
        case("length", name, "RFC 6376 §3.5, §8.2", description,
             message if changed is None else message[: len(message) - len(text)] + changed, expected)

    whole = one("pass", "length-noted", partial_body=False)
    part = one("policy", "partial-body", partial_body=True)
    cut("whole", "l= covers the whole body.", b"one\r\ntwo\r\n", 10, whole)
    cut("appended", "l= covered the whole body, then something was appended: only a part is signed, which authenticates nothing.",
        b"one\r\ntwo\r\n", 10, part, changed=b"one\r\ntwo\r\nevil\r\n")
    cut("part", "l= covers the first line.", b"one\r\ntwo\r\n", 5, part)
    cut("inside-line", "l= ends inside a line.", b"one\r\ntwo\r\n", 7, part)
    cut("between-cr-and-lf", "l= ends between CR and LF.", b"one\r\ntwo\r\n", 4, part)
    cut("zero", "l=0: nothing of the body is signed.", b"one\r\n", 0, part)
    cut("zero-empty-relaxed", "l=0 and an empty relaxed body: all of it is signed.", b"", 0, whole, c="relaxed/relaxed")
    cut("zero-empty-simple", "l=0 and an empty simple body, whose canonical form is CR LF.", b"", 0, part)
    cut("no-final-crlf", "The last line has no line end; l= counts the canonical form, which has one.", b"one\r\ntwo", 10, whole)
    cut("no-final-crlf-short", "The same, l= without the line end that the canonical form adds.", b"one\r\ntwo", 8, part)
    cut("relaxed-counts-canonical", "l= counts bytes of the canonical form, not of the message.", b"one  \t two \r\n", 9, whole,
        c="relaxed/relaxed")
    cut("empty-lines-appended", "Empty lines appended to a wholly covered body add nothing to the canonical form.", b"one\r\n", 5, whole,
        changed=b"one\r\n\r\n\r\n")
    cut("cut-off", "The body is shorter than l=.", b"one\r\ntwo\r\n", 10, one("fail", "body-short"), changed=b"one\r\n")
    cut("part-changed", "A change inside the signed part.", b"one\r\ntwo\r\n", 5, BODY_CHANGED, changed=b"ONE\r\ntwo\r\n")
    for name, value in (("not-a-number", "ten"), ("negative", "-1"), ("empty", ""), ("too-long", "9" * 77)):
        case("length", f"l-{name}", "RFC 6376 §3.5", f"l={value[:20]}{'…' if len(value) > 20 else ''} is no length.", mail(extra=f" l={value};"),
             one("permerror", "l-unreadable"))


# ---- Header fields ----


def fields():
    def signed(name, rule, description, message_fields, expected=PASS, changed=None, **options):
        signature = sign(message_fields, BODY, **options)
        case("fields", name, rule, description, join(message_fields if changed is None else changed, BODY, signature), expected)

    start, rest = FIELDS[:2], FIELDS[3:]
    for c in ("simple/simple", "relaxed/relaxed"):
        label = c.split("/")[0]
        signed(f"value-on-folded-line-{label}", "RFC 6376 §3.4", "The value starts on the folded line.",
               start + [b"Subject:\r\n Invoice\r\n"] + rest, c=c)
        signed(f"many-folds-{label}", "RFC 6376 §3.4", "Folds with spaces and tabs.",
               start + [b"Subject: a\r\n\t b\r\n   c\t\r\n\td\r\n"] + rest, c=c)
        signed(f"empty-value-{label}", "RFC 6376 §3.4", "A signed field without a value.", start + [b"Subject:\r\n"] + rest, c=c)
        signed(f"blank-value-{label}", "RFC 6376 §3.4", "A signed field of white space alone.", start + [b"Subject: \t \r\n"] + rest, c=c)
        signed(f"space-before-colon-{label}", "RFC 6376 §3.4.2", "White space before the colon.", start + [b"Subject \t: x\r\n"] + rest, c=c)
        signed(f"bytes-above-127-{label}", "RFC 6376 §3.4", "UTF-8 and stray bytes in a signed field.",
               start + ["Subject: Grüße ".encode() + b"\xff\xfe\r\n"] + rest, c=c)
        signed(f"bare-cr-{label}", "RFC 6376 §3.4", "A bare CR inside a field is a byte like others.",
               start + [b"Subject: a\rb\r\n"] + rest, c=c)
        signed(f"bare-lf-fold-{label}", "local choice", "A field folded with a bare LF; RFC 6376 leaves it open. The bytes are taken as they stand.",
               start + [b"Subject: a\n b\r\n"] + rest, c=c)
    signed("blank-fold-line", "RFC 6376 §3.4.2", "A fold of white space alone inside the value.", start + [b"Subject: a\r\n \r\n b\r\n"] + rest)
    h = ["From", "TO", "sUbJeCt", "Date"]
    signed("h-any-case", "RFC 6376 §3.5", "Names in h= in any case.", FIELDS, h=h)
    signed("h-folded", "RFC 6376 §3.5", "White space and folds around the colons of h=.", FIELDS, h_text="from :\r\n\tto\t: subject\r\n\t :date")
    signed("h-absent", "RFC 6376 §5.4.2", "h= names fields that do not exist: they add nothing.", FIELDS,
           h=SIGNED + ["x-none", "reply-to", "x-none"])
    signed("h-absent-added", "RFC 6376 §5.4", "A field that h= names and that did not exist was added.", FIELDS, MISMATCH,
           FIELDS + [field("Reply-To", "evil@evil.example")], h=SIGNED + ["reply-to"])
    repeated = FIELDS + [field("Received", "three"), field("Received", "two"), field("Received", "one")]
    signed("h-repeated", "RFC 6376 §5.4.2", "A name twice in h=: the two lowest fields, from below.", repeated, h=SIGNED + ["received"] * 2)
    signed("h-repeated-order", "RFC 6376 §5.4.2", "Two fields that were signed change places.", repeated, MISMATCH,
           FIELDS + [field("Received", "three"), field("Received", "one"), field("Received", "two")], h=SIGNED + ["received"] * 2)
    signed("h-repeated-third-changed", "RFC 6376 §5.4.2", "The third from below is not signed and may change.", repeated, PASS,
           FIELDS + [field("Received", "THREE"), field("Received", "two"), field("Received", "one")], h=SIGNED + ["received"] * 2)
    signed("h-repeated-more-than-there", "RFC 6376 §5.4.2", "A name four times in h=, three such fields.", repeated, h=SIGNED + ["received"] * 4)
    signed("h-fields-reordered", "RFC 6376 §5.4", "Fields of different names change places: the order of h= is what counts.", FIELDS, PASS,
           FIELDS[::-1])
    signed("h-other-order", "RFC 6376 §5.4", "h= in another order than the message.", FIELDS, h=SIGNED[::-1])
    signed("unsigned-changed", "RFC 6376 §5.4", "A field that h= does not name was changed.", FIELDS + [field("X-Spam", "no")], PASS,
           FIELDS + [field("X-Spam", "yes")])
    signed("signed-removed", "RFC 6376 §6.1.3", "A signed field was removed.", FIELDS, MISMATCH, FIELDS[:2] + FIELDS[3:])
    signed("from-not-signed", "RFC 6376 §5.4", "h= without From.", FIELDS, one("permerror", "from-not-signed"), h=SIGNED[1:])
    signed("h-empty", "RFC 6376 §3.5", "h= is empty.", FIELDS, one("permerror", "h-missing"), h_text="")
    signed("h-empty-name", "RFC 6376 §3.5", "h= holds an empty name.", FIELDS, one("permerror", "h-unreadable"), h_text="from::to")
    signed("h-not-a-name", "RFC 6376 §3.5", "h= holds a name with a space.", FIELDS, one("permerror", "h-unreadable"), h_text="from:sub ject")
    signed("other-signature-signed", "RFC 6376 §5.4", "h= names DKIM-Signature: an earlier signature is a field like others.",
           [sign(FIELDS, BODY, d="older.example")] + FIELDS,
           {"dkim": [{"result": "pass", "reason": "good", "domain": DOMAIN}, {"result": "pass", "reason": "good", "domain": "older.example"}]},
           h=SIGNED + ["dkim-signature"])
    set_.files["fields"][-1]["zone"] += key_zone(d="older.example")
    own_last = sign(FIELDS, BODY)
    case("fields", "signature-at-end", "RFC 6376 §3.5", "The signature is the last field of the header.",
         join(FIELDS + [own_last], BODY), PASS)


# ---- Tags of the signature ----


def tags():
    def laid_out(name, rule, description, template, expected=PASS, **options):
        case("tags", name, rule, description, mail(template=template, **options), expected)

    def with_extra(name, rule, description, extra, expected=PASS, **more):
        case("tags", name, rule, description, mail(extra=extra), expected, **more)

    tabs = ("DKIM-Signature:\tv\t=\t1 ;\r\n\ta =\r\n\t {a}\r\n\t;\tc= {c_value} ;d=\r\n {d}\r\n ; s\t=\t{s};{extra}\r\n\th\r\n\t=\r\n\t{h}\r\n\t;"
            "bh = {bh} ;\r\n b ={b}\r\n").replace("{c_value}", "relaxed/relaxed")
    laid_out("tabs-and-folds", "RFC 6376 §3.2", "Tabs and folds around every tag, \"=\" and value.", tabs, b_text=lambda b: " " + b)
    laid_out("tabs-and-folds-simple", "RFC 6376 §3.2", "The same with the simple header form, byte for byte.",
             tabs.replace("relaxed/relaxed", "simple/relaxed"), forms=("simple", "relaxed"),
             b_text=lambda b: " " + b)
    reordered = "DKIM-Signature: b={b};\r\n\tbh={bh}; h={h}; s={s}; d={d}; {c}a={a};{extra} v=1\r\n"
    laid_out("other-order", "RFC 6376 §3.2", "The tags in reverse order, b= first.", reordered)
    laid_out("b-first-simple", "RFC 6376 §3.7", "b= first, simple header form.", reordered, c="simple/simple")
    laid_out("final-semicolon", "RFC 6376 §3.2", "The list ends with \";\" and a fold.", TEMPLATE.replace("b={b}\r\n", "b={b};\r\n \r\n"))
    for c in ("simple/simple", "relaxed/relaxed"):
        label = c.split("/")[0]
        laid_out(f"b-folded-{label}", "RFC 6376 §3.7", "b= is emptied with all white space and folds inside and around its value.", TEMPLATE, c=c,
                 b_text=lambda b: "\r\n\t " + " \r\n\t".join(b[i : i + 8] for i in range(0, len(b), 8)) + " \t\r\n ")
        laid_out(f"b-in-middle-{label}", "RFC 6376 §3.7", "b= stands in the middle; what follows it is signed.",
                 TEMPLATE.replace("h={h};", "b={b};h={h};").replace(";\r\n\tb={b}\r\n", "\r\n"), c=c)
        laid_out(f"x-b-like-tag-{label}", "RFC 6376 §3.7", "Tags whose names end in b are not emptied.",
                 TEMPLATE.replace("bh={bh}", "xb=abc; bh={bh}; zb= b=b"), c=c)
    with_extra("unknown-tags", "RFC 6376 §3.2", "Tags nobody defined are ignored.", " x1=y; newtag=; _no=1;".replace(" _no=1;", " n_o=1;"))
    with_extra("z-tag", "RFC 6376 §3.5", "z= is for diagnosis; nothing is verified with it.", " z=From:other@other.example|Subject:=20other;")
    with_extra("q-dns-txt", "RFC 6376 §3.5", "q=dns/txt.", " q=dns/txt;")
    with_extra("q-list", "RFC 6376 §3.5", "q= lists an unknown method before dns/txt.", " q=http/x : dns/txt;")
    with_extra("q-unknown", "RFC 6376 §3.5", "q= knows no method that we do.", " q=http/x;", one("permerror", "q-unknown"))
    with_extra("empty-tag", "RFC 6376 §3.2", "An empty element between two tags is no tag.", " ;", one("permerror", "tag-list"))
    with_extra("no-equals", "RFC 6376 §3.2", "A tag without \"=\".", " nonsense;", one("permerror", "tag-list"))
    with_extra("tag-name-digit", "RFC 6376 §3.2", "A tag name begins with a digit.", " 1x=y;", one("permerror", "tag-list"))
    with_extra("duplicate-tag", "RFC 6376 §3.2", "A tag twice makes the whole list invalid.", " d=signer.example;", one("permerror", "tag-list"))
    with_extra("duplicate-unknown-tag", "RFC 6376 §3.2", "An unknown tag twice does too.", " zz=1; zz=2;", one("permerror", "tag-list"))
    with_extra("tag-names-case", "RFC 6376 §3.2", "Tag names are case-sensitive: D= is not d=.", " D=other.example;")
    with_extra("control-character", "RFC 6376 §3.2", "A control character in a value.", " zz=a\x01b;", one("permerror", "tag-list"))
    for name, value in (("v-missing", ""), ("v-2", "v=2; "), ("v-1.0", "v=1.0; "), ("v-empty", "v=; ")):
        laid_out(name, "RFC 6376 §6.1.1", f"v= is {value.strip(' ;') or 'missing'}: only v=1 will do.", TEMPLATE.replace("v=1; ", value),
                 one("permerror", "v-wrong"))
    for tag, code in (("a", "a-missing"), ("d", "d-missing"), ("s", "s-missing"), ("h", "h-missing"), ("bh", "bh-unreadable"), ("b", "b-missing")):
        spelled = {"a": "a={a}; ", "d": "d={d}; ", "s": "s={s};", "h": "h={h};\r\n\t", "bh": "bh={bh};\r\n\t", "b": "b={b}"}[tag]
        laid_out(f"{tag}-missing", "RFC 6376 §6.1.1", f"The tag {tag}= is required.", TEMPLATE.replace(spelled, "" if tag != "b" else "y=z"),
                 one("permerror", code))
    laid_out("b-empty", "RFC 6376 §6.1.1", "b= is there and empty.", TEMPLATE, one("permerror", "b-missing"), b_text=lambda b: "")
    laid_out("b-not-base64", "RFC 6376 §3.2", "b= holds something that is not base64.", TEMPLATE, one("permerror", "b-unreadable"),
             b_text=lambda b: b[:-8] + "!!" + b[-6:])
    laid_out("b-one-bit", "RFC 6376 §6.1.3", "One letter of b= was changed.", TEMPLATE, MISMATCH, b_text=lambda b: ("B" if b[0] == "A" else "A") + b[1:])
    laid_out("bh-short", "RFC 6376 §6.1.1", "bh= is not the length of a SHA-256.", TEMPLATE, one("permerror", "bh-unreadable"), bh="AAAA")
    case("tags", "d-upper-case", "RFC 6376 §3.5", "d= in capitals: names are compared without case.", mail(d="SIGNER.Example"),
         one("pass", "good", domain=DOMAIN))
    case("tags", "d-not-a-name", "RFC 6376 §3.5", "d= is not a domain name.", mail(d="signer..example"), one("permerror", "d-unreadable"))
    case("tags", "d-single-label", "RFC 6376 §3.5", "d= is a top-level domain: its key is simply not there.", mail(d="example"),
         one("permerror", "key-no-name"), key_zone())
    case("tags", "s-with-dots", "RFC 6376 §3.1", "A selector of several labels.", mail(s="a.b.c"), PASS, key_zone(s="a.b.c"))
    case("tags", "s-not-a-name", "RFC 6376 §3.1", "A selector with a space.", mail(s="a b"), one("permerror", "s-unreadable"))
    idn = "bücher.example"
    case("tags", "d-u-label", "RFC 8616 §4", "d= with a U-label: the key is asked for under the A-label.",
         join(FIELDS, BODY, sign(FIELDS, BODY, d=idn.encode().decode("latin-1"))), one("pass", "good", domain="xn--bcher-kva.example"),
         key_zone(d="xn--bcher-kva.example"))


# ---- Times and identity ----


def times():
    def timed(name, description, extra, expected, clock=CLOCK, rule="RFC 6376 §3.5"):
        case("times", name, rule, description, mail(extra=extra), expected, clock=clock)

    timed("t-now", "t= is now.", f" t={CLOCK};", PASS)
    timed("t-old", "An old t= without x= does not expire.", " t=1000000000;", PASS)
    timed("t-slightly-ahead", "t= ten minutes ahead of our clock is drift.", f" t={CLOCK + 600};", PASS)
    timed("t-future", "t= a day ahead: the signature may be taken for invalid, and is.", f" t={CLOCK + 86400};", one("fail", "dated-in-future"))
    timed("t-zero", "t=0.", " t=0;", PASS)
    timed("t-12-digits", "t= of 12 digits is a number (and far in the future).", " t=999999999999;", one("fail", "dated-in-future"))
    timed("t-unreadable", "t= is no number.", " t=now;", one("permerror", "t-unreadable"))
    timed("x-later", "x= is still to come.", f" t={CLOCK}; x={CLOCK + 10};", PASS)
    timed("x-exactly-now", "The last second of validity.", f" x={CLOCK};", PASS)
    timed("x-one-second-ago", "Expired by one second.", f" x={CLOCK - 1};", one("fail", "expired"))
    timed("x-long-ago", "Expired long ago.", " t=1000000000; x=1000000600;", one("fail", "expired"))
    timed("x-before-t", "x= must be greater than t=.", f" t={CLOCK}; x={CLOCK - 5};", one("permerror", "x-before-t"))
    timed("x-unreadable", "x= is no number.", " x=tomorrow;", one("permerror", "x-unreadable"))
    timed("x-negative", "x= is negative.", " x=-1;", one("permerror", "x-unreadable"))

    def identified(name, description, identity, expected, zone=ZONE, d=DOMAIN):
        case("identity", name, "RFC 6376 §3.5", description, mail(extra=f" i={identity};", d=d), expected, zone)

    identified("i-domain", "i=@d.", f"@{DOMAIN}", one("pass", "good", identity=f"@{DOMAIN}"))
    identified("i-local-part", "i= with a local part.", f"joe@{DOMAIN}", one("pass", "good", identity=f"joe@{DOMAIN}"))
    identified("i-subdomain", "i= in a subdomain of d=.", f"joe@mail.{DOMAIN}", one("pass", "good", identity=f"joe@mail.{DOMAIN}"))
    identified("i-case", "The domain of i= in capitals.", "joe@Mail.SIGNER.example", one("pass", "good", identity=f"joe@mail.{DOMAIN}"))
    identified("i-other-domain", "i= in another domain.", "joe@other.example", one("permerror", "i-not-within-d"))
    identified("i-ends-alike", "i= in a domain that only ends in the same letters.", f"joe@not{DOMAIN}", one("permerror", "i-not-within-d"))
    identified("i-above", "i= above d=.", "joe@example", one("permerror", "i-not-within-d"))
    identified("i-no-at", "i= without \"@\".", DOMAIN, one("permerror", "i-unreadable"))
    identified("i-two-ats", "The last \"@\" of i= is the one that counts.", f"\"a@b\"@{DOMAIN}", one("pass", "good", identity=f"\"a@b\"@{DOMAIN}"))
    case("identity", "i-missing", "RFC 6376 §3.5", "Without i= it is \"@\" and d=.", mail(), one("pass", "good", identity=f"@{DOMAIN}"))
    strict = key_zone(tags="v=DKIM1; k=rsa; t=s; ")
    identified("t-s-same", "The key says t=s and i= is in d= itself.", f"joe@{DOMAIN}", PASS, strict)
    identified("t-s-subdomain", "The key says t=s and i= is in a subdomain.", f"joe@mail.{DOMAIN}", one("permerror", "i-strict"), strict)
    identified("t-y-s-subdomain", "t=y:s with spaces.", f"joe@mail.{DOMAIN}", one("permerror", "i-strict"), key_zone(tags="v=DKIM1; t= y : s; "))


# ---- Key records ----


def keys():
    def record(name, rule, description, text, expected, message=None):
        case("keys", name, rule, description, message or mail(), expected, txt(KEY_NAME, *([text] if isinstance(text, str) else text)))

    def tagged(name, description, spelled, expected, rule="RFC 6376 §3.6.1"):
        record(name, rule, description, key_record("rsa2048", spelled), expected)

    bad = "permerror"
    tagged("p-alone", "p= alone: every other tag has a default.", "", PASS)
    tagged("all-tags", "Every tag in its usual place.", "v=DKIM1; h=sha256; k=rsa; n=a note; s=email; t=s; ", PASS)
    tagged("unknown-tags", "Unknown tags are ignored.", "v=DKIM1; g=*; zz=1; ", PASS)
    tagged("folded", "White space around tags and values.", " v = DKIM1 ;\t k = rsa ; ", PASS)
    tagged("v-not-first", "v= must be the first tag.", "k=rsa; v=DKIM1; ", one(bad, "key-version"))
    tagged("v-other", "v= of another version.", "v=DKIM2; ", one(bad, "key-version"))
    tagged("v-lower-case", "v=dkim1: the grammar asks for these very letters.", "v=dkim1; ", one(bad, "key-version"))
    tagged("k-unknown", "A kind of key nobody defined.", "v=DKIM1; k=ecdsa; ", one(bad, "key-kind"))
    tagged("k-upper-case", "k=RSA: words of the grammar are case-insensitive.", "v=DKIM1; k=RSA; ", PASS)
    tagged("h-sha256", "h=sha256.", "v=DKIM1; h=sha256; ", PASS)
    tagged("h-both", "h= lists both hashes.", "v=DKIM1; h= sha1 : sha256 ; ", PASS)
    tagged("h-sha1", "The key is for SHA-1 alone.", "v=DKIM1; h=sha1; ", one(bad, "key-hash"))
    tagged("s-star", "s=*.", "v=DKIM1; s=*; ", PASS)
    tagged("s-email", "s=email.", "v=DKIM1; s=email; ", PASS)
    tagged("s-list", "s= lists another service and email.", "v=DKIM1; s=tlsrpt:email; ", PASS)
    tagged("s-other", "The key is not for mail (RFC 8460 uses s=tlsrpt).", "v=DKIM1; s=tlsrpt; ", one(bad, "key-service"))
    tagged("t-y", "t=y: a test; the result must not count for more than no signature.", "v=DKIM1; t=y; ",
           one("pass", "test-mode", test_mode=True))
    set_.files["keys"][-1]["expected"]["vouched"] = {"by": "nobody"}
    tagged("t-unknown-flag", "Unknown flags are ignored.", "v=DKIM1; t=z:q; ", PASS)
    record("revoked", "RFC 6376 §3.6.1", "p= is empty: the key was revoked.", "v=DKIM1; k=rsa; p=", one(bad, "key-revoked"))
    record("revoked-blank", "RFC 6376 §3.6.1", "p= of blanks alone is empty.", "v=DKIM1; p=  ; ", one(bad, "key-revoked"))
    record("no-p", "RFC 6376 §3.6.1", "p= is required.", "v=DKIM1; k=rsa", one(bad, "key-no-p"))
    record("p-not-base64", "RFC 6376 §3.6.1", "p= is not base64.", "v=DKIM1; p=!!!!", one(bad, "key-unreadable"))
    record("p-nonsense", "RFC 6376 §3.6.1", "p= is base64 of nonsense.", "v=DKIM1; p=AAAABBBBCCCC", one(bad, "key-unreadable"))
    record("p-spaces", "RFC 6376 §3.2", "White space inside the base64 of p=.",
           "v=DKIM1; p=" + " ".join(public_text("rsa2048")[i : i + 40] for i in range(0, 400, 40)), PASS)
    record("duplicate-tag", "RFC 6376 §3.2", "A tag twice.", "v=DKIM1; k=rsa; " + key_record("rsa2048", "k=rsa; "), one(bad, "key-tag-list"))
    record("not-tags", "RFC 6376 §3.6.1", "The record is not a list of tags.", "hello world", one(bad, "key-tag-list"))
    record("empty-record", "RFC 6376 §3.6.1", "An empty TXT record.", "", one(bad, "key-tag-list"))
    whole = key_record("rsa2048")
    record("split-strings", "RFC 6376 §3.6.2.2", "Many strings, joined without space.", [whole[i : i + 50] for i in range(0, len(whole), 50)], PASS)
    record("split-in-tag", "RFC 6376 §3.6.2.2", "A split inside a tag's name and value.", [whole[:3], whole[3:5], whole[5:13], whole[13:200], whole[200:]], PASS)
    record("split-empty-string", "RFC 6376 §3.6.2.2", "An empty string among them.", [whole[:100], "", whole[100:300], whole[300:]], PASS)
    record("rsa-public-key", "RFC 6376 erratum 3017", "A bare RSAPublicKey instead of a SubjectPublicKeyInfo: both are published.",
           "v=DKIM1; p=" + base64.b64encode(base64.b64decode(public_text("rsa2048"))[24:]).decode(), PASS)


# ---- DNS ----


def dns():
    def answered(name, rule, description, zone, expected):
        case("dns", name, rule, description, mail(), expected, zone)

    answered("no-name", "RFC 6376 §6.1.2", "NXDOMAIN: there is no key.", "", one("permerror", "key-no-name"))
    answered("no-txt", "RFC 6376 §6.1.2", "The name exists, but without a TXT record.", f"{KEY_NAME}. 300 IN A 192.0.2.1\n", one("permerror", "key-no-record"))
    for word in ("timeout", "servfail", "bogus"):
        answered(word, "RFC 6376 §6.1.2", f"The answer is {word}: temporary, never none or fail.", ZONE + f"$ANSWER {KEY_NAME}. TXT {word}\n",
                 one("temperror", f"key-{word}"))
    answered("secure", "RFC 4033 §7", "The answer is DNSSEC-secure, which is told.", ZONE + f"$ANSWER {KEY_NAME}. TXT secure\n",
             one("pass", "good", dnssec=True))
    answered("insecure", "RFC 4033 §7", "An unsigned zone.", ZONE, one("pass", "good", dnssec=False))
    answered("two-keys", "RFC 6376 §3.6.2.2", "Two keys at the name: which one the signer meant is open; the result is undefined and here permerror.",
             ZONE + key_zone("rsa2048-other"), one("permerror", "key-several"))
    answered("two-keys-same", "RFC 6376 §3.6.2.2", "The same key twice with other tags.", ZONE + key_zone(tags="v=DKIM1; "), one("permerror", "key-several"))
    answered("key-and-revoked", "RFC 6376 §3.6.2.2", "A key and a revoked one.", ZONE + txt(KEY_NAME, "v=DKIM1; p="), one("permerror", "key-several"))
    answered("key-and-other-text", "RFC 6376 §3.6.2.2", "A key, and a TXT record that is no key.", ZONE + txt(KEY_NAME, "v=spf1 -all"), PASS)
    answered("alias", "RFC 1034 §3.6.2", "The name is an alias of the key's.", f"{KEY_NAME}. 300 IN CNAME k.provider.example.\n"
             + txt("k.provider.example", key_record("rsa2048")), PASS)


# ---- Several signatures ----


def several():
    other = "other.example"
    zone = ZONE + key_zone("rsa2048-other", d=other) + key_zone("ed25519", s="ed")
    good, foreign = sign(FIELDS, BODY), sign(FIELDS, BODY, key="rsa2048-other", d=other)
    modern = sign(FIELDS, BODY, key="ed25519", s="ed")
    broken = good.replace(b"bh=", b"bh=AAAA", 1)
    passing, fail = {"result": "pass", "reason": "good"}, {"result": "fail", "reason": "signature-mismatch"}

    def both(name, description, signatures, results, **expected):
        case("several", name, "RFC 6376 §6.1", description, join(FIELDS, BODY, *signatures), {"dkim": results} | expected, zone)

    own = {"by": "dkim", "domain": DOMAIN}
    both("two-good", "Two signers, each with its own result.", [good, foreign], [passing | {"domain": DOMAIN}, passing | {"domain": other}], vouched=own)
    both("foreign-first", "The order does not decide who vouches.", [foreign, good], [passing | {"domain": other}, passing | {"domain": DOMAIN}],
         vouched=own)
    both("rsa-and-ed25519", "One signer with both algorithms (RFC 8463 §4).", [modern, good], [passing | {"selector": "ed"}, passing | {"selector": SELECTOR}],
         vouched=own)
    both("bad-then-good", "A signature that does not parse does not spoil the next.", [broken, good],
         [{"result": "permerror", "reason": "bh-unreadable"}, passing], vouched=own)
    changed = foreign.replace(b"\r\n\tbh=", b"\r\n\tx=9999999999; bh=", 1)
    both("fail-then-good", "A forged signature does not spoil the next.", [changed, good], [fail, passing], vouched=own)
    both("good-then-fail", "Nor the one before it.", [good, changed], [passing, fail], vouched=own)
    both("foreign-alone", "Only another domain signs: its pass says nothing about the author.", [foreign], [passing | {"aligned": False}],
         vouched={"by": "nobody"})
    both("none", "No signature at all.", [], [], vouched={"by": "nobody"})
    sha1 = sign(FIELDS, BODY, a="rsa-sha1", hash_name="sha1")
    both("sha1-beside-sha256", "rsa-sha1 beside rsa-sha256, as old senders do.", [sha1, good], [{"result": "permerror", "reason": "rsa-sha1"}, passing],
         vouched=own)
    both("different-forms", "Two signatures with different body forms and l=.", [sign(FIELDS, BODY, c="simple/simple"), sign(FIELDS, BODY, length=12)],
         [passing, {"result": "policy", "reason": "partial-body"}], vouched=own)
    both("seventeen", "More signatures than this verifier looks at (16): the rest is reported and not checked.", [good] * 17,
         [passing] * 16 + [{"result": "policy", "reason": "not-checked"}], vouched=own)


# ---- Oversigning ----


def oversigning():
    names = SIGNED + ["content-type"]
    typed = FIELDS + [field("Content-Type", "text/plain")]

    def added(name, description, signed_names, first, expected, start=None, rule="RFC 6376 §8.15"):
        start = start or typed
        case("oversigning", name, rule, description, join([first] + start, BODY, sign(start, BODY, h=signed_names)), expected)

    for name, value in (("Subject", "Pay another account"), ("To", "eve@evil.example"), ("Date", "Tue, 24 Nov 2026 09:00:00 +0000"),
                        ("Content-Type", "text/html")):
        low = name.lower()
        added(f"second-{low}", f"A second {name}, put on top, is not signed: the signature still verifies, and readers may show the wrong one.",
              names, field(name, value), PASS | {"warnings": [{"field": name, "what": "second-not-signed"}, {"field": name, "what": "repeated"}]})
        added(f"second-{low}-oversigned", f"h= names {name} once more than it occurs: a second one breaks the signature.", names + [low],
              field(name, value), MISMATCH)
    added("second-from", "A second From on top: two authors are no author, and nobody vouches (RFC 9989 §5.3.1).", names, field("From", "eve@evil.example"),
          PASS | {"warnings": [{"field": "From", "what": "repeated"}], "vouched": {"by": "nobody"}})
    added("second-from-oversigned", "From is signed once more than it occurs.", names + ["from"], field("From", "eve@evil.example"), MISMATCH)
    case("oversigning", "subject-unsigned", "RFC 6376 §5.4.1", "Subject is there and not signed at all.", mail(h=["from", "to", "date"]),
         PASS | {"warnings": [{"field": "Subject", "what": "not-signed"}]})
    case("oversigning", "all-oversigned", "RFC 6376 §8.15", "Everything shown is oversigned: no warning.",
         join(typed, BODY, sign(typed, BODY, h=names * 2)), PASS | {"warnings": []})


def collect():
    for part in (algorithms, canonical_forms, bodies, lengths, fields, tags, times, keys, dns, several, oversigning):
        part()
    return set_
