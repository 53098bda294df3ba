/* A statement's filter as one that a scan of records can decide.
 *
 * DuckDB filters again what the scan gives, so what is left out here must be
 * certain: a part whose meaning is not known to the letter becomes UNKNOWN.
 * Beside other relations only qualified columns are the reference's own, and
 * only what is false or NULL for a row of NULLs may go below an outer join. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "query/record.h"

#define DAY_US ((int64_t)86400 * 1000000)
#define DATE_BYTES 10
#define EXACT_DOUBLE (INT64_C(1) << 53)
#define EXACT_SCALE 22

typedef struct maker {
    tarn__arena *arena;
    const tarn__ref *ref;
    const tarn__record_source *source;
    const tarn__live_column *columns;
    size_t count;
    bool no_memory;
} maker;

static const tarn__live_filter unknown = {.op = TARN__LIVE_UNKNOWN};

static const char *text_of(const json_t *node, const char *name)
{
    const char *text = tarn__json_text(node, name);
    return text == NULL ? "" : text;
}

static bool is(const json_t *node, const char *name, const char *text)
{
    return strcmp(text_of(node, name), text) == 0;
}

static tarn__live_filter *make(maker *m, tarn__live_op op)
{
    tarn__live_filter *f = tarn__arena_alloc(m->arena, sizeof(*f));
    if (f == NULL) {
        m->no_memory = true;
        return NULL;
    }
    *f = (tarn__live_filter){.op = op};
    return f;
}

/* --- columns --- */

/* doc->>'$.a.b' is the text of a member that has a column. */
static int member_of(const maker *m, const json_t *expr)
{
    tarn__record_path path;
    return tarn__record_path_of(m->source, m->ref, expr, &path) && path.text
        ? tarn__record_path_column(m->source, &path)
        : -1;
}

static int column_of(const maker *m, const json_t *expr)
{
    if (is(expr, "class", "FUNCTION"))
        return member_of(m, expr);
    const json_t *names = json_object_get(expr, "column_names");
    size_t n = json_array_size(names);
    if (!is(expr, "class", "COLUMN_REF") || n == 0 || n > 2 ||
        (n == 1 && m->ref->joined))
        return -1;
    const char *name = json_string_value(json_array_get(names, n - 1));
    if (n == 2 &&
        !tarn__eq_nocase(
            json_string_value(json_array_get(names, 0)), m->ref->called))
        return -1;
    for (size_t i = 0; i < m->count; i++)
        if (tarn__eq_nocase(name, m->columns[i].name))
            return m->columns[i].kind == TARN__LIVE_PATH ? -1 : (int)i;
    return -1;
}

/* --- constants --- */

typedef enum value_kind {
    AS_TEXT,
    AS_I64,
    AS_F64,
    AS_BOOL,
    AS_TIME,
    AS_DATE,
    AS_NOTHING
} value_kind;

static value_kind kind_of(const tarn__live_column *column)
{
    switch (column->kind) {
    case TARN__LIVE_ID:
    case TARN__LIVE_PATH: /* its text */
        return AS_TEXT;
    case TARN__LIVE_CREATED:
    case TARN__LIVE_MODIFIED:
        return AS_TIME;
    case TARN__LIVE_FIELD:
        break;
    default:
        return AS_NOTHING;
    }
    switch (column->type) {
    case TARN__ROW_BIGINT:
        return AS_I64;
    case TARN__ROW_DOUBLE:
        return AS_F64;
    case TARN__ROW_BOOLEAN:
        return AS_BOOL;
    case TARN__ROW_VARCHAR:
        return AS_TEXT;
    case TARN__ROW_TIMESTAMP:
        return AS_TIME;
    case TARN__ROW_DATE:
        return AS_DATE;
    default:
        return AS_NOTHING;
    }
}

/* "2020-01-31", "2020-01-31T12:00:00[.123456][Z]" or with a space: the spellings
 * that both of us read in one way. */
static bool strict_time(const char *text, int64_t *us)
{
    size_t len = strlen(text);
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    size_t n = len < sizeof(form) - 1 ? DATE_BYTES : sizeof(form) - 1;
    if (len < DATE_BYTES || (len > DATE_BYTES && n == DATE_BYTES))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        bool space = form[i] == ' ' && (text[i] == ' ' || text[i] == 'T');
        if (form[i] == 'd' ? !digit : text[i] != form[i] && !space)
            return false;
    }
    const char *rest = text + n;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0 || digits > 6)
            return false;
        rest += 1 + digits;
    }
    if (*rest == 'Z' && n > DATE_BYTES)
        rest++;
    return *rest == '\0' && tarn__time_parse(text, us);
}

/* A constant, or one behind a cast to `cast`; NULL: neither. */
static const json_t *constant_of(const json_t *expr, const char **cast)
{
    *cast = "";
    if (is(expr, "class", "CAST")) {
        if (json_is_true(json_object_get(expr, "try_cast")))
            return NULL;
        *cast = text_of(json_object_get(expr, "cast_type"), "id");
        expr = json_object_get(expr, "child");
    }
    return is(expr, "class", "CONSTANT") ? json_object_get(expr, "value")
                                         : NULL;
}

static bool one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static bool plain_text(maker *m, const json_t *value, tarn__live_datum *out)
{
    const json_t *text = json_object_get(value, "value");
    if (!is(json_object_get(value, "type"), "id", "VARCHAR") ||
        !json_is_string(text))
        return false;
    tarn_slice s = {json_string_value(text), json_string_length(text)};
    if (s.len > 0 && *s.ptr == '\x01') /* it has that twice */
        s = (tarn_slice){s.ptr + 1, s.len - 1};
    out->tag = TARN__LIVE_BYTES;
    out->bytes = tarn__arena_copy(m->arena, s);
    m->no_memory = m->no_memory || out->bytes.ptr == NULL;
    return true;
}

static bool whole_number(const json_t *value, tarn__live_datum *out)
{
    static const char *const types[] = {"TINYINT", "SMALLINT", "INTEGER",
        "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", NULL};
    const json_t *v = json_object_get(value, "value");
    if (!one_of(text_of(json_object_get(value, "type"), "id"), types) ||
        !json_is_integer(v))
        return false;
    out->tag = TARN__LIVE_I64;
    out->i64 = json_integer_value(v);
    return true;
}

/* A number as the double that DuckDB makes of it. */
static bool real_number(const json_t *value, tarn__live_datum *out)
{
    const json_t *type = json_object_get(value, "type");
    const json_t *v = json_object_get(value, "value");
    if (whole_number(value, out)) {
        out->f64 = (double)out->i64;
    } else if (is(type, "id", "DOUBLE") && json_is_number(v)) {
        out->f64 = json_number_value(v);
    } else if (is(type, "id", "DECIMAL") && json_is_integer(v)) {
        int64_t scale;
        json_int_t digits = json_integer_value(v);
        if (!tarn__json_i64(
                json_object_get(type, "type_info"), "scale", &scale) ||
            scale > EXACT_SCALE || digits > EXACT_DOUBLE ||
            digits < -EXACT_DOUBLE)
            return false;
        out->f64 = (double)digits / pow(10.0, (double)scale);
    } else {
        return false;
    }
    out->tag = TARN__LIVE_F64;
    return true;
}

static bool time_value(maker *m, const json_t *value, const char *cast,
    bool date, tarn__live_datum *out)
{
    static const char *const times[] = {
        "", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE", NULL};
    static const char *const dates[] = {"", "DATE", NULL};
    int64_t us;
    if (!one_of(cast, date ? dates : times) || !plain_text(m, value, out) ||
        out->bytes.ptr == NULL || strlen(out->bytes.ptr) != out->bytes.len ||
        !strict_time(out->bytes.ptr, &us) ||
        ((date || strcmp(cast, "DATE") == 0) && out->bytes.len != DATE_BYTES))
        return false;
    out->tag = TARN__LIVE_I64;
    out->i64 = date ? us / DAY_US - (us % DAY_US < 0) : us;
    return true;
}

static bool bool_value(
    const json_t *value, const char *cast, tarn__live_datum *out)
{
    const char *text = text_of(value, "value");
    if (strcmp(cast, "BOOLEAN") != 0 ||
        (strcmp(text, "t") != 0 && strcmp(text, "f") != 0))
        return false;
    out->tag = TARN__LIVE_I64;
    out->i64 = *text == 't';
    return true;
}

/* The constant as the column's type has it; false: not for sure. */
static bool value_of(maker *m, const tarn__live_column *column,
    const json_t *expr, tarn__live_datum *out)
{
    const char *cast;
    const json_t *value = constant_of(expr, &cast);
    value_kind kind = kind_of(column);
    *out = (tarn__live_datum){.tag = TARN__LIVE_NULL};
    if (value == NULL || kind == AS_NOTHING)
        return false;
    if (json_is_true(json_object_get(value, "is_null")))
        return *cast == '\0';
    switch (kind) {
    case AS_TEXT:
        return *cast == '\0' && plain_text(m, value, out);
    case AS_I64:
        return *cast == '\0' && whole_number(value, out);
    case AS_F64:
        return (*cast == '\0' || strcmp(cast, "DOUBLE") == 0) &&
            real_number(value, out);
    case AS_BOOL:
        return bool_value(value, cast, out);
    case AS_TIME:
    case AS_DATE:
        return time_value(m, value, cast, kind == AS_DATE, out);
    case AS_NOTHING:
        break;
    }
    return false;
}

/* --- leaves --- */

static const tarn__live_filter *leaf(
    maker *m, tarn__live_op op, int column, const tarn__live_datum *value)
{
    tarn__live_filter *f = make(m, op);
    tarn__live_datum *copy = tarn__arena_alloc(m->arena, sizeof(*copy));
    if (f == NULL || copy == NULL) {
        m->no_memory = true;
        return &unknown;
    }
    if (value != NULL)
        *copy = *value;
    f->column = (size_t)column;
    f->values = copy;
    f->value_count = value == NULL ? 0 : 1;
    return f;
}

static const tarn__live_filter *comparison(maker *m, const json_t *expr)
{
    static const struct {
        const char *type;
        tarn__live_op op, turned;
    } ops[] = {{"COMPARE_EQUAL", TARN__LIVE_EQ, TARN__LIVE_EQ},
        {"COMPARE_NOTEQUAL", TARN__LIVE_NE, TARN__LIVE_NE},
        {"COMPARE_LESSTHAN", TARN__LIVE_LT, TARN__LIVE_GT},
        {"COMPARE_LESSTHANOREQUALTO", TARN__LIVE_LE, TARN__LIVE_GE},
        {"COMPARE_GREATERTHAN", TARN__LIVE_GT, TARN__LIVE_LT},
        {"COMPARE_GREATERTHANOREQUALTO", TARN__LIVE_GE, TARN__LIVE_LE}};
    const json_t *left = json_object_get(expr, "left");
    const json_t *right = json_object_get(expr, "right");
    int column = column_of(m, left);
    bool turned = column < 0;
    tarn__live_datum value;
    if (turned)
        column = column_of(m, right);
    for (size_t i = 0; column >= 0 && i < sizeof(ops) / sizeof(ops[0]); i++)
        if (is(expr, "type", ops[i].type) &&
            value_of(m, &m->columns[column], turned ? left : right, &value))
            return leaf(m, turned ? ops[i].turned : ops[i].op, column, &value);
    return &unknown;
}

static const tarn__live_filter *in_list(maker *m, const json_t *expr)
{
    const json_t *children = json_object_get(expr, "children");
    size_t n = json_array_size(children);
    int column = column_of(m, json_array_get(children, 0));
    tarn__live_filter *f = make(m, TARN__LIVE_IN);
    tarn__live_datum *values = tarn__arena_alloc(m->arena, n * sizeof(*values));
    if (f == NULL || values == NULL) {
        m->no_memory = true;
        return &unknown;
    }
    if (column < 0 || n < 2)
        return &unknown;
    for (size_t i = 1; i < n; i++)
        if (!value_of(m, &m->columns[column], json_array_get(children, i),
                &values[i - 1]))
            return &unknown;
    f->column = (size_t)column;
    f->values = values;
    f->value_count = n - 1;
    return f;
}

static const tarn__live_filter *negation(maker *m, const tarn__live_filter *of)
{
    tarn__live_filter *f = make(m, TARN__LIVE_NOT);
    const tarn__live_filter **child =
        tarn__arena_alloc(m->arena, sizeof(*child));
    if (f == NULL || child == NULL || of->op == TARN__LIVE_UNKNOWN) {
        m->no_memory = m->no_memory || f == NULL || child == NULL;
        return &unknown;
    }
    *child = of;
    f->children = (tarn__live_filter *const *)child;
    f->child_count = 1;
    return f;
}

/* LIKE 'text%' and its kin: what stands before the first % or _. */
static const tarn__live_filter *like(maker *m, const json_t *expr, bool pattern)
{
    const json_t *children = json_object_get(expr, "children");
    int column = column_of(m, json_array_get(children, 0));
    tarn__live_datum value;
    if (column < 0 || kind_of(&m->columns[column]) != AS_TEXT ||
        !value_of(
            m, &m->columns[column], json_array_get(children, 1), &value) ||
        value.tag != TARN__LIVE_BYTES)
        return &unknown;
    if (!pattern)
        return leaf(m, TARN__LIVE_PREFIX, column, &value);
    size_t len = 0;
    while (
        len < value.bytes.len && strchr("%_\\", value.bytes.ptr[len]) == NULL)
        len++;
    bool whole = len == value.bytes.len;
    bool prefix = len + 1 == value.bytes.len && value.bytes.ptr[len] == '%';
    if (len < value.bytes.len && value.bytes.ptr[len] == '\\')
        return &unknown;
    value.bytes.len = len;
    return leaf(m,
        whole        ? TARN__LIVE_EQ
            : prefix ? TARN__LIVE_PREFIX
                     : TARN__LIVE_START,
        column, &value);
}

static const tarn__live_filter *call(maker *m, const json_t *expr)
{
    static const char *const prefixes[] = {"starts_with", "^@", "prefix", NULL};
    const char *name = text_of(expr, "function_name");
    if (json_array_size(json_object_get(expr, "children")) != 2)
        return &unknown;
    if (strcmp(name, "~~") == 0)
        return like(m, expr, true);
    if (strcmp(name, "!~~") == 0)
        return negation(m, like(m, expr, true));
    return one_of(name, prefixes) ? like(m, expr, false) : &unknown;
}

/* --- trees --- */

static const tarn__live_filter *convert(maker *m, const json_t *expr);

static const tarn__live_filter *several(maker *m, tarn__live_op op,
    const tarn__live_filter *const *parts, size_t count)
{
    tarn__live_filter *f = make(m, op);
    if (f == NULL)
        return &unknown;
    f->children = (tarn__live_filter *const *)parts;
    f->child_count = count;
    return f;
}

static const tarn__live_filter *conjunction(maker *m, const json_t *expr)
{
    const json_t *children = json_object_get(expr, "children");
    bool all = is(expr, "type", "CONJUNCTION_AND");
    size_t n = json_array_size(children);
    const tarn__live_filter **parts =
        tarn__arena_alloc(m->arena, (n + 1) * sizeof(*parts));
    if (parts == NULL) {
        m->no_memory = true;
        return &unknown;
    }
    for (size_t i = 0; i < n; i++)
        parts[i] = convert(m, json_array_get(children, i));
    return several(m, all ? TARN__LIVE_AND : TARN__LIVE_OR, parts, n);
}

static const tarn__live_filter *between(maker *m, const json_t *expr)
{
    const json_t *input = json_object_get(expr, "input");
    int column = column_of(m, input);
    tarn__live_datum low, high;
    const tarn__live_filter **parts =
        tarn__arena_alloc(m->arena, 2 * sizeof(*parts));
    if (parts == NULL) {
        m->no_memory = true;
        return &unknown;
    }
    if (column < 0 ||
        !value_of(
            m, &m->columns[column], json_object_get(expr, "lower"), &low) ||
        !value_of(
            m, &m->columns[column], json_object_get(expr, "upper"), &high))
        return &unknown;
    parts[0] = leaf(m, TARN__LIVE_GE, column, &low);
    parts[1] = leaf(m, TARN__LIVE_LE, column, &high);
    return several(m, TARN__LIVE_AND, parts, 2);
}

static const tarn__live_filter *operation(maker *m, const json_t *expr)
{
    const json_t *first = json_array_get(json_object_get(expr, "children"), 0);
    if (is(expr, "type", "COMPARE_IN"))
        return in_list(m, expr);
    if (is(expr, "type", "COMPARE_NOT_IN"))
        return negation(m, in_list(m, expr));
    if (is(expr, "type", "OPERATOR_NOT"))
        return negation(m, convert(m, first));
    bool null = is(expr, "type", "OPERATOR_IS_NULL");
    if (!null && !is(expr, "type", "OPERATOR_IS_NOT_NULL"))
        return &unknown;
    int column = column_of(m, first);
    if (column < 0)
        return &unknown;
    const tarn__live_filter *f = leaf(m, TARN__LIVE_IS_NULL, column, NULL);
    return null ? f : negation(m, f);
}

static const tarn__live_filter *convert(maker *m, const json_t *expr)
{
    static const tarn__live_datum yes = {.tag = TARN__LIVE_I64, .i64 = 1};
    const char *cls = text_of(expr, "class");
    if (strcmp(cls, "CONJUNCTION") == 0)
        return conjunction(m, expr);
    if (strcmp(cls, "COMPARISON") == 0)
        return comparison(m, expr);
    if (strcmp(cls, "BETWEEN") == 0)
        return is(expr, "type", "COMPARE_BETWEEN") ? between(m, expr)
                                                   : &unknown;
    if (strcmp(cls, "OPERATOR") == 0)
        return operation(m, expr);
    if (strcmp(cls, "FUNCTION") == 0)
        return call(m, expr);
    int column = column_of(m, expr);
    return column >= 0 && kind_of(&m->columns[column]) == AS_BOOL
        ? leaf(m, TARN__LIVE_EQ, column, &yes)
        : &unknown;
}

/* What the filter can be where every column is NULL, and a row of another table
 * still stands there: true, or not. */
static bool true_of_nulls(const tarn__live_filter *f)
{
    bool some = false, every = true;
    switch (f->op) {
    case TARN__LIVE_AND:
    case TARN__LIVE_OR:
        for (size_t i = 0; i < f->child_count; i++) {
            bool one = true_of_nulls(f->children[i]);
            some = some || one;
            every = every && one;
        }
        return f->op == TARN__LIVE_AND ? every : some;
    case TARN__LIVE_NOT: {
        /* NOT of a comparison is NULL again. */
        tarn__live_op op = f->children[0]->op;
        return op == TARN__LIVE_AND || op == TARN__LIVE_OR ||
            op == TARN__LIVE_NOT || op == TARN__LIVE_UNKNOWN;
    }
    case TARN__LIVE_IS_NULL:
    case TARN__LIVE_UNKNOWN:
        return true;
    default:
        return false;
    }
}

/* The parts of a top-level AND that are of use, into `parts`. */
static void pick(const maker *m, const tarn__live_filter *f,
    const tarn__live_filter **parts, size_t *count, bool *whole)
{
    if (f->op == TARN__LIVE_AND) {
        for (size_t i = 0; i < f->child_count; i++)
            pick(m, f->children[i], parts, count, whole);
        return;
    }
    if (f->op == TARN__LIVE_UNKNOWN || (m->ref->joined && true_of_nulls(f))) {
        *whole = false;
        return;
    }
    if (parts != NULL)
        parts[*count] = f;
    ++*count;
}

tarn_status tarn__record_filter_make(tarn__session *s, const tarn__ref *ref,
    const tarn__record_source *source, const tarn__live_filter **out,
    bool *whole, tarn_error *err)
{
    maker m = {&s->arena, ref, source, source->columns.items,
        source->columns.count, false};
    size_t n = 0;
    *out = NULL;
    *whole = true;
    if (ref->where == NULL)
        return TARN_OK;
    const tarn__live_filter *f = convert(&m, ref->where);
    pick(&m, f, NULL, &n, whole);
    const tarn__live_filter **parts =
        tarn__arena_alloc(m.arena, (n + 1) * sizeof(*parts));
    if (m.no_memory || parts == NULL)
        return tarn__no_memory(err);
    n = 0;
    pick(&m, f, parts, &n, whole);
    if (n > 0)
        *out = n == 1 ? parts[0] : several(&m, TARN__LIVE_AND, parts, n);
    return m.no_memory ? tarn__no_memory(err) : TARN_OK;
}

/* --- as SQL --- */

typedef struct writer {
    const tarn__live_column *columns;
    const char *const *names;
    bool whole;
} writer;

static tarn_status put_value(const tarn__live_column *column,
    const tarn__live_datum *value, tarn_buf *sql, tarn_error *err)
{
    char text[TARN__TIME_TEXT_BYTES];
    if (value->tag == TARN__LIVE_NULL)
        return tarn__buf_str(sql, "NULL", err);
    switch (kind_of(column)) {
    case AS_I64:
        return tarn__buf_printf(sql, err, "%" PRId64, value->i64);
    case AS_F64:
        return tarn__buf_printf(
            sql, err, "'%s'::DOUBLE", tarn__format_double(value->f64, text));
    case AS_BOOL:
        return tarn__buf_str(sql, value->i64 != 0 ? "true" : "false", err);
    case AS_TIME:
        return tarn__buf_printf(
            sql, err, "TIMESTAMPTZ '%s'", tarn__time_format(value->i64, text));
    case AS_DATE:
        return tarn__buf_printf(sql, err, "DATE '%.10s'",
            tarn__time_format(value->i64 * DAY_US, text));
    default:
        return tarn__duck_quote_text(sql, value->bytes, err);
    }
}

static tarn_status put_name(
    const writer *w, size_t column, tarn_buf *sql, tarn_error *err)
{
    const char *name = w->names[column];
    return w->columns[column].kind == TARN__LIVE_PATH
        ? tarn__buf_printf(sql, err, "(%s->>'$')", name)
        : tarn__buf_str(sql, name, err);
}

static tarn_status put_leaf(
    const writer *w, const tarn__live_filter *f, tarn_buf *sql, tarn_error *err)
{
    const tarn__live_column *column = &w->columns[f->column];
    const char *op = " >= ";
    switch (f->op) {
    case TARN__LIVE_EQ:
        op = " = ";
        break;
    case TARN__LIVE_NE:
        op = " <> ";
        break;
    case TARN__LIVE_LT:
        op = " < ";
        break;
    case TARN__LIVE_LE:
        op = " <= ";
        break;
    case TARN__LIVE_GT:
        op = " > ";
        break;
    case TARN__LIVE_PREFIX:
    case TARN__LIVE_START:
        op = " ^@ ";
        break;
    default:
        break;
    }
    tarn_status st = put_name(w, f->column, sql, err);
    if (st == TARN_OK && f->op == TARN__LIVE_IS_NULL)
        return tarn__buf_str(sql, " IS NULL", err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, f->op == TARN__LIVE_IN ? " IN (" : op, err);
    for (size_t i = 0; st == TARN_OK && i < f->value_count; i++) {
        if (i > 0)
            st = tarn__buf_str(sql, ", ", err);
        if (st == TARN_OK)
            st = put_value(column, &f->values[i], sql, err);
    }
    return st == TARN_OK && f->op == TARN__LIVE_IN
        ? tarn__buf_char(sql, ')', err)
        : st;
}

/* Can all of it be said? */
static bool sayable(const writer *w, const tarn__live_filter *f, bool exact)
{
    if (f->op == TARN__LIVE_UNKNOWN || (exact && f->op == TARN__LIVE_START))
        return false;
    if (f->op != TARN__LIVE_AND && f->op != TARN__LIVE_OR &&
        f->op != TARN__LIVE_NOT)
        return w->names[f->column] != NULL;
    for (size_t i = 0; i < f->child_count; i++)
        if (!sayable(w, f->children[i], exact || f->op == TARN__LIVE_NOT))
            return false;
    return true;
}

static tarn_status put(const writer *w, const tarn__live_filter *f, bool nested,
    tarn_buf *sql, tarn_error *err)
{
    if (f->op == TARN__LIVE_NOT) {
        const tarn__live_filter *of = f->children[0];
        tarn_status st = TARN_OK;
        if (of->op == TARN__LIVE_IS_NULL) {
            st = put_name(w, of->column, sql, err);
            return st == TARN_OK ? tarn__buf_str(sql, " IS NOT NULL", err) : st;
        }
        st = tarn__buf_str(sql, "NOT (", err);
        if (st == TARN_OK)
            st = put(w, of, false, sql, err);
        return st == TARN_OK ? tarn__buf_char(sql, ')', err) : st;
    }
    if (f->op != TARN__LIVE_AND && f->op != TARN__LIVE_OR)
        return put_leaf(w, f, sql, err);
    tarn_status st = nested ? tarn__buf_char(sql, '(', err) : TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < f->child_count; i++) {
        if (i > 0)
            st = tarn__buf_str(
                sql, f->op == TARN__LIVE_AND ? " AND " : " OR ", err);
        if (st == TARN_OK)
            st = put(w, f->children[i], true, sql, err);
    }
    return st == TARN_OK && nested ? tarn__buf_char(sql, ')', err) : st;
}

tarn_status tarn__record_filter_sql(const tarn__live_filter *filter,
    const tarn__live_column *columns, const char *const *names, tarn_buf *sql,
    bool *whole, tarn_error *err)
{
    const writer w = {columns, names, true};
    *whole = true;
    if (filter == NULL)
        return TARN_OK;
    if (filter->op != TARN__LIVE_AND) {
        *whole = sayable(&w, filter, false);
        return *whole ? put(&w, filter, false, sql, err) : TARN_OK;
    }
    tarn_status st = TARN_OK;
    bool first = true;
    for (size_t i = 0; st == TARN_OK && i < filter->child_count; i++) {
        const tarn__live_filter *f = filter->children[i];
        if (!sayable(&w, f, false)) {
            *whole = false;
            continue;
        }
        if (!first)
            st = tarn__buf_str(sql, " AND ", err);
        first = false;
        if (st == TARN_OK)
            st = put(&w, f, true, sql, err);
    }
    return st;
}
