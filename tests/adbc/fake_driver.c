/* An ADBC driver that is DuckDB's, and misbehaves on demand.  What it does
 * stands in the environment's FAKE_ADBC, words apart by blanks:
 *
 *   fail=CALL        each such call fails; fail=CALL@N: the Nth alone
 *   code=N           with this status (9, internal)
 *   missing=CALL     the driver has no such function
 *   version=none     it speaks no revision of ADBC; version=1.0: that one only
 *   temporary=no     it has no temporary tables, and says so at once;
 *   temporary=late   when a table is put into one
 *   bind=no          it binds no values
 *   stream=N         a result breaks off behind N batches; schema: before them
 *   stream=bare      it has no columns, stream=narrow: its batches have one less
 *                    than it says, stream=short: a column has less rows
 *   stream=none      a query gives no result at all
 *   info=sliced      it is MariaDB's, says an array that begins in the middle
 *   words=N          so many bytes stand before what a failure says
 *   log=FILE         texts of queries go there, and options, a line each */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/driver/adbc.h"

AdbcStatusCode duckdb_adbc_init(
    int version, void *driver, struct AdbcError *error);
AdbcStatusCode FakeInit(int version, void *driver, struct AdbcError *error);

static struct AdbcDriver real;
static char password[2000];
static bool temporary; /* the statement at hand puts a table into one */

/* The value of a word of FAKE_ADBC; NULL: it is not there. */
static const char *word(const char *name)
{
    static char value[200];
    const char *all = getenv("FAKE_ADBC");
    size_t len = strlen(name);
    for (const char *p = all; p != NULL; p = strchr(p, ' ')) {
        p += *p == ' ' ? 1 : 0;
        if (strncmp(p, name, len) != 0 || p[len] != '=')
            continue;
        (void)snprintf(value, sizeof(value), "%.*s",
            (int)strcspn(p + len + 1, " "), p + len + 1);
        return value;
    }
    return NULL;
}

static bool said(const char *name, const char *value)
{
    const char *got = word(name);
    return got != NULL && strcmp(got, value) == 0;
}

static void note(const char *key, const char *value)
{
    const char *path = word("log");
    FILE *file = path == NULL ? NULL : fopen(path, "a");
    if (file == NULL)
        return;
    (void)fprintf(file, "%s %s\n", key, value);
    (void)fclose(file);
}

static void release_error(struct AdbcError *error)
{
    free(error->message);
    error->message = NULL;
    error->release = NULL;
}

static AdbcStatusCode refuse(
    const char *call, AdbcStatusCode code, struct AdbcError *error)
{
    if (error == NULL)
        return code;
    if (error->release != NULL)
        error->release(error);
    const char *words = word("words");
    char more[1000] = "";
    if (words != NULL)
        (void)snprintf(more, sizeof(more), "%0*d", atoi(words), 0);
    error->message = malloc(4000);
    if (error->message != NULL)
        (void)snprintf(error->message, 4000,
            "%s was told\n\tto fail, with %s%s", call, more,
            *password == '\0' ? "nothing" : password);
    error->release = release_error;
    return code;
}

/* Is it told to fail?  Calls of a name are counted when it is. */
static AdbcStatusCode judge(const char *call, struct AdbcError *error)
{
    static int calls;
    const char *fail = word("fail");
    size_t len = strlen(call);
    if (fail == NULL || strncmp(fail, call, len) != 0 ||
        (fail[len] != '\0' && fail[len] != '@'))
        return ADBC_STATUS_OK;
    int wanted = fail[len] == '@' ? atoi(fail + len + 1) : 0;
    if (wanted != 0 && ++calls != wanted)
        return ADBC_STATUS_OK;
    const char *code = word("code");
    return refuse(call,
        code == NULL ? ADBC_STATUS_INTERNAL : (AdbcStatusCode)atoi(code),
        error);
}

#define JUDGE(name)                                \
    do {                                           \
        AdbcStatusCode told = judge(#name, error); \
        if (told != ADBC_STATUS_OK)                \
            return told;                           \
    } while (0)

/* --- calls that only may fail --- */

#define ONE(name, type)                                                   \
    static AdbcStatusCode fake##name(type *self, struct AdbcError *error) \
    {                                                                     \
        JUDGE(name);                                                      \
        return real.name(self, error);                                    \
    }
ONE(DatabaseNew, struct AdbcDatabase)
ONE(DatabaseInit, struct AdbcDatabase)
ONE(ConnectionNew, struct AdbcConnection)
ONE(StatementPrepare, struct AdbcStatement)

/* Whatever is said, nothing is left behind. */
#define LAST(name, type)                                                  \
    static AdbcStatusCode fake##name(type *self, struct AdbcError *error) \
    {                                                                     \
        AdbcStatusCode code = real.name(self, error);                     \
        return code == ADBC_STATUS_OK ? judge(#name, error) : code;       \
    }
LAST(DatabaseRelease, struct AdbcDatabase)
LAST(ConnectionRelease, struct AdbcConnection)
LAST(StatementRelease, struct AdbcStatement)

static AdbcStatusCode fakeDatabaseSetOption(struct AdbcDatabase *self,
    const char *key, const char *value, struct AdbcError *error)
{
    note(key, value);
    if (strcmp(key, "password") == 0)
        (void)snprintf(password, sizeof(password), "%s", value);
    JUDGE(DatabaseSetOption);
    return strcmp(key, "password") == 0 || strcmp(key, "username") == 0 ||
            strcmp(key, "uri") == 0 || strncmp(key, "fake.", 5) == 0
        ? ADBC_STATUS_OK
        : real.DatabaseSetOption(self, key, value, error);
}

static AdbcStatusCode fakeConnectionSetOption(struct AdbcConnection *self,
    const char *key, const char *value, struct AdbcError *error)
{
    (void)self;
    note(key, value);
    JUDGE(ConnectionSetOption);
    return ADBC_STATUS_OK;
}

static AdbcStatusCode fakeConnectionInit(struct AdbcConnection *self,
    struct AdbcDatabase *database, struct AdbcError *error)
{
    JUDGE(ConnectionInit);
    return real.ConnectionInit(self, database, error);
}

/* One row, its vendor "mariadb", behind another in the union's buffers. */
static void forget_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static int info_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    static const uint32_t info_names[] = {7, 0};
    static const int8_t kinds[] = {3, 0};
    static const int32_t places[] = {9, 1};
    static const int32_t ends[] = {0, 5, 12};
    static const void *const name_buffers[] = {NULL, info_names};
    static const void *const kind_buffers[] = {kinds, places};
    static const void *const text_buffers[] = {NULL, ends, "othermariadb"};
    static struct ArrowArray texts = {
        .length = 2, .n_buffers = 3, .buffers = (const void **)text_buffers};
    static struct ArrowArray *kinds_of[] = {&texts};
    static struct ArrowArray names = {.length = 1,
        .offset = 1,
        .n_buffers = 2,
        .buffers = (const void **)name_buffers};
    static struct ArrowArray values = {.length = 1,
        .offset = 1,
        .n_buffers = 2,
        .n_children = 1,
        .buffers = (const void **)kind_buffers,
        .children = kinds_of};
    static struct ArrowArray *children[] = {&names, &values};
    static const void *none[] = {NULL};
    (void)self;
    *out = (struct ArrowArray){.length = 1,
        .n_buffers = 1,
        .n_children = 2,
        .buffers = none,
        .children = children,
        .release = forget_array};
    return 0;
}

static void forget_stream(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static AdbcStatusCode fakeConnectionGetInfo(struct AdbcConnection *self,
    const uint32_t *codes, size_t count, struct ArrowArrayStream *out,
    struct AdbcError *error)
{
    JUDGE(ConnectionGetInfo);
    if (!said("info", "sliced"))
        return real.ConnectionGetInfo(self, codes, count, out, error);
    *out = (struct ArrowArrayStream){
        .get_next = info_next, .release = forget_stream};
    return ADBC_STATUS_OK;
}

static AdbcStatusCode fakeStatementNew(struct AdbcConnection *connection,
    struct AdbcStatement *self, struct AdbcError *error)
{
    temporary = false;
    JUDGE(StatementNew);
    return real.StatementNew(connection, self, error);
}

static AdbcStatusCode fakeStatementSetOption(struct AdbcStatement *self,
    const char *key, const char *value, struct AdbcError *error)
{
    JUDGE(StatementSetOption);
    if (strcmp(key, "adbc.ingest.temporary") == 0) {
        if (said("temporary", "no"))
            return refuse(
                "StatementSetOption", ADBC_STATUS_NOT_IMPLEMENTED, error);
        temporary = true;
    }
    if (strcmp(key, "adbc.ingest.target_table") == 0)
        note("table", value);
    return real.StatementSetOption(self, key, value, error);
}

static AdbcStatusCode fakeStatementSetSqlQuery(
    struct AdbcStatement *self, const char *sql, struct AdbcError *error)
{
    note("sql", sql);
    JUDGE(StatementSetSqlQuery);
    return real.StatementSetSqlQuery(self, sql, error);
}

static AdbcStatusCode fakeStatementBindStream(struct AdbcStatement *self,
    struct ArrowArrayStream *stream, struct AdbcError *error)
{
    JUDGE(StatementBindStream);
    return real.StatementBindStream(self, stream, error);
}

static AdbcStatusCode fakeStatementBind(struct AdbcStatement *self,
    struct ArrowArray *row, struct ArrowSchema *schema, struct AdbcError *error)
{
    JUDGE(StatementBind);
    if (said("bind", "no"))
        return refuse("StatementBind", ADBC_STATUS_NOT_IMPLEMENTED, error);
    return real.StatementBind(self, row, schema, error);
}

/* --- results --- */

typedef struct broken {
    struct ArrowArrayStream from;
    int left;
} broken;

static int broken_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    broken *b = self->private_data;
    int code = b->left < 0 ? EIO : b->from.get_schema(&b->from, out);
    if (code == 0 && said("stream", "bare"))
        out->n_children = 0;
    return code;
}

static void (*whole_release)(struct ArrowArray *array);

static void release_narrow(struct ArrowArray *array)
{
    array->n_children++;
    array->release = whole_release;
    array->release(array);
}

static int broken_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    broken *b = self->private_data;
    int code = b->left-- <= 0 ? EIO : b->from.get_next(&b->from, out);
    if (code == 0 && out->release != NULL && said("stream", "narrow")) {
        out->n_children--;
        whole_release = out->release;
        out->release = release_narrow;
    }
    if (code == 0 && out->release != NULL && said("stream", "short"))
        out->children[0]->length--;
    return code;
}

static const char *broken_error(struct ArrowArrayStream *self)
{
    (void)self;
    return "the wire\nwas cut";
}

static void broken_release(struct ArrowArrayStream *self)
{
    broken *b = self->private_data;
    b->from.release(&b->from);
    free(b);
    self->release = NULL;
}

static AdbcStatusCode fakeStatementExecuteQuery(struct AdbcStatement *self,
    struct ArrowArrayStream *out, int64_t *rows, struct AdbcError *error)
{
    JUDGE(StatementExecuteQuery);
    if (temporary && said("temporary", "late"))
        return refuse(
            "StatementExecuteQuery", ADBC_STATUS_NOT_IMPLEMENTED, error);
    AdbcStatusCode code = real.StatementExecuteQuery(self, out, rows, error);
    const char *stream = word("stream");
    if (code != ADBC_STATUS_OK || out == NULL || stream == NULL)
        return code;
    if (strcmp(stream, "none") == 0) {
        out->release(out);
        *out = (struct ArrowArrayStream){0};
        return code;
    }
    broken *b = calloc(1, sizeof(*b));
    if (b == NULL)
        return code;
    *b = (broken){*out,
        strcmp(stream, "schema") == 0          ? -1
            : *stream >= '0' && *stream <= '9' ? atoi(stream)
                                               : 1000};
    *out = (struct ArrowArrayStream){
        broken_schema, broken_next, broken_error, broken_release, b};
    return code;
}

/* --- the driver --- */

#define MISSING(name)               \
    do {                            \
        if (said("missing", #name)) \
            d->name = NULL;         \
    } while (0)

AdbcStatusCode FakeInit(int version, void *driver, struct AdbcError *error)
{
    struct AdbcDriver *d = driver;
    if (said("version", "none") ||
        (said("version", "1.0") && version != ADBC_VERSION_1_0_0))
        return refuse("FakeInit", ADBC_STATUS_NOT_IMPLEMENTED, error);
    JUDGE(FakeInit);
    AdbcStatusCode code = duckdb_adbc_init(ADBC_VERSION_1_1_0, &real, error);
    if (code != ADBC_STATUS_OK)
        return code;
    if (version == ADBC_VERSION_1_0_0)
        memcpy(d, &real, offsetof(struct AdbcDriver, ErrorGetDetailCount));
    else
        *d = real;
    d->DatabaseNew = fakeDatabaseNew;
    d->DatabaseSetOption = fakeDatabaseSetOption;
    d->DatabaseInit = fakeDatabaseInit;
    d->DatabaseRelease = fakeDatabaseRelease;
    d->ConnectionNew = fakeConnectionNew;
    d->ConnectionSetOption = fakeConnectionSetOption;
    d->ConnectionInit = fakeConnectionInit;
    d->ConnectionRelease = fakeConnectionRelease;
    d->ConnectionGetInfo = fakeConnectionGetInfo;
    d->StatementNew = fakeStatementNew;
    d->StatementSetOption = fakeStatementSetOption;
    d->StatementSetSqlQuery = fakeStatementSetSqlQuery;
    d->StatementPrepare = fakeStatementPrepare;
    d->StatementBind = fakeStatementBind;
    d->StatementBindStream = fakeStatementBindStream;
    d->StatementExecuteQuery = fakeStatementExecuteQuery;
    d->StatementRelease = fakeStatementRelease;
    MISSING(ConnectionGetInfo);
    MISSING(StatementNew);
    MISSING(StatementPrepare);
    MISSING(StatementSetOption);
    MISSING(StatementBindStream);
    return ADBC_STATUS_OK;
}
