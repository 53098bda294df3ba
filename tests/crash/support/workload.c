#include "crash/support/workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tarn/tree.h>

#include "crash/support/model.h"
#include "crash/support/run.h"
#include "support/sandbox.h"

#define STEP_SECONDS 300
#define SESSION_FILES 7

typedef struct paths {
    char lake[512], in[512], root[512], file[512], version[512], now[512];
} paths;

/* --- inputs --- */

static void write_input(
    const char *in, const char *name, const char *bytes, size_t len)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", in, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(len, fwrite(bytes, 1, len, file));
    assert_int_equal(0, fclose(file));
}

static void write_text(const char *in, const char *name, const char *text)
{
    write_input(in, name, text, strlen(text));
}

static void write_noise(
    const char *in, const char *name, size_t len, unsigned seed)
{
    char *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(rand_r(&seed) >> 7);
    write_input(in, name, bytes, len);
    free(bytes);
}

static void write_rows(const char *in, const char *name, int first, int count)
{
    char *text = malloc((size_t)count * 64 + 64);
    assert_non_null(text);
    char *at = text + sprintf(text, "ts,id,v\n");
    for (int i = first; i < first + count; i++)
        at += sprintf(at, "2024-01-%02d %02d:00:00,%d,word%d\n",
            1 + i / 24 % 28, i % 24, i, i * 7 % 1000);
    write_input(in, name, text, (size_t)(at - text));
    free(text);
}

static void make_inputs(const char *in)
{
    char path[1024];
    static const char *const folders[] = {
        "", "/folder", "/folder/deep", "/folder/deep/empty"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", in, folders[i]);
        assert_return_code(mkdir(path, 0755), errno);
    }
    write_text(in, "small.txt", "a few words\n");
    write_text(in, "small2.txt", "other words, a few more\n");
    write_noise(in, "edge.bin", 65536, 1);
    write_noise(in, "big.bin", 300000, 2);
    write_noise(in, "big2.bin", 150001, 3);
    write_input(in, "folder/one.txt", "one", 3);
    write_noise(in, "folder/deep/two.bin", 70000, 4);
    write_input(in, "folder/deep/three.txt", "", 0);
    write_rows(in, "rows1.csv", 0, 100);
    write_rows(in, "rows2.csv", 100, 200);
    write_rows(in, "rows3.csv", 250, 50);
    write_text(in, "people.json",
        "{\"name\":\"people\",\"version\":\"1.0.0\",\"properties\":"
        "{\"k\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"}},"
        "\"x-tarn\":{\"key\":\"k\",\"indexed\":[\"n\"]}}");
    write_text(in, "records.jsonl",
        "{\"k\":\"a\",\"n\":1}\n{\"k\":\"b\",\"n\":2}\n{\"k\":\"c\"}\n");
    write_text(in, "sum.sql", "SELECT sum(n) FROM people");
    write_text(in, "again.jsonl", "{\"k\":\"c\",\"n\":3}\n");
    write_text(in, "edges.jsonl",
        "{\"src\":\"a\",\"rel\":\"knows\",\"dst\":\"b\",\"props\":{\"w\":1}}\n"
        "{\"src\":\"b\",\"rel\":\"knows\",\"dst\":\"c\"}\n"
        "{\"src\":\"c\",\"rel\":\"knows\",\"dst\":\"a\"}\n");
    write_text(in, "graph.txt",
        "record put people '{\"k\":\"d\"}'\n"
        "record put people '{\"k\":\"a\",\"n\":7}'\n"
        "edge put d likes a\n"
        "edge put a knows b\n"
        "edge rm b knows c\n");
    char text[4096];
    int len = snprintf(text, sizeof text,
        "put %s/small.txt /b/one.txt\n"
        "put %s/big2.bin /b/two.bin\n"
        "mv /d/e/edge.bin /b/edge.bin\n"
        "rm /a/same.bin\n"
        "state put feed marker two\n"
        "state put feed other x\n",
        in, in);
    write_input(in, "batch.txt", text, (size_t)len);
}

/* --- a session --- */

static tarn_status session_commit(
    tarn_lake *lake, int i, int64_t *version, tarn_error *err)
{
    char path[64];
    char text[64];
    tarn_txn *txn = NULL;
    (void)snprintf(path, sizeof path, "/n/%d", i % SESSION_FILES);
    (void)snprintf(text, sizeof text, "text%d", i);
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, err);
    if (st != TARN_OK)
        return st;
    st = tarn_tree_put_bytes(txn, path, tarn_str(text), NULL, err);
    if (st == TARN_OK)
        st = tarn_state_put(txn, "session", "last", tarn_str(text), err);
    if (st == TARN_OK)
        return tarn_txn_commit(txn, version, err);
    tarn_txn_abort(txn);
    return st;
}

int session_main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    char text[64];
    int64_t version = -1;
    if (argc < 5)
        return 2;
    int count = (int)strtol(argv[4], NULL, 10);
    tarn_status st = tarn_lake_open(argv[2], NULL, &lake, &err);
    for (int i = 0; st == TARN_OK && i < count; i++) {
        st = session_commit(lake, i, &version, &err);
        (void)snprintf(text, sizeof text, "%d %" PRId64, i, version);
        if (st == TARN_OK)
            recording_ack(argv[3], text);
    }
    tarn_lake_close(lake);
    if (st != TARN_OK)
        fprintf(stderr, "session: %s\n", err.message);
    return st == TARN_OK ? 0 : 1;
}

static void session_model(model *m, int i)
{
    char line[128];
    (void)snprintf(
        line, sizeof line, "text /n/%d text%d", i % SESSION_FILES, i);
    model_do(m, line);
    (void)snprintf(line, sizeof line, "state session last text%d", i);
    model_do(m, line);
}

/* --- the script --- */

typedef struct step {
    char *line;
    char *does[8];
    size_t does_count;
    bool forgets, quiet;
} step;

static bool take_word(char *line, const char *word)
{
    char *at = strstr(line, word);
    if (at == NULL)
        return false;
    *at = '\0';
    return true;
}

static size_t read_script(step *steps, size_t max)
{
    char path[4096];
    char line[1024];
    size_t count = 0;
    const char *source = getenv("TARN_SOURCE");
    assert_non_null(source);
    (void)snprintf(path, sizeof path, "%s/tests/crash/workload.txt", source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (line[0] == '=') {
            step *s = &steps[count - 1];
            assert_true(s->does_count < 8);
            s->does[s->does_count++] = strdup(line + 2);
            continue;
        }
        assert_true(count < max);
        step *s = &steps[count++];
        *s = (step){0};
        s->forgets = take_word(line, " forgets");
        s->quiet = take_word(line, " quiet");
        s->line = strdup(line);
    }
    (void)fclose(file);
    return count;
}

const char *workload_shim(void)
{
    static char path[4200];
    (void)snprintf(path, sizeof path, "%s", run_self());
    char *slash = strrchr(path, '/');
    assert_non_null(slash);
    (void)snprintf(
        slash, sizeof path - (size_t)(slash - path), "/libcrash_shim.so");
    return path;
}

static void run_recorded(const paths *at, const char *const *argv)
{
    char preload[4300];
    char root[600];
    char file[600];
    static run_result r;
    (void)snprintf(preload, sizeof preload, "LD_PRELOAD=%s", workload_shim());
    (void)snprintf(root, sizeof root, RECORD_ROOT_ENV "=%s", at->root);
    (void)snprintf(file, sizeof file, RECORD_FILE_ENV "=%s", at->file);
    const char *const extra[] = {preload, root, file, NULL};
    if (!run_command(argv, extra, STEP_SECONDS, &r)) {
        fprintf(stderr, "step:");
        for (size_t i = 0; argv[i] != NULL; i++)
            fprintf(stderr, " %s", argv[i]);
        fail_msg("\nexit %d: %s%s", r.code, r.out, r.err);
    }
}

static long read_version(const char *path, long otherwise)
{
    char text[32] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return otherwise;
    (void)!fgets(text, sizeof text, file);
    (void)fclose(file);
    (void)remove(path);
    return text[0] != '\0' ? strtol(text, NULL, 10) : otherwise;
}

/* Replaces {middle} by the version of that mark. */
static void place_mark(char *line, size_t size, long middle)
{
    char *at = strstr(line, "{middle}");
    if (at == NULL)
        return;
    *at = '\0';
    char rest[16];
    (void)snprintf(rest, sizeof rest, "%ld", middle);
    (void)snprintf(at, size - (size_t)(at - line), "%s", rest);
}

static void run_tarn_step(
    const paths *at, const step *s, long *version, long *middle)
{
    char line[1200];
    bool init = strncmp(s->line, "tarn init", 9) == 0;
    bool commits = !init && strncmp(s->line, "tarn rebuild", 12) != 0 &&
        strncmp(s->line, "tarn sql", 8) != 0;
    (void)snprintf(line, sizeof line, "%s", s->line);
    place_mark(line, sizeof line, *middle);
    if (!init)
        strcat(line, " -C {lake}");
    if (commits) {
        strcat(line, " --version-file ");
        strcat(line, at->version);
    }
    run_words w = run_words_of(line, at->lake, at->in);
    run_recorded(at, (const char *const *)(uintptr_t)w.argv);
    run_words_free(&w);
    *version = init ? 0 : read_version(at->version, *version);
    for (size_t i = 0; i < s->does_count; i++)
        if (strncmp(s->does[i], "mark", 4) == 0)
            *middle = *version;
    char ack[32];
    (void)snprintf(ack, sizeof ack, "0 %ld", *version);
    recording_ack(at->file, ack);
}

static void run_session_step(const paths *at, const step *s)
{
    const char *const argv[] = {run_self(), "session", at->lake, at->file,
        s->line + strlen("session "), NULL};
    run_recorded(at, argv);
}

/* What the disk in memory holds must be what is on the real one: then the
 * shim has seen everything.  (Checked by the caller, at the end.) */
static void run_script(const paths *at, const step *steps, size_t count)
{
    long version = -1;
    long middle = -1;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(steps[i].line, "session", 7) == 0)
            run_session_step(at, &steps[i]);
        else
            run_tarn_step(at, &steps[i], &version, &middle);
    }
}

/* --- promises --- */

static void add_promise(
    workload *w, const step *s, const model *m, size_t at, long version)
{
    w->promises =
        realloc(w->promises, (w->promise_count + 1) * sizeof *w->promises);
    assert_non_null(w->promises);
    /* A step that committed nothing promises what was promised. */
    if (w->promise_count > 0 &&
        version < w->promises[w->promise_count - 1].version)
        version = w->promises[w->promise_count - 1].version;
    w->promises[w->promise_count++] = (promise){
        at, version, model_text(m), strdup(s->line), s->forgets, s->quiet};
}

/* Follow the script once more, with the model and the acknowledgements. */
static void find_promises(
    workload *w, const paths *at, const step *steps, size_t count)
{
    model *m = model_create(at->in);
    size_t step_at = 0;
    const recording *r = &w->recording;
    for (size_t i = 0; i < r->count; i++) {
        if (r->records[i].op != RECORD_ACK)
            continue;
        int n;
        long version;
        char ack[64];
        (void)snprintf(ack, sizeof ack, "%.*s", (int)r->records[i].len,
            r->records[i].data);
        assert_int_equal(2, sscanf(ack, "%d %ld", &n, &version));
        assert_true(step_at < count);
        const step *s = &steps[step_at];
        bool session = strncmp(s->line, "session", 7) == 0;
        if (session)
            session_model(m, n);
        for (size_t d = 0; d < s->does_count; d++)
            model_do(m, s->does[d]);
        add_promise(w, s, m, i, version);
        if (!session || n + 1 == strtol(s->line + 8, NULL, 10))
            step_at++;
    }
    assert_int_equal(count, step_at);
    model_free(m);
}

void workload_run(workload *w, const char *dir)
{
    static step steps[128];
    paths at;
    (void)snprintf(at.root, sizeof at.root, "%s/root", dir);
    (void)snprintf(at.lake, sizeof at.lake, "%s/root/lake", dir);
    (void)snprintf(at.in, sizeof at.in, "%s/in", dir);
    (void)snprintf(at.file, sizeof at.file, "%s/recording", dir);
    (void)snprintf(at.version, sizeof at.version, "%s/version", dir);
    *w = (workload){0};
    make_inputs(at.in);
    assert_return_code(mkdir(at.root, 0755), errno);
    recording_begin(at.file);
    size_t count = read_script(steps, sizeof steps / sizeof steps[0]);
    run_script(&at, steps, count);
    recording_load(&w->recording, at.file);
    find_promises(w, &at, steps, count);
    for (size_t i = 0; i < count; i++) {
        free(steps[i].line);
        for (size_t d = 0; d < steps[i].does_count; d++)
            free(steps[i].does[d]);
    }
}

void workload_free(workload *w)
{
    for (size_t i = 0; i < w->promise_count; i++) {
        free(w->promises[i].text);
        free(w->promises[i].step);
    }
    free(w->promises);
    recording_free(&w->recording);
}
