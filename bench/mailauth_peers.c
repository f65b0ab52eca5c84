/* libopendkim, libspf2 and libopendmarc. */
#include "mailauth_peers.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include <opendmarc/dmarc.h>

#include <spf2/spf.h>
#include <spf2/spf_dns_zone.h>

struct Peers {
    Records records;
    DKIM_LIB *dkim;
    SPF_server_t *spf;
    OPENDMARC_LIB_T dmarc;
};

/* libopendkim asks for a key by a callback that has no context of its own. */
static const char *key_to_give;

static DKIM_CBSTAT give_key(DKIM *dkim, DKIM_SIGINFO *signature, u_char *buffer, size_t size)
{
    (void)dkim;
    (void)signature;
    strncpy((char *)buffer, key_to_give, size - 1);
    buffer[size - 1] = '\0';
    return DKIM_CBSTAT_CONTINUE;
}

static SPF_server_t *spf_new(const Records *records)
{
    SPF_dns_server_t *zone = SPF_dns_zone_new(NULL, NULL, 0);
    if (zone == NULL
        || SPF_dns_zone_add_str(zone, records->author, ns_t_txt, NETDB_SUCCESS, records->spf) != SPF_E_SUCCESS)
        return NULL;
    return SPF_server_new_dns(zone, 0);
}

Peers *peers_new(const Records *records)
{
    Peers *peers = calloc(1, sizeof *peers);
    if (peers == NULL)
        return NULL;
    peers->records = *records;
    key_to_give = records->key;
    peers->dkim = dkim_init(NULL, NULL);
    peers->spf = spf_new(records);
    bool ready = peers->dkim != NULL && peers->spf != NULL
        && dkim_set_key_lookup(peers->dkim, give_key) == DKIM_STAT_OK
        && opendmarc_policy_library_init(&peers->dmarc) == DMARC_PARSE_OKAY;
    if (ready)
        return peers;
    peers_free(peers);
    return NULL;
}

void peers_free(Peers *peers)
{
    if (peers == NULL)
        return;
    if (peers->dkim != NULL)
        dkim_close(peers->dkim);
    if (peers->spf != NULL)
        SPF_server_free(peers->spf);
    opendmarc_policy_library_shutdown(&peers->dmarc);
    free(peers);
}

bool peers_verify_dkim(Peers *peers, const char *message, size_t length)
{
    DKIM_STAT status;
    DKIM *dkim = dkim_verify(peers->dkim, (const unsigned char *)"bench", NULL, &status);
    bool good = dkim != NULL && dkim_chunk(dkim, (u_char *)(uintptr_t)message, length) == DKIM_STAT_OK
        && dkim_chunk(dkim, NULL, 0) == DKIM_STAT_OK && dkim_eom(dkim, NULL) == DKIM_STAT_OK;
    if (dkim != NULL)
        dkim_free(dkim);
    return good;
}

static bool verify_spf(Peers *peers)
{
    SPF_request_t *request = SPF_request_new(peers->spf);
    SPF_response_t *response = NULL;
    char sender[256] = "bounce@";
    strncat(sender, peers->records.author, sizeof sender - sizeof "bounce@");
    bool asked = request != NULL && SPF_request_set_ipv4_str(request, peers->records.client) == SPF_E_SUCCESS
        && SPF_request_set_helo_dom(request, "mx.example.org") == SPF_E_SUCCESS
        && SPF_request_set_env_from(request, sender) == 0
        && SPF_request_query_mailfrom(request, &response) == SPF_E_SUCCESS;
    bool good = asked && SPF_response_result(response) == SPF_RESULT_PASS;
    if (response != NULL)
        SPF_response_free(response);
    if (request != NULL)
        SPF_request_free(request);
    return good;
}

static bool judge_dmarc(const Peers *peers, bool dkim, bool spf)
{
    u_char *author = (u_char *)(uintptr_t)peers->records.author;
    DMARC_POLICY_T *policy = opendmarc_policy_connect_init((u_char *)(uintptr_t)peers->records.client, 4);
    bool stored = policy != NULL && opendmarc_policy_store_from_domain(policy, author) == DMARC_PARSE_OKAY
        && opendmarc_policy_store_dkim(policy, author, (u_char *)(uintptr_t)"s1",
               dkim ? DMARC_POLICY_DKIM_OUTCOME_PASS : DMARC_POLICY_DKIM_OUTCOME_FAIL, NULL) == DMARC_PARSE_OKAY
        && opendmarc_policy_store_spf(policy, author, spf ? DMARC_POLICY_SPF_OUTCOME_PASS : DMARC_POLICY_SPF_OUTCOME_FAIL,
               DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL) == DMARC_PARSE_OKAY
        && opendmarc_policy_store_dmarc(policy, (u_char *)(uintptr_t)peers->records.dmarc, author, NULL) == DMARC_PARSE_OKAY;
    bool good = stored && opendmarc_get_policy_to_enforce(policy) == DMARC_POLICY_PASS;
    if (policy != NULL)
        opendmarc_policy_connect_shutdown(policy);
    return good;
}

bool peers_verify_all(Peers *peers, const char *message, size_t length)
{
    bool dkim = peers_verify_dkim(peers, message, length), spf = verify_spf(peers);
    return judge_dmarc(peers, dkim, spf) && dkim && spf;
}
