/* Outgoing calls on libcurl. */
#include "pay/webcall.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Addresses ---------------------------------------------------------------------------------- */

typedef enum AddressKind { ADDRESS_PUBLIC, ADDRESS_PRIVATE, ADDRESS_LOOPBACK } AddressKind;

typedef struct Network4 {
    const char *text;
    int bits;
} Network4;

/* IPv4 networks that are nobody's public host (RFC 6890 and successors). */
static const Network4 special4[] = {
    { "0.0.0.0", 8 }, { "10.0.0.0", 8 }, { "100.64.0.0", 10 }, { "169.254.0.0", 16 }, { "172.16.0.0", 12 },
    { "192.0.0.0", 24 }, { "192.0.2.0", 24 }, { "192.168.0.0", 16 }, { "198.18.0.0", 15 }, { "198.51.100.0", 24 },
    { "203.0.113.0", 24 }, { "224.0.0.0", 4 }, { "240.0.0.0", 4 },
};

static AddressKind address4_kind(uint32_t address)
{
    if (address >> 24 == 127)
        return ADDRESS_LOOPBACK;
    for (size_t i = 0; i < G_N_ELEMENTS(special4); i++) {
        struct in_addr network;
        g_assert(inet_pton(AF_INET, special4[i].text, &network) == 1);
        if ((address ^ ntohl(network.s_addr)) >> (32 - special4[i].bits) == 0)
            return ADDRESS_PRIVATE;
    }
    return ADDRESS_PUBLIC;
}

/* Public IPv6 is 2000::/3; what carries an IPv4 address inside (mapped, 6to4, NAT64) is judged by that. */
static AddressKind address6_kind(const uint8_t address[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    static const uint8_t loopback[16] = { [15] = 1 };
    static const uint8_t documentation[4] = { 0x20, 0x01, 0x0d, 0xb8 };
    static const uint8_t teredo[4] = { 0x20, 0x01, 0x00, 0x00 };
    uint32_t inner;
    if (memcmp(address, mapped, 12) == 0 || memcmp(address, nat64, 12) == 0) {
        memcpy(&inner, address + 12, 4);
        return address4_kind(ntohl(inner));
    }
    if (memcmp(address, loopback, 16) == 0)
        return ADDRESS_LOOPBACK;
    if (address[0] == 0x20 && address[1] == 0x02) {
        memcpy(&inner, address + 2, 4);
        return address4_kind(ntohl(inner)) == ADDRESS_PUBLIC ? ADDRESS_PUBLIC : ADDRESS_PRIVATE;
    }
    if ((address[0] & 0xe0) != 0x20 || memcmp(address, documentation, 4) == 0 || memcmp(address, teredo, 4) == 0)
        return ADDRESS_PRIVATE;
    return ADDRESS_PUBLIC;
}

bool web_address_allowed(const struct sockaddr *address, WebReach reach, bool plain)
{
    AddressKind kind = ADDRESS_PRIVATE;
    if (address->sa_family == AF_INET)
        kind = address4_kind(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    else if (address->sa_family == AF_INET6)
        kind = address6_kind(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    switch (reach) {
    case WEB_REACH_PUBLIC: return kind == ADDRESS_PUBLIC && !plain;
    case WEB_REACH_LOOPBACK: return kind == ADDRESS_LOOPBACK || (kind == ADDRESS_PUBLIC && !plain);
    case WEB_REACH_PRIVATE: return kind == ADDRESS_LOOPBACK || !plain;
    }
    g_assert_not_reached();
}

/* ---- URLs ---------------------------------------------------------------------------------------- */

static char *url_part(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = g_ascii_strdown(text, -1);
    curl_free(text);
    return copy;
}

/* "https://host:443", lower case; NULL where it is no http(s) address or carries a user name. */
static char *origin_of(const char *text)
{
    CURLU *url = curl_url();
    g_assert(url != NULL);
    g_autofree char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
    if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
        scheme = url_part(url, CURLUPART_SCHEME, 0);
        host = url_part(url, CURLUPART_HOST, 0);
        port = url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
        user = url_part(url, CURLUPART_USER, 0);
    }
    curl_url_cleanup(url);
    bool web = g_strcmp0(scheme, "https") == 0 || g_strcmp0(scheme, "http") == 0;
    return web && host != NULL && port != NULL && user == NULL ? g_strdup_printf("%s://%s:%s", scheme, host, port) : NULL;
}

bool web_same_host(const char *left, const char *right)
{
    g_autofree char *left_origin = left == NULL ? NULL : origin_of(left);
    g_autofree char *right_origin = right == NULL ? NULL : origin_of(right);
    return left_origin != NULL && g_strcmp0(left_origin, right_origin) == 0;
}

bool web_url_is_for_browsers(const char *url)
{
    static const char *const loopback[] = { "http://127.0.0.1:", "http://localhost:", "http://[::1]:" };
    g_autofree char *origin = origin_of(url);
    bool fine = origin != NULL && g_str_has_prefix(origin, "https://");
    for (size_t i = 0; origin != NULL && i < G_N_ELEMENTS(loopback); i++)
        fine = fine || g_str_has_prefix(origin, loopback[i]);
    return fine;
}

/* ---- The call ------------------------------------------------------------------------------------ */

typedef struct Call {
    const WebRequest *request;
    WebAnswer *answer;
    bool plain;
    bool refused_address;
} Call;

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    Call *call = context;
    (void)purpose;
    if (!web_address_allowed(&address->addr, call->request->reach, call->plain)) {
        call->refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A body past its maximum ends the call here. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    Call *call = context;
    return buffer_append(&call->answer->body, (Span){ bytes, size * count }) ? size * count : 0;
}

static void start_library(void)
{
    static gsize started;
    if (g_once_init_enter(&started)) {
        g_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
        g_once_init_leave(&started, 1);
    }
}

static struct curl_slist *header_list(const WebRequest *request)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no 100-continue: one round trip, one meaning */
    list = curl_slist_append(list, "Accept: application/json");
    if (strcmp(request->method, "POST") == 0)
        list = curl_slist_append(list, "Content-Type: application/json");
    for (const char *const *header = request->headers; header != NULL && *header != NULL; header++)
        list = curl_slist_append(list, *header);
    g_assert(list != NULL);
    return list;
}

static void set_options(CURL *curl, Call *call, struct curl_slist *headers)
{
    const WebRequest *request = call->request;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, call->plain ? "http" : "https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Saldo");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->answer_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    if (strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.length == 0 ? "" : request->body.at);
    }
}

/* Nothing went out: no transfer was begun (its time is set just before the first byte) and no request byte counted. */
static bool nothing_written(CURL *curl, CURLcode code)
{
    curl_off_t begun_us = 0;
    long request_bytes = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &begun_us);
    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request_bytes);
    return code != CURLE_OK && begun_us == 0 && request_bytes == 0;
}

static char *describe(const Call *call, CURLcode code, const char *details)
{
    if (call->refused_address)
        return g_strdup(call->plain ? "plain http is allowed to loopback addresses alone"
                                    : "its name resolves to an address that may not be called (private, loopback or special)");
    if (call->answer->body.overflowed)
        return g_strdup_printf("its answer is larger than %zu bytes", call->request->answer_bytes_max);
    return g_strdup(details[0] != '\0' ? details : curl_easy_strerror(code));
}

static void read_answer(CURL *curl, WebAnswer *answer)
{
    const char *type = NULL;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
    answer->retry_after_s = (unsigned)CLAMP(retry_after, 0, 86400);
    if (type != NULL) {
        Span rest = span_of(type), media;
        g_assert(span_cut(&rest, ';', &media));
        g_autofree char *text = span_to_text(span_trim(media));
        answer->media_type = text == NULL ? NULL : g_ascii_strdown(text, -1);
    }
}

/* Line breaks in a header or address would let a value write headers of its own. */
static bool one_line(const char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text))
            return false;
    return true;
}

static bool is_well_formed(const WebRequest *request)
{
    bool fine = one_line(request->url);
    for (const char *const *header = request->headers; fine && header != NULL && *header != NULL; header++)
        fine = one_line(*header);
    return fine;
}

WebOutcome web_call(const WebRequest *request, WebAnswer *ret_answer)
{
    start_library();
    *ret_answer = (WebAnswer){ .body = BUFFER_INIT(request->answer_bytes_max) };
    if (!is_well_formed(request)) {
        ret_answer->trouble = g_strdup("its address or a header holds control characters");
        return WEB_NOT_SENT;
    }
    Call call = { .request = request, .answer = ret_answer, .plain = g_ascii_strncasecmp(request->url, "http://", 7) == 0 };
    CURL *curl = curl_easy_init();
    g_assert(curl != NULL);
    struct curl_slist *headers = header_list(request);
    char details[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
    set_options(curl, &call, headers);
    CURLcode code = curl_easy_perform(curl);
    WebOutcome outcome = code == CURLE_OK ? WEB_ANSWERED : nothing_written(curl, code) ? WEB_NOT_SENT : WEB_LOST;
    if (outcome == WEB_ANSWERED)
        read_answer(curl, ret_answer);
    else
        ret_answer->trouble = describe(&call, code, details);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return outcome;
}

void web_answer_done(WebAnswer *answer)
{
    g_free(answer->media_type);
    buffer_done_secret(&answer->body);
    g_free(answer->trouble);
    *answer = (WebAnswer){ 0 };
}
