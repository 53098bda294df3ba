/* A statement made ready to run. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/lex.h"
#include "query/dialect.h"
#include "query/query_internal.h"

/* EXPLAIN, EXPLAIN ANALYZE, EXPLAIN (ANALYZE, FORMAT json): DuckDB's parser
 * gives no tree for these, so the word is taken off and put back before the
 * guarded statement.  *rest is what stands after it. */
static tarn_status take_explain(
    const char *sql, tarn_buf *prefix, const char **rest, tarn_error *err)
{
    const char *at = tarn__sql_space(sql);
    *rest = at;
    if (!tarn__sql_word(at, "EXPLAIN"))
        return TARN_OK;
    at = tarn__sql_space(tarn__sql_token(at));
    *rest = at;
    if (tarn__sql_word(at, "ANALYZE")) {
        *rest = tarn__sql_token(at);
        return tarn__buf_str(prefix, "EXPLAIN ANALYZE ", err);
    }
    const char *option = *at == '(' ? tarn__sql_space(at + 1) : "";
    if (!tarn__sql_word(option, "FORMAT") && !tarn__sql_word(option, "ANALYZE"))
        return tarn__buf_str(prefix, "EXPLAIN ", err);
    /* Words and commas up to the bracket: nothing there can do harm. */
    size_t len = strspn(at + 1,
        " \t\r\n,_0123456789abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (at[1 + len] != ')')
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: EXPLAIN's options are not understood (such as (FORMAT "
            "json))");
    *rest = at + len + 2;
    return tarn__buf_printf(prefix, err, "EXPLAIN %.*s ", (int)(len + 2), at);
}

static tarn_status unparse(
    tarn__statement *out, json_t *tree, const char *prefix, tarn_error *err)
{
    char *body = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__duck_unparse(out->session->duck, tree, &body, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, "%s%s", prefix, body);
    tarn__free(body);
    if (st == TARN_OK) {
        out->sql = tarn__buf_take(&sql);
        if (out->sql == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&sql);
    return st;
}

/* The tree comes back from DuckDB as text, and it is the text that runs.  Were
 * it to say something else than the tree, then here: the guard looks at it
 * again and must see the same. */
static tarn_status verify(
    const tarn__statement *out, json_t *tree, tarn_error *err)
{
    char *sql = NULL;
    json_t *again = NULL;
    tarn__guard guard = {0};
    tarn_status st = tarn__duck_unparse(out->session->duck, tree, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_parse(out->session->duck, sql, &again, err);
    if (st == TARN_OK)
        st = tarn__guard_run(&guard, again, NULL, 0, err);
    if (st == TARN_BAD_INPUT || st == TARN_NOT_FOUND ||
        (st == TARN_OK && !tarn__guard_same(&guard, &out->guard)))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "SQL: DuckDB does not give this statement back as it was (say it "
            "in another way)");
    tarn__guard_reset(&guard);
    json_decref(again);
    tarn__free(sql);
    return st;
}

/* What --explain shows of a short statement. */
static tarn_status note_dialect(
    tarn__statement *out, const tarn__dialect *d, tarn_error *err)
{
    tarn__guard *g = &out->guard;
    tarn_status st =
        tarn__grow((void **)&g->refs, &g->ref_cap, 1, sizeof(*g->refs), err);
    if (st == TARN_OK)
        g->refs[g->ref_count++] = (tarn__ref){.kind = TARN__REF_TABLE,
            .schema = "lake",
            .text = "",
            .alias = "",
            .shown = d->lookup ? "LOOKUP" : "TRAVERSE",
            .pushed = d->pushed,
            .route = "point",
            .version = tarn_snapshot_version(out->session->snap)};
    return st;
}

/* LOOKUP and TRAVERSE are read by us, and what runs holds no word of theirs. */
static tarn_status make_dialect(tarn__statement *out, tarn__dialect *d,
    const char *host_out, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = note_dialect(out, d, err);
    if (st == TARN_OK)
        st = tarn__dialect_sql(d, &sql, err);
    if (st == TARN_OK && host_out != NULL)
        st = tarn__session_allow_path(out->session, host_out, err);
    if (st == TARN_OK)
        st = tarn__session_lock(out->session, err);
    if (st == TARN_OK) {
        out->sql = tarn__buf_take(&sql);
        if (out->sql == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&sql);
    return st;
}

/* From text to guarded text. */
static tarn_status make(tarn__statement *out, const char *sql,
    const tarn_query_options *options, const char *host_out, tarn_error *err)
{
    tarn_buf prefix = TARN_BUF_INIT;
    json_t *tree = NULL;
    tarn_status st = tarn__buf_str(&prefix, "", err);
    if (st == TARN_OK)
        st = take_explain(sql, &prefix, &sql, err);
    if (st == TARN_OK)
        st = tarn__statement_parse(out->session, sql, &tree, err);
    if (st == TARN_OK)
        st = tarn__titles_keep(out->session, tree, err);
    if (st == TARN_OK)
        st = tarn__guard_run(
            &out->guard, tree, options->params, options->param_count, err);
    if (st == TARN_OK)
        st = verify(out, tree, err);
    if (st == TARN_OK)
        st = tarn__refs_replace(out->session, &out->guard, tree, err);
    if (st == TARN_OK && host_out != NULL)
        st = tarn__session_allow_out(out->session, host_out, err);
    if (st == TARN_OK)
        st = tarn__session_lock(out->session, err);
    if (st == TARN_OK)
        st = tarn__pivots_fill(out->session, tree, err);
    if (st == TARN_OK)
        st = unparse(out, tree, prefix.len == 0 ? "" : prefix.ptr, err);
    json_decref(tree);
    tarn_buf_reset(&prefix);
    return st;
}

static tarn_status open_once(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, const char *host_out, bool numbers,
    tarn__statement *out, tarn_error *err)
{
    *out = (tarn__statement){.guard = {.numbers = numbers}};
    tarn_status st = tarn__utf8_valid(tarn_str(sql))
        ? tarn__session_open(snap, options, &out->session, err)
        : tarn__fail(err, TARN_BAD_INPUT, "SQL: not UTF-8");
    if (st == TARN_OK)
        st = tarn__duck_watch(out->session->duck,
            tarn__lake_progress(out->session->lake), "query", err);
    tarn__dialect *dialect = NULL;
    if (st == TARN_OK)
        st = tarn__dialect_parse(out->session, sql, options, &dialect, err);
    if (st == TARN_OK)
        st = dialect != NULL ? make_dialect(out, dialect, host_out, err)
                             : make(out, sql, options, host_out, err);
    if (st != TARN_OK) {
        st = tarn__statement_failed(out, options, sql, st, err);
        tarn__statement_reset(out);
    }
    return st;
}

/* Text goes wherever its type can be told from what it stands beside.  In
 * $x + 1 it cannot: there a value that reads as a number has to be one. */
static bool wants_numbers(const tarn__statement *statement)
{
    tarn__duck *duck = statement->session->duck;
    tarn_error err = TARN_ERROR_INIT;
    return tarn__duck_check(duck, statement->sql, &err) == TARN_BAD_INPUT &&
        strcmp(tarn__duck_last_error_type(duck), "Binder") == 0;
}

tarn_status tarn__statement_open(tarn_snapshot *snap, const char *sql,
    const tarn_query_options *options, const char *host_out,
    tarn__statement *out, tarn_error *err)
{
    tarn_error own = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &own : err;
    tarn_status st = open_once(snap, sql, options, host_out, false, out, e);
    if (st != TARN_OK || options->param_count == 0 || !wants_numbers(out))
        return st;
    tarn__statement_reset(out);
    return open_once(snap, sql, options, host_out, true, out, e);
}

void tarn__statement_reset(tarn__statement *statement)
{
    tarn__session_close(statement->session);
    tarn__guard_reset(&statement->guard);
    tarn__free(statement->sql);
    *statement = (tarn__statement){0};
}

/* DuckDB's words for an object that is not there: it then takes the path for a
 * folder's, which it may not list. */
static bool tells_absence(const char *message)
{
    return strstr(message, ".parquet/**/*.parquet\" - file system") != NULL;
}

/* May an object that is not what its name says be behind it?  What a query or
 * its data bring about by themselves has other kinds. */
static bool may_be_damage(const char *type, const char *message)
{
    static const char *const kinds[] = {
        "", "IO", "Serialization", "INTERNAL", "FATAL"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(type, kinds[i]) == 0)
            return true;
    return strstr(message, ".parquet") != NULL ||
        strstr(message, "ecompress") != NULL;
}

tarn_status tarn__statement_verify(
    const tarn__statement *statement, tarn_error *err)
{
    const tarn__session *s = statement->session;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < s->object_count; i++)
        st = tarn__duck_stopped(s->duck)
            ? tarn__fail(err, TARN_INTERRUPTED, "query: interrupted")
            : tarn__read_object_verify(s->snap, s->objects[i], err);
    return st;
}

/* The object's error instead of DuckDB's, when one is damaged. */
static tarn_status blame_object(
    const tarn__statement *statement, tarn_status st, tarn_error *err)
{
    const tarn__session *s = statement->session;
    tarn_error cause = TARN_ERROR_INIT;
    bool absent = tells_absence(err->message);
    if (s == NULL || s->duck == NULL ||
        (!absent &&
            !may_be_damage(tarn__duck_last_error_type(s->duck), err->message)))
        return st;
    tarn_status found = tarn__statement_verify(statement, &cause);
    if (found != TARN_CORRUPT && !(absent && found == TARN_NOT_FOUND))
        return st;
    cause.code = TARN_CORRUPT;
    cause.origin = TARN_ORIGIN_DUCKDB; /* whose words the details hold */
    *err = cause;
    return TARN_CORRUPT;
}

tarn_status tarn__statement_failed(const tarn__statement *statement,
    const tarn_query_options *options, const char *sql, tarn_status st,
    tarn_error *err)
{
    const tarn__session *s = statement->session;
    if (s != NULL && tarn__duck_stopped(s->duck))
        st = tarn__fail(err, TARN_INTERRUPTED, "query: interrupted");
    if (err != NULL && err->origin == TARN_ORIGIN_DUCKDB)
        st = blame_object(statement, st, err);
    if (options->error == NULL || err == NULL)
        return st;
    bool theirs = err->origin == TARN_ORIGIN_DUCKDB && s != NULL &&
        s->duck != NULL && tarn__duck_last_error(s->duck) != NULL;
    tarn_query_error_reset(options->error);
    options->error->query = tarn__strdup(sql);
    options->error->error_type = tarn__strdup(
        theirs ? tarn__duck_last_error_type(s->duck) : tarn_status_name(st));
    options->error->original_error =
        tarn__strdup(theirs ? tarn__duck_last_error(s->duck) : err->message);
    return st;
}

void tarn_query_error_reset(tarn_query_error *error)
{
    if (error == NULL)
        return;
    tarn__free(error->query);
    tarn__free(error->error_type);
    tarn__free(error->original_error);
    *error = (tarn_query_error)TARN_QUERY_ERROR_INIT;
}
