/* Visiting what stands in a JSON document. */
#include "json_walk.h"

#include "limits.h"

void json_walk_init(JsonWalk *walk)
{
    *walk = (JsonWalk){ .waiting = g_array_new(FALSE, FALSE, sizeof(JsonPlace)) };
}

void json_walk_done(JsonWalk *walk)
{
    g_array_unref(walk->waiting);
}

void json_walk_push(JsonWalk *walk, const json_t *node, const json_t *owner)
{
    const JsonPlace place = { node, owner };
    if (json_is_object(node) || json_is_array(node))
        g_array_append_val(walk->waiting, place);
}

/* Children in reverse, so that the first one is taken first. */
void json_walk_push_children(JsonWalk *walk, const JsonPlace *place)
{
    unsigned first = walk->waiting->len;
    size_t index;
    const char *key;
    json_t *child;
    json_array_foreach((json_t *)place->node, index, child)
        json_walk_push(walk, child, place->owner);
    json_object_foreach((json_t *)place->node, key, child)
        json_walk_push(walk, child, place->node);
    JsonPlace *places = (JsonPlace *)(void *)walk->waiting->data;
    for (unsigned low = first, high = walk->waiting->len; low + 1 < high; low++) {
        const JsonPlace other = places[--high];
        places[high] = places[low];
        places[low] = other;
    }
}

bool json_walk_next(JsonWalk *walk, JsonPlace *ret_place)
{
    if (walk->waiting->len == 0 || ++walk->visited > JSON_LD_NODES_MAX)
        return false;
    *ret_place = g_array_index(walk->waiting, JsonPlace, walk->waiting->len - 1);
    g_array_set_size(walk->waiting, walk->waiting->len - 1);
    return true;
}
