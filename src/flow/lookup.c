/* A connection by its name, for the rooms above. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/yaml.h"
#include "flow/flow.h"
#include "flow/flow_internal.h"
#include "os/file.h"

#define MAX_BYTES ((size_t)1 << 20)

/* The family as the file spells it; NULL: none. */
static json_t *family_of(json_t *all, const char *name)
{
    const char *key;
    json_t *aliases;
    json_object_foreach(all, key, aliases)
    {
        if (tarn__same_family(key, name))
            return aliases;
    }
    return NULL;
}

static tarn_status find(json_t *all, const char *file, const char *name,
    tarn_buf *family, tarn_buf *fields, tarn_error *err)
{
    const char *point = strchr(name, '.');
    size_t len = point == NULL ? strlen(name) : (size_t)(point - name);
    tarn_status st = tarn__buf_append(family, name, len, err);
    if (st != TARN_OK)
        return st;
    json_t *aliases = len == 0 ? NULL : family_of(all, family->ptr);
    const char *alias =
        point == NULL ? tarn__default_alias(aliases) : point + 1;
    json_t *found = alias == NULL ? NULL : json_object_get(aliases, alias);
    if (!json_is_object(found))
        return tarn__fail(err, TARN_BAD_INPUT,
            "@%s: %s has no such connection (write connections: {FAMILY: "
            "{ALIAS: {...}}})",
            name, file);
    json_t *copy = json_deep_copy(found);
    if (copy == NULL)
        return tarn__no_memory(err);
    (void)json_object_del(copy, "default");
    st = tarn__connection_fill(copy, false, fields, err);
    json_decref(copy);
    return st;
}

tarn_status tarn__flow_connection(const char *file, const char *name,
    tarn_buf *family, tarn_buf *fields, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn__yaml *yaml = NULL;
    if (name[0] != '@')
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: is no name of a connection (write \"@FAMILY.ALIAS\")", name);
    tarn_status st = tarn__file_slurp(file, MAX_BYTES, &text, err);
    if (st == TARN_OK)
        st = tarn__yaml_parse(
            (tarn_slice){text.ptr, text.len}, file, &yaml, err);
    if (st == TARN_OK)
        st = find(json_object_get(tarn__yaml_root(yaml, 0), "connections"),
            file, name + 1, family, fields, err);
    tarn__yaml_free(yaml);
    tarn_buf_reset(&text);
    return st;
}
