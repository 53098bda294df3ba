/* http.extractor, graphql.extractor and http.writer, against a service on the
 * loopback that misbehaves when told to. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "flow/driver/builtin.h"
#include "support/driver_call.h"
#include "support/sandbox.h"

#define HTTP &tarn__driver_http_extractor
#define GRAPHQL &tarn__driver_graphql_extractor

static pid_t service;

/* Start it with at most two rules; its port goes into connections. */
static const char *serve(void **state, const char *rule, const char *second)
{
    static char connection[256];
    char program[1024];
    char owner[32];
    const char *source = getenv("TARN_SOURCE");
    const char *port = sandbox_path(state, "port");
    const char *log = sandbox_write_text(state, "log", "");
    (void)snprintf(program, sizeof program, "%s/tests/support/servers/http",
        source == NULL ? "." : source);
    (void)snprintf(owner, sizeof owner, "%d", (int)getpid());
    service = fork();
    assert_true(service >= 0);
    if (service == 0) {
        execlp("python3", "python3", program, port, log, owner, rule, second,
            (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 6000 && !sandbox_exists(state, "port"); i++)
        (void)usleep(10000);
    (void)snprintf(connection, sizeof connection,
        "{'url':'http://127.0.0.1:%s','token':'t0ken'}",
        sandbox_read(state, "port", NULL));
    return connection;
}

static int teardown(void **state)
{
    if (service > 0) {
        (void)kill(service, SIGKILL);
        (void)waitpid(service, NULL, 0);
    }
    service = 0;
    return sandbox_teardown(state);
}

/* How many lines of the service's log begin with that. */
static int logged(void **state, const char *begin)
{
    int count = 0;
    const char *p = sandbox_read(state, "log", NULL);
    for (; *p != '\0'; p += strcspn(p, "\n") + 1)
        count += strncmp(p, begin, strlen(begin)) == 0;
    return count;
}

static void all_items(driver_call *c, int64_t requests)
{
    assert_int_equal(25, c->rows);
    assert_string_equal("25|0|24|DOUBLE|27.5",
        driver_call_answer(c,
            "SELECT count(*), min(id), max(id), "
            "any_value(typeof(price)), sum(price) FROM "
            "main"));
    assert_int_equal(requests,
        logged(c->state, "ok ") + logged(c->state, "4") +
            logged(c->state, "5") + logged(c->state, "cut"));
}

static void good(
    void **state, driver_call *c, const char *connection, const char *config)
{
    driver_call_init(c, state);
    driver_call_good(c, HTTP, config, connection);
}

static void offset_pages_are_read_once_each(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/offset','data_path':'data.items','paging':{'kind':'offset',"
        "'limit':10}}");
    all_items(&c, 3);
    assert_int_equal(1,
        logged(state,
            "ok GET /offset?offset=10&limit=10 "
            "Bearer t0ken"));
}

static void a_server_that_does_not_look_at_the_offset_is_noticed(void **state)
{
    static const char *const configs[] = {
        "{'url':'/deaf','data_path':'items','paging':{'kind':'offset','limit':"
        "10}}",
        "{'url':'/deaf','data_path':'items','paging':{'kind':'page'}}"};
    const char *connection = serve(state, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        driver_call c;
        driver_call_init(&c, state);
        assert_int_equal(
            TARN_BAD_INPUT, driver_call_run(&c, HTTP, configs[i], connection));
        assert_non_null(strstr(
            c.error.message, "every page is the same one (check paging.param"));
    }
}

static void rows_that_are_alike_are_pages_all_the_same(void **state)
{
    driver_call c;
    const char *connection = serve(state, "400:offset=1000000000", NULL);
    good(state, &c, connection,
        "{'url':'/alike','paging':{'kind':'offset','limit':5}}");
    assert_int_equal(25, (int)c.rows);
    /* Asked for once; that it is refused says as much as no row. */
    assert_int_equal(1,
        logged(state, "400 GET /alike?offset=1000000000&limit=5 Bearer t0ken"));
    good(state, &c, connection,
        "{'url':'/alike','paging':{'kind':'offset','limit':10}}");
    assert_int_equal(25, (int)c.rows);
}

static void numbered_pages_end_with_a_short_one(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/page','paging':{'kind':'page','limit':10,'limit_param':"
        "'size'}}");
    all_items(&c, 3);
}

static void cursors_are_followed(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/cursor','data_path':'items','paging':{'kind':'cursor',"
        "'cursor_path':'next'}}");
    all_items(&c, 3);
}

static void a_cursor_may_go_into_the_body(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/cursor','method':'POST','body':{'size':20},'data_path':"
        "'items','paging':{'kind':'cursor','cursor_path':'next','in':'body'}}");
    all_items(&c, 2);
}

static void links_are_followed(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/link','paging':{'kind':'link'}}");
    all_items(&c, 3);
}

static void links_in_the_body_are_followed(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/body-link','data_path':'items','paging':{'kind':'link',"
        "'next_path':'next'}}");
    all_items(&c, 3);
}

static void another_host_gets_no_headers(void **state)
{
    driver_call c;
    const char *connection = serve(state, "away:/link", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, HTTP, "{'url':'/link','paging':{'kind':'link'}}", connection));
    assert_non_null(strstr(c.error.message, "another host"));
}

static void what_is_busy_or_breaks_is_asked_again(void **state)
{
    driver_call c;
    int64_t begin = tarn__monotonic_us();
    good(state, &c, serve(state, "429:offset=10", "cut:offset=20"),
        "{'url':'/offset','data_path':'data.items','paging':{'kind':'offset',"
        "'limit':10},'retry':{'attempts':3,'backoff':'10ms'}}");
    all_items(&c, 5);
    /* Retry-After says one second. */
    assert_true(tarn__monotonic_us() - begin > 900000);
}

static void an_answer_that_ends_too_soon_is_asked_again(void **state)
{
    driver_call c;
    good(state, &c, serve(state, "cutclean:offset=10", NULL),
        "{'url':'/offset','data_path':'data.items','paging':{'kind':'offset',"
        "'limit':10},'retry':{'attempts':3,'backoff':'10ms'}}");
    all_items(&c, 4);
}

static void a_page_that_fails_fails_the_step(void **state)
{
    driver_call c;
    const char *connection = serve(state, "500:offset=10:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_IO,
        driver_call_run(&c, HTTP,
            "{'url':'/offset','data_path':'data.items','paging':{'kind':"
            "'offset','limit':10},'retry':{'attempts':2,'backoff':'10ms'}}",
            connection));
    assert_non_null(strstr(c.error.message, "the server says 500: told so"));
    assert_int_equal(0, c.tables);
    assert_int_equal(2, logged(state, "500"));
}

static void a_refusal_is_final(void **state)
{
    driver_call c;
    const char *connection = serve(state, "401:/offset:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_FAILED,
        driver_call_run(&c, HTTP, "{'url':'/offset?key=h1dden'}", connection));
    assert_non_null(strstr(c.error.message, "token"));
    assert_null(strstr(c.error.message, "t0ken"));
    assert_null(strstr(c.error.message, "h1dden"));
    assert_int_equal(1, logged(state, "401"));
}

static void what_is_no_json_is_told(void **state)
{
    driver_call c;
    const char *connection = serve(state, "text:/offset:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, HTTP, "{'url':'/offset'}", connection));
    assert_non_null(strstr(c.error.message, "no JSON: <html>"));
}

static void what_is_not_utf8_is_told(void **state)
{
    driver_call c;
    const char *connection = serve(state, "latin1:/offset:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, HTTP, "{'url':'/offset'}", connection));
    assert_non_null(strstr(c.error.message, "no JSON in UTF-8"));
}

static void a_large_answer_ends_in_bounded_memory(void **state)
{
    driver_call c;
    const char *connection = serve(state, "bomb:/offset:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, HTTP, "{'url':'/offset'}", connection));
    assert_non_null(strstr(c.error.message, "more than 64 MiB"));
    assert_int_equal(1, logged(state, "bomb"));
}

static void nothing_is_no_rows_and_the_end(void **state)
{
    driver_call c;
    const char *connection = serve(state, "none:offset=10", NULL);
    good(state, &c, connection,
        "{'url':'/offset','data_path':'data.items',"
        "'paging':{'kind':'offset','limit':10}}");
    assert_int_equal(10, c.rows);
    assert_int_equal(1, logged(state, "none"));
    assert_int_equal(1, logged(state, "ok"));
}

static void a_redirection_is_not_followed(void **state)
{
    driver_call c;
    const char *connection = serve(state, "301:/offset:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_FAILED,
        driver_call_run(&c, HTTP, "{'url':'/offset'}", connection));
    assert_non_null(strstr(c.error.message, "elsewhere"));
    assert_int_equal(0, logged(state, "ok GET /away"));
    assert_int_equal(1, logged(state, "301"));
}

static void a_cursor_that_stays_is_no_endless_loop(void **state)
{
    driver_call c;
    const char *connection = serve(state, "same:cursor=c10:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, HTTP,
            "{'url':'/cursor','data_path':'items','paging':{'kind':'cursor',"
            "'cursor_path':'next'}}",
            connection));
    assert_non_null(strstr(c.error.message, "same again"));
}

static void pages_that_go_in_a_circle_are_no_endless_loop(void **state)
{
    driver_call c;
    const char *connection = serve(state, "circle:/link:99", NULL);
    driver_call_init(&c, state);
    c.cancel_after_us = 20000000;
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, HTTP, "{'url':'/link','paging':{'kind':'link'}}", connection));
    assert_non_null(strstr(c.error.message, "was there before"));
}

static void a_link_that_is_cut_is_not_the_end(void **state)
{
    driver_call c;
    const char *connection = serve(state, "longlink:/link", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, HTTP, "{'url':'/link','paging':{'kind':'link'}}", connection));
    assert_non_null(strstr(c.error.message, "Link header has more than"));
}

static void a_refusal_without_an_end_is_one(void **state)
{
    driver_call c;
    const char *connection = serve(state, "endless:/offset", NULL);
    driver_call_init(&c, state);
    c.cancel_after_us = 20000000;
    assert_int_equal(TARN_IO,
        driver_call_run(
            &c, HTTP, "{'url':'/offset','retry':{'attempts':1}}", connection));
    assert_non_null(strstr(c.error.message, "the server says 500: no no"));
}

static void a_wait_of_ages_is_no_short_one(void **state)
{
    driver_call c;
    const char *connection = serve(state, "wait:/offset", NULL);
    driver_call_init(&c, state);
    c.cancel_when = sandbox_path(state, "log"); /* it was asked */
    c.cancel_after_us = 1200000;
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(&c, HTTP, "{'url':'/offset'}", connection));
    assert_int_equal(1, logged(state, "wait"));
    assert_int_equal(0, logged(state, "ok"));
}

static void a_path_that_is_not_there_is_told(void **state)
{
    driver_call c;
    const char *connection = serve(state, NULL, NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, HTTP, "{'url':'/offset','data_path':'data.rows'}", connection));
    assert_non_null(strstr(c.error.message, "data.rows"));
}

static void no_rows_keep_the_columns_that_are_given(void **state)
{
    driver_call c;
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/empty','data_path':'data.items','columns':{'id':'BIGINT',"
        "'name':'VARCHAR'}}");
    assert_int_equal(0, c.rows);
    assert_string_equal("id|BIGINT\nname|VARCHAR",
        driver_call_answer(&c,
            "SELECT column_name, data_type FROM "
            "duckdb_columns() WHERE table_name = 'main'"));
}

static void only_rows_above_the_cursor_come(void **state)
{
    driver_call c;
    const char *connection = serve(state, NULL, NULL);
    driver_call_init(&c, state);
    c.call.cursor_column = "at";
    c.call.cursor = "2024-01-20 00:00:00";
    driver_call_good(&c, HTTP,
        "{'url':'/offset','data_path':'data.items','params':{'limit':99},"
        "'cursor_param':'since'}",
        connection);
    assert_int_equal(5, c.rows);
    assert_string_equal("2024-01-25 00:00:00", c.cursor);
    assert_int_equal(1,
        logged(
            state, "ok GET /offset?limit=99&since=2024-01-20%2000%3A00%3A00 "));
}

static void the_rate_is_kept(void **state)
{
    driver_call c;
    int64_t begin = tarn__monotonic_us();
    good(state, &c, serve(state, NULL, NULL),
        "{'url':'/offset','data_path':'data.items','paging':{'kind':'offset',"
        "'limit':5},'rate_limit':10}");
    all_items(&c, 6);
    assert_true(tarn__monotonic_us() - begin >= 500000);
}

static void a_silent_service_is_not_waited_for(void **state)
{
    driver_call c;
    const char *connection = serve(state, "slow:/offset:9", NULL);
    driver_call_init(&c, state);
    assert_int_equal(TARN_IO,
        driver_call_run(&c, HTTP,
            "{'url':'/offset','timeout':'200ms','retry':{'attempts':1}}",
            connection));
    c.cancel_after_us = 100000;
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(&c, HTTP, "{'url':'/offset'}", connection));
}

/* --- GraphQL --- */

#define QUERY                                                          \
    "{'url':'/graphql','query':'query($after: String) { items }',"     \
    "'variables':{'first':10},'data_path':'data.items.edges[*].node'," \
    "'paging':{'path':'data.items.pageInfo'}}"

static void graphql_pages_are_read_once_each(void **state)
{
    driver_call c;
    const char *connection = serve(state, NULL, NULL);
    driver_call_init(&c, state);
    driver_call_good(&c, GRAPHQL, QUERY, connection);
    all_items(&c, 3);
}

static void an_end_at_max_pages_is_told(void **state)
{
    driver_call c;
    const char *connection = serve(state, NULL, NULL);
    driver_call_init(&c, state);
    driver_call_good(&c, GRAPHQL,
        "{'url':'/graphql','query':'query($after: String) { items }',"
        "'variables':{'first':10},'data_path':'data.items.edges[*].node',"
        "'paging':{'path':'data.items.pageInfo','max_pages':2}}",
        connection);
    assert_int_equal(20, c.rows);
    assert_non_null(strstr(c.events, "pages_limit"));
    driver_call_good(&c, HTTP,
        "{'url':'/offset','data_path':'data.items','paging':{'kind':'offset',"
        "'limit':10,'max_pages':2}}",
        connection);
    assert_int_equal(20, c.rows);
    assert_non_null(strstr(c.events, "pages_limit"));
}

static void graphql_errors_are_a_failure(void **state)
{
    driver_call c;
    const char *connection = serve(state, "errors:after", NULL);
    driver_call_init(&c, state);
    assert_int_equal(
        TARN_BAD_INPUT, driver_call_run(&c, GRAPHQL, QUERY, connection));
    assert_non_null(strstr(c.error.message, "no field peak"));
    assert_int_equal(0, c.tables);
}

/* --- writing --- */

static tarn_status write_items(
    void **state, driver_call *c, const char *config, const char *connection)
{
    driver_call_init(c, state);
    driver_call_input(c, "SELECT i AS id, 'é' AS t FROM range(5) t(i)");
    c->call.output = NULL;
    c->call.mode = TARN_STEP_WRITE;
    return driver_call_run(c, &tarn__driver_http_writer, config, connection);
}

static void rows_are_sent_in_batches(void **state)
{
    driver_call c;
    const char *connection = serve(state, NULL, NULL);
    assert_int_equal(TARN_OK,
        write_items(state, &c, "{'url':'/take','batch_size':3}", connection));
    assert_int_equal(5, (int64_t)c.rows_written);
    assert_int_equal(1,
        logged(state,
            "ok POST /take Bearer t0ken [{\"id\":3,\"t\":\"\xc3\xa9"
            "\"},{\"id\":4,\"t\":\"\xc3\xa9\"}]\n"));
    assert_int_equal(2, logged(state, "ok POST"));
}

static void what_may_have_arrived_is_not_sent_again(void **state)
{
    driver_call c;
    const char *connection = serve(state, "500:/take:9", NULL);
    assert_int_equal(TARN_FAILED,
        write_items(state, &c, "{'url':'/take','batch_size':1}", connection));
    assert_int_equal(1, logged(state, "500"));
    assert_int_equal(TARN_OK,
        write_items(state, &c,
            "{'url':'/take','batch_size':9,'repeatable':true,'retry':{"
            "'attempts':20,'backoff':'1ms'}}",
            connection));
}

#define http_test(name) \
    cmocka_unit_test_setup_teardown(name, sandbox_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        http_test(offset_pages_are_read_once_each),
        http_test(a_server_that_does_not_look_at_the_offset_is_noticed),
        http_test(rows_that_are_alike_are_pages_all_the_same),
        http_test(numbered_pages_end_with_a_short_one),
        http_test(cursors_are_followed),
        http_test(a_cursor_may_go_into_the_body),
        http_test(links_are_followed),
        http_test(links_in_the_body_are_followed),
        http_test(another_host_gets_no_headers),
        http_test(what_is_busy_or_breaks_is_asked_again),
        http_test(an_answer_that_ends_too_soon_is_asked_again),
        http_test(a_page_that_fails_fails_the_step),
        http_test(a_refusal_is_final),
        http_test(what_is_no_json_is_told),
        http_test(what_is_not_utf8_is_told),
        http_test(a_large_answer_ends_in_bounded_memory),
        http_test(nothing_is_no_rows_and_the_end),
        http_test(a_redirection_is_not_followed),
        http_test(a_cursor_that_stays_is_no_endless_loop),
        http_test(pages_that_go_in_a_circle_are_no_endless_loop),
        http_test(a_link_that_is_cut_is_not_the_end),
        http_test(a_refusal_without_an_end_is_one),
        http_test(a_wait_of_ages_is_no_short_one),
        http_test(a_path_that_is_not_there_is_told),
        http_test(no_rows_keep_the_columns_that_are_given),
        http_test(only_rows_above_the_cursor_come),
        http_test(the_rate_is_kept),
        http_test(a_silent_service_is_not_waited_for),
        http_test(graphql_pages_are_read_once_each),
        http_test(an_end_at_max_pages_is_told),
        http_test(graphql_errors_are_a_failure),
        http_test(rows_are_sent_in_batches),
        http_test(what_may_have_arrived_is_not_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
