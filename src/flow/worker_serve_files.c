/* tarn worker: files that come in, kept under their hashes. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/worker_server.h"

bool tarn__is_sha(const char *text)
{
    return text != NULL && strlen(text) == TARN__SHA_HEX - 1 &&
        strspn(text, "0123456789abcdef") == TARN__SHA_HEX - 1;
}

char *tarn__server_blob(
    const tarn__server *s, const char *sha, const char *suffix)
{
    return tarn__sprintf("%s/blobs/%s%s", s->dir, sha, suffix);
}

/* Two workers in one folder do not write one file: the second has another. */
static tarn_status open_part(tarn__server *s, tarn_error *err)
{
    char *lock = tarn__sprintf("%s.lock", s->coming);
    if (lock == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__lock_take(&s->part_lock, lock, false, 0, NULL);
    tarn__free(lock);
    if (st != TARN_OK) {
        tarn__free(s->coming);
        s->coming = tarn__scratch_name(&s->scratch, ".part");
        if (s->coming == NULL)
            return tarn__no_memory(err);
    }
    return tarn__file_open(&s->part, s->coming, TARN__OPEN_READ_WRITE, err);
}

void tarn__server_forget(tarn__server *s)
{
    tarn__file_close(&s->part);
    tarn__lock_release(&s->part_lock);
    tarn__free(s->coming);
    tarn__free(s->whole);
    s->coming = s->whole = NULL;
}

tarn_status tarn__server_have(
    tarn__server *s, const tarn__frame *frame, tarn_error *err)
{
    json_t *ask;
    tarn__stat stat = {0};
    tarn__server_forget(s);
    tarn_status st = tarn__frame_object(frame, &ask, err);
    const char *sha = tarn__json_text(ask, "sha");
    if (st == TARN_OK && !tarn__is_sha(sha))
        st = tarn__fail(err, TARN_CORRUPT, "worker: a file without its hash");
    if (st == TARN_OK) {
        s->whole = tarn__server_blob(s, sha, "");
        s->coming = tarn__server_blob(s, sha, ".part");
        if (s->whole == NULL || s->coming == NULL)
            st = tarn__no_memory(err);
    }
    json_decref(ask);
    if (st == TARN_OK && tarn__path_exists(s->whole)) {
        st = tarn__stat_path(s->whole, true, &stat, err);
    } else if (st == TARN_OK) {
        st = open_part(s, err);
        if (st == TARN_OK)
            st = tarn__file_stat(&s->part, &stat, err);
    }
    s->part_at = stat.size_bytes;
    return st == TARN_OK
        ? tarn__server_say(s, TARN__FRAME_AT,
              json_pack("{s:I}", "at", (json_int_t)stat.size_bytes), err)
        : st;
}

tarn_status tarn__server_data(
    tarn__server *s, const tarn__frame *frame, tarn_error *err)
{
    if (s->part.fd < 0)
        return tarn__fail(err, TARN_CORRUPT, "worker: bytes of no file");
    tarn_status st = tarn__file_write_at(
        &s->part, s->part_at, frame->payload.ptr, frame->payload.len, err);
    s->part_at += frame->payload.len;
    return st;
}

/* It gets its name when it hashes to it; else it is sent once more. */
tarn_status tarn__server_end(tarn__server *s, tarn_error *err)
{
    char hex[TARN__SHA_HEX] = "";
    if (s->part.fd < 0)
        return tarn__fail(err, TARN_CORRUPT, "worker: the end of no file");
    /* What stays for other workers has its name only with its bytes on the
     * disk: they ask for the name alone. */
    tarn_status st = s->keeps ? tarn__file_sync(&s->part, err) : TARN_OK;
    tarn__file_close(&s->part);
    if (st == TARN_OK)
        st = tarn__file_sha(s->coming, hex, err);
    bool same = st == TARN_OK && tarn__ends_with(s->whole, hex);
    if (st == TARN_OK)
        st = same ? tarn__rename(s->coming, s->whole, err)
                  : tarn__unlink(s->coming, err);
    tarn__server_forget(s);
    return st == TARN_OK
        ? tarn__server_say(s, TARN__FRAME_AT,
              json_pack("{s:I}", "at", (json_int_t)(same ? s->part_at : 0)),
              err)
        : st;
}
