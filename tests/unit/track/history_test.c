/* Random histories of a catalogue: after every run the incremental state is
 * what a full extraction gives, and the diff leads from the one to the other.
 *
 * The catalogue here knows nothing of the code under test; folders are read
 * back by a reader of its own.  TARN_SEED repeats a run, TARN_LONG makes
 * 10,000 histories. */
#include <tarn/track.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "support/sandbox.h"

#define TABLES 8
#define COLUMNS 5
#define PREFIX "default/mysql/1/db/s"

typedef enum label { SAME, CREATED, UPDATED } label;

typedef struct table {
    bool there;
    bool view;
    label label;
    bool column[COLUMNS];
    int version[COLUMNS];
} table;

typedef struct catalogue {
    table tables[TABLES];
    uint64_t random;
    int run;
} catalogue;

static unsigned roll(catalogue *c, unsigned sides)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return (unsigned)(c->random >> 33) % sides;
}

/* --- what happens to it --- */

static void create(catalogue *c, table *t)
{
    t->there = true;
    t->view = roll(c, 3) == 0;
    t->label = CREATED;
    for (int i = 0; i < COLUMNS; i++) {
        t->column[i] = roll(c, 2) == 0;
        t->version[i]++;
    }
}

static void alter(catalogue *c, table *t)
{
    int i = (int)roll(c, COLUMNS);
    t->column[i] = !t->column[i];
    t->version[i]++;
    if (roll(c, 8) == 0) /* it keeps none */
        memset(t->column, 0, sizeof t->column);
    if (t->label == SAME)
        t->label = UPDATED;
}

static void change(catalogue *c)
{
    unsigned steps = roll(c, 6);
    for (unsigned i = 0; i < steps; i++) {
        table *t = &c->tables[roll(c, TABLES)];
        if (!t->there)
            create(c, t);
        else if (roll(c, 4) == 0)
            t->there = false;
        else if (roll(c, 5) == 0)
            create(c, t); /* dropped and made anew */
        else
            alter(c, t);
    }
    /* A table takes a view's place, and the source's clock missed it. */
    table *t = &c->tables[roll(c, TABLES)];
    if (t->there && t->label == SAME && roll(c, 4) == 0) {
        t->view = !t->view;
        alter(c, t);
        t->label = SAME;
    }
}

/* --- as files --- */

static void put_label(catalogue *c, FILE *f, label l)
{
    static const char *const words[] = {"NO CHANGE", "CREATED", "UPDATED"};
    unsigned how = roll(c, l == SAME ? 4 : 3);
    if (how == 0)
        fprintf(
            f, "\"customAttributes\":{\"incremental_state\":\"%s\"}", words[l]);
    else if (how == 1)
        fprintf(f,
            "\"customAttributes\":\"{\\\"a\\\":1,\\\"incremental_state\\\": "
            "\\\"%s\\\"}\"",
            words[l]);
    else if (how == 2)
        fprintf(f, "\"customAttributes\":{\"incremental\\u005fstate\":\"%s\"}",
            words[l]);
    else
        fputs("\"customAttributes\":\"{}\"", f);
}

static void put_table(catalogue *c, FILE *f, int i)
{
    const table *t = &c->tables[i];
    fprintf(f,
        "{\"attributes\":{\"name\":\"t%d\",\"qualifiedName\":\"" PREFIX
        "/t%d\"},\"typeName\":\"%s\",",
        i, i, t->view ? "View" : "Table");
    put_label(c, f, t->label);
    fputs(roll(c, 5) == 0 ? "}\r\n" : "}\n", f);
}

static void put_column(catalogue *c, FILE *f, int i, int k)
{
    const table *t = &c->tables[i];
    const char *kind = t->view ? "view" : "table";
    fprintf(f,
        "{\"typeName\":\"Column\",\"attributes\":{\"%sQualifiedName\":"
        "\"" PREFIX "/t%d\",\"qualifiedName\":\"" PREFIX
        "/t%d\\/c%d\",\"v\":%d.0},",
        kind, i, i, k, t->version[k]);
    put_label(c, f, t->label);
    fputs("}\n", f);
}

static FILE *file_in(
    void **state, catalogue *c, const char *kind, unsigned files)
{
    char name[128];
    snprintf(name, sizeof name, "cur%d/%s/part-%u.%s", c->run, kind,
        roll(c, files), roll(c, 2) == 0 ? "json" : "jsonl");
    char dir[128];
    snprintf(dir, sizeof dir, "cur%d/%s", c->run, kind);
    const char *path = sandbox_path(state, name);
    sandbox_mkdir(state, dir);
    FILE *f = fopen(path, "ab");
    assert_non_null(f);
    return f;
}

static void write_tables(void **state, catalogue *c)
{
    for (int i = 0; i < TABLES; i++) {
        if (!c->tables[i].there)
            continue;
        FILE *f = file_in(state, c, "table", 3);
        put_table(c, f, i);
        if (roll(c, 10) == 0)
            put_table(c, f, i); /* twice */
        fclose(f);
    }
}

static void write_columns(void **state, catalogue *c, int i)
{
    for (int k = 0; k < COLUMNS; k++) {
        if (!c->tables[i].column[k])
            continue;
        FILE *f = file_in(state, c, "column", 2);
        put_column(c, f, i, k);
        if (roll(c, 10) == 0)
            put_column(c, f, i, k);
        fclose(f);
    }
}

/* --- as it was read back: name -> version --- */

static json_t *read_kind(const char *dir, const char *kind)
{
    char path[4096];
    json_t *all = json_object();
    snprintf(path, sizeof path, "%s/%s", dir, kind);
    DIR *d = opendir(path);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        char *line = NULL;
        size_t cap = 0;
        snprintf(path, sizeof path, "%s/%s/%s", dir, kind, e->d_name);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        while (getline(&line, &cap, f) > 0) {
            json_t *record = json_loads(line, 0, NULL);
            assert_non_null(record);
            json_t *attributes = json_object_get(record, "attributes");
            const char *name =
                json_string_value(json_object_get(attributes, "qualifiedName"));
            assert_null(json_object_get(all, name)); /* once */
            json_object_set(all, name, attributes);
            json_decref(record);
        }
        free(line);
        fclose(f);
    }
    if (d != NULL)
        closedir(d);
    return all;
}

static json_t *full_columns(const catalogue *c)
{
    json_t *all = json_object();
    for (int i = 0; i < TABLES; i++)
        for (int k = 0; c->tables[i].there && k < COLUMNS; k++) {
            char table_name[64];
            char name[64];
            if (!c->tables[i].column[k])
                continue;
            snprintf(table_name, sizeof table_name, PREFIX "/t%d", i);
            snprintf(name, sizeof name, PREFIX "/t%d/c%d", i, k);
            json_object_set_new(all, name,
                json_pack("{s:s, s:s, s:f}",
                    c->tables[i].view ? "viewQualifiedName"
                                      : "tableQualifiedName",
                    table_name, "qualifiedName", name, "v",
                    (double)c->tables[i].version[k]));
        }
    return all;
}

static json_t *full_tables(const catalogue *c)
{
    json_t *all = json_object();
    for (int i = 0; i < TABLES; i++) {
        char name[64];
        char base[16];
        if (!c->tables[i].there)
            continue;
        snprintf(name, sizeof name, PREFIX "/t%d", i);
        snprintf(base, sizeof base, "t%d", i);
        json_object_set_new(all, name,
            json_pack("{s:s, s:s}", "name", base, "qualifiedName", name));
    }
    return all;
}

static void same(const catalogue *c, uint64_t seed, const char *what,
    json_t *have, json_t *want)
{
    if (!json_equal(have, want)) {
        char *a = json_dumps(have, JSON_SORT_KEYS);
        char *b = json_dumps(want, JSON_SORT_KEYS);
        fail_msg("TARN_SEED=%llu run %d: %s\nhave %s\nwant %s",
            (unsigned long long)seed, c->run, what, a, b);
    }
    json_decref(have);
    json_decref(want);
}

/* --- a run --- */

typedef struct planned {
    bool table[TABLES];
    int count;
} planned;

static tarn_status note(
    void *arg, const tarn_track_table *what, tarn_error *err)
{
    planned *p = arg;
    (void)err;
    int i = atoi(strrchr(what->name, '/') + 2);
    assert_false(p->table[i]);
    p->table[i] = true;
    p->count++;
    return TARN_OK;
}

static void must(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s", err->message);
}

static json_t *apply(const char *old, const char *diff, const char *kind)
{
    char gone[64];
    json_t *all = old == NULL ? json_object() : read_kind(old, kind);
    snprintf(gone, sizeof gone, "delete/%s", kind);
    json_t *deleted = read_kind(diff, gone);
    const char *name;
    json_t *value;
    json_object_foreach(deleted, name, value)
        assert_int_equal(json_object_del(all, name), 0);
    json_decref(deleted);
    json_t *changed = read_kind(diff, kind);
    json_object_update(all, changed);
    json_decref(changed);
    return all;
}

static bool any_table(const catalogue *c)
{
    for (int i = 0; i < TABLES; i++)
        if (c->tables[i].there)
            return true;
    return false;
}

static void check_run(void **state, catalogue *c, uint64_t seed,
    const char *current, const char *old)
{
    char name[64];
    tarn_error err = TARN_ERROR_INIT;
    tarn_track_merge_counts m;
    tarn_track_diff_counts d;
    tarn_track_options o = TARN_TRACK_OPTIONS_INIT;
    o.chunk_size = 1 + roll(c, 7);
    o.threads = 1 + (int)roll(c, 2);
    o.temp_dir = sandbox_path(state, "tmp");
    snprintf(name, sizeof name, "state%d", c->run);
    const char *new = sandbox_path(state, name);
    must(tarn_track_merge(current, old, new, &o, &m, &err), &err);
    snprintf(name, sizeof name, "diff%d", c->run);
    const char *diff = sandbox_path(state, name);
    must(tarn_track_diff(current, old, diff, &o, &d, &err), &err);
    assert_int_equal(d.is_incremental, old != NULL);
    json_t *columns = read_kind(new, "column");
    assert_int_equal(m.columns_total, json_object_size(columns));
    assert_int_equal(
        m.columns_total, m.columns_from_current + m.columns_carried);
    same(c, seed, "columns", columns, full_columns(c));
    same(c, seed, "tables", read_kind(new, "table"), full_tables(c));
    same(c, seed, "columns by the diff", apply(old, diff, "column"),
        full_columns(c));
    same(c, seed, "tables by the diff", apply(old, diff, "table"),
        full_tables(c));
}

static void one_run(void **state, catalogue *c, uint64_t seed)
{
    char name[64];
    char old_name[64];
    tarn_error err = TARN_ERROR_INIT;
    tarn_track_options o = TARN_TRACK_OPTIONS_INIT;
    tarn_track_plan_counts counts;
    planned plan = {.count = 0};
    o.temp_dir = sandbox_path(state, "tmp");
    snprintf(name, sizeof name, "cur%d", c->run);
    const char *current = sandbox_path(state, name);
    snprintf(old_name, sizeof old_name, "state%d", c->run - 1);
    const char *old = c->run == 0 ? NULL : sandbox_path(state, old_name);
    write_tables(state, c);
    must(tarn_track_plan(current, old, NULL, &o, note, &plan, &counts, &err),
        &err);
    assert_int_equal(plan.count, counts.changed + counts.backfill);
    for (int i = 0; i < TABLES; i++) {
        if (c->tables[i].there && (old == NULL || c->tables[i].label != SAME))
            assert_true(plan.table[i]);
        if (plan.table[i])
            write_columns(state, c, i);
    }
    check_run(state, c, seed, current, old);
}

static void clean(void **state)
{
    char command[4200];
    snprintf(command, sizeof command, "rm -rf '%s'/*", sandbox_dir(state));
    assert_int_equal(system(command), 0);
}

static void the_incremental_state_is_that_of_a_full_extraction(void **state)
{
    const char *given = getenv("TARN_SEED");
    uint64_t first = given != NULL ? strtoull(given, NULL, 10)
                                   : (uint64_t)time(NULL) * 100000;
    int histories = getenv("TARN_LONG") != NULL ? 10000 : 300;
    if (given != NULL)
        histories = 1;
    for (int h = 0; h < histories; h++) {
        uint64_t seed = first + (uint64_t)h;
        catalogue c = {.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
        int runs = 1 + (int)roll(&c, 3) + (h % 10 == 0 ? 4 : 0);
        for (int i = 0; i < TABLES; i++)
            if (roll(&c, 2) == 0)
                create(&c, &c.tables[i]);
        for (c.run = 0; c.run <= runs; c.run++) {
            if (!any_table(&c))
                create(&c, &c.tables[0]);
            one_run(state, &c, seed);
            for (int i = 0; i < TABLES; i++)
                c.tables[i].label = SAME;
            change(&c);
        }
        clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(the_incremental_state_is_that_of_a_full_extraction),
    };
    sandbox_without_disk();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
