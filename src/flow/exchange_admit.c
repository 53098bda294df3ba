/* A user's query: one SELECT, whose tables are the step's inputs. */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/exchange_internal.h"

#define DEPTH_MAX 400

typedef struct admission {
    tarn__exchange *x;
    const tarn_driver_call *call;
    const json_t *names; /* more names of inputs, or NULL */
    int depth;
} admission;

/* --- views --- */

static tarn_status make_view(admission *a, const char *schema, const char *name,
    size_t input, size_t table, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    if (*schema != '\0')
        st = tarn__sql_add(
            &sql, err, "CREATE SCHEMA IF NOT EXISTS memory.%n;", schema);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            "CREATE VIEW IF NOT EXISTS memory.%n.%n AS FROM ",
            *schema == '\0' ? "main" : schema, name);
    if (st == TARN_OK)
        st = tarn__exchange_input(a->call, input, table, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_exec(tarn__exchange_duck(a->x), sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* The table that a step's bare name stands for: its only one, or `main`. */
static tarn_status default_table(
    const tarn_driver_input *input, size_t *table, tarn_error *err)
{
    for (size_t i = 0; i < input->table_count; i++)
        if (input->table_count == 1 || strcmp(input->tables[i], "main") == 0) {
            *table = i;
            return TARN_OK;
        }
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: has %zu tables (name one, such as %s.%s)", input->id,
        input->table_count, input->id,
        input->table_count == 0 ? "main" : input->tables[0]);
}

static tarn_status whole_step(admission *a, const char *schema,
    const char *name, size_t input, tarn_error *err)
{
    size_t table = 0;
    tarn_status st = default_table(&a->call->inputs[input], &table, err);
    return st == TARN_OK ? make_view(a, schema, name, input, table, err) : st;
}

static bool same(tarn_slice a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.ptr, b, a.len) == 0;
}

/* `step.table`, under whatever name. */
static tarn_status one_table(admission *a, const char *schema, const char *name,
    tarn_slice step, const char *table, tarn_error *err)
{
    const tarn_driver_call *call = a->call;
    for (size_t i = 0; i < call->input_count; i++) {
        const tarn_driver_input *input = &call->inputs[i];
        if (!same(step, input->id))
            continue;
        for (size_t t = 0; t < input->table_count; t++)
            if (tarn__eq_nocase(input->tables[t], table))
                return make_view(a, schema, name, i, t, err);
    }
    return TARN_OK;
}

/* What another name of the dialect stands for: a step, or `step.table`. */
static tarn_status other_name(admission *a, const char *schema,
    const char *name, const char *stands_for, tarn_error *err)
{
    const tarn_driver_call *call = a->call;
    for (size_t i = 0; i < call->input_count; i++)
        if (strcmp(call->inputs[i].id, stands_for) == 0)
            return whole_step(a, schema, name, i, err);
    const char *dot = strrchr(stands_for, '.');
    if (dot == NULL)
        return TARN_OK;
    tarn_slice step = {stands_for, (size_t)(dot - stands_for)};
    return one_table(a, schema, name, step, dot + 1, err);
}

/* A name that is none of ours may be a common table expression's; else DuckDB
 * says that there is no such table. */
static tarn_status one_name(
    admission *a, const char *schema, const char *name, tarn_error *err)
{
    const tarn_driver_call *call = a->call;
    char *full = *schema == '\0' ? tarn__strdup(name)
                                 : tarn__sprintf("%s.%s", schema, name);
    if (full == NULL)
        return tarn__no_memory(err);
    const char *other = tarn__json_text(a->names, full);
    tarn__free(full);
    if (*schema != '\0' && other == NULL)
        return one_table(a, schema, name, tarn_str(schema), name, err);
    for (size_t i = 0; *schema == '\0' && i < call->input_count; i++)
        if (tarn__eq_nocase(call->inputs[i].id, name))
            return whole_step(a, "", name, i, err);
    if (other != NULL)
        return other_name(a, schema, name, other, err);
    if (call->input_count == 1 && tarn__eq_nocase(name, "input"))
        return whole_step(a, "", name, 0, err);
    return TARN_OK;
}

static tarn_status base_table(admission *a, const json_t *node, tarn_error *err)
{
    const char *catalog = tarn__json_text(node, "catalog_name");
    const char *schema = tarn__json_text(node, "schema_name");
    const char *name = tarn__json_text(node, "table_name");
    if (name == NULL || (catalog != NULL && *catalog != '\0'))
        return TARN_OK;
    return one_name(a, schema == NULL ? "" : schema, name, err);
}

static tarn_status walk(admission *a, const json_t *node, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (++a->depth > DEPTH_MAX)
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: nested more than %d levels deep", DEPTH_MAX);
    if (json_is_object(node)) {
        const char *type = tarn__json_text(node, "type");
        const char *key;
        json_t *child;
        if (type != NULL && strcmp(type, "BASE_TABLE") == 0)
            st = base_table(a, node, err);
        json_object_foreach((json_t *)node, key, child)
        {
            if (st == TARN_OK)
                st = walk(a, child, err);
        }
    }
    size_t i;
    json_t *item;
    json_array_foreach(node, i, item)
    {
        if (st == TARN_OK)
            st = walk(a, item, err);
    }
    a->depth--;
    return st;
}

tarn_status tarn__exchange_admit(
    tarn__exchange *x, const char *query, const json_t *names, tarn_error *err)
{
    admission a = {x, tarn__exchange_call(x), names, 0};
    json_t *tree;
    tarn_status st =
        tarn__duck_parse(tarn__exchange_duck(x), query, &tree, err);
    if (st == TARN_OK)
        st = walk(&a, tree, err);
    json_decref(tree);
    return st;
}
