/*
 * Runs SQL through DuckDB and nothing else: for checks that must share no code
 * with the library.
 *
 *   duck_sql [NAME=TEXT ...] < SCRIPT
 *
 * Each NAME=TEXT becomes a variable, getvariable('NAME').  Rows are printed
 * with tabs between cells, backslash, tab and newline escaped, NULL as \N, a
 * BLOB as DuckDB casts it.  The first statement that fails ends the run with
 * exit code 1 and its message on stderr.
 */
#include <duckdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(FILE *file)
{
    size_t len = 0;
    size_t cap = 1 << 16;
    char *text = malloc(cap);
    while (text != NULL) {
        size_t got = fread(text + len, 1, cap - len - 1, file);
        len += got;
        text[len] = '\0';
        if (got == 0)
            return text;
        if (cap - len < 2) {
            char *more = realloc(text, cap * 2);
            if (more == NULL)
                free(text);
            text = more;
            cap *= 2;
        }
    }
    return NULL;
}

static void print_cell(duckdb_result *result, idx_t col, idx_t row)
{
    if (duckdb_value_is_null(result, col, row)) {
        (void)fputs("\\N", stdout);
        return;
    }
    duckdb_string text = duckdb_value_string(result, col, row);
    for (idx_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\\')
            (void)fputs("\\\\", stdout);
        else if (c == '\t')
            (void)fputs("\\t", stdout);
        else if (c == '\n')
            (void)fputs("\\n", stdout);
        else if (c == '\0')
            (void)fputs("\\0", stdout);
        else
            (void)putchar(c);
    }
    duckdb_free(text.data);
}

static void print_result(duckdb_result *result)
{
    idx_t columns = duckdb_column_count(result);
    idx_t rows = duckdb_row_count(result);
    if (duckdb_result_return_type(*result) != DUCKDB_RESULT_TYPE_QUERY_RESULT)
        return;
    for (idx_t r = 0; r < rows; r++)
        for (idx_t c = 0; c < columns; c++) {
            print_cell(result, c, r);
            (void)putchar(c + 1 < columns ? '\t' : '\n');
        }
}

static bool fail(const char *message)
{
    fprintf(stderr, "duck_sql: %s\n", message != NULL ? message : "failed");
    return false;
}

static bool run_prepared(duckdb_prepared_statement statement, bool ok)
{
    duckdb_result result;
    if (!ok) {
        (void)fail(duckdb_prepare_error(statement));
        duckdb_destroy_prepare(&statement);
        return false;
    }
    ok = duckdb_execute_prepared(statement, &result) == DuckDBSuccess;
    if (ok)
        print_result(&result);
    else
        (void)fail(duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&statement);
    return ok;
}

static bool run_script(duckdb_connection con, const char *sql)
{
    duckdb_extracted_statements all = NULL;
    idx_t count = duckdb_extract_statements(con, sql, &all);
    bool ok = count > 0;
    if (!ok)
        (void)fail(duckdb_extract_statements_error(all));
    for (idx_t i = 0; ok && i < count; i++) {
        duckdb_prepared_statement statement = NULL;
        ok = duckdb_prepare_extracted_statement(con, all, i, &statement) ==
            DuckDBSuccess;
        ok = run_prepared(statement, ok);
    }
    duckdb_destroy_extracted(&all);
    return ok;
}

/* SET VARIABLE takes no parameters: the text is quoted. */
static bool set_variable(duckdb_connection con, const char *definition)
{
    const char *equals = strchr(definition, '=');
    char *sql = malloc(2 * strlen(definition) + 64);
    if (equals == NULL || sql == NULL) {
        free(sql);
        return fail("arguments are NAME=TEXT");
    }
    int len = sprintf(
        sql, "SET VARIABLE %.*s = '", (int)(equals - definition), definition);
    char *to = sql + len;
    for (const char *from = equals + 1; *from != '\0'; from++) {
        if (*from == '\'')
            *to++ = '\'';
        *to++ = *from;
    }
    memcpy(to, "'", 2);
    bool ok = run_script(con, sql);
    free(sql);
    return ok;
}

int main(int argc, char **argv)
{
    duckdb_database db = NULL;
    duckdb_connection con = NULL;
    bool ok = duckdb_open(NULL, &db) == DuckDBSuccess &&
        duckdb_connect(db, &con) == DuckDBSuccess;
    if (!ok)
        (void)fail("DuckDB does not open");
    if (ok)
        ok = run_script(con, "SET TimeZone = 'UTC'");
    for (int i = 1; ok && i < argc; i++)
        ok = set_variable(con, argv[i]);
    char *sql = ok ? read_all(stdin) : NULL;
    if (ok && sql != NULL)
        ok = run_script(con, sql);
    free(sql);
    duckdb_disconnect(&con);
    duckdb_close(&db);
    return ok && sql != NULL ? 0 : 1;
}
