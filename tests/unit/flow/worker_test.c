/* tarn_flow_worker() over two pipes, step after step. */
#include <pthread.h>
#include <string.h>
#include <tarn/flow.h>
#include <unistd.h>

#include "base/buf.h"
#include "flow/driver/registry.h"
#include "flow/frame.h"
#include "unit/flow/support.h"

typedef struct worker {
    int in[2];
    int out[2];
    pthread_t thread;
    tarn_status ended;
    tarn_error err;
    tarn_buf heard;
    size_t at;
} worker;

static void *serve(void *arg)
{
    worker *w = arg;
    w->ended = tarn_flow_worker(w->in[0], w->out[1], NULL, &w->err);
    close(w->out[1]);
    return NULL;
}

static void start(worker *w)
{
    *w = (worker){.err = TARN_ERROR_INIT, .heard = TARN_BUF_INIT};
    assert_int_equal(0, pipe(w->in));
    assert_int_equal(0, pipe(w->out));
    assert_int_equal(0, pthread_create(&w->thread, NULL, serve, w));
}

static tarn_status stop(worker *w)
{
    close(w->in[1]);
    pthread_join(w->thread, NULL);
    close(w->in[0]);
    close(w->out[0]);
    tarn_buf_reset(&w->heard);
    return w->ended;
}

static void say(worker *w, char type, json_t *object)
{
    tarn_buf out = TARN_BUF_INIT;
    assert_int_equal(
        TARN_OK, tarn__frame_add_object(&out, type, object, &w->err));
    assert_int_equal((ssize_t)out.len, write(w->in[1], out.ptr, out.len));
    tarn_buf_reset(&out);
}

/* The next frame but heartbeats; false at the end. */
static bool next(worker *w, tarn__frame *frame)
{
    size_t used;
    for (;;) {
        tarn_slice rest = {w->heard.ptr == NULL ? "" : w->heard.ptr + w->at,
            w->heard.len - w->at};
        tarn_status st = tarn__frame_parse(rest, frame, &used, &w->err);
        w->at += used;
        if (st == TARN_ROW && frame->type != TARN__FRAME_BEAT)
            return true;
        if (st == TARN_ROW)
            continue;
        assert_int_equal(TARN_OK, st);
        char bytes[4096];
        ssize_t got = read(w->out[0], bytes, sizeof(bytes));
        if (got <= 0)
            return false;
        assert_int_equal(
            TARN_OK, tarn__buf_append(&w->heard, bytes, (size_t)got, &w->err));
    }
}

static json_t *nothing_to_do(void)
{
    return json_pack(
        "{s:s, s:s, s:s}", "step", "s", "component", "no.such", "version", "1");
}

/* Whoever reads a result may say the next step at once. */
static void a_step_follows_a_result_at_once(void **state)
{
    worker w;
    tarn__frame frame;
    (void)state;
    start(&w);
    assert_true(next(&w, &frame));
    assert_int_equal(TARN__FRAME_HELLO, frame.type);
    for (int i = 0; i < 5000; i++) {
        say(&w, TARN__FRAME_STEP, nothing_to_do());
        if (!next(&w, &frame))
            fail_msg("step %d: %s", i, w.err.message);
        assert_int_equal(TARN__FRAME_RESULT, frame.type);
    }
    assert_int_equal(TARN_OK, stop(&w));
}

/* One at a time: two would write into one folder. */
static void a_step_while_one_runs_is_refused(void **state)
{
    worker w;
    tarn__frame frame;
    (void)state;
    start(&w);
    assert_true(next(&w, &frame));
    say(&w, TARN__FRAME_STEP,
        json_pack("{s:s, s:s, s:s, s:i, s:{s:s}, s:b}", "step", "long",
            "component", "sql", "version", tarn__driver_find("sql")->version,
            "mode", (int)TARN_STEP_TRANSFORM, "config", "query",
            "SELECT count(*) AS n FROM range(3000000) a(x), range(30000) b(y) "
            "WHERE hash(a.x + b.y) % 7 = 1",
            "output", 1));
    say(&w, TARN__FRAME_STEP, nothing_to_do());
    while (next(&w, &frame)) {
    }
    assert_int_equal(TARN_CORRUPT, stop(&w));
    assert_non_null(strstr(w.err.message, "a second step while one runs"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_follows_a_result_at_once),
        cmocka_unit_test(a_step_while_one_runs_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
