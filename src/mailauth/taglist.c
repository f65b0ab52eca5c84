/* Lists of tag=value. */
#include "taglist.h"

static bool name_is_valid(ma_span name)
{
    if (name.length == 0 || !ma_is_letter(name.at[0]))
        return false;
    for (size_t i = 1; i < name.length; i++)
        if (!ma_is_letter(name.at[i]) && !ma_is_digit(name.at[i]) && name.at[i] != '_')
            return false;
    return true;
}

static bool value_is_valid(ma_span value)
{
    uint8_t bad = 0; /* without a branch: the compiler then tests many bytes at once */
    for (size_t i = 0; i < value.length; i++) {
        uint8_t byte = (uint8_t)value.at[i];
        bad |= (byte < ' ') & (byte != '\t') & (byte != '\r') & (byte != '\n');
        bad |= byte == 127;
    }
    return bad == 0;
}

static const char *tag_read(ma_span part, ma_tag *ret_tag)
{
    size_t equals = ma_span_find(part, '=');
    if (equals == part.length)
        return "a tag has no \"=\"";
    ma_tag tag = { .name = ma_span_trim(ma_span_slice(part, 0, equals)) };
    tag.area = ma_span_slice(part, equals + 1, part.length);
    tag.value = ma_span_trim(tag.area);
    if (!name_is_valid(tag.name))
        return "a tag has an unreadable name";
    if (!value_is_valid(tag.value))
        return "a tag's value holds a control character";
    *ret_tag = tag;
    return NULL;
}

static const ma_tag *find(const ma_tag_list *list, ma_span name)
{
    for (size_t i = 0; i < list->count; i++) {
        ma_span other = list->tags[i].name;
        if (list->any_case ? ma_span_equal_nocase(other, name) : ma_span_equal(other, name))
            return &list->tags[i];
    }
    return NULL;
}

static const char *read_tags(ma_span text, ma_tag_list *ret_list)
{
    ma_span part;
    ret_list->count = 0;
    while (ma_span_cut(&text, ';', &part)) {
        if (text.at == NULL && ma_span_trim(part).length == 0)
            break; /* the list may end with ";" */
        if (ret_list->count == MA_TAGS_MAX)
            return "it has more than 64 tags";
        ma_tag *tag = &ret_list->tags[ret_list->count];
        const char *trouble = tag_read(part, tag);
        if (trouble != NULL)
            return trouble;
        if (find(ret_list, tag->name) != NULL)
            return "it has the same tag twice";
        ret_list->count++;
    }
    return ret_list->count == 0 ? "it is empty" : NULL;
}

const char *ma_tag_list_read(ma_span text, ma_tag_list *ret_list)
{
    if (text.length > MA_TAG_LIST_BYTES_MAX)
        return "it is longer than 32 KiB";
    ret_list->any_case = false;
    return read_tags(text, ret_list);
}

const char *ma_tag_list_read_any_case(ma_span text, ma_tag_list *ret_list)
{
    if (text.length > MA_DKIM2_FIELD_BYTES_MAX)
        return "it is longer than 512 KiB";
    ret_list->any_case = true;
    return read_tags(text, ret_list);
}

const ma_tag *ma_tag_find(const ma_tag_list *list, const char *name)
{
    return find(list, ma_span_of(name));
}

ma_span ma_tag_value(const ma_tag_list *list, const char *name)
{
    const ma_tag *tag = ma_tag_find(list, name);
    return tag == NULL ? MA_EMPTY : tag->value;
}
