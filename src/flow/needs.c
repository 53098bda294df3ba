/* What steps need: names resolved, cycles named, an order that works. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

/* --- names --- */

static bool find_step(
    const tarn__compiler *c, const char *id, size_t len, size_t *out)
{
    for (size_t i = 0; i < c->step_count; i++) {
        const char *other = c->steps[i].id;
        if (other != NULL && strlen(other) == len &&
            memcmp(other, id, len) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* The tables that a step makes, when its config tells: NULL, any. */
static const json_t *tables_of(const tarn__raw_step *step)
{
    const json_t *queries = json_object_get(step->config, "queries");
    return step->driver != NULL && strcmp(step->driver->name, "sql") == 0 &&
            json_is_object(queries)
        ? queries
        : NULL;
}

static bool makes(const tarn__raw_step *step, const char *table)
{
    const json_t *tables = tables_of(step);
    if (tables != NULL)
        return json_object_get(tables, table) != NULL;
    return step->driver == NULL || strcmp(step->driver->name, "sql") != 0 ||
        strcmp(table, "main") == 0;
}

static void no_table(tarn__compiler *c, const tarn__spot *at,
    const tarn__raw_step *step, const char *table)
{
    tarn__nearest nearest = {.typed = table};
    const char *name;
    json_t *query;
    json_object_foreach((json_t *)tables_of(step), name, query)
    {
        tarn__nearest_try(&nearest, name);
    }
    tarn__diagnose(c, TARN__ERROR, "unknown_table", at,
        "%s.%s: the step makes no such table (%s)", step->id, table,
        tarn__nearest_mend(&nearest, "name one of its queries"));
}

static void unknown_need(
    tarn__compiler *c, const tarn__spot *at, const char *text)
{
    tarn__nearest nearest = {.typed = text};
    for (size_t i = 0; i < c->step_count; i++)
        if (c->steps[i].id != NULL)
            tarn__nearest_try(&nearest, c->steps[i].id);
    tarn__diagnose(c, TARN__ERROR, "unknown_need", at,
        "%s: there is no such step (%s)", text,
        tarn__nearest_mend(&nearest, "name the id of one"));
}

/* A step's id, else an id, a dot and a table. */
static bool resolve(tarn__compiler *c, const char *text, const tarn__spot *at,
    tarn__flow_need *out)
{
    const char *dot = strrchr(text, '.');
    out->table = NULL;
    if (find_step(c, text, strlen(text), &out->step))
        return true;
    if (dot == NULL || !find_step(c, text, (size_t)(dot - text), &out->step)) {
        unknown_need(c, at, text);
        return false;
    }
    out->table = tarn__keep_text(c, dot + 1);
    if (out->table != NULL && !makes(&c->steps[out->step], out->table)) {
        no_table(c, at, &c->steps[out->step], out->table);
        return false;
    }
    return true;
}

static void add_need(tarn__compiler *c, tarn__raw_step *step,
    tarn__flow_need need, const tarn__spot *at)
{
    const tarn__raw_step *other = &c->steps[need.step];
    for (size_t i = 0; i < step->need_count; i++) {
        const tarn__flow_need *had = &step->needs[i];
        if (had->step == need.step &&
            (had->table == NULL) == (need.table == NULL) &&
            (had->table == NULL || strcmp(had->table, need.table) == 0)) {
            tarn__diagnose(c, TARN__WARNING, "duplicate_need", at,
                "%s: is needed twice (take one away)", other->id);
            return;
        }
    }
    if (other->mode == TARN_STEP_WRITE && step->mode != TARN_STEP_READ)
        tarn__diagnose(c, TARN__ERROR, "needs_writer", at,
            "%s: writes, and makes no table (need the step that it takes)",
            other->id);
    step->needs[step->need_count++] = need;
}

/* --- one step --- */

/* Without `needs`: the step before, for what takes something. */
static void implied(tarn__compiler *c, tarn__raw_step *step, size_t index)
{
    tarn__spot at = tarn__spot_key(&step->spot, "needs");
    if (step->mode == TARN_STEP_READ || step->mode == 0)
        return;
    if (index > 0 && c->steps[index - 1].id != NULL) {
        add_need(c, step, (tarn__flow_need){index - 1, NULL}, &at);
    } else if (step->mode == TARN_STEP_WRITE && index == 0) {
        tarn__diagnose(c, TARN__ERROR, "missing_needs", &at,
            "%s: writes, and there is no step before it (name what it needs)",
            step->id == NULL ? "the step" : step->id);
    }
}

static const char *item_text(tarn__compiler *c, const json_t *item)
{
    if (json_is_string(item))
        return json_string_value(item);
    if (!json_is_integer(item))
        return NULL;
    char *made = tarn__sprintf("%lld", (long long)json_integer_value(item));
    const char *kept = made == NULL ? NULL : tarn__keep_text(c, made);
    if (kept == NULL)
        tarn__compiler_no_memory(c);
    tarn__free(made);
    return kept;
}

static void listed(tarn__compiler *c, tarn__raw_step *step, const json_t *list)
{
    tarn__spot at = tarn__spot_key(&step->spot, "needs");
    if (!json_is_array(list)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &at,
            "needs: is %s (give a list, such as [ID])", tarn__json_kind(list));
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        tarn__spot spot = tarn__spot_item(&at, i);
        const char *text = item_text(c, json_array_get(list, i));
        tarn__flow_need need;
        if (text == NULL)
            tarn__diagnose(c, TARN__ERROR, "bad_type", &spot,
                "needs: holds %s (name steps)",
                tarn__json_kind(json_array_get(list, i)));
        else if (resolve(c, text, &spot, &need))
            add_need(c, step, need, &spot);
    }
    if (json_array_size(list) == 0 && step->mode == TARN_STEP_WRITE)
        tarn__diagnose(c, TARN__ERROR, "missing_needs", &at,
            "needs: is empty in a step that writes (name what it takes)");
}

/* A built-in writer takes one table. */
static void check_writer(tarn__compiler *c, const tarn__raw_step *step)
{
    tarn__spot at = tarn__spot_key(&step->spot, "needs");
    if (step->mode != TARN_STEP_WRITE || step->driver == NULL ||
        tarn__starts_with(step->driver->name, "program.") ||
        tarn__starts_with(step->driver->name, "object."))
        return;
    if (step->need_count > 1) {
        tarn__diagnose(c, TARN__ERROR, "too_many_needs", &at,
            "%s: takes one table (join them in an sql step before it)",
            step->driver->name);
        return;
    }
    if (step->need_count == 0 || step->needs[0].table != NULL)
        return;
    const tarn__raw_step *other = &c->steps[step->needs[0].step];
    const json_t *tables = tables_of(other);
    if (json_object_size(tables) > 1 && json_object_get(tables, "main") == NULL)
        tarn__diagnose(c, TARN__ERROR, "ambiguous_table", &at,
            "%s: makes several tables (name one, such as %s.%s)", other->id,
            other->id,
            json_object_iter_key(json_object_iter((json_t *)tables)));
}

/* --- order --- */

/* Steps whose needs are all placed, the first in the file first. */
static size_t sort(tarn__compiler *c, bool *placed)
{
    size_t count = 0;
    for (size_t i = 0; i < c->step_count;) {
        const tarn__raw_step *step = &c->steps[i];
        bool ready = !placed[i];
        for (size_t n = 0; ready && n < step->need_count; n++)
            ready = placed[step->needs[n].step];
        if (!ready) {
            i++;
            continue;
        }
        placed[i] = true;
        c->order[count++] = i;
        i = 0;
    }
    return count;
}

/* Every step that is left has a need that is left: following those comes round
 * again. */
static void tell_cycle(tarn__compiler *c, const bool *placed)
{
    size_t *way = tarn__calloc(c->step_count + 1, sizeof(*way));
    tarn_buf text = TARN_BUF_INIT;
    size_t len = 0;
    size_t first = 0;
    size_t at = 0;
    if (way == NULL) {
        tarn__compiler_no_memory(c);
        return;
    }
    while (placed[at])
        at++;
    for (;;) {
        for (first = 0; first < len && way[first] != at; first++)
            ;
        if (first < len)
            break;
        way[len++] = at;
        const tarn__raw_step *step = &c->steps[at];
        size_t n = 0;
        while (placed[step->needs[n].step])
            n++;
        at = step->needs[n].step;
    }
    for (size_t i = first; c->st == TARN_OK && i <= len; i++)
        c->st =
            tarn__buf_printf(&text, &c->err, "%s%s", i > first ? " -> " : "",
                c->steps[i == len ? way[first] : way[i]].id);
    tarn__spot spot = tarn__spot_key(&c->steps[way[first]].spot, "needs");
    if (c->st == TARN_OK)
        tarn__diagnose(c, TARN__ERROR, "cycle", &spot,
            "%s: the steps need each other (take one need away)", text.ptr);
    tarn_buf_reset(&text);
    tarn__free(way);
}

static void order(tarn__compiler *c)
{
    bool *placed = tarn__calloc(c->step_count + 1, sizeof(*placed));
    c->order = tarn__keep_alloc(c, (c->step_count + 1) * sizeof(*c->order));
    if (placed == NULL)
        tarn__compiler_no_memory(c);
    if (c->st == TARN_OK) {
        c->ordered = sort(c, placed) == c->step_count;
        if (!c->ordered)
            tell_cycle(c, placed);
    }
    tarn__free(placed);
}

void tarn__compile_needs(tarn__compiler *c)
{
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++) {
        tarn__raw_step *step = &c->steps[i];
        const json_t *list = json_object_get(step->raw, "needs");
        size_t most = json_array_size(list) + 1;
        step->needs = tarn__keep_alloc(c, most * sizeof(*step->needs));
        if (step->needs == NULL)
            return;
        if (list == NULL || json_is_null(list))
            implied(c, step, i);
        else
            listed(c, step, list);
        check_writer(c, step);
    }
    if (c->st == TARN_OK)
        order(c);
}
