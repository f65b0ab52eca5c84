/* Who vouches for the mail on standard input? The smallest program with libmailauth:
 *
 *     cc example.c $(pkg-config --cflags --libs libmailauth) -o who
 *     ./who < letter.eml
 */
#include <mailauth.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
    static char mail[10 << 20];
    size_t length = fread(mail, 1, sizeof mail, stdin);

    /* One resolver and one context serve the whole program, all its threads: they hold what was asked before. */
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_unbound(NULL, &error);
    if (resolver == NULL) {
        fprintf(stderr, "no DNS: %s\n", error);
        free(error);
        return EXIT_FAILURE;
    }
    mailauth *context = mailauth_new(resolver, NULL);

    /* A mail server knows the envelope; without it SPF stays "none" and only signatures can vouch. */
    mailauth_envelope envelope = { .now = (int64_t)time(NULL) };
    mailauth_report *report = mailauth_check(context, mail, length, &envelope);
    switch (report->vouched.by) {
    case MAILAUTH_BY_DKIM:
        printf("%s: signed by %s\n", report->from_address, report->vouched.domain);
        break;
    case MAILAUTH_BY_SPF:
        printf("%s: sent from a server of %s\n", report->from_address, report->vouched.domain);
        break;
    case MAILAUTH_BY_NOBODY:
        printf("nobody vouches for it: %s\n", report->dmarc.reason);
        break;
    }
    for (size_t i = 0; i < report->warning_count; i++)
        printf("beware: %s\n", report->warnings[i]);

    mailauth_report_free(report);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    return EXIT_SUCCESS;
}
