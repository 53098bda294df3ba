/* os/dynlib.h */
#include <string.h>

#include "os/dynlib.h"
#include "support/sandbox.h"

typedef struct two {
    int (*strcmp_of)(const char *a, const char *b);
    size_t (*strlen_of)(const char *s);
} two;

static const char *const both[] = {"strcmp", "strlen"};

static tarn_status load(const char *first_file, const char *second_file,
    const char *const *names, two *table, tarn_error *err)
{
    const char *files[] = {first_file, second_file, NULL};
    tarn__dynlib lib = {"libpeak", "libpeak1", files, names, 2};
    return tarn__dynlib_load(&lib, table, err);
}

static void functions_stand_in_the_table_in_the_order_of_their_names(
    void **state)
{
    (void)state;
    two table;
    assert_int_equal(
        TARN_OK, load("libno.so.1", "libc.so.6", both, &table, NULL));
    assert_int_equal(0, table.strcmp_of("tarn", "tarn"));
    assert_int_equal(4, table.strlen_of("tarn"));
}

static void a_library_that_is_not_there_names_its_package(void **state)
{
    (void)state;
    two table;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        TARN_FAILED, load("libno.so.1", "libno.so.0", both, &table, &err));
    assert_non_null(strstr(err.message, "libpeak: cannot be loaded"));
    assert_non_null(strstr(err.message,
        "(install it: apt-get install "
        "libpeak1)"));
}

static void a_function_that_is_not_there_is_named(void **state)
{
    (void)state;
    two table;
    tarn_error err = TARN_ERROR_INIT;
    static const char *const names[] = {"strcmp", "strange_as_it_is"};
    assert_int_equal(TARN_FAILED, load("libc.so.6", NULL, names, &table, &err));
    assert_non_null(strstr(err.message, "strange_as_it_is"));
}

static void a_text_is_no_shared_library(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    int (*function)(void);
    const char *path = sandbox_write_text(state, "driver.so", "hello");
    assert_int_equal(
        TARN_BAD_INPUT, tarn__dynlib_function(path, "strlen", &function, &err));
    assert_non_null(strstr(err.message, "cannot be loaded"));
    assert_int_equal(TARN_NOT_FOUND,
        tarn__dynlib_function("nowhere.so", "strlen", &function, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(functions_stand_in_the_table_in_the_order_of_their_names),
        sandbox_test(a_library_that_is_not_there_names_its_package),
        sandbox_test(a_function_that_is_not_there_is_named),
        sandbox_test(a_text_is_no_shared_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
