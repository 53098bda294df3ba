/* What a run was given when it began: a resumed one has it again. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/yaml.h"
#include "flow/run_internal.h"
#include "os/file.h"

#define FLOW_MAX ((size_t)4 * 1024 * 1024)

/* Is this "name=value" of the param? */
static bool gives(const char *given, const char *name)
{
    size_t len = strlen(name);
    return strncmp(given, name, len) == 0 && given[len] == '=';
}

static bool given_now(const tarn_flow_options *now, const char *name)
{
    for (size_t i = 0; i < now->param_count; i++)
        if (gives(now->params[i], name))
            return true;
    return false;
}

/* "name=value" as a caller would write it: a first @ is doubled. */
static tarn_status as_argument(tarn__given *given, const char *name,
    const json_t *value, const char **out, tarn_error *err)
{
    const char *text = json_string_value(value);
    char *dumped =
        text == NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    text = text == NULL ? dumped : text;
    char *whole = text == NULL
        ? NULL
        : tarn__sprintf("%s=%s%s", name, *text == '@' ? "@" : "", text);
    *out = whole == NULL ? NULL : tarn__arena_strdup(&given->texts, whole);
    tarn__free(whole);
    tarn__free(dumped);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* The params that the run was given, without those that the flow has no more;
 * then those that are given now, which win. */
static tarn_status recall_params(tarn__run *run, const json_t *status,
    const json_t *declared, tarn_error *err)
{
    const tarn_flow_options *now = &run->options->flow;
    tarn__given *given = &run->given;
    const json_t *names = json_object_get(status, "given");
    const json_t *values = json_object_get(status, "params");
    size_t i;
    json_t *item;
    tarn_status st = TARN_OK;
    const char **all = tarn__arena_alloc(&given->texts,
        (json_array_size(names) + now->param_count + 1) * sizeof(*all));
    if (all == NULL)
        return tarn__no_memory(err);
    given->options.param_count = 0;
    json_array_foreach(names, i, item)
    {
        const char *name = json_string_value(item);
        const json_t *value =
            name == NULL ? NULL : json_object_get(values, name);
        if (st != TARN_OK || name == NULL || given_now(now, name) ||
            json_object_get(declared, name) == NULL)
            continue;
        st = value == NULL
            ? tarn__fail(err, TARN_INVALID,
                  "run %s: param %s is a secret, which no run remembers (give "
                  "--param %s=@FILE again)",
                  given->run, name, name)
            : as_argument(
                  given, name, value, &all[given->options.param_count++], err);
    }
    for (i = 0; i < now->param_count; i++)
        all[given->options.param_count++] = now->params[i];
    given->options.params = all;
    return st;
}

static tarn_status recall_text(tarn__given *given, const json_t *status,
    const char *key, const char **text, tarn_error *err)
{
    const char *was = tarn__json_text(status, key);
    if (*text != NULL || was == NULL)
        return TARN_OK;
    *text = tarn__arena_strdup(&given->texts, was);
    return *text == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status recall(
    tarn__run *run, const char *runs, const json_t *flow, tarn_error *err)
{
    tarn__given *given = &run->given;
    json_t *status = NULL;
    tarn_status st = tarn__run_find(runs, run->options->resume,
        tarn__json_text(flow, "name"), &given->run, err);
    if (st != TARN_OK)
        return st;
    st = tarn__run_status(runs, given->run, &status, NULL);
    if (st == TARN_NO_MEMORY)
        return tarn__no_memory(err);
    st = recall_params(run, status, json_object_get(flow, "params"), err);
    if (st == TARN_OK)
        st =
            recall_text(given, status, "profile", &given->options.profile, err);
    if (st == TARN_OK)
        st = recall_text(
            given, status, "connections", &given->options.connections, err);
    given->full = given->full || json_is_true(json_object_get(status, "full"));
    json_decref(status);
    return st;
}

/* A path that means the same when the run is resumed elsewhere. */
static tarn_status keep_connections(tarn__given *given, tarn_error *err)
{
    char *real = NULL;
    const char *path = given->options.connections;
    if (path == NULL || !tarn__path_exists(path))
        return TARN_OK;
    tarn_status st = tarn__realpath(path, &real, err);
    if (st == TARN_OK &&
        (given->options.connections =
                tarn__arena_strdup(&given->texts, real)) == NULL)
        st = tarn__no_memory(err);
    tarn__free(real);
    return st;
}

/* The flow's name is needed to find its newest run; that the file is none is
 * for compile to say. */
tarn_status tarn__given_take(tarn__run *run, const char *path, tarn_error *err)
{
    const tarn_flow_run_options *o = run->options;
    tarn_buf text = TARN_BUF_INIT;
    tarn__yaml *yaml = NULL;
    char *real = NULL;
    char *runs = NULL;
    run->given.options = o->flow;
    run->given.full = o->full;
    tarn_status st = TARN_OK;
    if (o->resume != NULL &&
        tarn__file_slurp(path, FLOW_MAX, &text, NULL) == TARN_OK &&
        tarn__yaml_parse(tarn__buf_slice(&text), path, &yaml, NULL) ==
            TARN_OK) {
        st = tarn__realpath(path, &real, err);
        if (st == TARN_OK)
            st = tarn_flow_runs_dir(o->runs_dir, o->lake_dir, real, &runs, err);
        if (st == TARN_OK)
            st = recall(run, runs, tarn__yaml_root(yaml, 0), err);
    }
    tarn__yaml_free(yaml);
    tarn_buf_reset(&text);
    tarn__free(real);
    tarn__free(runs);
    return st == TARN_OK ? keep_connections(&run->given, err) : st;
}

tarn_status tarn__given_json(
    const tarn__run *run, json_t *status, tarn_error *err)
{
    const tarn_flow_options *options = &run->given.options;
    json_t *names = json_array();
    int failed = names == NULL;
    for (size_t i = 0; failed == 0 && i < run->flow->param_count; i++)
        if (given_now(options, run->flow->params[i].name))
            failed = json_array_append_new(
                names, json_string(run->flow->params[i].name));
    failed |= json_object_set_new(status, "given", names);
    if (options->connections != NULL)
        failed |= json_object_set_new(
            status, "connections", json_string(options->connections));
    if (run->given.full)
        failed |= json_object_set_new(status, "full", json_true());
    return failed == 0 ? TARN_OK : tarn__no_memory(err);
}

void tarn__given_reset(tarn__given *given)
{
    tarn__free(given->run);
    tarn__arena_reset(&given->texts);
}
