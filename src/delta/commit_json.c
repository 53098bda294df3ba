/* The text of a commit: one action a line, commitInfo first, so that its time
 * is read without the rest. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "delta/delta_internal.h"

static tarn_status put_text(tarn_buf *out, const char *before, const char *text,
    const char *after, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, before, err);
    if (st == TARN_OK)
        st = tarn__json_quote(out, tarn_str(text), err);
    return st == TARN_OK ? tarn__buf_str(out, after, err) : st;
}

/* {"ACTION":{"path":"PATH", */
static tarn_status put_path(
    tarn_buf *out, const char *action, const char *path, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(out, err, "{\"%s\":{\"path\":\"", action);
    if (st == TARN_OK)
        st = tarn__log_path_encode(out, path, err);
    return st == TARN_OK ? tarn__buf_str(out, "\",", err) : st;
}

static tarn_status put_commit_info(
    const tarn__delta_write *write, tarn_buf *out, tarn_error *err)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < write->add_count; i++)
        bytes += write->adds[i].size_bytes;
    tarn_status st = tarn__buf_printf(out, err,
        "{\"commitInfo\":{\"timestamp\":%" PRId64 ",", write->timestamp_ms);
    if (st == TARN_OK)
        st = put_text(out, "\"operation\":", write->operation, ",", err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err,
            "\"operationParameters\":{%s},\"operationMetrics\":{"
            "\"numFiles\":\"%zu\",\"numRemovedFiles\":\"%zu\","
            "\"numOutputRows\":\"%" PRId64 "\",\"numOutputBytes\":\"%" PRId64
            "\"},\"engineInfo\":\"tarn/%s\"",
            write->remove_count == 0 ? "\"mode\":\"Append\"" : "",
            write->add_count, write->remove_count, write->row_count, bytes,
            tarn_version());
    if (st == TARN_OK && write->tarn != NULL)
        st = put_text(out, ",\"tarn\":", write->tarn, "", err);
    return st == TARN_OK ? tarn__buf_str(out, "}}\n", err) : st;
}

static tarn_status put_table(const tarn__delta_options *options,
    const tarn__delta_write *write, const char *table_id, tarn_buf *out,
    tarn_error *err)
{
    tarn_buf schema = TARN_BUF_INIT;
    tarn_status st = tarn__schema_json(options, &schema, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err,
            "{\"protocol\":{\"minReaderVersion\":%d,\"minWriterVersion\":%d}"
            "}\n",
            TARN__DELTA_READER, TARN__DELTA_WRITER);
    if (st == TARN_OK)
        st = put_text(out, "{\"metaData\":{\"id\":", table_id,
            ",\"format\":{\"provider\":\"parquet\",\"options\":{}},", err);
    if (st == TARN_OK)
        st = put_text(out, "\"schemaString\":", schema.ptr, ",", err);
    /* Nobody else cleans the history; files that compaction replaced are
     * needed only by scans in flight. */
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err,
            "\"partitionColumns\":[],\"configuration\":{"
            "\"delta.enableExpiredLogCleanup\":\"false\","
            "\"delta.logRetentionDuration\":\"interval 36500 days\","
            "\"delta.deletedFileRetentionDuration\":\"interval 1 hour\"},"
            "\"createdTime\":%" PRId64 "}}\n",
            write->timestamp_ms);
    tarn_buf_reset(&schema);
    return st;
}

static tarn_status put_add(
    const tarn__delta_file *file, tarn_buf *out, tarn_error *err)
{
    tarn_status st = put_path(out, "add", file->path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err,
            "\"partitionValues\":{},\"size\":%" PRId64
            ",\"modificationTime\":%" PRId64 ",\"dataChange\":%s",
            file->size_bytes, file->modified_ms,
            file->data_change ? "true" : "false");
    if (st == TARN_OK && file->stats != NULL)
        st = put_text(out, ",\"stats\":", file->stats, "", err);
    return st == TARN_OK ? tarn__buf_str(out, "}}\n", err) : st;
}

tarn_status tarn__commit_json(const tarn__delta_options *options,
    const tarn__delta_write *write, const char *table_id, tarn_buf *out,
    tarn_error *err)
{
    tarn_status st = put_commit_info(write, out, err);
    if (st == TARN_OK && table_id != NULL)
        st = put_table(options, write, table_id, out, err);
    for (size_t i = 0; st == TARN_OK && i < write->remove_count; i++) {
        st = put_path(out, "remove", write->removes[i], err);
        if (st == TARN_OK)
            st = tarn__buf_printf(out, err,
                "\"deletionTimestamp\":%" PRId64 ",\"dataChange\":%s}}\n",
                write->timestamp_ms, write->data_change ? "true" : "false");
    }
    for (size_t i = 0; st == TARN_OK && i < write->add_count; i++)
        st = put_add(&write->adds[i], out, err);
    return st;
}
