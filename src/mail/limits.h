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
