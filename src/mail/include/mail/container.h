/* Files in which an invoice can hide: zip archives and CMS envelopes (.p7m, S/MIME), one level deep.
 *
 * Runs only in the jail (and in tests); a library of its own (`mail_containers`), so that nothing else links zlib and the CMS
 * code to hostile bytes. Pure: bytes in, files out; bounded by limits.h of this room. An archive inside an archive is named,
 * not read, and so is what is encrypted.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"

typedef struct MailFile {
    char *name;    /* as the archive says, directories included; UTF-8 of one line, or NULL */
    GBytes *bytes;
} MailFile;

void mail_file_free(void *file); /* a GDestroyNotify: NULL is fine */
/* An empty list of MailFile that owns them. */
GPtrArray *mail_files_new(void);

/* What a file is by its first bytes; name and media type are never asked. */
typedef enum MailFileKind {
    MAIL_FILE_OTHER,
    MAIL_FILE_XML, /* any encoding that XML allows; HTML is OTHER */
    MAIL_FILE_PDF,
    MAIL_FILE_ZIP,
    MAIL_FILE_CMS, /* RFC 5652, in BER or base64, with or without PEM armour: signed, encrypted or otherwise */
} MailFileKind;

/* Needs at most MAIL_FILE_KIND_BYTES from the front of the file. */
enum { MAIL_FILE_KIND_BYTES = 1024 };
MailFileKind mail_file_kind(Span head);

/* ---- zip (APPNOTE.TXT 6.3) -------------------------------------------------------------------- */

/* Appends every file of the archive that is XML, PDF or CMS to `files` (MailFile; at most MAIL_ZIP_FILES_MAX). A file that
 * could be one and was not read is named in `troubles` (char *, for people, at most MAIL_ZIP_TROUBLES_MAX), with the reason;
 * files of other kinds are passed over in silence. Returns false with `error` (BAD_INPUT) only where no entry can be found. */
bool mail_zip_read(Span archive, GPtrArray *files, GPtrArray *troubles, GError **error);

/* Raw deflate (RFC 1951), checked as it goes: at most `maximum` bytes, at most MAIL_INFLATE_RATIO_MAX times its size, and at most
 * `*budget` bytes of work, which is lessened by what was read or written (the larger), on failure too. NULL with `error`: LIMIT,
 * or BAD_INPUT where the stream is broken or ends too early. What follows the stream is ignored. */
GBytes *mail_inflate(Span deflated, size_t maximum, size_t *budget, GError **error);
/* The first bytes of the same, as many as there are and fit `room`; returns their number, 0 where nothing can be read. */
size_t mail_inflate_front(Span deflated, char *out, size_t room);

/* ---- CMS (RFC 5652, RFC 8551) ------------------------------------------------------------------- */

/* Whether a signature fits the bytes and the certificate that comes with it. Nobody vouches here for the certificate: anyone
 * can make one in any name. */
typedef enum MailSignature {
    MAIL_SIGNATURE_FITS,
    MAIL_SIGNATURE_DOES_NOT_FIT,      /* the bytes or the signature were changed */
    MAIL_SIGNATURE_CANNOT_BE_CHECKED, /* no certificate, unknown or worthless algorithm, no signer */
} MailSignature;

typedef struct MailSigner {
    MailSignature signature;
    char *reason;     /* for people, where it does not fit or cannot be checked; else NULL */
    char *name;       /* common name, else organization, else mail address: a claim; or NULL */
    char *valid_from; /* of the certificate, RFC 3339 in UTC; or NULL */
    char *valid_until;
} MailSigner;

typedef struct MailSigned {
    MailSignature signature; /* FITS: there is a signer and every one fits; DOES_NOT_FIT: any one does not */
    GPtrArray *signers;      /* MailSigner, in order, at most MAIL_SIGNERS_MAX */
    GBytes *content;         /* what is signed: a document, or a MIME entity (RFC 8551 §3.1); NULL where it stands outside */
} MailSigned;

void mail_signed_free(MailSigned *signed_data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailSigned, mail_signed_free)

/* Reads SignedData in BER, DER or base64. NULL with `error`: BAD_INPUT where it is no CMS, LIMIT where it is too large,
 * DENIED where it is encrypted (its text says so, for people). */
MailSigned *mail_cms_read(Span envelope, GError **error);
/* The same for a signature beside its content, as in multipart/signed (RFC 8551 §3.5.3): `content` is the whole first part
 * with its headers, up to and without the line end before the boundary; bare LF line ends are tried as CRLF too. */
MailSigned *mail_cms_check(Span signature, Span content, GError **error);

/* Lets OpenSSL load what it loads on first use (configuration, algorithms): to be called before the jail closes the file
 * system. */
void mail_cms_warm_up(void);
