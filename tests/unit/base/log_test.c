#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "unit/base/memory_sweep.h"

static char captured[4096];

/* What the call writes to stderr. */
#define CAPTURE(call)                                               \
    do {                                                            \
        int ends[2];                                                \
        assert_int_equal(pipe(ends), 0);                            \
        int kept = dup(STDERR_FILENO);                              \
        assert_true(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO); \
        call;                                                       \
        fflush(stderr);                                             \
        assert_true(dup2(kept, STDERR_FILENO) == STDERR_FILENO);    \
        close(kept);                                                \
        close(ends[1]);                                             \
        ssize_t n = read(ends[0], captured, sizeof(captured) - 1);  \
        assert_true(n >= 0);                                        \
        captured[n] = '\0';                                         \
        close(ends[0]);                                             \
    } while (0)

static const tarn__logger info = {TARN__LOG_INFO};
static const tarn__logger debug = {TARN__LOG_DEBUG};
static const tarn__logger off = {TARN__LOG_OFF};

static void the_three_levels_have_words(void **state)
{
    (void)state;
    tarn__log_level level;
    assert_true(tarn__log_level_parse("off", &level));
    assert_int_equal(level, TARN__LOG_OFF);
    assert_true(tarn__log_level_parse("info", &level));
    assert_int_equal(level, TARN__LOG_INFO);
    assert_true(tarn__log_level_parse("debug", &level));
    assert_int_equal(level, TARN__LOG_DEBUG);
    assert_false(tarn__log_level_parse("trace", &level));
    assert_false(tarn__log_level_parse("", &level));
    assert_int_equal(level, TARN__LOG_DEBUG);
}

static void a_line_has_time_level_room_event_and_pairs(void **state)
{
    (void)state;
    CAPTURE(tarn__log(
        &info, TARN__LOG_INFO, "lake", "commit", "version=%d rows=%d", 7, 3));
    assert_true(tarn__starts_with(captured, "time="));
    char *space = strchr(captured, ' ');
    assert_non_null(space);
    *space = '\0';
    int64_t us;
    assert_true(tarn__time_parse(captured + 5, &us));
    assert_string_equal(
        space + 1, "level=info room=lake event=commit version=7 rows=3\n");
}

static void a_line_without_pairs_has_no_blank_at_its_end(void **state)
{
    (void)state;
    CAPTURE(tarn__log(&debug, TARN__LOG_DEBUG, "os", "open", "%s", ""));
    assert_true(tarn__ends_with(captured, "level=debug room=os event=open\n"));
}

static void nothing_is_written_above_the_level(void **state)
{
    (void)state;
    CAPTURE(tarn__log(&info, TARN__LOG_DEBUG, "lake", "x", "a=%d", 1));
    assert_string_equal(captured, "");
    CAPTURE(tarn__log(&off, TARN__LOG_INFO, "lake", "x", "a=%d", 1));
    assert_string_equal(captured, "");
    CAPTURE(tarn__log(&debug, TARN__LOG_OFF, "lake", "x", "a=%d", 1));
    assert_string_equal(captured, "");
    CAPTURE(tarn__log(NULL, TARN__LOG_INFO, "lake", "x", "a=%d", 1));
    assert_string_equal(captured, "");
}

static void a_value_cannot_forge_a_line(void **state)
{
    (void)state;
    CAPTURE(tarn__log(
        &info, TARN__LOG_INFO, "lake", "x", "name=%s", "a\ntime=0\x1b[2J"));
    assert_true(tarn__ends_with(captured, "name=a time=0 [2J\n"));
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
    (void)state;
    CAPTURE(tarn__log(&info, TARN__LOG_INFO, "lake", "x", "a=%02000d", 1));
    assert_in_range(strlen(captured), 900, 1024);
    assert_true(tarn__ends_with(captured, "0\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_levels_have_words),
        cmocka_unit_test(a_line_has_time_level_room_event_and_pairs),
        cmocka_unit_test(a_line_without_pairs_has_no_blank_at_its_end),
        cmocka_unit_test(nothing_is_written_above_the_level),
        cmocka_unit_test(a_value_cannot_forge_a_line),
        cmocka_unit_test(a_long_line_is_cut_and_still_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
