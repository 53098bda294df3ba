/* DuckDB's errors into ours.
 *
 * DuckDB's messages begin with their kind, "Binder Error: "; not every call of
 * its C API gives the kind in another way, so it is read from there. */
#include <string.h>

#include "base/error.h"
#include "duck/duck_internal.h"

typedef struct kind {
    const char *name; /* before " Error: " */
    int code;         /* duckdb_error_type */
    tarn_status status;
} kind;

static const kind kinds[] = {
    {"Parser", DUCKDB_ERROR_PARSER, TARN_BAD_INPUT},
    {"Syntax", DUCKDB_ERROR_SYNTAX, TARN_BAD_INPUT},
    {"Binder", DUCKDB_ERROR_BINDER, TARN_BAD_INPUT},
    {"Catalog", DUCKDB_ERROR_CATALOG, TARN_BAD_INPUT},
    {"Conversion", DUCKDB_ERROR_CONVERSION, TARN_BAD_INPUT},
    {"Invalid Input", DUCKDB_ERROR_INVALID_INPUT, TARN_BAD_INPUT},
    {"Out of Range", DUCKDB_ERROR_OUT_OF_RANGE, TARN_BAD_INPUT},
    {"Constraint", DUCKDB_ERROR_CONSTRAINT, TARN_BAD_INPUT},
    {"Permission", DUCKDB_ERROR_PERMISSION, TARN_BAD_INPUT},
    {"Not implemented", DUCKDB_ERROR_NOT_IMPLEMENTED, TARN_BAD_INPUT},
    {"Mismatch Type", DUCKDB_ERROR_MISMATCH_TYPE, TARN_BAD_INPUT},
    {"Unknown Type", DUCKDB_ERROR_UNKNOWN_TYPE, TARN_BAD_INPUT},
    {"Invalid type", DUCKDB_ERROR_INVALID_TYPE, TARN_BAD_INPUT},
    {"Divide by Zero", DUCKDB_ERROR_DIVIDE_BY_ZERO, TARN_BAD_INPUT},
    {"Decimal", DUCKDB_ERROR_DECIMAL, TARN_BAD_INPUT},
    {"Expression", DUCKDB_ERROR_EXPRESSION, TARN_BAD_INPUT},
    {"Object Size", DUCKDB_ERROR_OBJECT_SIZE, TARN_BAD_INPUT},
    {"Parameter Not Resolved", DUCKDB_ERROR_PARAMETER_NOT_RESOLVED,
        TARN_BAD_INPUT},
    {"Parameter Not Allowed", DUCKDB_ERROR_PARAMETER_NOT_ALLOWED,
        TARN_BAD_INPUT},
    {"Missing Extension", DUCKDB_ERROR_MISSING_EXTENSION, TARN_BAD_INPUT},
    {"Extension Autoloading", DUCKDB_ERROR_AUTOLOAD, TARN_BAD_INPUT},
    {"Settings", DUCKDB_ERROR_SETTINGS, TARN_BAD_INPUT},
    {"Invalid Configuration", DUCKDB_INVALID_CONFIGURATION, TARN_BAD_INPUT},
    {"Dependency", DUCKDB_ERROR_DEPENDENCY, TARN_BAD_INPUT},
    {"Sequence", DUCKDB_ERROR_SEQUENCE, TARN_BAD_INPUT},
    {"TransactionContext", DUCKDB_ERROR_TRANSACTION, TARN_CONFLICT},
    {"Serialization", DUCKDB_ERROR_SERIALIZATION, TARN_CORRUPT},
    {"IO", DUCKDB_ERROR_IO, TARN_IO},
    {"HTTP", DUCKDB_ERROR_HTTP, TARN_IO},
    {"Out of Memory", DUCKDB_ERROR_OUT_OF_MEMORY, TARN_NO_MEMORY},
    {"INTERRUPT", DUCKDB_ERROR_INTERRUPT, TARN_INTERRUPTED},
    {"FATAL", DUCKDB_ERROR_FATAL, TARN_FAILED},
    {"INTERNAL", DUCKDB_ERROR_INTERNAL, TARN_FAILED},
};

#define TAIL " Error: "

static const kind *kind_of(const char *message)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].name);
        if (strncmp(message, kinds[i].name, len) == 0 &&
            strncmp(message + len, TAIL, strlen(TAIL)) == 0)
            return &kinds[i];
    }
    return NULL;
}

static const kind *kind_of_code(int code)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].code == code)
            return &kinds[i];
    return NULL;
}

/* Kinds that DuckDB does not tell apart, known by their words. */
static tarn_status refine(const kind *k, const char *message)
{
    /* Of a commit, or of a checkpoint, it has the kind of that. */
    if (strstr(message, "failed to pin block of size ") != NULL ||
        strstr(message, "failed to allocate data of size ") != NULL)
        return TARN_NO_MEMORY;
    /* What its planner cannot do says the same as a damaged file. */
    if (k->code == DUCKDB_ERROR_SERIALIZATION &&
        strstr(message, "Cannot copy ") != NULL)
        return TARN_BAD_INPUT;
    if (k->code != DUCKDB_ERROR_IO)
        return k->status;
    if (strstr(message, "Could not set lock on file") != NULL ||
        strstr(message, "Conflicting lock is held") != NULL)
        return TARN_LOCKED;
    if (strstr(message, "No files found that match") != NULL ||
        strstr(message, "No such file or directory") != NULL)
        return TARN_NOT_FOUND;
    if (strstr(message, "not a valid DuckDB database file") != NULL ||
        strstr(message, "Corrupt database file") != NULL)
        return TARN_CORRUPT;
    return k->status;
}

static tarn_slice first_line(const char *message)
{
    return (tarn_slice){message, strcspn(message, "\r\n")};
}

/* DuckDB's own proposal of a mend, on a line of its own; empty when none. */
static tarn_slice proposal(const char *message)
{
    static const char *const starts[] = {
        "\nDid you mean ", "\nCandidate bindings: ", "\nCandidate tables: "};
    /* json = 'x': what was compared is no JSON, and DuckDB says only that. */
    if (strncmp(message, "Conversion Error: Malformed JSON", 32) == 0)
        return tarn_str("take a JSON member as text, as in "
                        "(address->>'city') = 'x', or write JSON: '\"x\"'");
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        const char *at = strstr(message, starts[i]);
        if (at != NULL)
            return first_line(at + 1);
    }
    return (tarn_slice){"", 0};
}

/* DuckDB says that it was interrupted, but nobody did. */
static bool stray_interrupt(tarn__duck *duck, const char *message)
{
    const kind *k = kind_of(message);
    return k != NULL && k->status == TARN_INTERRUPTED &&
        !atomic_load(&duck->interrupted);
}

bool tarn__duck_lost_reason(tarn__duck *duck, const char *message)
{
    tarn__mutex_lock(&duck->source_lock);
    bool known = duck->source_error.code != TARN_OK;
    tarn__mutex_unlock(&duck->source_lock);
    return !known && stray_interrupt(duck, message);
}

/* A source's failure stands behind `message`: hand that on, whole. */
static bool take_source_error(
    tarn__duck *duck, const char *message, tarn_error *err)
{
    tarn__mutex_lock(&duck->source_lock);
    tarn_error cause = duck->source_error;
    bool mine = cause.code != TARN_OK &&
        (strstr(message, cause.message) != NULL ||
            stray_interrupt(duck, message));
    if (mine) {
        duck->source_error = (tarn_error)TARN_ERROR_INIT;
        if (err != NULL)
            *err = cause;
    }
    tarn__mutex_unlock(&duck->source_lock);
    return mine;
}

void tarn__duck_source_failed(tarn__duck *duck, const tarn_error *err)
{
    tarn__mutex_lock(&duck->source_lock);
    if (duck->source_error.code == TARN_OK)
        duck->source_error = *err;
    tarn__mutex_unlock(&duck->source_lock);
}

void tarn__duck_begin(tarn__duck *duck)
{
    atomic_store(&duck->interrupted, false);
    tarn__mutex_lock(&duck->source_lock);
    duck->source_error = (tarn_error)TARN_ERROR_INIT;
    tarn__mutex_unlock(&duck->source_lock);
}

static void remember(tarn__duck *duck, const kind *k, const char *message)
{
    tarn__free(duck->last_error);
    duck->last_error = tarn__strdup(message);
    const char *name = k == NULL ? "" : k->name;
    memcpy(duck->last_type, name, strlen(name) + 1);
}

static tarn_status fail_as(
    tarn__duck *duck, const kind *k, const char *message, tarn_error *err)
{
    tarn_error cause = TARN_ERROR_INIT;
    remember(duck, k, message);
    if (tarn__duck_stopped(duck))
        return tarn__watch_fail(duck->watch, err);
    if (take_source_error(duck, message, &cause)) {
        if (err != NULL)
            *err = cause;
        return cause.code;
    }
    tarn_slice line = first_line(message);
    tarn_slice mend = proposal(message);
    tarn_status st = k == NULL ? TARN_FAILED : refine(k, message);
    const char *open = mend.len > 0 ? " (" : "";
    const char *close = mend.len > 0 ? ")" : "";
    st = tarn__fail(err, st, "%.*s%s%.*s%s", (int)line.len, line.ptr, open,
        (int)mend.len, mend.ptr, close);
    if (err != NULL) {
        err->origin = TARN_ORIGIN_DUCKDB;
        err->origin_code = k == NULL ? DUCKDB_ERROR_INVALID : k->code;
    }
    return st;
}

tarn_status tarn__duck_fail(
    tarn__duck *duck, const char *message, tarn_error *err)
{
    if (message == NULL)
        return tarn__no_memory(err);
    return fail_as(duck, kind_of(message), message, err);
}

tarn_status tarn__duck_fail_data(
    tarn__duck *duck, duckdb_error_data data, tarn_error *err)
{
    const char *message = duckdb_error_data_message(data);
    if (message == NULL)
        return tarn__no_memory(err);
    const kind *k = kind_of(message);
    if (k == NULL)
        k = kind_of_code((int)duckdb_error_data_error_type(data));
    return fail_as(duck, k, message, err);
}

const char *tarn__duck_last_error(const tarn__duck *duck)
{
    return duck->last_error == NULL ? "" : duck->last_error;
}

const char *tarn__duck_last_error_type(const tarn__duck *duck)
{
    return duck->last_type;
}
