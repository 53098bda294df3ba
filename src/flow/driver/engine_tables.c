/* The names that queries may use for the tables of a step's inputs. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/driver/engine_internal.h"

static tarn_status add(tarn__engine_tables *t, const char *step,
    const char *name, size_t input, size_t table, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&t->items, &t->cap, t->count + 1, sizeof(*t->items), err);
    char *copy = st == TARN_OK ? tarn__strdup(name) : NULL;
    if (st == TARN_OK && copy == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        t->items[t->count++] = (tarn__engine_table){
            .step = step, .name = copy, .input = input, .table = table};
    return st;
}

/* The table that a step's bare name stands for. */
static bool default_table(const tarn_driver_input *input, size_t *table)
{
    for (size_t i = 0; i < input->table_count; i++) {
        *table = i;
        if (input->table_count == 1 || strcmp(input->tables[i], "main") == 0)
            return true;
    }
    *table = 0;
    return false;
}

static tarn_status add_step(tarn__engine_tables *t,
    const tarn_driver_call *call, size_t input, const char *name,
    tarn_error *err)
{
    size_t table;
    bool one = default_table(&call->inputs[input], &table);
    tarn_status st = add(t, NULL, name, input, table, err);
    if (st == TARN_OK)
        t->items[t->count - 1].several = !one;
    return st;
}

/* Another name of the dialect: `input_df`, or `input_db.main`, for a step or
 * for `step.table`. */
static tarn_status add_other(tarn__engine_tables *t,
    const tarn_driver_call *call, const char *name, const char *stands_for,
    tarn_error *err)
{
    const char *dot = strrchr(stands_for, '.');
    const char *point = strchr(name, '.');
    for (size_t i = 0; i < call->input_count; i++) {
        const tarn_driver_input *input = &call->inputs[i];
        size_t table;
        bool whole = strcmp(input->id, stands_for) == 0;
        (void)default_table(input, &table);
        for (size_t k = 0; !whole && dot != NULL && k < input->table_count; k++)
            if (strlen(input->id) == (size_t)(dot - stands_for) &&
                strncmp(input->id, stands_for, strlen(input->id)) == 0 &&
                strcmp(input->tables[k], dot + 1) == 0) {
                whole = true;
                table = k;
            }
        if (whole)
            return point == NULL ? add(t, NULL, name, i, table, err)
                                 : add(t, name, point + 1, i, table, err);
    }
    return TARN_OK;
}

/* Has another table that the queries may name this name? */
static bool taken(const tarn__engine_tables *all, const tarn__engine_table *one)
{
    for (size_t i = 0; i < all->count; i++) {
        const tarn__engine_table *t = &all->items[i];
        bool same_table = t->input == one->input && t->table == one->table;
        if (t != one && tarn__eq_nocase(t->name, one->name) && !same_table)
            return true;
    }
    return false;
}

/* Where two steps have tables of one name, or a step has another's. */
static tarn_status join_names(tarn__engine_tables *t, tarn_error *err)
{
    for (size_t i = 0; i < t->count; i++)
        t->items[i].joined = t->items[i].step != NULL && taken(t, &t->items[i]);
    for (size_t i = 0; i < t->count; i++) {
        tarn__engine_table *one = &t->items[i];
        char *whole = !one->joined
            ? NULL
            : tarn__sprintf("%.*s_%s", (int)strcspn(one->step, "."), one->step,
                  one->name);
        if (one->joined && whole == NULL)
            return tarn__no_memory(err);
        if (one->joined) {
            tarn__free(one->name);
            one->name = whole;
        }
    }
    return TARN_OK;
}

tarn_status tarn__engine_tables_of(const tarn_driver_call *call,
    const json_t *names, tarn__engine_tables *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    const char *name;
    json_t *stands_for;
    *out = (tarn__engine_tables){NULL, 0, 0};
    for (size_t i = 0; st == TARN_OK && i < call->input_count; i++) {
        const tarn_driver_input *input = &call->inputs[i];
        st = add_step(out, call, i, input->id, err);
        for (size_t k = 0; st == TARN_OK && k < input->table_count; k++)
            st = add(out, input->id, input->tables[k], i, k, err);
    }
    if (st == TARN_OK && call->input_count == 1)
        st = add_step(out, call, 0, "input", err);
    json_object_foreach((json_t *)names, name, stands_for)
    {
        if (st == TARN_OK && json_is_string(stands_for))
            st = add_other(out, call, name, json_string_value(stands_for), err);
    }
    return st == TARN_OK ? join_names(out, err) : st;
}

void tarn__engine_tables_free(tarn__engine_tables *t)
{
    for (size_t i = 0; i < t->count; i++) {
        tarn__free(t->items[i].name);
        tarn__free(t->items[i].spelled);
        tarn__free(t->items[i].real);
    }
    tarn__free(t->items);
    *t = (tarn__engine_tables){NULL, 0, 0};
}
