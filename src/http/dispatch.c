/* The steps between the queue and the handler. */
#include "dispatch.h"

#include "base/error.h"
#include "base/json.h"
#include "idempotency.h"
#include "problem.h"
#include "session.h"

static bool read_json(HttpRequest *request, HttpReply *reply)
{
    g_autoptr(GError) error = NULL;
    request->json = json_read(buffer_span(&request->body), LIMIT_JSON_BYTES, "the body", &error);
    if (request->json == NULL)
        problem_reply(reply, request, "malformed_json", "%s", error->message);
    else if (!json_is_object(request->json))
        problem_reply(reply, request, "malformed_json", "the body is JSON, but not an object");
    return json_is_object(request->json);
}

void dispatch_run(Server *server, HttpRequest *request, HttpReply *reply)
{
    const Route *route = request->route;
    if (route->needs_session && !session_require(server, request, reply))
        return;
    if (route->needs_csrf && !session_check_csrf(request, reply))
        return;
    if (route->takes_json && !read_json(request, reply))
        return;
    if (route->needs_key)
        idempotency_run(server, request, reply);
    else
        route->handler(server, request, reply);
}
