/* Any bytes as a message, against a zone with keys and policies. Nobody ever vouches: the corpus holds no message
 * that these keys signed, and the fuzzer cannot forge one. */
#include "mailauth.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ZONE[]
    = "s._domainkey.a.example. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
      "t._domainkey.a.example. TXT \"v=DKIM1; t=y:s; p=\"\n"
      "$ANSWER u._domainkey.a.example. TXT timeout\n"
      "_dmarc.a.example. TXT \"v=DMARC1; p=reject; sp=none; np=quarantine\"\n"
      "_dmarc.example. TXT \"v=DMARC1; p=none; psd=y\"\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mailauth *context;
    if (context == NULL)
        context = mailauth_new(mailauth_resolver_from_zone(ZONE, strlen(ZONE), NULL), NULL);
    mailauth_envelope envelope = { .now = 1795424400 };
    mailauth_report *report = mailauth_check(context, (const char *)data, size, &envelope);
    assert(report->vouched.by == MAILAUTH_BY_NOBODY && report->vouched.domain == NULL);
    assert((report->from_address == NULL) == (report->from_domain == NULL));
    assert(report->dmarc.result != MAILAUTH_PASS && report->arc.result != MAILAUTH_PASS);
    for (size_t i = 0; i < report->dkim_count; i++)
        assert(report->dkim[i].reason != NULL && report->dkim[i].result != MAILAUTH_PASS);
    mailauth_report_free(report);
    return 0;
}
