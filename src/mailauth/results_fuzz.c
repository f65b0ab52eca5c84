/* Any text as the header of a fetched mail, and as what is written into our own field: only a configured name is believed,
 * and what is written reads back as one field that says the same. */
#include "limits.h"
#include "mailauth.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const OURS[] = { "mx.example", NULL };

static void check_results(const mailauth_results *results)
{
    assert((results->authserv_id == NULL) == (results->reason != NULL));
    assert(results->authserv_id != NULL || results->stated_count == 0);
    assert(results->authserv_id == NULL || strcmp(results->authserv_id, "mx.example") == 0);
    assert(results->stated_count <= MA_RESULTS_STATED_MAX);
    for (size_t i = 0; i < results->stated_count; i++) {
        assert(results->stated[i].method != NULL && results->stated[i].property_count <= MA_RESULTS_PROPERTIES_MAX);
        for (size_t at = 0; at < results->stated[i].property_count; at++)
            assert(strpbrk(results->stated[i].properties[at].value, "\r\n") == NULL);
    }
}

/* A field of ours with hostile values is still one field, with as many results as were written. */
static void write_and_read(char *text)
{
    mailauth_dkim dkim = { .result = MAILAUTH_FAIL, .domain = text, .identity = text, .reason = text };
    mailauth_report report = { .dkim = &dkim, .dkim_count = 1, .from_domain = text, .spf.reason = text,
        .dmarc.reason = text, .dmarc.policy = text, .arc.reason = text, .arc.sealer = text };
    mailauth_envelope envelope = { .client_ip = text, .helo = text, .mail_from = text };
    char *field = mailauth_results_write(&report, "mx.example", &envelope);
    mailauth_results *results = mailauth_results_read(field, strlen(field), OURS);
    assert(results->stated_count == 4);
    assert(results->stated[0].result == MAILAUTH_FAIL);
    assert(results->stated[3].result == MAILAUTH_NONE);
    mailauth_results_free(results);
    free(field);
    field = mailauth_received_spf_write(&report, "mx.example", &envelope);
    for (const char *at = field; (at = strstr(at, "\r\n")) != NULL; at += 2)
        assert(at[2] == '\t' || at[2] == '\0');
    free(field);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mailauth_results *results = mailauth_results_read((const char *)data, size, OURS);
    check_results(results);
    mailauth_results_free(results);
    char *text = malloc(size + 1);
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    write_and_read(text);
    free(text);
    return 0;
}
