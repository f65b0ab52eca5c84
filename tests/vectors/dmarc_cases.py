"""The DMARC vectors (RFC 9989), one function for each file.

Two rules here go beyond RFC 9989 and say so: the cross-check with the Public Suffix List, and that a message whose author
cannot be told never passes. Where the text leaves an outcome to the receiver the description says that too."""

from cases import BODY, Collection, field, join
from signer import DOMAIN, key_zone, sign, txt

set_ = Collection("dmarc")
ORG = "example.com"
CLIENT = "192.0.2.1"


def fields_from(author):
    return [author if isinstance(author, bytes) else field("From", author), field("To", "anna@payer.example"), field("Subject", "Hello"),
            field("Date", "Mon, 23 Nov 2026 09:00:00 +0000")]


def policy(domain, tags, version="v=DMARC1; "):
    return txt(f"_dmarc.{domain}", version + tags)


def case(file, name, rule, description, zone, result, reason, author=f"joe@{ORG}", dkim=(), spf=None, found=None, applies=None, broken=False,
         by=None, by_domain=None, spf_record="v=spf1 ip4:192.0.2.1 -all", **more):
    """`dkim`: who signs; `spf`: domain of MAIL FROM, which allows the client; `found`: where the record stands."""
    fields = fields_from(author)
    signatures = [sign(fields, BODY, key="ed25519", d=d) for d in dkim]
    zone += "".join(key_zone("ed25519", d=d) for d in dict.fromkeys(dkim))
    envelope = None
    if spf is not None:
        zone += txt(spf, spf_record)
        envelope = {"client_ip": CLIENT, "helo": "mx.relay.example", "mail_from": f"bounce@{spf}"}
    body = BODY + b"changed\r\n" if broken else BODY
    vouched = {"by": by or "nobody"} | ({"domain": by_domain} if by_domain else {})
    expected = {"dmarc": {"result": result, "reason": reason, "policy": applies or "", "domain": found}, "vouched": vouched} | more
    set_.add(file, name, rule, description, join(fields, body, *signatures), zone, expected, envelope=envelope)


def passes(file, name, rule, description, zone, author, found, applies, dkim=None, spf=None, **more):
    by = {"by": "dkim", "by_domain": dkim} if dkim else {"by": "spf", "by_domain": spf}
    case(file, name, rule, description, zone, "pass", "by-dkim" if dkim else "by-spf", author, (dkim,) if dkim else (), spf, found, applies, **by, **more)


def fails(file, name, rule, description, zone, author, found, applies, dkim=None, spf=None, **more):
    case(file, name, rule, description, zone, "fail", "not-aligned", author, (dkim,) if dkim else (), spf, found, applies, **more)


# ---- Records ----


def records():
    def read(name, description, text, applies, rule="RFC 9989 §4.7"):
        """`applies`: the policy, or None where there is no DMARC."""
        zone = txt(f"_dmarc.{ORG}", *([text] if isinstance(text, str) else text))
        if applies is None:
            case("records", name, rule, description, zone, "none", "no-record")
        else:
            fails("records", name, rule, description, zone, f"joe@{ORG}", ORG, applies)

    for word in ("none", "quarantine", "reject"):
        read(f"p-{word}", f"p={word}.", f"v=DMARC1; p={word}", word)
    read("p-upper-case", "Values of the grammar are case-insensitive.", "v=DMARC1; p=REJECT", "reject", "RFC 9989 §4.8")
    read("spaces", "White space around tags, \"=\" and \";\".", "v = DMARC1 ;\tp = reject ;  sp = none ; ", "reject", "RFC 9989 §4.8")
    read("no-spaces", "No white space at all.", "v=DMARC1;p=reject;sp=none", "reject", "RFC 9989 §4.8")
    read("other-order", "After v= the tags may come in any order.", "v=DMARC1; sp=none; adkim=s; p=reject", "reject", "RFC 9989 §4.8")
    read("v-lower-case", "The version must match in these letters.", "v=dmarc1; p=reject", None)
    read("v-other", "A version that only begins alike.", "v=DMARC12; p=reject", None)
    read("v-not-first", "v= must come first.", "p=reject; v=DMARC1", None)
    read("v-missing", "No v=.", "p=reject", None)
    read("unknown-tags", "Unknown tags are ignored.", "v=DMARC1; zz=1; p=reject; new=x:y", "reject")
    read("pct-gone", "pct= is no tag any more: pct=0 changes nothing.", "v=DMARC1; p=reject; pct=0", "reject", "RFC 9989 App. C.4 (tag removed)")
    read("rf-ri-gone", "rf= and ri= are no tags any more.", "v=DMARC1; p=quarantine; rf=afrf; ri=1", "quarantine", "RFC 9989 App. C.4 (tags removed)")
    read("element-without-equals", "An element without \"=\" is a syntax error in the rest of the record: it is left out.", "v=DMARC1; nonsense; p=reject",
         "reject")
    read("p-missing-rua", "No p=, but an address for reports: as if p=none.", f"v=DMARC1; rua=mailto:d@{ORG}", "none", "RFC 9989 §4.10.1")
    read("p-invalid-rua", "A p= that is no policy, with an address for reports: as if p=none.", f"v=DMARC1; p=refuse; rua=mailto:d@{ORG}", "none",
         "RFC 9989 §4.10.1")
    read("sp-invalid-rua", "An sp= that is no policy, with an address for reports: as if p=none.", f"v=DMARC1; p=reject; sp=x; rua=mailto:d@{ORG}", "none",
         "RFC 9989 §4.10.1")
    read("np-invalid-rua", "An np= that is no policy, with an address for reports: as if p=none.", f"v=DMARC1; p=reject; np=x; rua=mailto:d@{ORG}", "none",
         "RFC 9989 §4.10.1")
    read("p-invalid", "A p= that is no policy and nobody to report to: no DMARC.", "v=DMARC1; p=refuse", None, "RFC 9989 §4.10.1")
    read("p-missing", "No p= and nobody to report to: §4.7 reads as p=none, §4.10.1 as no DMARC; the second is taken, it is the stricter text. "
         "An implementation that says p=none and fail is not wrong.", "v=DMARC1", None, "RFC 9989 §4.7, §4.10.1")
    read("np-invalid", "An np= that is no policy and nobody to report to.", "v=DMARC1; p=reject; np=x", None, "RFC 9989 §4.10.1")
    read("rua-not-a-uri", "rua= holds no address: the record says nothing.", "v=DMARC1; p=x; rua=nonsense", None, "RFC 9989 §4.10.1")
    read("split-strings", "Strings are joined without space.", ["v=DMA", "RC1; p=rej", "ect"], "reject", "RFC 9989 §4.5")
    read("adkim-unknown", "An adkim= that is neither r nor s takes its default.", "v=DMARC1; p=reject; adkim=x", "reject")
    case("records", "two", "RFC 9989 §4.10", "Two records at one name: both are discarded.", policy(ORG, "p=reject") + policy(ORG, "p=none"), "none", "no-record")
    fails("records", "one-beside-other-text", "RFC 9989 §4.10", "Another TXT record beside it does not matter.", policy(ORG, "p=reject")
          + txt(f"_dmarc.{ORG}", "v=spf1 -all"), f"joe@{ORG}", ORG, "reject")
    case("records", "absent", "RFC 9989 §4.10.1", "No record anywhere: DMARC is not applied.", "", "none", "no-record")
    case("records", "no-record-but-good-signature", "RFC 9989 §4.10.1", "A good signature of the very domain and no record: none, though the signature vouches.",
         "", "none", "no-record", dkim=(ORG,), by="dkim", by_domain=ORG)
    fails("records", "alias", "RFC 1034 §3.6.2", "The name is an alias of a provider's record.", f"_dmarc.{ORG}. 300 IN CNAME r.provider.example.\n"
          + txt("r.provider.example", "v=DMARC1; p=reject"), f"joe@{ORG}", ORG, "reject")


# ---- Policy for names below ----


def policies():
    def below(name, rule, description, tags, applies, author=f"joe@mail.{ORG}", extra="mail.example.com. 300 IN A 192.0.2.9\n"):
        fails("policies", name, rule, description, policy(ORG, tags) + extra, author, ORG, applies)

    sp, np = "RFC 9989 §4.7 (sp)", "RFC 9989 §4.7 (np)"
    below("subdomain-p", sp, "Without sp= the policy is p=.", "p=reject", "reject")
    below("subdomain-sp", sp, "sp= for a subdomain that exists.", "p=reject; sp=quarantine", "quarantine")
    below("subdomain-sp-none", sp, "sp=none under p=reject.", "p=reject; sp=none", "none")
    below("subdomain-np-exists", np, "np= is not for names that exist.", "p=none; sp=quarantine; np=reject", "quarantine")
    below("subdomain-np-ghost", np, "np= for a name that does not exist.", "p=none; sp=quarantine; np=reject", "reject", f"joe@ghost.{ORG}")
    below("subdomain-ghost-sp", np, "Without np= a name that does not exist takes sp=.", "p=none; sp=quarantine", "quarantine", f"joe@ghost.{ORG}")
    below("subdomain-ghost-p", np, "Without np= and sp= it takes p=.", "p=reject", "reject", f"joe@ghost.{ORG}")
    below("subdomain-np-alone", np, "np= alone: existing names take p=.", "p=none; np=reject", "none")
    below("subdomain-np-nodata", "RFC 8020 §2, RFC 9989 §3.2.13", "A name with records below it and none of its own exists (no NXDOMAIN).", "p=none; sp=none; np=reject",
          "none", f"joe@mail.{ORG}", "deep.mail.example.com. 300 IN A 192.0.2.9\n")
    below("organization-ignores-sp", sp, "sp= and np= are not for the organization itself.", "p=none; sp=reject; np=reject", "none", f"joe@{ORG}")
    fails("policies", "own-record-wins", "RFC 9989 §4.10.1", "A record at the author's domain comes before the organization's; its p= applies, not its sp=.",
          policy(ORG, "p=reject") + policy(f"mail.{ORG}", "p=none; sp=quarantine; np=quarantine"), f"joe@mail.{ORG}", f"mail.{ORG}", "none")
    fails("policies", "middle-record-ignored", "RFC 9989 §4.10.1", "A record between the author's domain and the organization is neither: the organization's applies.",
          policy(ORG, "p=reject") + policy(f"b.{ORG}", "p=none"), f"joe@a.b.{ORG}", ORG, "reject")
    t = "RFC 9989 §4.7 (t)"
    for word, milder in (("reject", "quarantine"), ("quarantine", "none"), ("none", "none")):
        fails("policies", f"t-y-{word}", t, f"t=y: one level below p={word}.", policy(ORG, f"p={word}; t=y"), f"joe@{ORG}", ORG, milder)
    below("t-y-sp", t, "t=y lowers sp= too.", "p=none; sp=reject; t=y", "quarantine")
    below("t-y-np", t, "t=y lowers np= too.", "p=none; np=reject; t=y", "quarantine", f"joe@ghost.{ORG}")
    fails("policies", "t-n", t, "t=n is the default.", policy(ORG, "p=reject; t=n"), f"joe@{ORG}", ORG, "reject")
    fails("policies", "t-unknown", t, "A t= that is neither y nor n takes its default.", policy(ORG, "p=reject; t=maybe"), f"joe@{ORG}", ORG, "reject")
    passes("policies", "t-y-pass", t, "t=y does not keep mail from passing.", policy(ORG, "p=reject; t=y"), f"joe@{ORG}", ORG, "quarantine", dkim=ORG)


# ---- The walk ----


def walks():
    rule = "RFC 9989 §4.10"
    long = f"a.b.c.d.e.f.g.h.i.j.mail.{ORG}"
    asked = [f"_dmarc.{name}" for name in (long, f"g.h.i.j.mail.{ORG}", f"h.i.j.mail.{ORG}", f"i.j.mail.{ORG}", f"j.mail.{ORG}", f"mail.{ORG}", ORG, "com")]
    case("walk", "eight-queries", rule, "The longest walk there is: eight queries, the example of §4.10.", "", "none", "no-record", f"joe@{long}",
         policy_queries=asked)
    fails("walk", "long-name-organization", rule, "The same name, a record at the organization.", policy(ORG, "p=reject; sp=quarantine") + f"{long}. 300 IN A 192.0.2.9\n",
          f"joe@{long}", ORG, "quarantine")
    fails("walk", "long-name-own", rule, "The same name with a record of its own: it is asked first.", policy(ORG, "p=reject") + policy(long, "p=none"), f"joe@{long}",
          long, "none")
    case("walk", "long-name-hidden", rule, "A record between the author's domain and its last seven labels is never asked for.", policy(f"f.g.h.i.j.mail.{ORG}", "p=reject; psd=n"),
         "none", "no-record", f"joe@{long}")
    fails("walk", "long-name-seventh", rule, "The last seven labels are asked.", policy(f"g.h.i.j.mail.{ORG}", "p=reject"), f"joe@{long}", f"g.h.i.j.mail.{ORG}", "reject")
    eight = f"a.b.c.d.e.f.{ORG}"
    case("walk", "eight-labels", rule, "Eight labels: every one of the eight names is asked.", "", "none", "no-record", f"joe@{eight}",
         policy_queries=[f"_dmarc.{eight.split('.', n)[n]}" for n in range(8)])
    nine = f"a.b.c.d.e.f.g.{ORG}"
    case("walk", "nine-labels", rule, "Nine labels: the one of eight is left out.", policy(nine.partition(".")[2], "p=reject"), "none", "no-record", f"joe@{nine}",
         policy_queries=[f"_dmarc.{nine}"] + [f"_dmarc.{nine.split('.', n)[n]}" for n in range(2, 9)])
    case("walk", "two-labels", rule, "Two labels: two queries.", "", "none", "no-record", policy_queries=[f"_dmarc.{ORG}", "_dmarc.com"])
    fails("walk", "single-label", rule, "A top-level domain writes mail.", policy("example", "p=reject"), "joe@example", "example", "reject")
    passes("walk", "fewest-labels", "RFC 9989 §4.10.2", "Two records on the way: the one with the fewest labels is the organization's.",
           policy(ORG, "p=reject") + policy(f"b.{ORG}", "p=none"), f"joe@a.b.{ORG}", ORG, "reject", dkim=f"c.{ORG}")
    stop = "RFC 9989 §4.10.2"
    passes("walk", "psd-n", stop, "psd=n ends the walk: this is the organization.", policy(f"b.{ORG}", "p=reject; psd=n") + policy(ORG, "p=none"), f"joe@x.b.{ORG}", f"b.{ORG}",
           "reject", dkim=f"y.b.{ORG}")
    fails("walk", "psd-n-splits", stop, "What lies above psd=n is another organization.", policy(f"b.{ORG}", "p=reject; psd=n") + policy(ORG, "p=none"), f"joe@x.b.{ORG}",
          f"b.{ORG}", "reject", dkim=ORG)
    fails("walk", "psd-n-own", stop, "psd=n at the author's own domain.", policy(f"b.{ORG}", "p=reject; psd=n") + policy(ORG, "p=none"), f"joe@b.{ORG}", f"b.{ORG}", "reject",
          dkim=f"c.{ORG}")
    bank = policy("bank.example", "p=reject; psd=y")
    passes("walk", "psd-y", stop, "psd=y: the organization is one label below.", bank, "joe@a.giant.bank.example", "bank.example", "reject", dkim="b.giant.bank.example")
    fails("walk", "psd-y-splits", stop, "Two organizations below one public suffix.", bank, "joe@giant.bank.example", "bank.example", "reject", dkim="mega.bank.example")
    fails("walk", "psd-y-not-organization", stop, "The suffix itself does not sign for those below it.", bank, "joe@giant.bank.example", "bank.example", "reject",
          dkim="bank.example")
    passes("walk", "psd-y-own", stop, "A public suffix writes mail itself: psd=y where the walk begins does not count.", bank, "joe@bank.example", "bank.example", "reject",
           dkim="bank.example")
    fails("walk", "psd-y-sp", "RFC 9989 §4.10.1", "The suffix's record applies where the organization has none: its sp=.",
          policy("bank.example", "p=reject; sp=quarantine; psd=y") + "giant.bank.example. 300 IN A 192.0.2.9\n", "joe@giant.bank.example", "bank.example", "quarantine")
    fails("walk", "psd-y-np", "RFC 9989 §4.10.1", "The same for an organization that does not exist: its np=.",
          policy("bank.example", "p=none; sp=none; np=reject; psd=y"), "joe@ghost.bank.example", "bank.example", "reject")
    fails("walk", "psd-y-organization-wins", "RFC 9989 §4.10.1", "The organization's record comes before the suffix's.", bank + policy("giant.bank.example", "p=none"),
          "joe@a.giant.bank.example", "giant.bank.example", "none")
    passes("walk", "psd-u", stop, "psd=u is the default.", policy(ORG, "p=reject; psd=u"), f"joe@a.{ORG}", ORG, "reject", dkim=f"b.{ORG}")
    fails("walk", "suffix-list", "local rule: Public Suffix List", "co.uk has a record without psd=y. RFC 9989 alone would take it for the organization of all below it; "
          "the Public Suffix List keeps them apart.", policy("co.uk", "p=reject"), "joe@a.co.uk", "co.uk", "reject", dkim="b.co.uk")
    fails("walk", "suffix-list-top", "local rule: Public Suffix List", "The same for a top-level domain.", policy("com", "p=reject"), "joe@a.com", "com", "reject", dkim="b.com")
    fails("walk", "two-records-below", rule, "Two records at the author's domain are discarded; the organization's applies.",
          policy(f"a.{ORG}", "p=none") + policy(f"a.{ORG}", "p=quarantine") + policy(ORG, "p=reject"), f"joe@a.{ORG}", ORG, "reject")


# ---- Alignment ----


def alignment():
    rule = "RFC 9989 §4.4"
    dkim, spf = f"{rule}.1", f"{rule}.2"
    plain = policy(ORG, "p=reject")
    strict = policy(ORG, "p=reject; adkim=s; aspf=s")
    here, sub = f"joe@{ORG}", f"joe@a.{ORG}"
    live = f"a.{ORG}. 300 IN A 192.0.2.9\n"
    passes("alignment", "dkim-same", dkim, "d= is the author's domain.", plain, here, ORG, "reject", dkim=ORG)
    passes("alignment", "dkim-below", dkim, "Relaxed: d= below the author's domain.", plain, here, ORG, "reject", dkim=f"news.{ORG}")
    passes("alignment", "dkim-above", dkim, "Relaxed: d= above the author's domain.", plain + live, sub, ORG, "reject", dkim=ORG)
    passes("alignment", "dkim-beside", dkim, "Relaxed: d= beside the author's domain.", plain + live, sub, ORG, "reject", dkim=f"b.{ORG}")
    fails("alignment", "dkim-other", dkim, "d= is of another organization.", plain, here, ORG, "reject", dkim="example.net")
    fails("alignment", "dkim-ends-alike", dkim, "d= only ends in the same letters.", plain, here, ORG, "reject", dkim=f"not{ORG}")
    passes("alignment", "dkim-strict-same", dkim, "adkim=s and the very domain.", strict, here, ORG, "reject", dkim=ORG)
    fails("alignment", "dkim-strict-below", dkim, "adkim=s and a subdomain.", strict, here, ORG, "reject", dkim=f"news.{ORG}")
    fails("alignment", "dkim-strict-above", dkim, "adkim=s and the parent.", strict + live, sub, ORG, "reject", dkim=ORG)
    passes("alignment", "dkim-strict-upper-case", dkim, "Names are compared without case.", strict, f"Joe@EXAMPLE.Com", ORG, "reject", dkim=ORG)
    passes("alignment", "adkim-s-spf-relaxed", rule, "adkim=s says nothing about SPF.", policy(ORG, "p=reject; adkim=s"), here, ORG, "reject", spf=f"bounce.{ORG}")
    passes("alignment", "aspf-s-dkim-relaxed", rule, "aspf=s says nothing about DKIM.", policy(ORG, "p=reject; aspf=s"), here, ORG, "reject", dkim=f"news.{ORG}")
    passes("alignment", "spf-same", spf, "MAIL FROM is in the author's domain.", plain, here, ORG, "reject", spf=ORG)
    passes("alignment", "spf-below", spf, "Relaxed: MAIL FROM below the author's domain.", plain, here, ORG, "reject", spf=f"bounce.{ORG}")
    fails("alignment", "spf-other", spf, "MAIL FROM of another organization: its SPF pass says nothing.", plain, here, ORG, "reject", spf="example.net")
    passes("alignment", "spf-strict-same", spf, "aspf=s and the very domain.", strict, here, ORG, "reject", spf=ORG)
    fails("alignment", "spf-strict-below", spf, "aspf=s and a subdomain.", strict, here, ORG, "reject", spf=f"bounce.{ORG}")
    for word in ("-all", "~all", "?all"):
        fails("alignment", f"spf-{ {'-all': 'fail', '~all': 'softfail', '?all': 'neutral'}[word] }", spf, f"Aligned, but SPF says {word}: only a pass counts.", plain, here,
              ORG, "reject", spf=ORG, spf_record=f"v=spf1 {word}")
    fails("alignment", "dkim-aligned-broken", dkim, "An aligned signature over another body.", plain, here, ORG, "reject", dkim=ORG, broken=True)
    passes("alignment", "dkim-broken-spf-good", rule, "One of the two is enough.", plain, here, ORG, "reject", spf=ORG, broken=True)
    case("alignment", "second-signature", dkim, "The first signature is of a provider, the second is aligned.", plain, "pass", "by-dkim", here,
         ("provider.example", ORG), None, ORG, "reject", by="dkim", by_domain=ORG)
    case("alignment", "both", rule, "Both pass: the signature is named.", plain, "pass", "by-dkim", here, (ORG,), ORG, ORG, "reject", by="dkim", by_domain=ORG)
    fields = fields_from(here)
    for name, description, zone, options in (
            ("test-key", "An aligned signature whose key says t=y counts as none (RFC 6376 §3.6.1).", key_zone("ed25519", "v=DKIM1; k=ed25519; t=y; ", d=ORG), {}),
            ("partial-body", "An aligned signature with l= that covers a part of the body counts as none (RFC 6376 §8.2).", key_zone("ed25519", d=ORG), {"length": 5})):
        set_.add("alignment", name, rule, description, join(fields, BODY, sign(fields, BODY, key="ed25519", d=ORG, **options)), plain + zone,
                 {"dmarc": {"result": "fail", "reason": "not-aligned", "policy": "reject", "domain": ORG}, "vouched": {"by": "nobody"}})


# ---- The author ----


def authors():
    rule = "RFC 9989 §5.3.1"
    plain = policy(ORG, "p=reject")

    def author(name, description, value, reason, section=rule):
        """No author can be told: what to do is left to the receiver; here it is permerror, and nothing may vouch."""
        case("authors", name, section, description, plain, "permerror", reason, value, (ORG,), from_domain=None)

    def told(name, description, value, domain=ORG, section="RFC 5322 §3.4", zone=plain):
        passes("authors", name, section, description, zone, value, domain, "reject", dkim=domain, from_domain=domain)

    told("bare", "A bare address.", f"joe@{ORG}")
    told("display-name", "A display name.", f"Joe Smith <joe@{ORG}>")
    told("quoted-name", "A quoted display name with a comma.", f'"Smith, Joe" <joe@{ORG}>')
    told("name-with-address", "A display name that looks like another address: the one in brackets counts.", f'"ceo@bank.example" <joe@{ORG}>')
    told("comment-with-address", "A comment that looks like an address.", f"(ceo@bank.example) joe@{ORG} (<x@y.example>)")
    told("quoted-local-part", "A quoted local part with \"@\".", f'"joe@bank.example"@{ORG}')
    told("folded", "Folds between the parts.", f"Joe\r\n\t<joe@{ORG}>")
    told("nested-comments", "Comments in comments, and a quoted bracket.", f"Joe (a (b) \\) c) <joe@{ORG}>")
    told("encoded-name", "An encoded word in the display name.", f"=?utf-8?q?J=C3=B6?= <joe@{ORG}>")
    told("upper-case", "The domain in capitals.", f"joe@EXAMPLE.COM")
    told("u-label", "A U-label: the record is asked for under the A-label.", "joe@bücher.example", "xn--bcher-kva.example", rule,
         policy("xn--bcher-kva.example", "p=reject"))
    told("u-label-upper-case", "A U-label in capitals.", "joe@BÜCHER.example", "xn--bcher-kva.example", "RFC 5895 §2", policy("xn--bcher-kva.example", "p=reject"))
    told("a-label", "An A-label as it is.", "joe@xn--bcher-kva.example", "xn--bcher-kva.example", rule, policy("xn--bcher-kva.example", "p=reject"))
    told("utf8-local-part", "UTF-8 in the local part (RFC 6532).", f"jö@{ORG}")
    told("field-name-case", "FROM in capitals.", f"FROM: joe@{ORG}\r\n".encode())
    author("two-fields", "Two From fields.", f"From: joe@{ORG}\r\nFrom: joe@{ORG}\r\n".encode(), "from-twice")
    author("two-fields-other-case", "Two From fields in other letters.", f"From: joe@{ORG}\r\nfrOM: eve@evil.example\r\n".encode(), "from-twice")
    author("two-mailboxes", "Two mailboxes of one domain. RFC 9989 lets a receiver go on where all domains are alike; exactly one mailbox is asked for here.",
           f"joe@{ORG}, ann@{ORG}", "from-several")
    author("two-mailboxes-other-domain", "Two mailboxes of different domains.", f"joe@{ORG}, eve@evil.example", "from-several")
    author("two-named-mailboxes", "The same with display names.", f"Joe <joe@{ORG}>, Eve <eve@evil.example>", "from-several")
    author("group", "A group with one member.", f"Staff: joe@{ORG};", "from-several", "RFC 6854 §4")
    author("empty-group", "An empty group.", "Undisclosed:;", "from-several", "RFC 6854 §4")
    author("missing", "No From field.", b"Sender: joe@example.com\r\n", "from-missing")
    author("empty", "From without a value.", b"From: \r\n", "from-several")
    author("no-domain", "An address without a domain.", "joe", "from-several")
    author("two-ats", "Two \"@\".", f"joe@evil.example@{ORG}", "from-several")
    author("domain-literal", "A domain literal is no domain name.", "joe@[192.0.2.1]", "from-several")
    author("bad-domain", "An empty label.", "joe@example..com", "from-domain")
    author("open-comment", "A comment that never ends.", f"joe@{ORG} (x", "from-unreadable")
    author("open-quote", "A quoted string that never ends.", f'"Joe <joe@{ORG}>', "from-unreadable")
    author("nul", "A NUL inside the domain.", f"joe@{ORG}\x00.evil.example", "from-unreadable")


# ---- What is not known ----


def unknown():
    rule, discretion = "RFC 9989 §4.10.1", "RFC 9989 leaves DNS errors to the receiver: an unknown policy is temperror here, never none."
    plain = policy(ORG, "p=reject")
    key = f"sel._domainkey.{ORG}"
    for word in ("timeout", "servfail", "bogus"):
        answer = f"$ANSWER _dmarc.{ORG}. TXT {word}\n"
        case("unknown", f"policy-{word}", rule, f"The policy's answer is {word}. {discretion}", plain + answer, "temperror", "policy-unknown")
        case("unknown", f"key-{word}", "RFC 9989 §5.3.3", f"The aligned key's answer is {word}: it might have passed.", plain + f"$ANSWER {key}. TXT {word}\n",
             "temperror", "authentication-unknown", dkim=(ORG,), found=ORG, applies="reject")
    case("unknown", "walk-servfail", rule, f"A failure further up the walk. {discretion}", f"$ANSWER _dmarc.{ORG}. TXT servfail\n", "temperror", "policy-unknown", f"joe@a.{ORG}")
    case("unknown", "spf-timeout", "RFC 9989 §5.3.3", "Aligned SPF could not be asked.", plain + f"$ANSWER bounce.{ORG}. TXT timeout\n", "temperror", "authentication-unknown",
         spf=f"bounce.{ORG}", found=ORG, applies="reject")
    fails("unknown", "foreign-key-timeout", "RFC 9989 §5.3.3", "A key that could not be had, of a domain that is not aligned: it could not have made a pass.",
          plain + "$ANSWER sel._domainkey.evil.example. TXT timeout\n", f"joe@{ORG}", ORG, "reject", dkim="evil.example")
    case("unknown", "key-timeout-spf-pass", "RFC 9989 §5.3.3", "The key could not be had, but aligned SPF passes: that is enough.", plain + f"$ANSWER {key}. TXT timeout\n",
         "pass", "by-spf", dkim=(ORG,), spf=ORG, found=ORG, applies="reject", by="spf", by_domain=ORG)
    passes("unknown", "policy-secure", "RFC 4033 §7", "A DNSSEC-secure policy is like another.", plain + f"$ANSWER _dmarc.{ORG}. TXT secure\n", f"joe@{ORG}", ORG, "reject",
           dkim=ORG)


def collect():
    for part in (records, policies, walks, alignment, authors, unknown):
        part()
    return set_
