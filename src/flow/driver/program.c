/* program.extractor, program.transform, program.writer: a step in any language.
 *
 * P1  The program learns of its call from the file that TARN_CALL names, never
 *     from its arguments: nothing of a secret is in the process list.
 * P2  It has succeeded when its exit code is 0 and all that it said was read;
 *     a line that is no JSON object is a failure.
 * P3  It ends with all that it started, however the step ends. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "duck/select_as.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/driver/json_rows.h"
#include "flow/driver/step.h"
#include "os/child.h"
#include "tree/parquet.h"

#define POLL_US 50000
#define GRACE_US 2000000
#define DRAIN_US 1000000
#define READ_BYTES 65536
#define LINE_BYTES 65536 /* of its standard error */

typedef struct running {
    tarn__driver_step step;
    const tarn_driver_result *result;
    tarn__exchange *exchange;
    tarn__child child;
    bool parquet;
    bool reads_rows; /* rows of the one input go to its standard input */
    char *call_path;
    char *out_dir; /* of Parquet */
    char *shown;   /* the command, for messages */
    tarn__json_rows rows;
    bool rows_open;
    tarn_buf line; /* of standard output, not yet whole */
    int64_t lines;
    tarn_buf said;  /* a line of standard error, not yet whole */
    char last[240]; /* what it said last */
    tarn__duck_result *input;
    tarn_buf to_send;
    size_t sent;
    int64_t sent_rows;
    char *cursor;
    char *buffer;
} running;

/* --- what it is told --- */

static tarn_status add_member(
    tarn_buf *out, const char *name, const char *text, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(out, err, ",\"%s\":", name);
    if (st == TARN_OK)
        st = text == NULL ? tarn__buf_str(out, "null", err)
                          : tarn__json_quote(out, tarn_str(text), err);
    return st;
}

/* NAME.parquet or NAME.jsonl in the call's folder, NAME safe as a file's. */
static char *input_path(const running *r, size_t input, size_t table)
{
    return tarn__sprintf("%s/in-%zu-%zu.%s", r->step.call->temp_dir, input,
        table, r->parquet ? "parquet" : "jsonl");
}

static tarn_status spill_input(
    running *r, size_t input, size_t table, const char *path, tarn_error *err)
{
    tarn__duck *duck = tarn__exchange_duck(r->exchange);
    tarn_buf relation = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st =
        tarn__exchange_input(r->step.call, input, table, &relation, err);
    if (st == TARN_OK && r->parquet) {
        st = tarn__duck_select_as(
            duck, relation.ptr, tarn__duck_parquet_as, &sql, err);
        if (st == TARN_OK)
            st = tarn__copy_parquet(duck, sql.ptr, path, 0, err);
    } else if (st == TARN_OK) {
        st = tarn__sql_add(
            &sql, err, "COPY %s TO %t (FORMAT json)", relation.ptr, path);
        if (st == TARN_OK)
            st = tarn__exchange_exec(r->exchange, sql.ptr, NULL, 0, NULL, err);
    }
    tarn_buf_reset(&relation);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status add_input(running *r, size_t input, size_t table, bool first,
    tarn_buf *out, tarn_error *err)
{
    const tarn_driver_input *in = &r->step.call->inputs[input];
    char *path = r->reads_rows ? NULL : input_path(r, input, table);
    if (!r->reads_rows && path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__buf_str(out, first ? "{\"id\":" : ",{\"id\":", err);
    if (st == TARN_OK)
        st = tarn__json_quote(out, tarn_str(in->id), err);
    if (st == TARN_OK)
        st = add_member(out, "table", in->tables[table], err);
    if (st == TARN_OK)
        st = add_member(out, "path", path, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, '}', err);
    if (st == TARN_OK && path != NULL)
        st = spill_input(r, input, table, path, err);
    tarn__free(path);
    return st;
}

static const char *mode_name(tarn_step_mode mode)
{
    if (mode == TARN_STEP_READ)
        return "read";
    return mode == TARN_STEP_WRITE ? "write" : "transform";
}

static tarn_status describe_call(running *r, tarn_buf *out, tarn_error *err)
{
    const tarn_driver_call *call = r->step.call;
    bool first = true;
    tarn_status st = tarn__buf_str(out, "{\"version\":1", err);
    if (st == TARN_OK)
        st = add_member(out, "step", call->step_id, err);
    if (st == TARN_OK)
        st = add_member(out, "mode", mode_name(call->mode), err);
    if (st == TARN_OK)
        st = add_member(out, "protocol", r->parquet ? "parquet" : "jsonl", err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err, ",\"config\":%s,\"connection\":%s",
            call->config, call->connection == NULL ? "null" : call->connection);
    if (st == TARN_OK)
        st = add_member(out, "cursor_column", call->cursor_column, err);
    if (st == TARN_OK)
        st = add_member(out, "cursor", call->cursor, err);
    if (st == TARN_OK)
        st = add_member(out, "output", r->out_dir, err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, ",\"inputs\":[", err);
    for (size_t i = 0; i < call->input_count; i++)
        for (size_t t = 0; st == TARN_OK && i < call->input_count &&
             t < call->inputs[i].table_count;
             t++) {
            st = add_input(r, i, t, first, out, err);
            first = false;
        }
    return st == TARN_OK ? tarn__buf_str(out, "]}\n", err) : st;
}

static tarn_status write_call(running *r, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn__file file = TARN__FILE_INIT;
    r->call_path = tarn__path_join(r->step.call->temp_dir, "call.json");
    if (r->parquet)
        r->out_dir = tarn__path_join(r->step.call->temp_dir, "out");
    if (r->call_path == NULL || (r->parquet && r->out_dir == NULL))
        return tarn__no_memory(err);
    tarn_status st = TARN_OK;
    if (r->parquet)
        st = tarn__mkdir(r->out_dir, err);
    if (st == TARN_OK)
        st = describe_call(r, &text, err);
    if (st == TARN_OK)
        st = tarn__file_open(&file, r->call_path, TARN__OPEN_PRIVATE, err);
    if (st == TARN_OK)
        st = tarn__file_write(&file, text.ptr, text.len, err);
    tarn__file_close(&file);
    tarn_buf_reset(&text);
    return st;
}

/* --- starting it --- */

/* A text is the shell's, a list is program and arguments. */
static tarn_status start(running *r, tarn_error *err)
{
    const json_t *command = json_object_get(r->step.config, "command");
    size_t count = json_array_size(command);
    const char **argv = tarn__calloc(count + 4, sizeof(*argv));
    char *env_call = tarn__sprintf("TARN_CALL=%s", r->call_path);
    const char *const env[] = {env_call, NULL};
    tarn_status st =
        argv == NULL || env_call == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && json_is_string(command)) {
        argv[0] = "/bin/sh";
        argv[1] = "-c";
        argv[2] = json_string_value(command);
    }
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        argv[i] = json_string_value(json_array_get(command, i));
        if (argv[i] == NULL)
            st = tarn__fail(err, TARN_BAD_INPUT,
                "config.command[%zu]: no text (quote it)", i);
    }
    if (st == TARN_OK && argv[0] == NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "config.command: nothing to run (a list of program and arguments, "
            "or a line for the shell)");
    if (st == TARN_OK) {
        const tarn__child_options options = {argv, env, r->step.call->base_dir};
        const char *name =
            json_is_string(command) ? argv[2] : tarn__path_base(argv[0]);
        r->shown = tarn__strndup(name, tarn__utf8_cut(tarn_str(name), 60));
        st = r->shown == NULL ? tarn__no_memory(err)
                              : tarn__child_start(&r->child, &options, err);
    }
    tarn__free(argv);
    tarn__free(env_call);
    return st;
}

static tarn_status open_input(running *r, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_buf relation = TARN_BUF_INIT;
    tarn_status st = tarn__exchange_input(r->step.call, 0, 0, &relation, err);
    if (st == TARN_OK)
        st = tarn__sql_add(&sql, err,
            "SELECT CAST(to_json(r) AS VARCHAR) FROM %s AS r", relation.ptr);
    if (st == TARN_OK)
        st = tarn__duck_query(
            tarn__exchange_duck(r->exchange), sql.ptr, NULL, 0, &r->input, err);
    tarn_buf_reset(&sql);
    tarn_buf_reset(&relation);
    return st;
}

/* --- talking with it --- */

static tarn_status fill_to_send(running *r, tarn_error *err)
{
    tarn__cell cell;
    tarn_status st = TARN_OK;
    r->sent = 0;
    tarn__buf_clear(&r->to_send);
    while (st == TARN_OK && r->input != NULL && r->to_send.len < READ_BYTES) {
        st = tarn__duck_next(r->input, &cell, err);
        if (st == TARN_OK) {
            tarn__duck_result_free(r->input);
            r->input = NULL;
            break;
        }
        if (st != TARN_ROW)
            return st;
        r->sent_rows++;
        st = tarn__buf_append(&r->to_send, cell.bytes.ptr, cell.bytes.len, err);
        if (st == TARN_OK)
            st = tarn__buf_char(&r->to_send, '\n', err);
    }
    return st;
}

static tarn_status send_rows(running *r, tarn_error *err)
{
    size_t done;
    tarn_status st = TARN_OK;
    if (r->sent == r->to_send.len)
        st = fill_to_send(r, err);
    if (st == TARN_OK && r->sent == r->to_send.len) {
        tarn__child_close_in(&r->child);
        return TARN_OK;
    }
    if (st == TARN_OK)
        st = tarn__child_write(&r->child, r->to_send.ptr + r->sent,
            r->to_send.len - r->sent, &done, err);
    if (st == TARN_OK)
        r->sent += done;
    return st;
}

static tarn_status take_line(running *r, tarn_slice line, tarn_error *err)
{
    tarn__json_scan scan = tarn__json_scan_of(line);
    tarn__json_scan_value value;
    r->lines++;
    tarn__json_scan_space(&scan);
    if (scan.at == scan.end)
        return TARN_OK;
    if (!tarn__json_scan_next(&scan, &value) || !tarn__json_scan_end(&scan) ||
        value.kind != TARN__JSON_OBJECT)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: line %lld of its output is no JSON object: %.*s", r->shown,
            (long long)r->lines, (int)tarn__utf8_cut(line, 80), line.ptr);
    tarn_status st = tarn__json_rows_add(&r->rows, line, err);
    if (st == TARN_OK && r->step.call->progress != NULL &&
        r->rows.count % 10000 == 0)
        r->step.call->progress(r->step.call->ctx, r->rows.count);
    return st;
}

/* Lines of `buf`, and the new bytes behind them. */
static tarn_status take_lines(running *r, tarn_buf *buf, const char *ptr,
    size_t len,
    tarn_status (*take)(running *r, tarn_slice line, tarn_error *err),
    tarn_error *err)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && len > 0) {
        const char *end = memchr(ptr, '\n', len);
        size_t n = end == NULL ? len : (size_t)(end - ptr);
        if (buf->len > 0 || end == NULL) {
            st = tarn__buf_append(buf, ptr, n, err);
            if (st == TARN_OK && end != NULL) {
                st = take(r, tarn__buf_slice(buf), err);
                tarn__buf_clear(buf);
            }
        } else {
            st = take(r, (tarn_slice){ptr, n}, err);
        }
        n += end != NULL;
        ptr += n;
        len -= n;
    }
    return st;
}

static tarn_status tell_text(running *r, tarn_slice line, tarn_error *err)
{
    const tarn_driver_call *call = r->step.call;
    tarn_buf fields = TARN_BUF_INIT;
    size_t n = tarn__utf8_cut(line, sizeof r->last - 1);
    memcpy(r->last, line.ptr, n);
    r->last[n] = '\0';
    tarn_status st = tarn__buf_str(&fields, "{\"text\":", err);
    if (st == TARN_OK)
        st = tarn__json_quote(&fields, line, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&fields, '}', err);
    if (st == TARN_OK && call->event != NULL)
        call->event(call->ctx, "log", fields.ptr);
    tarn_buf_reset(&fields);
    return st;
}

static tarn_status tell_event(
    running *r, json_t *said, const char *name, tarn_error *err)
{
    const tarn_driver_call *call = r->step.call;
    tarn_buf fields = TARN_BUF_INIT;
    char *kept = tarn__strdup(name);
    tarn_status st = kept == NULL ? tarn__no_memory(err) : TARN_OK;
    (void)json_object_del(said, "event");
    if (st == TARN_OK)
        st = tarn__json_dump(said, &fields, err);
    if (st == TARN_OK && call->event != NULL)
        call->event(call->ctx, kept, fields.ptr);
    tarn__free(kept);
    tarn_buf_reset(&fields);
    return st;
}

/* {"event": ...}, {"metric": ..., "value": ...}, {"progress": n},
 * {"cursor": ...}, or text. */
static tarn_status take_said(running *r, tarn_slice line, tarn_error *err)
{
    const tarn_driver_call *call = r->step.call;
    json_t *said = NULL;
    int64_t n;
    if (line.len == 0)
        return TARN_OK;
    if (line.ptr[0] != '{' ||
        tarn__json_parse(line, "stderr", &said, NULL) != TARN_OK)
        return tell_text(r, line, err);
    const char *event = tarn__json_text(said, "event");
    const char *metric = tarn__json_text(said, "metric");
    const char *cursor = tarn__json_text(said, "cursor");
    tarn_status st = TARN_OK;
    if (event != NULL) {
        st = tell_event(r, said, event, err);
    } else if (metric != NULL) {
        tarn__call_metric(
            call, metric, json_number_value(json_object_get(said, "value")));
    } else if (cursor != NULL) {
        tarn__free(r->cursor);
        r->cursor = tarn__strdup(cursor);
        st = r->cursor == NULL ? tarn__no_memory(err) : TARN_OK;
    } else if (tarn__json_i64(said, "progress", &n)) {
        if (call->progress != NULL)
            call->progress(call->ctx, n);
    } else {
        st = tell_text(r, line, err);
    }
    json_decref(said);
    return st;
}

static tarn_status hear_output(running *r, tarn_error *err)
{
    size_t got;
    tarn_status st = tarn__child_read(
        &r->child, &r->child.out, r->buffer, READ_BYTES, &got, err);
    if (st != TARN_OK)
        return st;
    if (!r->rows_open) /* a writer's, or one of Parquet: as if on stderr */
        return take_lines(r, &r->line, r->buffer, got, tell_text, err);
    st = take_lines(r, &r->line, r->buffer, got, take_line, err);
    if (st == TARN_OK && r->line.len > TARN__JSON_ROWS_MAX_BYTES)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: line %lld of its output is longer than 64 MiB", r->shown,
            (long long)r->lines + 1);
    return st;
}

static tarn_status hear_errors(running *r, tarn_error *err)
{
    size_t got;
    tarn_status st = tarn__child_read(
        &r->child, &r->child.err, r->buffer, READ_BYTES, &got, err);
    if (st == TARN_OK)
        st = take_lines(r, &r->said, r->buffer, got, take_said, err);
    if (st == TARN_OK && r->said.len > LINE_BYTES) {
        st = take_said(r, tarn__buf_slice(&r->said), err);
        tarn__buf_clear(&r->said);
    }
    return st;
}

/* Until its pipes are at their ends, or it has ended and whoever holds them
 * still says no more. */
static tarn_status talk(running *r, tarn_error *err)
{
    int64_t quiet_since = 0;
    tarn_status st = TARN_OK;
    if (!r->reads_rows)
        tarn__child_close_in(&r->child);
    while (st == TARN_OK && (r->child.out >= 0 || r->child.err >= 0)) {
        tarn__child_ready ready =
            tarn__child_wait_ready(&r->child, true, POLL_US);
        st = tarn__step_alive(r->step.call, err);
        if (st == TARN_OK && ready.in)
            st = send_rows(r, err);
        if (st == TARN_OK && ready.out)
            st = hear_output(r, err);
        if (st == TARN_OK && ready.err)
            st = hear_errors(r, err);
        if (ready.in || ready.out || ready.err ||
            !tarn__child_ended(&r->child, 0))
            quiet_since = 0;
        else if (quiet_since == 0)
            quiet_since = tarn__monotonic_us();
        else if (tarn__monotonic_us() - quiet_since > DRAIN_US)
            break;
    }
    if (st == TARN_OK && r->said.len > 0)
        st = take_said(r, tarn__buf_slice(&r->said), err);
    if (st == TARN_OK && r->line.len > 0)
        st = (r->rows_open ? take_line : tell_text)(
            r, tarn__buf_slice(&r->line), err);
    return st;
}

static tarn_status wait_end(running *r, tarn_error *err)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && !tarn__child_ended(&r->child, POLL_US))
        st = tarn__step_alive(r->step.call, err);
    if (st != TARN_OK || r->child.code == 0)
        return st;
    if (r->child.code > 128)
        return tarn__fail(err, TARN_FAILED, "%s: ended by signal %d%s%s",
            r->shown, r->child.code - 128, *r->last == '\0' ? "" : ": ",
            r->last);
    return tarn__fail(err, TARN_FAILED, "%s: exit code %d%s%s", r->shown,
        r->child.code, *r->last == '\0' ? "" : ": ", r->last);
}

/* --- what it made --- */

static tarn_status take_parquet(
    running *r, const char *name, int64_t *rows, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    int64_t count;
    char *table = tarn__strndup(name, strlen(name) - strlen(".parquet"));
    char *path = tarn__path_join(r->out_dir, name);
    tarn_status st = table == NULL || path == NULL
        ? tarn__no_memory(err)
        : tarn__buf_str(&sql, "SELECT * FROM read_parquet(", err);
    if (st == TARN_OK)
        st = tarn__sql_path(&sql, path, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, ", hive_partitioning=false)", err);
    if (st == TARN_OK)
        st = tarn__exchange_make(
            r->exchange, r->result, table, sql.ptr, NULL, 0, &count, err);
    if (st == TARN_OK)
        *rows += count;
    tarn__free(table);
    tarn__free(path);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status take_folder(running *r, int64_t *rows, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    size_t found = 0;
    tarn_status st = tarn__dir_open(r->out_dir, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        if (!tarn__ends_with(entry.name, ".parquet") ||
            strlen(entry.name) == strlen(".parquet"))
            continue;
        found++;
        st = take_parquet(r, entry.name, rows, err);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(dir);
    if (st == TARN_OK && found == 0)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: it has made no Parquet file (main.parquet in the folder that "
            "`output` names)",
            r->shown);
    return st;
}

static tarn_status take_result(running *r, tarn_error *err)
{
    const tarn_driver_call *call = r->step.call;
    int64_t rows = 0;
    tarn_status st = TARN_OK;
    tarn__duck_result_free(r->input); /* what it did not want to read */
    r->input = NULL;
    if (call->mode == TARN_STEP_WRITE) {
        tarn__call_metric(call, "rows_written", (double)r->sent_rows);
        return TARN_OK;
    }
    st = r->parquet
        ? take_folder(r, &rows, err)
        : tarn__json_rows_table(&r->rows, r->exchange, NULL, r->result,
              json_object_get(r->step.config, "columns"), &rows, err);
    if (st == TARN_OK && r->cursor != NULL && call->cursor_column != NULL)
        st = r->result->set_cursor(r->result->ctx, r->cursor, err);
    if (st == TARN_OK)
        tarn__call_metric(call,
            call->mode == TARN_STEP_READ ? "rows_read" : "rows_processed",
            (double)rows);
    return st == TARN_OK ? tarn__exchange_finish(r->exchange, err) : st;
}

static void clean_up(running *r)
{
    tarn__child_stop(&r->child, GRACE_US);
    /* It may hold secrets. */
    if (r->call_path != NULL && tarn__path_exists(r->call_path) &&
        tarn__unlink(r->call_path, NULL) != TARN_OK) {
        /* The caller removes the folder. */
    }
    tarn__duck_result_free(r->input);
    tarn__json_rows_close(&r->rows);
    tarn__exchange_free(r->exchange);
    tarn_buf_reset(&r->line);
    tarn_buf_reset(&r->said);
    tarn_buf_reset(&r->to_send);
    tarn__free(r->call_path);
    tarn__free(r->out_dir);
    tarn__free(r->shown);
    tarn__free(r->cursor);
    tarn__free(r->buffer);
    tarn__step_close(&r->step);
}

static tarn_status prepare(running *r, tarn_error *err)
{
    const tarn_driver_call *call = r->step.call;
    const char *protocol =
        tarn__config_text(r->step.config, "protocol", "jsonl");
    r->parquet = strcmp(protocol, "parquet") == 0;
    if (!r->parquet && strcmp(protocol, "jsonl") != 0)
        return tarn__fail(err, TARN_BAD_INPUT,
            "config.protocol: %s (jsonl or parquet)", protocol);
    r->reads_rows = !r->parquet && call->input_count == 1 &&
        call->inputs[0].table_count == 1;
    r->buffer = tarn__malloc(READ_BYTES);
    tarn_status st = r->buffer == NULL
        ? tarn__no_memory(err)
        : tarn__exchange_open(call, &r->exchange, err);
    if (st == TARN_OK && !r->parquet && call->mode != TARN_STEP_WRITE) {
        st = tarn__json_rows_open(&r->rows, call, err);
        r->rows_open = st == TARN_OK;
    }
    if (st == TARN_OK)
        st = write_call(r, err);
    if (st == TARN_OK && r->reads_rows)
        st = open_input(r, err);
    return st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    running r = {.result = result,
        .child = TARN__CHILD_INIT,
        .rows = {.file = TARN__FILE_INIT, .pending = TARN_BUF_INIT},
        .line = TARN_BUF_INIT,
        .said = TARN_BUF_INIT,
        .to_send = TARN_BUF_INIT};
    tarn_status st = tarn__step_open(&r.step, call, err);
    if (st == TARN_OK)
        st = prepare(&r, err);
    if (st == TARN_OK)
        st = start(&r, err);
    if (st == TARN_OK)
        st = talk(&r, err);
    if (st == TARN_OK)
        st = wait_end(&r, err);
    if (st == TARN_OK)
        st = take_result(&r, err);
    clean_up(&r);
    return st;
}

#define SCHEMA                                                               \
    "{\"type\":\"object\",\"required\":[\"command\"],"                       \
    "\"additionalProperties\":true,\"x-incremental\":true,\"properties\":{"  \
    "\"command\":{},"                                                        \
    "\"protocol\":{\"enum\":[\"jsonl\",\"parquet\"],\"default\":\"jsonl\"}," \
    "\"columns\":{\"type\":\"object\",\"additionalProperties\":true}}}"

const tarn_driver tarn__driver_program_extractor = {TARN_DRIVER_ABI,
    "program.extractor", "1", TARN_STEP_READ, SCHEMA, run, NULL};
const tarn_driver tarn__driver_program_transform = {TARN_DRIVER_ABI,
    "program.transform", "1", TARN_STEP_TRANSFORM, SCHEMA, run, NULL};
const tarn_driver tarn__driver_program_writer = {
    TARN_DRIVER_ABI, "program.writer", "1", TARN_STEP_WRITE, SCHEMA, run, NULL};
