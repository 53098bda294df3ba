/* Ready queries.
 *
 * Neither engine says reliably when a table's columns changed (views have no
 * times at all), so the table queries give a fingerprint of all that a column
 * listing would give.  The sum of digests does not depend on their order.
 */
#include <string.h>

#include "track/config.h"

#define SCHEMAS(expression) " " TARN__TRACK_SCHEMAS expression "*/"
/* Case matters in patterns, which the catalogue's own collation does not see. */
#define MYSQL_SCHEMAS(column) \
    SCHEMAS("CONVERT(" column " USING utf8mb4) COLLATE utf8mb4_bin")

#define MYSQL_SYSTEM \
    "('information_schema', 'performance_schema', 'mysql', 'sys')"

static const char mysql_database[] =
    "SELECT DISTINCT catalog_name AS database_name"
    " FROM information_schema.schemata";

static const char mysql_schema[] =
    "SELECT catalog_name AS database_name, schema_name AS schema_name,"
    " default_character_set_name AS character_set"
    " FROM information_schema.schemata"
    " WHERE schema_name NOT IN " MYSQL_SYSTEM MYSQL_SCHEMAS("schema_name");

/* Names of tables differ by case on many servers; the catalogue's own
 * collation does not see that, hence BINARY. */
static const char mysql_table[] =
    "SELECT t.table_catalog AS database_name, t.table_schema AS schema_name,"
    " t.table_name AS table_name,"
    " CASE WHEN t.table_type LIKE '%VIEW' THEN 'View' ELSE 'Table' END"
    " AS table_type, t.engine AS engine, t.table_comment AS description,"
    " CONCAT_WS(':', t.table_type, COALESCE(t.create_time, ''),"
    " COALESCE(t.table_comment, ''), COALESCE(c.number, 0),"
    " COALESCE(c.digest, 0)) AS fingerprint"
    " FROM information_schema.tables t LEFT JOIN ("
    "SELECT BINARY table_schema AS in_schema, BINARY table_name AS in_table,"
    " COUNT(*) AS number, SUM(CAST(CONV(LEFT(MD5(CONCAT_WS('|', column_name,"
    " ordinal_position, COALESCE(CONCAT('=', column_default), ''), is_nullable,"
    " column_type, COALESCE(collation_name, ''), column_key, extra,"
    " column_comment)), 15), 16, 10) AS UNSIGNED)) AS digest"
    " FROM information_schema.columns"
    " WHERE table_schema NOT IN " MYSQL_SYSTEM
    " GROUP BY BINARY table_schema, BINARY table_name) c"
    " ON c.in_schema = BINARY t.table_schema"
    " AND c.in_table = BINARY t.table_name"
    " WHERE t.table_schema NOT IN " MYSQL_SYSTEM MYSQL_SCHEMAS(
        "t.table_schema");

static const char mysql_column[] =
    "SELECT c.table_catalog AS database_name, c.table_schema AS schema_name,"
    " c.table_name AS table_name,"
    " CASE WHEN t.table_type LIKE '%VIEW' THEN 'View' ELSE 'Table' END"
    " AS table_type, c.column_name AS column_name, c.data_type AS data_type,"
    " c.column_type AS raw_data_type, CAST(c.ordinal_position AS SIGNED) AS "
    "ordinal_position,"
    " c.is_nullable = 'YES' AS is_nullable, c.column_key = 'PRI' AS is_primary,"
    " c.column_default AS default_value,"
    " CAST(c.character_maximum_length AS SIGNED) AS max_length,"
    " CAST(c.numeric_precision AS SIGNED) AS numeric_precision,"
    " CAST(c.numeric_scale AS SIGNED) AS numeric_scale, c.column_comment AS "
    "description"
    " FROM information_schema.columns c JOIN information_schema.tables t"
    " ON BINARY t.table_schema = BINARY c.table_schema"
    " AND BINARY t.table_name = BINARY c.table_name"
    " WHERE BINARY CONCAT(c.table_catalog, '.', c.table_schema, '.',"
    " c.table_name) IN ({table_ids})"
    " ORDER BY c.table_schema, c.table_name, c.ordinal_position";

#define POSTGRES_SYSTEM                                             \
    "n.nspname NOT IN ('information_schema', 'pg_catalog')"         \
    " AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE " \
    "'pg\\_temp%'"
#define POSTGRES_KIND                                               \
    " CASE WHEN c.relkind = 'v' THEN 'View'"                        \
    " WHEN c.relkind = 'm' THEN 'MaterialisedView'"                 \
    " WHEN c.relispartition THEN 'TablePartition' ELSE 'Table' END" \
    " AS table_type"
#define POSTGRES_COLUMNS                     \
    " pg_attribute a LEFT JOIN pg_attrdef d" \
    " ON d.adrelid = a.attrelid AND d.adnum = a.attnum"

static const char postgres_database[] =
    "SELECT current_database()::text AS database_name";

static const char postgres_schema[] =
    "SELECT current_database()::text AS database_name,"
    " n.nspname::text AS schema_name FROM pg_namespace n"
    " WHERE " POSTGRES_SYSTEM SCHEMAS("n.nspname");

static const char postgres_table[] =
    "SELECT current_database()::text AS database_name,"
    " n.nspname::text AS schema_name, c.relname::text AS "
    "table_name," POSTGRES_KIND
    ", obj_description(c.oid, 'pg_class') AS description,"
    " c.oid::text || ':' || c.relkind::text || ':' ||"
    " md5(coalesce(obj_description(c.oid, 'pg_class'), '')) || ':' ||"
    " coalesce((SELECT md5(string_agg(concat_ws('|', a.attname, a.attnum,"
    " format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,"
    " pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),"
    " EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid"
    " AND i.indisprimary AND a.attnum = ANY (i.indkey))), ',' ORDER BY"
    " a.attnum)) FROM" POSTGRES_COLUMNS
    " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')"
    " AS fingerprint"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND " POSTGRES_SYSTEM
        SCHEMAS("n.nspname");

static const char postgres_column[] =
    "SELECT current_database()::text AS database_name,"
    " n.nspname::text AS schema_name, c.relname::text AS "
    "table_name," POSTGRES_KIND ", a.attname::text AS column_name,"
    " t.typname::text AS data_type,"
    " format_type(a.atttypid, a.atttypmod) AS raw_data_type,"
    " a.attnum::int AS ordinal_position, NOT a.attnotnull AS is_nullable,"
    " EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid"
    " AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS is_primary,"
    " pg_get_expr(d.adbin, d.adrelid) AS default_value,"
    " col_description(c.oid, a.attnum) AS description"
    " FROM" POSTGRES_COLUMNS " JOIN pg_class c ON c.oid = a.attrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_type t ON t.oid = a.atttypid"
    " WHERE a.attnum > 0 AND NOT a.attisdropped"
    " AND c.relkind IN ('r', 'p', 'f', 'v', 'm')"
    " AND current_database() || '.' || n.nspname || '.' || c.relname"
    " IN ({table_ids})"
    " ORDER BY n.nspname, c.relname, a.attnum";

bool tarn__track_preset(
    const char *name, const char *queries[TARN__TRACK_KINDS])
{
    static const char *const mysql[TARN__TRACK_KINDS] = {
        mysql_database, mysql_schema, mysql_table, mysql_column};
    static const char *const postgres[TARN__TRACK_KINDS] = {
        postgres_database, postgres_schema, postgres_table, postgres_column};
    const char *const *found = NULL;
    if (strcmp(name, "mysql") == 0 || strcmp(name, "mariadb") == 0)
        found = mysql;
    else if (strcmp(name, "postgres") == 0)
        found = postgres;
    for (size_t i = 0; found != NULL && i < TARN__TRACK_KINDS; i++)
        queries[i] = found[i];
    return found != NULL;
}
