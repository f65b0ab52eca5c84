/* The sandbox's outgoing calls on libcurl: billers to the processor, billers to the payer's server. */
#include "fetch.h"

#include <curl/curl.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

#define FETCH_CONNECT_MS 3000L
/* Under the 30 s that the payer's server waits for payment-complete, over any fault delay in use there. */
#define FETCH_TOTAL_MS 20000L

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
    return buffer_append(context, (Span){ data, size * count }) ? size * count : 0;
}

static struct curl_slist *headers_of(const char *bearer, const json_t *body)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    g_autofree char *authorization = g_strdup_printf("Authorization: Bearer %s", bearer);
    if (bearer != NULL)
        headers = curl_slist_append(headers, authorization);
    if (body != NULL)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    return headers;
}

bool fetch_json(const char *url, const char *bearer, const json_t *body, FetchAnswer *ret_answer, GError **error)
{
    BUFFER_AUTO received = BUFFER_INIT(LIMIT_JSON_BYTES);
    g_autofree char *text = body == NULL ? NULL : json_write(body);
    struct curl_slist *headers = headers_of(bearer, body);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, FETCH_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, FETCH_TOTAL_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
    if (text != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
    CURLcode outcome = curl_easy_perform(curl);
    FetchAnswer answer = { 0 };
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (outcome != CURLE_OK) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "no answer from %s: %s", url, curl_easy_strerror(outcome));
        return false;
    }
    answer.json = json_read_lenient(buffer_span(&received), LIMIT_JSON_BYTES, url, NULL);
    *ret_answer = answer;
    return true;
}
