/* From a flow file to diagnostics, and to a flow. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"
#include "os/durable.h"
#include "os/file.h"

#define FLOW_MAX_BYTES 4194304
#define NAME_MAX_BYTES 100

static const char *const keys[] = {
    "name", "description", "metadata", "params", "profiles", "steps", NULL};

/* --- what lives with a flow --- */

static tarn_status make(tarn__compiler *c)
{
    c->flow = tarn__calloc(1, sizeof(*c->flow));
    c->store = tarn__calloc(1, sizeof(*c->store));
    if (c->flow == NULL || c->store == NULL) {
        tarn__free(c->store);
        tarn__free(c->flow);
        c->flow = NULL;
        return tarn__no_memory(&c->err);
    }
    c->store->manifest = (tarn_buf)TARN_BUF_INIT;
    c->flow->store = c->store;
    c->store->values = json_array();
    return c->store->values == NULL ? tarn__no_memory(&c->err) : TARN_OK;
}

void tarn__flow_free(tarn__flow *flow)
{
    if (flow == NULL)
        return;
    tarn__flow_store *store = flow->store;
    for (size_t i = 0; i < store->plan_count; i++)
        tarn__free(store->plans[i]->ptr);
    tarn__free(store->plans);
    json_decref(store->values);
    tarn_buf_reset(&store->manifest);
    tarn__arena_reset(&store->arena);
    tarn__free(store);
    tarn__free(flow);
}

tarn__query_plans *tarn__keep_plans(tarn__compiler *c)
{
    tarn__flow_store *store = c->store;
    tarn__query_plans *plans = tarn__keep_alloc(c, sizeof(*plans));
    void *list = store->plans;
    if (c->st == TARN_OK)
        c->st = tarn__grow(&list, &store->plan_cap, store->plan_count + 1,
            sizeof(tarn__query_plans *), &c->err);
    store->plans = list;
    if (c->st == TARN_OK)
        store->plans[store->plan_count++] = plans;
    return c->st == TARN_OK ? plans : NULL;
}

/* --- the file --- */

static void set_place(tarn__compiler *c, const char *path)
{
    char *real = NULL;
    tarn_status st = tarn__realpath(path, &real, &c->err);
    if (st != TARN_OK) {
        c->st = st;
        return;
    }
    c->flow->path = tarn__keep_text(c, real);
    char *slash = strrchr(real, '/');
    if (slash != NULL)
        slash[slash == real ? 1 : 0] = '\0';
    c->flow->base_dir = tarn__keep_text(c, real);
    tarn__free(real);
}

static void read_document(tarn__compiler *c, tarn_slice text)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__yaml_fault fault;
    tarn_status st = tarn__yaml_parse_placed(text, &c->yaml, &fault, &err);
    if (st == TARN_NO_MEMORY) {
        tarn__compiler_no_memory(c);
        return;
    }
    if (st != TARN_OK) {
        tarn__diagnose_syntax(c, "yaml_syntax", &c->root, &fault, err.message);
        return;
    }
    c->document = tarn__yaml_root(c->yaml, 0);
    if (tarn__yaml_count(c->yaml) > 1)
        tarn__diagnose(c, TARN__ERROR, "several_documents", &c->root,
            "the file holds %zu documents (a flow is one)",
            tarn__yaml_count(c->yaml));
    if (!json_is_object(c->document)) {
        tarn__diagnose(c, TARN__ERROR, "bad_type", &c->root,
            "the file is %s (write name: and steps:)",
            c->document == NULL ? "empty" : tarn__json_kind(c->document));
        c->document = NULL;
    }
}

static bool known(const char *key, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, key) == 0)
            return true;
    return false;
}

/* The dialect has words that we do not, and what it does not know warns. */
static void check_oml_keys(tarn__compiler *c)
{
    static const char *const more[] = {"oml_version", "schedule", "version",
        "connectors", "tasks", "outputs", NULL};
    const char *key;
    json_t *value;
    json_object_foreach(c->document, key, value)
    {
        tarn__spot at = tarn__spot_key(&c->root, key);
        if (!known(key, keys) && !known(key, more))
            tarn__diagnose(c, TARN__WARNING, "unknown_key", &at,
                "%s: is no key of a flow (take it away)", key);
    }
}

static bool good_name(const char *name)
{
    if (*name == '\0' || *name == '.' || strlen(name) > NAME_MAX_BYTES)
        return false;
    for (; *name != '\0'; name++)
        if (*name == '/' || (unsigned char)*name < 0x20 || *name == 0x7f)
            return false;
    return true;
}

static void read_name(tarn__compiler *c)
{
    tarn__spot at = tarn__spot_key(&c->root, "name");
    const char *name = tarn__text_member(c, c->document, &c->root, "name");
    if (json_object_get(c->document, "name") == NULL)
        tarn__diagnose(c, TARN__ERROR, "missing_key", &at,
            "name: is missing (give the flow a name)");
    else if (name != NULL && !good_name(name))
        tarn__diagnose(c, TARN__ERROR, "bad_name", &at,
            "name: can be no part of a folder's name (1 to %d bytes without / "
            "and control characters, not beginning with a dot)",
            NAME_MAX_BYTES);
    c->flow->name = tarn__keep_text(c, name == NULL ? "" : name);
}

static void read_flow(tarn__compiler *c)
{
    if (c->document == NULL)
        return;
    c->flow->oml = tarn__oml_detect(c);
    if (c->flow->oml)
        check_oml_keys(c);
    else
        tarn__check_keys(c, c->document, &c->root, keys, "a flow");
    read_name(c);
    (void)tarn__text_member(c, c->document, &c->root, "description");
    tarn__spot at = tarn__spot_key(&c->root, "metadata");
    const json_t *metadata = json_object_get(c->document, "metadata");
    if (json_is_object(metadata))
        tarn__check_secrets(c, metadata, &at, NULL);
    if (c->st == TARN_OK)
        tarn__compile_params(c);
    if (c->st == TARN_OK)
        tarn__read_connections(c);
    if (c->st == TARN_OK && c->engine != NULL)
        tarn__check_engine(c);
    if (c->st == TARN_OK)
        tarn__compile_steps(c);
    if (c->st == TARN_OK)
        tarn__compile_needs(c);
    if (c->st == TARN_OK && c->flow->oml)
        tarn__oml_names(c);
}

/* --- the flow --- */

static void set_step(
    tarn__compiler *c, tarn__flow_step *step, const size_t *index_of, size_t at)
{
    const tarn__raw_step *raw = &c->steps[at];
    *step = (tarn__flow_step){.id = raw->id,
        .driver = raw->driver,
        .mode = raw->mode,
        .needs = raw->needs,
        .need_count = raw->need_count,
        .config = raw->config,
        .connection = raw->connection,
        .connection_value = raw->connection_value,
        .retry_attempts = raw->retry_attempts,
        .retry_backoff_us = raw->retry_backoff_us,
        .timeout_us = raw->timeout_us,
        .incremental = raw->incremental};
    tarn__flow_need *needs =
        tarn__keep_alloc(c, (raw->need_count + 1) * sizeof(*needs));
    for (size_t i = 0; needs != NULL && i < raw->need_count; i++)
        needs[i] = (tarn__flow_need){
            index_of[raw->needs[i].step], raw->needs[i].table};
    step->needs = needs;
}

static const char *keep_copy(tarn__compiler *c, const char *text)
{
    return text == NULL ? NULL : tarn__keep_text(c, text);
}

/* Texts that still lie in the document. */
static void keep_texts(tarn__compiler *c)
{
    for (size_t i = 0; i < c->step_count && c->st == TARN_OK; i++) {
        tarn__raw_step *step = &c->steps[i];
        step->incremental.column = keep_copy(c, step->incremental.column);
    }
    c->flow->profile = keep_copy(c, c->options->profile);
    c->flow->params = c->params;
    c->flow->param_count = c->param_count;
}

static void finish(tarn__compiler *c)
{
    size_t count = c->step_count;
    tarn__flow_step *steps = tarn__keep_alloc(c, (count + 1) * sizeof(*steps));
    size_t *index_of = tarn__keep_alloc(c, (count + 1) * sizeof(*index_of));
    if (c->st != TARN_OK)
        return;
    keep_texts(c);
    for (size_t i = 0; i < count; i++)
        index_of[c->order[i]] = i;
    for (size_t i = 0; i < count && c->st == TARN_OK; i++)
        set_step(c, &steps[i], index_of, c->order[i]);
    c->flow->steps = steps;
    c->flow->step_count = count;
    c->store->file_index = c->order;
    if (c->st == TARN_OK)
        tarn__compile_manifest(c);
}

static void read_file(tarn__compiler *c, const char *path)
{
    tarn_buf text = TARN_BUF_INIT;
    c->st = tarn__file_slurp(path, FLOW_MAX_BYTES, &text, &c->err);
    if (c->st == TARN_OK)
        set_place(c, path);
    if (c->st == TARN_OK)
        read_document(c, tarn__buf_slice(&text));
    tarn_buf_reset(&text);
}

static void compile(tarn__compiler *c, const char *path)
{
    c->root = (tarn__spot){NULL, NULL, TARN__DOC_FLOW};
    c->connections_root = (tarn__spot){NULL, NULL, TARN__DOC_CONNECTIONS};
    c->arguments_root = (tarn__spot){NULL, NULL, TARN__DOC_ARGUMENTS};
    if (c->text == NULL) {
        read_file(c, path);
    } else {
        c->flow->path = path;
        c->flow->base_dir = "/";
        read_document(c, c->text->flow);
    }
    if (c->st == TARN_OK)
        read_flow(c);
    if (c->st == TARN_OK)
        tarn__diagnostics_sort(c->diagnostics);
    if (c->st == TARN_OK && tarn_flow_error_count(c->diagnostics) == 0 &&
        c->strict)
        finish(c);
}

static void let_go(tarn__compiler *c)
{
    if (c->text == NULL || c->text->duck == NULL)
        tarn__duck_close(c->duck);
    tarn__yaml_free(c->yaml);
    tarn__yaml_free(c->connections_yaml);
    tarn__free(c->connections_path);
}

/* *flow is NULL when there are errors, or when only a check was asked for. */
static tarn_status run(tarn__compiler *c, const char *path, tarn__flow **flow,
    tarn_flow_diagnostics **diagnostics, tarn_error *err)
{
    static const tarn_flow_options none = TARN_FLOW_OPTIONS_INIT;
    *flow = NULL;
    *diagnostics = NULL;
    c->options = c->options == NULL ? &none : c->options;
    c->st = make(c);
    if (c->st == TARN_OK)
        c->st = tarn__diagnostics_create(&c->diagnostics, &c->err);
    if (c->st == TARN_OK)
        compile(c, path);
    let_go(c);
    if (c->st == TARN_OK && c->strict &&
        tarn_flow_error_count(c->diagnostics) == 0) {
        *flow = c->flow;
        c->flow = NULL;
    }
    tarn__flow_free(c->flow);
    if (c->st == TARN_OK) {
        *diagnostics = c->diagnostics;
        return TARN_OK;
    }
    tarn_flow_diagnostics_free(c->diagnostics);
    if (err != NULL)
        *err = c->err;
    return c->st;
}

tarn_status tarn__flow_compile_for(const char *path,
    const tarn_flow_options *options, const char *engine, tarn__flow **out,
    tarn_flow_diagnostics **diagnostics, tarn_error *err)
{
    tarn__compiler c = {.options = options, .strict = true, .engine = engine};
    tarn_status st = run(&c, path, out, diagnostics, err);
    return st == TARN_OK && *out == NULL
        ? tarn__diagnostics_fail(*diagnostics, path, err)
        : st;
}

tarn_status tarn__flow_compile(const char *path,
    const tarn_flow_options *options, tarn__flow **out,
    tarn_flow_diagnostics **diagnostics, tarn_error *err)
{
    return tarn__flow_compile_for(path, options, NULL, out, diagnostics, err);
}

tarn_status tarn_flow_check(const char *path, const tarn_flow_options *options,
    tarn_flow_diagnostics **out, tarn_error *err)
{
    tarn__compiler c = {.options = options};
    tarn__flow *none;
    return run(&c, path, &none, out, err);
}

tarn_status tarn__flow_compile_text(const tarn__flow_text *text,
    const tarn_flow_options *options, bool strict, tarn__flow **out,
    tarn_flow_diagnostics **diagnostics, tarn_error *err)
{
    tarn__compiler c = {
        .options = options, .text = text, .strict = strict, .duck = text->duck};
    return run(&c, "flow.yaml", out, diagnostics, err);
}

tarn_status tarn_flow_compile(const char *path,
    const tarn_flow_options *options, tarn_buf *manifest, tarn_buf *fingerprint,
    tarn_flow_diagnostics **diagnostics, tarn_error *err)
{
    tarn__flow *flow;
    tarn_flow_diagnostics *found;
    tarn_status st = tarn__flow_compile(path, options, &flow, &found, err);
    if (st == TARN_OK)
        st = tarn__buf_str(manifest, flow->manifest, err);
    if (st == TARN_OK)
        st = tarn__buf_str(fingerprint, flow->fingerprint, err);
    tarn__flow_free(flow);
    if (diagnostics != NULL)
        *diagnostics = found;
    else
        tarn_flow_diagnostics_free(found);
    return st;
}

static tarn_status save_file(
    const char *dir, const char *name, tarn_slice text, tarn_error *err)
{
    char *path = tarn__path_join(dir, name);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__replace_durably(path, dir, text, err);
    tarn__free(path);
    return st;
}

tarn_status tarn_flow_save(const char *dir, tarn_slice manifest,
    tarn_slice fingerprint, tarn_error *err)
{
    tarn_buf line = TARN_BUF_INIT;
    tarn_status st =
        tarn__buf_append(&line, fingerprint.ptr, fingerprint.len, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&line, '\n', err);
    if (st == TARN_OK)
        st = tarn__mkdirs(dir, err);
    if (st == TARN_OK)
        st = save_file(dir, "manifest.yaml", manifest, err);
    if (st == TARN_OK)
        st = save_file(dir, "fingerprint", tarn__buf_slice(&line), err);
    tarn_buf_reset(&line);
    return st;
}
