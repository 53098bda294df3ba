/* The table of drivers, in order of their names. */
#include "flow/driver/registry.h"

#include <stdlib.h>
#include <string.h>

#include "flow/driver/builtin.h"

static const tarn_driver *const drivers[] = {
    &tarn__driver_csv,
    &tarn__driver_file,
    &tarn__driver_graphql_extractor,
    &tarn__driver_http_extractor,
    &tarn__driver_http_writer,
    &tarn__driver_json,
    &tarn__driver_lake_extractor,
    &tarn__driver_lake_writer,
    &tarn__driver_mysql_extractor,
    &tarn__driver_mysql_writer,
    &tarn__driver_object_extractor,
    &tarn__driver_object_transform,
    &tarn__driver_object_writer,
    &tarn__driver_parquet,
    &tarn__driver_postgres_extractor,
    &tarn__driver_postgres_writer,
    &tarn__driver_program_extractor,
    &tarn__driver_program_transform,
    &tarn__driver_program_writer,
    &tarn__driver_sql,
    &tarn__driver_sqlite_extractor,
    &tarn__driver_sqlite_writer,
};

static const tarn__driver_alias aliases[] = {
    {"duckdb.processor", "sql"},
    {"filesystem.csv_extractor", "file.extractor"},
    {"filesystem.csv_writer", "csv.writer"},
    {"mariadb.extractor", "mysql.extractor"},
    {"mariadb.writer", "mysql.writer"},
};

const tarn_driver *tarn__driver_find(const char *name)
{
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    return NULL;
}

const tarn_driver *const *tarn__driver_all(size_t *count)
{
    *count = sizeof(drivers) / sizeof(drivers[0]);
    return drivers;
}

const tarn__driver_alias *tarn__driver_alias_all(size_t *count)
{
    *count = sizeof(aliases) / sizeof(aliases[0]);
    return aliases;
}
