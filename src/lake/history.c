/* Versions and commits as readers ask for them. */
#include "lake/history.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "lake/lake_internal.h"

static tarn_status no_log(tarn_error *err)
{
    return tarn__fail(err, TARN_INVALID,
        "a lake in memory keeps no log (open a lake on disk)");
}

tarn_status tarn_lake_head(tarn_lake *lake, int64_t *version, tarn_error *err)
{
    *version = 0;
    tarn_status st = tarn__lake_usable(lake, false, err);
    return st == TARN_OK ? tarn__lake_catch_up(lake, version, err) : st;
}

tarn_status tarn__below_horizon(
    int64_t version, int64_t horizon, tarn_error *err)
{
    return tarn__fail(err, TARN_NOT_FOUND,
        "version %lld: removed by gc, the oldest kept is %lld (see tarn log)",
        (long long)version, (long long)horizon);
}

tarn_status tarn__lake_horizon(
    tarn_lake *lake, int64_t *version, tarn_error *err)
{
    tarn_snapshot now;
    tarn_buf value = TARN_BUF_INIT;

    *version = 0;
    if (lake->memory)
        return TARN_OK;
    tarn__snapshot_init(&now, lake);
    now.version = TARN__PENDING_VERSION; /* whatever the view has */
    tarn_status st = tarn_state_get(&now, "lake", "horizon", &value, err);
    if (st == TARN_OK && !tarn__parse_i64(value.ptr, version))
        st = tarn__fail(err, TARN_CORRUPT,
            "state lake horizon: not a version (restore the log from a "
            "remote)");
    if (st == TARN_NOT_FOUND)
        st = TARN_OK;
    tarn_buf_reset(&value);
    tarn__snapshot_reset(&now);
    return st;
}

tarn_status tarn__lake_rows_sql(tarn_lake *lake, int64_t from, int64_t to,
    const char *select, const char *where, tarn_buf *sql, tarn_error *err)
{
    int64_t head;

    /* Of the files that live now: see tarn__lake_ops(). */
    tarn_status st = tarn__lake_catch_up(lake, &head, err);
    if (st != TARN_OK)
        return st;
    pthread_mutex_lock(&lake->delta_mutex);
    st = tarn__delta_rows_sql(
        lake->delta, head > to ? head : to, from, to, select, where, sql, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    return st;
}

tarn_status tarn__lake_fingerprint(tarn_lake *lake, int64_t version,
    uint8_t sha256[TARN__SHA256_BYTES], tarn_error *err)
{
    int64_t time_ms;

    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st =
        tarn__delta_fingerprint(lake->delta, version, sha256, &time_ms, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    return st;
}

bool tarn__snapshot_is_txn(const tarn_snapshot *snap)
{
    return snap->overlay != NULL;
}

tarn_status tarn__lake_seen_sql(
    const tarn_lake *lake, tarn_buf *sql, tarn_error *err)
{
    if (lake->tenant == NULL)
        return tarn__buf_str(sql, "true", err);
    tarn_status st = tarn__buf_str(sql, "(tenant IS NULL OR tenant = ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(sql, tarn_str(lake->tenant), err);
    return st == TARN_OK ? tarn__buf_char(sql, ')', err) : st;
}

bool tarn__lake_is_read_only(const tarn_lake *lake)
{
    return lake->options.read_only;
}

tarn_status tarn__lake_version_time(
    tarn_lake *lake, int64_t version, int64_t *time_us, tarn_error *err)
{
    uint8_t sha256[TARN__SHA256_BYTES];
    int64_t time_ms = 0;

    *time_us = 0;
    if (lake->memory) {
        pthread_rwlock_rdlock(&lake->view.lock);
        bool known = version >= 0 && version <= lake->memory_head;
        *time_us = known ? lake->version_times[version] : 0;
        pthread_rwlock_unlock(&lake->view.lock);
        return known
            ? TARN_OK
            : tarn__fail(err, TARN_NOT_FOUND,
                  "version %lld: not there (see tarn log)", (long long)version);
    }
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st =
        tarn__delta_fingerprint(lake->delta, version, sha256, &time_ms, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    if (st == TARN_OK)
        *time_us = time_ms * 1000;
    return st;
}

static tarn_status memory_version_at(
    tarn_lake *lake, int64_t time_us, int64_t *version)
{
    pthread_rwlock_rdlock(&lake->view.lock);
    int64_t v = lake->memory_head;
    while (v >= 0 && lake->version_times[v] > time_us)
        v--;
    pthread_rwlock_unlock(&lake->view.lock);
    *version = v;
    return v >= 0 ? TARN_OK : TARN_NOT_FOUND;
}

static tarn_status version_at(tarn_lake *lake, int64_t head, int64_t time_us,
    int64_t *version, tarn_error *err)
{
    if (lake->memory)
        return memory_version_at(lake, time_us, version);
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st =
        tarn__delta_version_at(lake->delta, head, time_us, version, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    return st;
}

/* "42" or a time -> a version, there or not. */
static tarn_status parse_version(tarn_lake *lake, const char *text,
    int64_t head, int64_t *version, tarn_error *err)
{
    int64_t time_us;

    if (tarn__parse_i64(text, version))
        return *version >= 0 ? TARN_OK
                             : tarn__fail(err, TARN_INVALID,
                                   "%s: not a version (give 0 or more)", text);
    if (!tarn__time_parse(text, &time_us))
        return tarn__fail(err, TARN_INVALID,
            "%s: neither a version nor an ISO time (give 42 or "
            "2026-11-21T12:00:00Z)",
            text);
    tarn_status st = version_at(lake, head, time_us, version, err);
    if (st == TARN_NOT_FOUND)
        return tarn__fail(
            err, st, "%s: before the first commit (see tarn log)", text);
    return st;
}

tarn_status tarn_lake_resolve(
    tarn_lake *lake, const char *text, int64_t *version, tarn_error *err)
{
    int64_t head, horizon, found = 0;

    *version = 0;
    tarn_status st = tarn_lake_head(lake, &head, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &horizon, err);
    if (st == TARN_OK)
        st = parse_version(lake, text, head, &found, err);
    if (st != TARN_OK)
        return st;
    if (found > head)
        return tarn__fail(err, TARN_NOT_FOUND,
            "version %s: the newest is %lld (see tarn log)", text,
            (long long)head);
    if (found < horizon)
        return tarn__below_horizon(found, horizon, err);
    *version = found;
    return TARN_OK;
}

tarn_status tarn__lake_log_relation(
    tarn_lake *lake, int64_t version, tarn_buf *sql, tarn_error *err)
{
    int64_t head;

    if (lake->memory)
        return no_log(err);
    /* Rows are asked for by version, never by the files of that version: gc
     * lets go of files that compaction has replaced. */
    tarn_status st = tarn_lake_head(lake, &head, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "(SELECT * FROM ", err);
    if (st != TARN_OK)
        return st;
    pthread_mutex_lock(&lake->delta_mutex);
    st = tarn__delta_relation(
        lake->delta, head > version ? head : version, sql, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    return st == TARN_OK ? tarn__buf_printf(sql, err, " WHERE version <= %lld)",
                               (long long)version)
                         : st;
}

void tarn__commit_info_reset(tarn__commit_info *info)
{
    tarn__free(info->command);
    tarn__free(info->message);
    *info = (tarn__commit_info){0};
}

/* Did others than the handle's tenant take part?  The statistics of what the
 * commit wrote tell; a name that they may have cut short is not told apart. */
static tarn_status is_foreign(const tarn_lake *lake,
    const tarn__delta_commit *commit, bool *out, tarn_error *err)
{
    static const char *const ends[] = {"minValues", "maxValues"};

    *out = false;
    if (lake->tenant == NULL)
        return TARN_OK;
    for (size_t i = 0; i < commit->add_count && !*out; i++) {
        json_t *stats = NULL;
        const char *text = commit->adds[i].stats;
        tarn_status st = text == NULL
            ? TARN_OK
            : tarn__json_parse(tarn_str(text), "stats", &stats, NULL);
        if (st == TARN_NO_MEMORY)
            return tarn__no_memory(err);
        *out = st != TARN_OK || text == NULL;
        for (size_t k = 0; k < 2 && !*out; k++) {
            const char *tenant =
                tarn__json_text(json_object_get(stats, ends[k]), "tenant");
            *out = tenant != NULL && strcmp(tenant, lake->tenant) != 0;
        }
        json_decref(stats);
    }
    return TARN_OK;
}

/* What of another tenant's command says nothing of its data. */
static const char *without_data(const char *word)
{
    static const char *const kept[] = {"batch", "edge", "flow", "put", "record",
        "rm", "run", "schema", "track", "update"};
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (strcmp(word, kept[i]) == 0)
            return word;
    return "...";
}

/* ["put","a b"] -> put 'a b' : as it could be typed again. */
static tarn_status join_command(
    const json_t *words, bool foreign, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    json_t *word;

    json_array_foreach(words, i, word)
    {
        const char *s = json_string_value(word);
        if (s == NULL || st != TARN_OK)
            continue;
        if (foreign)
            s = without_data(s);
        bool plain =
            s[0] != '\0' && strpbrk(s, " \t\n'\"\\$&|;<>*?()#") == NULL;
        if (i > 0)
            st = tarn__buf_char(out, ' ', err);
        if (st == TARN_OK && plain)
            st = tarn__buf_str(out, s, err);
        if (st != TARN_OK || plain)
            continue;
        st = tarn__buf_char(out, '\'', err);
        for (; *s != '\0' && st == TARN_OK; s++)
            st = *s == '\'' ? tarn__buf_str(out, "'\\''", err)
                            : tarn__buf_char(out, *s, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, '\'', err);
    }
    return st;
}

static tarn_status read_own_fields(
    const char *text, bool foreign, tarn__commit_info *info, tarn_error *err)
{
    json_t *own = NULL;
    tarn_buf command = TARN_BUF_INIT;
    tarn_status st =
        tarn__json_parse(tarn_str(text), "commitInfo.tarn", &own, NULL);

    if (st == TARN_BAD_INPUT)
        return TARN_OK; /* a foreign writer's: shown without */
    if (st != TARN_OK)
        return tarn__no_memory(err);
    (void)tarn__json_i64(own, "operations", &info->operations);
    const char *message = foreign ? NULL : tarn__json_text(own, "message");
    st = join_command(json_object_get(own, "command"), foreign, &command, err);
    if (st == TARN_OK) {
        info->command = tarn__buf_take(&command);
        info->message = message != NULL ? tarn__strdup(message) : NULL;
        if (info->command == NULL || (message != NULL && info->message == NULL))
            st = tarn__no_memory(err);
    }
    json_decref(own);
    tarn_buf_reset(&command);
    return st;
}

tarn_status tarn__lake_commit_info(
    tarn_lake *lake, int64_t version, tarn__commit_info *out, tarn_error *err)
{
    tarn__delta_commit commit = {0};

    *out = (tarn__commit_info){.version = version};
    if (lake->memory)
        return tarn__lake_version_time(lake, version, &out->time_us, err);
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st = tarn__delta_read(lake->delta, version, &commit, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    if (st != TARN_OK)
        return st;
    bool foreign = false;
    out->time_us = commit.timestamp_ms * 1000;
    if (commit.tarn != NULL)
        st = is_foreign(lake, &commit, &foreign, err);
    if (st == TARN_OK && commit.tarn != NULL)
        st = read_own_fields(commit.tarn, foreign, out, err);
    tarn__delta_commit_reset(&commit);
    if (st != TARN_OK)
        tarn__commit_info_reset(out);
    return st;
}

/* Rows of tarn_lake_log(), made one by one. */
typedef struct log_rows {
    tarn_lake *lake;
    int64_t next, last;
    tarn__commit_info info;
} log_rows;

static tarn_status next_commit(void *self, tarn__cell *cells, tarn_error *err)
{
    log_rows *rows = self;

    tarn__commit_info_reset(&rows->info);
    if (rows->next < rows->last)
        return TARN_OK;
    tarn_status st =
        tarn__lake_commit_info(rows->lake, rows->next, &rows->info, err);
    if (st != TARN_OK)
        return st;
    rows->next--;
    tarn__commit_cells(&rows->info, cells);
    return TARN_ROW;
}

static void free_rows(void *self)
{
    log_rows *rows = self;

    tarn__commit_info_reset(&rows->info);
    tarn__free(rows);
}

const tarn__column tarn__commit_columns[TARN__COMMIT_COLUMN_COUNT] = {
    {.name = "version", .type = TARN_INT64},
    {.name = "time", .type = TARN_TIME}, {.name = "command", .type = TARN_TEXT},
    {.name = "operations", .type = TARN_INT64},
    {.name = "message", .type = TARN_TEXT}};

static tarn__cell text_cell(const char *s)
{
    tarn__cell cell = {.type = s == NULL ? TARN_NULL : TARN_TEXT};
    if (s != NULL)
        cell.bytes = tarn_str(s);
    return cell;
}

void tarn__commit_cells(
    const tarn__commit_info *info, tarn__cell cells[TARN__COMMIT_COLUMN_COUNT])
{
    cells[0] = (tarn__cell){.type = TARN_INT64, .i64 = info->version};
    cells[1] = (tarn__cell){.type = TARN_TIME, .i64 = info->time_us};
    cells[2] = text_cell(info->command);
    cells[3] = (tarn__cell){.type = TARN_INT64, .i64 = info->operations};
    cells[4] = text_cell(info->message);
}

tarn_status tarn_lake_log(
    tarn_lake *lake, int64_t limit, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {next_commit, free_rows};
    int64_t head, horizon;

    *out = NULL;
    tarn_status st = tarn_lake_head(lake, &head, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &horizon, err);
    if (st != TARN_OK)
        return st;
    log_rows *rows = tarn__calloc(1, sizeof *rows);
    if (rows == NULL)
        return tarn__no_memory(err);
    rows->lake = lake;
    rows->next = head;
    rows->last = horizon;
    if (limit >= 0 && head - limit + 1 > rows->last)
        rows->last = head - limit + 1;
    st = tarn__rows_create(
        &cls, rows, tarn__commit_columns, TARN__COMMIT_COLUMN_COUNT, out, err);
    if (st != TARN_OK)
        free_rows(rows);
    return st;
}
