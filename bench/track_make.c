/*
 * Two states of a catalogue: PREVIOUS whole, CURRENT with all tables and the
 * columns of those that changed.
 *
 *   track_make DIR TABLES COLUMNS-A-TABLE FILES
 *
 * makes DIR/previous and DIR/current.  Of 100 tables 3 were updated, 1 was
 * dropped, 1 is new; a column is 420 bytes and more.  Tables and columns lie in
 * FILES files each.  The same arguments give the same files.
 */
#include "support/bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef enum fate { SAME, UPDATED, DROPPED, CREATED } fate;

static fate fate_of(long table)
{
    switch (table % 100) {
    case 7:
    case 41:
    case 83:
        return UPDATED;
    case 13:
        return DROPPED;
    case 59:
        return CREATED;
    default:
        return SAME;
    }
}

#define SCHEMA "default/oracle/1764230875/warehouse/schema_%02ld"

static void write_table(FILE *file, long t, const char *state)
{
    fprintf(file,
        "{\"typeName\":\"Table\",\"status\":\"ACTIVE\",\"attributes\":{"
        "\"qualifiedName\":\"" SCHEMA "/table_%07ld\",\"name\":\"table_%07ld\","
        "\"connectionQualifiedName\":\"default/oracle/1764230875\","
        "\"databaseName\":\"warehouse\",\"schemaName\":\"schema_%02ld\","
        "\"rowCount\":%ld,\"lastSyncRunAt\":\"2026-11-21T10:00:00Z\"},"
        "\"customAttributes\":{\"incremental_state\":\"%s\"}}\n",
        t % 50, t, t, t % 50, t * 37 % 100000, state);
}

static void write_column(FILE *file, long t, long c, const char *state)
{
    fprintf(file,
        "{\"typeName\":\"Column\",\"status\":\"ACTIVE\",\"attributes\":{"
        "\"qualifiedName\":\"" SCHEMA "/table_%07ld/column_%03ld\","
        "\"name\":\"column_%03ld\",\"dataType\":\"VARCHAR2(%ld)\",\"order\":%"
        "ld,"
        "\"isNullable\":%s,\"precision\":%ld.50,\"tableName\":\"table_%07ld\","
        "\"tableQualifiedName\":\"" SCHEMA "/table_%07ld\","
        "\"lastSyncRunAt\":\"2026-11-21T10:00:00Z\"},"
        "\"customAttributes\":{\"incremental_state\":\"%s\",\"source\":"
        "\"all_tab_columns\"}}\n",
        t % 50, t, c, c, (t + c) % 4000, c, c % 2 == 0 ? "true" : "false",
        c % 38, t, t % 50, t, state);
}

static FILE *open_in(
    const char *dir, const char *state, const char *kind, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, state);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", dir, state, kind);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s/%s", dir, state, kind, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        bench_die(path);
    return file;
}

static void close_file(FILE *file)
{
    if (fclose(file) != 0)
        bench_die("writing");
}

static void write_part(
    const char *dir, long part, long from, long to, long columns, bool previous)
{
    char name[64];
    const char *state = previous ? "previous" : "current";
    snprintf(name, sizeof name, "chunk-%ld-part0.json", part);
    FILE *tables = open_in(dir, state, "table", name);
    FILE *file = open_in(dir, state, "column", name);
    for (long t = from; t < to; t++) {
        fate f = fate_of(t);
        if (f == (previous ? CREATED : DROPPED))
            continue;
        const char *label = previous || f == SAME ? "NO CHANGE"
            : f == UPDATED                        ? "UPDATED"
                                                  : "CREATED";
        write_table(tables, t, label);
        if (!previous && f == SAME)
            continue;
        /* An updated table lost its first column and got another. */
        long first = !previous && f == UPDATED ? 1 : 0;
        for (long c = first; c < columns + first; c++)
            write_column(file, t, c, previous ? "CREATED" : label);
    }
    close_file(tables);
    close_file(file);
}

static void write_few(const char *dir, const char *state)
{
    FILE *file = open_in(dir, state, "database", "chunk-0-part0.json");
    fprintf(file,
        "{\"typeName\":\"Database\",\"attributes\":{\"qualifiedName\":"
        "\"default/oracle/1764230875/warehouse\"}}\n");
    close_file(file);
    file = open_in(dir, state, "schema", "chunk-0-part0.json");
    for (long s = 0; s < 50; s++)
        fprintf(file,
            "{\"typeName\":\"Schema\",\"attributes\":{\"qualifiedName\":"
            "\"" SCHEMA "\"}}\n",
            s);
    close_file(file);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("track_make DIR TABLES COLUMNS-A-TABLE FILES");
    long tables = bench_count(argv[2]);
    long columns = bench_count(argv[3]);
    long files = bench_count(argv[4]);
    (void)mkdir(argv[1], 0777);
    write_few(argv[1], "previous");
    write_few(argv[1], "current");
    for (long i = 0; i < files; i++) {
        long from = tables / files * i;
        long to = i + 1 == files ? tables : tables / files * (i + 1);
        write_part(argv[1], i, from, to, columns, true);
        write_part(argv[1], i, from, to, columns, false);
    }
    return EXIT_SUCCESS;
}
