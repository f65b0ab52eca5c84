/* Limits of the mail room, each with its reason. What lies beyond is left out and named in the summary's troubles. */
#pragma once

/* Multiparts inside multiparts: real mail nests up to 5; each line that starts with "--" is compared with all open
 * boundaries, so this also bounds the work per line. */
#define MAIL_DEPTH_MAX 10

/* Forwarded messages inside forwarded messages: one level is read (formats.md, message/rfc822). */
#define MAIL_FORWARD_DEPTH_MAX 1

/* Parts in one message: the most in the sample mails is 60; a flood of parts is an attack. */
#define MAIL_PARTS_MAX 500

/* One header block: large mail services stop at 64–256 KB. */
#define MAIL_HEADER_BYTES_MAX (256UL * 1024)

/* One header field: a To field with 500 recipients has about 32 KB. */
#define MAIL_FIELD_BYTES_MAX (32UL * 1024)

/* RFC 2046 §5.1.1 allows 70 characters; some programs write more. */
#define MAIL_BOUNDARY_MAX 200

/* Parameters of one field and pieces of one parameter (RFC 2231 §3). */
#define MAIL_PARAMETERS_MAX 128
#define MAIL_PARAMETER_PIECES_MAX 64

/* Characters that are kept of a subject, a name, an address list; addresses per list. */
#define MAIL_TEXT_MAX 1000
#define MAIL_MAILBOXES_MAX 50
#define MAIL_PREVIEW_MAX 200

/* Troubles that are told: the reader needs a reason, not a log. */
#define MAIL_TROUBLES_MAX 20

/* Links kept of one mail with their texts: newsletters have up to 40. */
#define MAIL_LINKS_MAX 50
/* Bytes of a link's text or address before it is cleaned and cut to MAIL_TEXT_MAX characters. */
#define MAIL_LINK_BYTES_MAX (4UL * MAIL_TEXT_MAX)

/* Text of one part, after transfer decoding, that is decoded and shown: above the largest newsletter seen (1.2 MB). */
#define MAIL_TEXT_BYTES_MAX (4UL * 1024 * 1024)

/* Markup: scripts read from one HTML text, and the bytes of one. */
#define MAIL_SCRIPTS_MAX 32
#define MAIL_SCRIPT_BYTES_MAX (256UL * 1024)

/* Sanitised HTML: below what the jail may answer (LIMIT_EXTRACTION_BYTES). */
#define MAIL_HTML_OUTPUT_MAX (6UL * 1024 * 1024)
/* Room for what closes the document when the limit is reached. */
#define MAIL_HTML_OUTPUT_TAIL (16UL * 1024)
/* Open elements; deeper ones lose their tags and keep their text. Browsers stop at 512. */
#define MAIL_HTML_DEPTH_MAX 128
/* Attributes kept of one element, characters of one value. */
#define MAIL_HTML_ATTRIBUTES_MAX 24
#define MAIL_HTML_VALUE_MAX 2000
/* A picture inside the message as a data: address. */
#define MAIL_HTML_PICTURE_MAX (512UL * 1024)
/* CSS declarations looked at in one element. */
#define MAIL_CSS_DECLARATIONS_MAX 64

/* ---- Containers (zip, CMS) ---- */

/* Entries of a zip archive that are looked at: the first bytes of each are inflated, about 5 µs an entry. */
#define MAIL_ZIP_ENTRIES_MAX 2000
/* Files taken from one archive: above what a month's batch of one seller holds; all may not fit one child's memory. */
#define MAIL_ZIP_FILES_MAX 64
#define MAIL_ZIP_TROUBLES_MAX 20
/* One inflated file: the largest sample is a PDF of 4 MB, the largest XML 3 MB. */
#define MAIL_ZIP_FILE_BYTES_MAX (16UL * 1024 * 1024)
/* All files of one archive: beside the message (40 MB) and one copy while it grows, in the jail's 256 MB. */
#define MAIL_ZIP_TOTAL_BYTES_MAX (48UL * 1024 * 1024)
/* A name's characters that are kept. */
#define MAIL_FILE_NAME_MAX 200

/* Deflate reaches 1,032; XML of repeated lines was seen at 60. Below MAIL_INFLATE_RATIO_FROM bytes the ratio tells nothing. */
#define MAIL_INFLATE_RATIO_MAX 300
#define MAIL_INFLATE_RATIO_FROM (1024UL * 1024)

/* A CMS envelope after base64 decoding: OpenSSL keeps the content a second time, and we hand out a third. The largest
 * FatturaPA that Italy's exchange takes is 5 MB; signed mail carries attachments. */
#define MAIL_CMS_BYTES_MAX (24UL * 1024 * 1024)
/* Signers of one envelope that are checked, and certificates that are looked through for each: a chain has 3 or 4, an invoice
 * with several signers up to 4 chains. */
#define MAIL_SIGNERS_MAX 4
#define MAIL_CERTIFICATES_MAX 32
/* Bits of an RSA key: 16,384 takes 1 ms to check with a short exponent. */
#define MAIL_SIGNER_KEY_BITS_MAX 16384

/* Microdata. Open elements: browsers stop at 512; twice what is shown (MAIL_HTML_DEPTH_MAX). Each end tag looks at as many at
 * most. */
#define MAIL_MICRODATA_OPEN_MAX 256
/* Elements with itemscope, itemprop or an id that is referred to: an invoice has one for each of schema.org's 20 members and
 * theirs; this leaves room for a list of 400 products beside it. */
#define MAIL_MICRODATA_NODES_MAX 4096
/* Different ids that itemref names in one HTML text: one bit each in a word of 64. */
#define MAIL_MICRODATA_REFERENCES_MAX 64
/* Items that stand in no other; words in one itemprop or itemtype; bytes of a property's name, which may be an address. */
#define MAIL_MICRODATA_ITEMS_MAX 256
#define MAIL_MICRODATA_WORDS_MAX 4
#define MAIL_MICRODATA_NAME_MAX 100
/* Items inside items: an order, its invoice, a party, its address are 4. */
#define MAIL_MICRODATA_DEPTH_MAX 16
/* Nodes visited for all items together: itemref lets each item visit all nodes. */
#define MAIL_MICRODATA_VISITS_MAX (32UL * 1024)
/* Bytes of one value (a signed card is the longest), of the text that values are cut from, and of all values written. */
#define MAIL_MICRODATA_VALUE_MAX (64UL * 1024)
#define MAIL_MICRODATA_TEXT_MAX (512UL * 1024)
#define MAIL_MICRODATA_BYTES_MAX (1024UL * 1024)
