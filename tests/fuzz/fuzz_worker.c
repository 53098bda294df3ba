/* Any bytes as the worker protocol: frames are refused or come back as they
 * were, and a worker survives whatever is said to it in proper frames. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarn/flow.h>
#include <unistd.h>

#include "base/buf.h"
#include "flow/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is what would be written. */
static void parse_all(tarn_slice bytes)
{
    tarn__frame frame;
    size_t used;
    while (tarn__frame_parse(bytes, &frame, &used, NULL) == TARN_ROW) {
        tarn_buf again = TARN_BUF_INIT;
        json_t *object = NULL;
        if (tarn__frame_add(&again, frame.type, frame.payload, NULL) !=
                TARN_OK ||
            again.len != used || memcmp(again.ptr, bytes.ptr, used) != 0)
            abort();
        if (tarn__frame_object(&frame, &object, NULL) == TARN_OK &&
            !json_is_object(object))
            abort();
        json_decref(object);
        tarn_buf_reset(&again);
        bytes.ptr += used;
        bytes.len -= used;
    }
}

/* A type, a length and a payload each, as frames whose checksums hold. */
static void make_frames(const uint8_t *data, size_t size, tarn_buf *out)
{
    while (size > 2) {
        size_t len = data[1];
        len = len < size - 2 ? len : size - 2;
        tarn_slice payload = {(const char *)data + 2, len};
        if (tarn__frame_add(out, (char)data[0], payload, NULL) != TARN_OK)
            abort();
        data += 2 + len;
        size -= 2 + len;
    }
}

static void serve(const tarn_buf *frames)
{
    char dir[] = "/tmp/tarn-fuzz-worker-XXXXXX";
    char command[100];
    int in[2];
    tarn_error err = TARN_ERROR_INIT;
    int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    /* What fits into a pipe needs no writer beside. */
    if (out < 0 || mkdtemp(dir) == NULL || pipe(in) != 0)
        abort();
    if (frames->len < 60000 && frames->len > 0 &&
        write(in[1], frames->ptr, frames->len) != (ssize_t)frames->len)
        abort();
    close(in[1]);
    tarn_status st = tarn_flow_worker(in[0], out, dir, &err);
    if (st != TARN_OK && err.message[0] == '\0')
        abort();
    close(in[0]);
    close(out);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    if (system(command) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tarn_slice bytes = {(const char *)data, size};
    tarn_buf frames = TARN_BUF_INIT;
    parse_all(bytes);
    make_frames(data, size, &frames);
    serve(&frames);
    tarn_buf_reset(&frames);
    return 0;
}
