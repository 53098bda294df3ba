/* The built-in drivers, found by the name of their component.
 *
 * A driver's config_schema is a JSON Schema of an object: `type`, `enum`,
 * `default`, `minimum`, `maximum`, `properties`, `required`,
 * `additionalProperties` (false when absent), and of ours, on a property:
 *   "x-secret": true           its value never shows, and is no literal in a
 *                              flow file
 *   "x-secret": false          it is none, whatever its name
 *   "x-sql": "duckdb"          the text is one SQL statement of that dialect
 *            "mysql" "postgres" "sqlite"; with "type": "object" each member's
 *                              text is one
 *   "x-sql": "graphql"         a GraphQL document
 *   "x-needs-with": {"write_mode": ["replace", "upsert"]}
 *                              required when that property has such a value
 * and on the schema itself:
 *   "x-connection": "mysql"    the family of config.connection; then also
 *   "x-connection-required": true
 *   "x-one-of": [["query", "table"], ...]
 *                              exactly one of each list is there
 *   "x-incremental": true      the step may be incremental
 * A reader of SQL gets, beside `query`, the values of its $1, $2 ... as the
 * array `query_values`, and beside `queries` an object of such arrays,
 * `queries_values`; both are absent when there are none.  Neither stands in
 * the schema. */
#ifndef TARN_FLOW_REGISTRY_H
#define TARN_FLOW_REGISTRY_H

#include <tarn/driver.h>

/* NULL when there is none; static. */
const tarn_driver *tarn__driver_find(const char *name);
/* All of them, in order of their names. */
const tarn_driver *const *tarn__driver_all(size_t *count);

/* Another spelling of a driver's name, of the OML 0.1.0 dialect. */
typedef struct tarn__driver_alias {
    const char *alias;
    const char *name;
} tarn__driver_alias;
const tarn__driver_alias *tarn__driver_alias_all(size_t *count);

#endif
