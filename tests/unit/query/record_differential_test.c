/* Thousands of generated questions, put to every route that can answer them and
 * to DuckDB itself over the same rows: one answer.
 *
 * A row's values come from the generator twice, as JSON and as SQL, so that what
 * Tarn makes of the JSON is compared with what was meant.  Questions go many to
 * a statement: each is a SELECT of its own that gives one row. */
#include "unit/query/records.h"

#include "duck/duck.h"

enum { PEOPLE = 160, STATEMENTS = 6, QUESTIONS = 45 };

static uint32_t seed_state;

static uint32_t draw(uint32_t below)
{
    seed_state = seed_state * 1664525U + 1013904223U;
    return (seed_state >> 8) % below;
}

static const char people[] =
    "{\"name\":\"people\",\"version\":\"1.0.0\",\"type\":\"object\","
    "\"properties\":{%s\"email\":{\"type\":\"string\"},"
    "\"city\":{\"type\":[\"string\",\"null\"]},"
    "\"age\":{\"type\":\"integer\"},\"score\":{\"type\":\"number\"},"
    "\"active\":{\"type\":\"boolean\"},"
    "\"born\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"seen\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"Note\":{\"type\":\"string\"},\"home\":{\"type\":\"object\"}},"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"city\",\"age\",\"score\","
    "\"born\",\"email\",\"home.town\",\"home.at.zip\"]}}";
/* More is indexed, and a property is new. */
static const char people_later[] =
    "{\"name\":\"people\",\"version\":\"1.1.0\",\"type\":\"object\","
    "\"properties\":{%s\"email\":{\"type\":\"string\"},"
    "\"city\":{\"type\":[\"string\",\"null\"]},"
    "\"age\":{\"type\":\"integer\"},\"score\":{\"type\":\"number\"},"
    "\"active\":{\"type\":\"boolean\"},"
    "\"born\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"seen\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"Note\":{\"type\":\"string\"},\"home\":{\"type\":\"object\"}},"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"active\",\"city\",\"age\","
    "\"seen\",\"Note\",\"home.at.zip\",\"home.at\"]}}";
static const char towns[] =
    "{\"name\":\"towns\",\"version\":\"1.0.0\",\"type\":\"object\","
    "\"properties\":{\"name\":{\"type\":\"string\"},"
    "\"size\":{\"type\":\"integer\"}},"
    "\"x-tarn\":{\"key\":\"name\",\"indexed\":[\"name\",\"size\"]}}";

typedef struct pair {
    const char *json;
    const char *sql;
} pair;

static const pair cities[] = {{"\"Oslo\"", "'Oslo'"}, {"\"oslo\"", "'oslo'"},
    {"\"Troms\\u00f8\"", "'Tromsø'"}, {"\"\"", "''"}, {"null", "NULL"},
    {"\"O%s_l\\\\o\"", "'O%s_l\\o'"}, {"\"it's\"", "'it''s'"},
    {"\"Oslo\\t\"", "'Oslo' || chr(9)"}, {"\"\\ud83d\\ude00\"", "'😀'"}};
static const pair ages[] = {{"0", "0"}, {"7", "7"}, {"7.0", "7"}, {"7e1", "70"},
    {"-1", "-1"}, {"30", "30"}, {"31", "31"},
    {"9007199254740993", "9007199254740993"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775807 - 1"}};
static const pair scores[] = {{"0.1", "0.1"}, {"0.5", "0.5"}, {"1", "1"},
    {"-0.0", "'-0.0'::DOUBLE"}, {"1e300", "1e300"}, {"2.5", "2.5"},
    {"9007199254740993", "9007199254740992"}, {"3.25E-2", "0.0325"}};
static const pair bools[] = {{"true", "true"}, {"false", "false"}};
static const pair dates[] = {{"\"1999-12-31\"", "'1999-12-31'"},
    {"\"2000-02-29\"", "'2000-02-29'"}, {"\"0001-01-01\"", "'0001-01-01'"},
    {"\"2020-01-01\"", "'2020-01-01'"}};
static const pair times[] = {
    {"\"2020-01-01T00:00:00Z\"", "'2020-01-01 00:00:00'"},
    {"\"2020-01-01T01:00:00.5+01:00\"", "'2020-01-01 00:00:00.5'"},
    {"\"1969-12-31T23:59:59.999999Z\"", "'1969-12-31 23:59:59.999999'"}};

/* Members inside the JSON: of any type. */
static const char *const towns_of[] = {"\"Oslo\"", "\"Os\\u006co\"", "\"\"",
    "null", "\"it's\"", "5", "1e2", "true", "{\"Oslo\":1}", "[\"Oslo\"]",
    "\"7\"", "\"null\"", "0.10", "\"a\\tb\""};
static const char *const zips_of[] = {
    "1", "\"1\"", "null", "7.0", "-0.0", "12345678901234567890", "\"Oslo\""};

typedef struct field {
    const char *name;
    const pair *values;
    uint32_t count;
} field;

#define OF(array) array, sizeof(array) / sizeof((array)[0])
static const field fields[] = {{"city", OF(cities)}, {"age", OF(ages)},
    {"score", OF(scores)}, {"active", OF(bools)}, {"born", OF(dates)},
    {"seen", OF(times)}, {"Note", OF(cities)}};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* --- the same rows twice --- */

typedef struct twin {
    void **state;
    tarn__duck *duck;
} twin;

/* A uri goes before the key field, whether the schema speaks of it or not. */
static enum { NO_URI, FOREIGN_URI, OWN_URI } uris;

static bool has_uri(int n)
{
    return uris != NO_URI && n % 5 == 0;
}

static void put_people_schema(const twin *t, const char *schema)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    const char *mark = strstr(schema, "%s");
    fprintf(f, "%.*s%s%s", (int)(mark - schema), schema,
        uris == OWN_URI ? "\"uri\":{\"type\":\"string\"}," : "", mark + 2);
    fclose(f);
    put_schema(t->state, NULL, text);
    free(text);
}

static void start(twin *t, void **state)
{
    *t = (twin){.state = state};
    WORKS(tarn__duck_open(NULL, &t->duck, e));
    WORKS(tarn__duck_exec(t->duck,
        "CREATE TABLE people(id VARCHAR, email VARCHAR, city VARCHAR, "
        "age BIGINT, score DOUBLE, active BOOLEAN, born DATE, seen TIMESTAMP, "
        "Note VARCHAR, home JSON, doc JSON, uri VARCHAR);"
        "CREATE TABLE towns(id VARCHAR, name VARCHAR, size BIGINT)",
        e));
    put_people_schema(t, people);
    put_schema(state, NULL, towns);
}

static const char *one_of(const char *const *texts, size_t count)
{
    return texts[draw((uint32_t)count)];
}
#define ONE_OF(texts) one_of(texts, sizeof(texts) / sizeof((texts)[0]))

/* An object in an object, or less. */
static void draw_home(char *out, size_t size)
{
    const char *town = ONE_OF(towns_of);
    const char *zip = ONE_OF(zips_of);
    switch (draw(5)) {
    case 0:
        snprintf(out, size, "{}");
        return;
    case 1:
        snprintf(out, size, "{\"at\": [1], \"town\" : %s }", town);
        return;
    case 2:
        snprintf(out, size, "{\"at\":{\"zip\":%s}}", zip);
        return;
    default:
        snprintf(out, size, "{\"town\":%s,\"at\":{\"zip\": %s}}", town, zip);
    }
}

static void put_quoted(FILE *sql, const char *text)
{
    fprintf(sql, ", '");
    for (; *text != '\0'; text++)
        fprintf(sql, *text == '\'' ? "''" : "%c", *text);
    fprintf(sql, "'");
}

/* One person, its values drawn; those before it with this email are gone. */
static void one_person(twin *t, int n, FILE *lines)
{
    char home[200] = "";
    char *text = NULL, *sql_text = NULL;
    size_t len;
    FILE *json = open_memstream(&text, &len);
    FILE *sql = open_memstream(&sql_text, &len);
    fprintf(sql,
        "DELETE FROM people WHERE email = 'p%d'; INSERT INTO people VALUES "
        "(NULL, 'p%d'",
        n, n);
    fprintf(json, "{ \"email\" : \"p%d\"", n);
    if (has_uri(n))
        fprintf(json, ", \"uri\": \"u%d\"", n);
    for (size_t i = 0; i < FIELDS; i++) {
        const pair *p = &fields[i].values[draw(fields[i].count)];
        bool note = strcmp(fields[i].name, "Note") == 0;
        if (draw(4) == 0 || (note && strcmp(p->json, "null") == 0)) {
            fprintf(sql, ", NULL");
            continue;
        }
        fprintf(json, ",\"%s\": %s", fields[i].name, p->json);
        fprintf(sql, ", %s", p->sql);
    }
    if (draw(4) != 0) {
        draw_home(home, sizeof(home));
        fprintf(json, ",\"home\": %s", home);
    }
    if (draw(4) == 0)
        fprintf(json, ",\"more\": %s", ONE_OF(towns_of));
    if (draw(40) == 0) /* an object of its own */
        fprintf(json, ",\"large\":\"%070000d\"", n);
    fprintf(json, "}");
    fclose(json);
    fprintf(lines, "%s\n", text);
    if (*home == '\0')
        fprintf(sql, ", NULL");
    else
        put_quoted(sql, home);
    put_quoted(sql, text);
    if (has_uri(n))
        fprintf(sql, ", 'u%d')", n);
    else
        fprintf(sql, ", NULL)");
    fclose(sql);
    WORKS(tarn__duck_exec(t->duck, sql_text, e));
    free(text);
    free(sql_text);
}

static void put_people(twin *t, int from, int to)
{
    char *text = NULL;
    size_t len;
    FILE *lines = open_memstream(&text, &len);
    for (int n = from; n < to; n++)
        one_person(t, n, lines);
    fclose(lines);
    put_records(t->state, NULL, "people", text);
    free(text);
}

static void remove_people(twin *t, int count)
{
    for (int i = 0; i < count; i++) {
        char name[16];
        bool found;
        int64_t there;
        int n = (int)draw(PEOPLE);
        snprintf(name, sizeof(name), "%c%d", has_uri(n) ? 'u' : 'p', n);
        char sql[100];
        snprintf(sql, sizeof(sql),
            "SELECT count(*) FROM people WHERE email = 'p%d'", n);
        WORKS(tarn__duck_int64(t->duck, sql, &there, &found, e));
        if (there == 0)
            continue;
        rm_record(t->state, NULL, name, draw(2) == 0);
        WORKS(tarn__duck_execf(
            t->duck, e, "DELETE FROM people WHERE email = 'p%d'", n));
    }
}

static void put_towns(twin *t)
{
    static const char *const names[] = {"Oslo", "oslo", "it's", "Bergen"};
    char lines[600] = "";
    for (int i = 0; i < 4; i++) {
        sprintf(lines + strlen(lines), "{\"name\":\"%s\"%s}\n", names[i],
            i == 1 ? "" : ",\"size\":5");
        WORKS(tarn__duck_execf(t->duck, e,
            "INSERT INTO towns VALUES (NULL, %s, %s)",
            i == 2       ? "'it''s'"
                : i == 0 ? "'Oslo'"
                : i == 1 ? "'oslo'"
                         : "'Bergen'",
            i == 1 ? "NULL" : "5"));
    }
    put_records(t->state, NULL, "towns", lines);
}

/* Ids are Tarn's to give: the other side learns them. */
static void learn_ids(twin *t)
{
    tarn_rows *rows = NULL;
    tarn_snapshot *snap = pin(t->state, TARN_LATEST);
    WORKS(tarn_query(snap, "SELECT email, id FROM people", NULL, &rows, e));
    while (tarn_rows_next(rows, NULL) == TARN_ROW)
        WORKS(tarn__duck_execf(t->duck, e,
            "UPDATE people SET id = '%s' WHERE email = '%s'",
            tarn_rows_text(rows, 1), tarn_rows_text(rows, 0)));
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
}

/* --- questions --- */

static void predicate(FILE *f, int depth, const char *of);

static void constant(FILE *f, const field *of)
{
    const char *sql = of->values[draw(of->count)].sql;
    fprintf(f, "%s", sql[0] == '-' || strchr(sql, '|') ? "(" : "");
    fprintf(f, "%s", sql);
    fprintf(f, "%s", sql[0] == '-' || strchr(sql, '|') ? ")" : "");
}

static void comparison(FILE *f, const char *of)
{
    static const char *const ops[] = {"=", "<>", "<", "<=", ">", ">="};
    const field *c = &fields[draw(FIELDS)];
    const char *op = ops[draw(6)];
    if (draw(3) == 0) {
        constant(f, c);
        fprintf(f, " %s %s%s", op, of, c->name);
    } else {
        fprintf(f, "%s%s %s ", of, c->name, op);
        constant(f, c);
    }
}

/* A member's text, said in one of the ways that there are. */
static void member(FILE *f, const char *of)
{
    static const char *const forms[] = {"%sdoc->>'$.home.town'",
        "%shome->>'town'", "%shome->>'$.at.zip'", "%shome.at->>'zip'",
        "%sdoc->'home'->>'town'", "json_extract_string(%shome, '$.town')",
        "%sdoc->>'more'", "%sdoc.home.at->>'zip'", "%sdoc->>'$.email'"};
    fputc('(', f);
    fprintf(f, ONE_OF(forms), of);
    fputc(')', f);
}

static void member_leaf(FILE *f, const char *of)
{
    static const char *const texts[] = {"'Oslo'", "'it''s'", "''", "'5'", "'1'",
        "'100.0'", "'true'", "NULL", "'null'", "'7'", "'a' || chr(9) || 'b'",
        "'p7'"};
    member(f, of);
    switch (draw(6)) {
    case 0:
        fprintf(f, " IS %sNULL", draw(2) ? "NOT " : "");
        return;
    case 1:
        fprintf(f, " %sIN (%s, %s)", draw(2) ? "NOT " : "", ONE_OF(texts),
            ONE_OF(texts));
        return;
    case 2:
        fprintf(
            f, " %sLIKE '%s'", draw(2) ? "NOT " : "", draw(2) ? "Os%" : "_");
        return;
    case 3:
        fprintf(f, " BETWEEN %s AND %s", ONE_OF(texts), ONE_OF(texts));
        return;
    default:
        fprintf(f, " %s %s",
            draw(2)       ? "="
                : draw(2) ? "<"
                          : "<>",
            ONE_OF(texts));
    }
}

/* What is seldom said. */
static void odd_leaf(FILE *f, const char *of)
{
    static const char *const forms[] = {"%1$sscore = 'nan'::DOUBLE",
        "%1$sscore < 'infinity'::DOUBLE", "%1$sscore IN (-0.0, 0.1)",
        "%1$sage = 9223372036854775807", "%1$sage < 9223372036854775808",
        "%1$sage = 7.0", "%1$sage IN (7, 30.5)", "%1$sage BETWEEN NULL AND 30",
        "%1$sage NOT BETWEEN 0 AND NULL", "%1$sage NOT IN (7, NULL)",
        "%1$scity NOT IN ('Oslo', NULL)", "%1$scity LIKE 'O\\%%%%' ESCAPE '\\'",
        "%1$scity LIKE 'O#%%%%' ESCAPE '#'", "%1$scity ILIKE 'OS%%%%'",
        "%1$scity SIMILAR TO 'O.*'", "%1$scity COLLATE NOCASE = 'OSLO'",
        "%1$sborn = '2000-02-29 00:00:00'",
        "%1$sborn < TIMESTAMP '2000-02-29 12:00:00'",
        "%1$sborn BETWEEN DATE '1999-12-31' AND '2000-03-01'",
        "%1$sseen = TIMESTAMPTZ '2020-01-01 01:00:00+01'",
        "%1$sseen >= '2020-01-01T00:00:00Z'", "%1$sseen > DATE '2019-12-31'",
        "%1$sage IS DISTINCT FROM 7", "%1$sage IS NOT DISTINCT FROM NULL",
        "(%1$sage, %1$scity) = (7, 'Oslo')", "NOT %1$sactive",
        "%1$sactive IS NOT TRUE", "coalesce(%1$sage, 0) > 5",
        "%1$sage = (SELECT 7)", "%1$sage IN (SELECT unnest([7, 30, NULL]))",
        "%1$scity = ANY (['Oslo', 'it''s'])", "%1$sscore > %1$sage",
        "%1$sage = 7::HUGEINT", "%1$sage = '7'", "%1$scity = 7::VARCHAR",
        "%1$sid = 'x' OR %1$sid IS NULL", "CASE WHEN %1$sactive THEN true END"};
    char text[200];
    snprintf(text, sizeof(text), ONE_OF(forms), of);
    fprintf(f, "(%s)", text);
}

static void leaf(FILE *f, const char *of)
{
    static const char *const likes[] = {
        "Os%", "%lo", "O_lo", "Oslo", "", "%", "it''s%", "O\\%", "Tr%m%"};
    const field *c = &fields[draw(FIELDS)];
    switch (draw(16)) {
    case 0:
        fprintf(f, "%s%s IS %sNULL", of, c->name, draw(2) ? "NOT " : "");
        return;
    case 1:
        fprintf(f, "%s%s %sIN (", of, c->name, draw(2) ? "NOT " : "");
        constant(f, c);
        fprintf(f, ", ");
        constant(f, c);
        fprintf(f, "%s)", draw(3) == 0 ? ", NULL" : "");
        return;
    case 2:
        fprintf(f, "%s%s %sBETWEEN ", of, c->name, draw(2) ? "NOT " : "");
        constant(f, c);
        fprintf(f, " AND ");
        constant(f, c);
        return;
    case 3:
        fprintf(f, "%s%s %sLIKE '%s'", of, draw(2) ? "city" : "note",
            draw(2) ? "NOT " : "", likes[draw(9)]);
        return;
    case 4:
        fprintf(f, "%sactive", of);
        return;
    case 5:
        if (uris == OWN_URI && draw(2) == 0)
            fprintf(f, "%suri = 'u%u'", of, 5 * draw(PEOPLE / 5));
        else
            fprintf(f, "%semail IN ('p%u', 'p%u')", of, draw(PEOPLE),
                5 * draw(PEOPLE / 5));
        return;
    case 6:
        fprintf(f, "%sage > 6.5", of);
        return;
    case 7:
        fprintf(f, "%sscore < %u", of, draw(3));
        return;
    case 8:
        fprintf(f, "starts_with(%scity, 'O')", of);
        return;
    case 9:
    case 10:
        member_leaf(f, of);
        return;
    case 11:
        odd_leaf(f, of);
        return;
    default:
        comparison(f, of);
        return;
    }
}

static void predicate(FILE *f, int depth, const char *of)
{
    uint32_t kind = depth == 0 ? 9 : draw(10);
    if (kind < 3) {
        fprintf(f, "(");
        predicate(f, depth - 1, of);
        fprintf(f, " AND ");
        predicate(f, depth - 1, of);
        fprintf(f, ")");
    } else if (kind < 5) {
        fprintf(f, "(");
        predicate(f, depth - 1, of);
        fprintf(f, " OR ");
        predicate(f, depth - 1, of);
        fprintf(f, ")");
    } else if (kind < 6) {
        fprintf(f, "NOT (");
        predicate(f, depth - 1, of);
        fprintf(f, ")");
    } else {
        leaf(f, of);
    }
}

static void columns(FILE *f, const char *of)
{
    fprintf(f, "concat_ws('|'");
    if (draw(3) == 0) {
        fprintf(f, ", coalesce(");
        member(f, of);
        fprintf(f, ", '~'), %shome.town", of);
    }
    for (uint32_t i = 0, n = 1 + draw(3); i < n; i++)
        fprintf(
            f, ", coalesce(%s%s::VARCHAR, '~')", of, fields[draw(FIELDS)].name);
    fprintf(f, ", %s%s)", of, draw(4) == 0 ? "email" : "age");
}

static void question(FILE *f, int n)
{
    static const char *const joins[] = {
        "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"};
    fprintf(f, "%sSELECT %d AS q, ", n > 0 ? " UNION ALL " : "", n);
    switch (draw(6)) {
    case 0:
        fprintf(f,
            "string_agg(coalesce(x, '~') || ':' || n, ',' ORDER BY x, "
            "n) AS a FROM (SELECT city AS x, count(*) AS n FROM people "
            "WHERE ");
        predicate(f, 2, "");
        fprintf(f, " GROUP BY city)");
        return;
    case 1:
        fprintf(f,
            "(count(*) || '/' || coalesce(sum(age::HUGEINT), 0) || '/' "
            "|| coalesce(max(born)::VARCHAR, '~')) AS a FROM people "
            "WHERE ");
        predicate(f, 3, "");
        return;
    case 2:
        fprintf(f,
            "count(*)::VARCHAR AS a FROM (SELECT email FROM people "
            "WHERE ");
        predicate(f, 2, "");
        fprintf(f, " LIMIT %u OFFSET %u)", draw(9), draw(3));
        return;
    case 3:
        fprintf(f,
            "string_agg(x, ',' ORDER BY x) AS a FROM (SELECT "
            "concat_ws('|', p.email, t.name, coalesce(t.size, -1)) AS x "
            "FROM people p %s towns t ON p.city = t.name WHERE ",
            joins[draw(4)]);
        predicate(f, 2, "p.");
        fprintf(
            f, "%s)", draw(2) ? " AND t.size IS NULL" : " OR t.name = 'Oslo'");
        return;
    default:
        fprintf(f, "string_agg(x, ',' ORDER BY x) AS a FROM (SELECT ");
        columns(f, "");
        fprintf(f, " AS x FROM people WHERE ");
        predicate(f, 3, "");
        fprintf(f, ")");
        return;
    }
}

/* --- asking --- */

static char *direct(tarn__duck *duck, const char *sql)
{
    tarn__duck_result *r = NULL;
    tarn_rows *rows = NULL;
    char *text = NULL;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__duck_query(duck, sql, NULL, 0, &r, &err) != TARN_OK)
        fail_msg("%s: %s", sql, err.message);
    WORKS(tarn__duck_rows(r, &rows, e));
    WORKS(rows_text(rows, &text, e));
    tarn_rows_free(rows);
    return text;
}

/* Fails with the first question whose answer differs. */
static void tell(
    const char *route, const char *sql, const char *text, const char *expected)
{
    static const char and[] = " UNION ALL ";
    text += strcspn(text, "\n") + 1;
    expected += strcspn(expected, "\n") + 1;
    for (;;) {
        size_t a = strcspn(text, "\n");
        size_t b = strcspn(expected, "\n");
        const char *end = strstr(sql, and);
        if (a != b || memcmp(text, expected, a) != 0)
            fail_msg("route %s: %.*s:\n%.*s\nis not\n%.*s",
                route == NULL ? "any" : route,
                (int)(end == NULL ? strlen(sql) : (size_t)(end - sql)), sql,
                (int)a, text, (int)b, expected);
        text += a + 1;
        expected += b + 1;
        sql = end + strlen(and);
    }
}

static void compare(twin *t, const char *sql)
{
    static const char *const routes[] = {
        NULL, "scan", "point", "column", "ids"};
    char *expected = direct(t->duck, sql);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
        tarn_error err = TARN_ERROR_INIT;
        char *text;
        options.route = routes[i];
        if (try_ask(t->state, sql, TARN_LATEST, &options, &text, &err) !=
            TARN_OK)
            fail_msg("%s: %s", sql, err.message);
        if (strcmp(text, expected) != 0)
            tell(routes[i], sql, text, expected);
        free(text);
    }
    free(expected);
}

static void ask_many(twin *t, int statements)
{
    for (int s = 0; s < statements; s++) {
        char *sql = NULL;
        size_t len;
        FILE *f = open_memstream(&sql, &len);
        for (int n = 0; n < QUESTIONS; n++)
            question(f, n);
        fprintf(f, " ORDER BY q");
        fclose(f);
        compare(t, sql);
        free(sql);
    }
}

static void ask_of_three_ages(void **state, int statements)
{
    twin t;
    const char *text = getenv("TARN_SEED");
    statements *= getenv("TARN_LONG") == NULL ? 1 : 30;
    seed_state = text == NULL ? 20261121 : (uint32_t)strtoul(text, NULL, 10);
    print_message("seed %u\n", seed_state);
    start(&t, state);
    put_people(&t, 0, PEOPLE / 2);
    put_towns(&t);
    learn_ids(&t);
    ask_many(&t, statements / 3);
    /* The view is caught up, not made: records change, go, and come. */
    put_people(&t, PEOPLE / 3, PEOPLE);
    remove_people(&t, 10);
    learn_ids(&t);
    ask_many(&t, statements / 3);
    /* And made anew in part: other fields are indexed. */
    put_people_schema(&t, people_later);
    put_people(&t, 0, PEOPLE / 4);
    learn_ids(&t);
    ask_many(&t, statements / 3);
    tarn__duck_close(t.duck);
}

static void every_route_says_what_duckdb_says(void **state)
{
    uris = NO_URI;
    ask_of_three_ages(state, STATEMENTS);
}

static void also_where_some_records_have_a_uri_that_no_schema_names(
    void **state)
{
    uris = FOREIGN_URI;
    ask_of_three_ages(state, STATEMENTS / 2);
}

static void also_where_some_records_have_a_uri_that_the_schema_names(
    void **state)
{
    uris = OWN_URI;
    ask_of_three_ages(state, STATEMENTS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(every_route_says_what_duckdb_says),
        lake_test(also_where_some_records_have_a_uri_that_no_schema_names),
        lake_test(also_where_some_records_have_a_uri_that_the_schema_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
