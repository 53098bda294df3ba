/* A schema as a table: what is refused, its columns, its key, its changes. */
#include "schema_case.h"

#include "base/buf.h"
#include "base/memory.h"
#include "base/str.h"

#define P(properties) "{" HEAD ", \"properties\": " properties "}"

static void what_is_no_schema_is_refused_with_its_place(void **state)
{
    (void)state;
    is_no_schema("[1]", "s.json: is no JSON object, as a schema is");
    is_no_schema("{\"name\": \"t\",\n \"version\": }",
        "s.json: line 2, column 13: a value is expected");
    is_no_schema(
        "{" HEAD ", \"name\": \"u\"}", "s.json: name: stands there twice");
    is_no_schema(P("{\"a\": {\"items\": {\"type\": \"int\"}}}"),
        "s.json: #/properties/a/items/type: 'int' is no type (null, boolean, "
        "integer, number, string, array or object)");
    is_no_schema(P("{\"a/b~\": 3}"),
        "s.json: #/properties/a~1b~0: is no schema (an object, true or false)");
    is_no_schema(P("{\"a\": {\"pattern\": \"(\"}}"),
        "s.json: #/properties/a/pattern: is no regular expression: missing "
        "closing parenthesis, at byte 1");
    is_no_schema(P("{\"a\": {\"pattern\": \"(*UTF)a\"}}"),
        "s.json: #/properties/a/pattern: is no regular expression: nothing to "
        "repeat after '('");
    is_no_schema(P("{\"a\": {\"patternProperties\": {\"[\": true}}}"),
        "s.json: #/properties/a/patternProperties/[: is no regular expression: "
        "missing terminating ] for character class, at byte 1");
    is_no_schema(P("{\"a\": {\"$ref\": \"#/$defs/b\"}}"),
        "s.json: #/properties/a/$ref: nothing stands where the reference "
        "leads");
    is_no_schema(P("{\"a\": {\"$ref\": \"other.json#/x\"}}"),
        "s.json: #/properties/a/$ref: 'other.json#/x' is not in this document "
        "(only references that begin with '#' are followed)");
    is_no_schema(P("{\"a\": {\"$ref\": \"#/name\"}}"),
        "s.json: #/name: is no schema (an object, true or false)");
    is_no_schema(P("{\"a\": {\"items\": [true]}}"),
        "s.json: #/properties/a/items: is an array, as drafts before 2020-12 "
        "had it (use prefixItems)");
    is_no_schema(P("{\"a\": {\"unevaluatedProperties\": false}}"),
        "s.json: #/properties/a/unevaluatedProperties: 'unevaluatedProperties' "
        "is a keyword that is not kept here");
    is_no_schema("{" HEAD ", \"type\": \"array\"}",
        "s.json: #: admits no object, as every record is one");
}

static void values_of_keywords_are_of_their_kind(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"type\": 1}", "{\"type\": []}",
        "{\"type\": [\"string\", 1]}", "{\"minimum\": \"1\"}",
        "{\"multipleOf\": 0}", "{\"multipleOf\": -1}",
        "{\"multipleOf\": 1.0000000000000000001}", "{\"minLength\": -1}",
        "{\"maxLength\": 1.5}", "{\"maxItems\": null}", "{\"pattern\": 1}",
        "{\"format\": []}", "{\"enum\": []}", "{\"enum\": 1}",
        "{\"required\": \"a\"}", "{\"required\": [1]}", "{\"properties\": []}",
        "{\"additionalProperties\": 1}", "{\"uniqueItems\": 1}",
        "{\"anyOf\": []}", "{\"anyOf\": {}}", "{\"not\": []}", "{\"$ref\": 1}",
        "{\"$ref\": \"#/%zz\"}", "{\"$ref\": \"#/a~2\"}",
        "{\"$ref\": \"#/%4\"}", "{\"$ref\": \"#/l/01\"}",
        "{\"$ref\": \"#/l/+0\"}", "{\"$ref\": \"#/l/2\"}",
        "{\"$ref\": \"#/l/\"}", "{\"$ref\": \"#/l/x\"}",
        "{\"$ref\": \"#/name/x\"}", "{\"$ref\": \"#l\"}",
        "{\"$ref\": \"#nowhere\"}", "{\"prefixItems\": [1]}",
        "{\"minProperties\": \"1\"}", "{\"dependentRequired\": {\"a\": 1}}",
        "{\"dependentSchemas\": []}", "{\"propertyNames\": 1}"};
    char text[300];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tarn__json_schema *schema = NULL;
        tarn_error err = TARN_ERROR_INIT;
        snprintf(text, sizeof text,
            "{" HEAD ", \"l\": [{}, {}], \"properties\": {\"x\": %s}}", bad[i]);
        if (tarn__json_schema_compile(
                tarn_str(text), "s.json", &schema, &err) != TARN_BAD_INPUT)
            fail_msg("taken: %s", bad[i]);
        if (strstr(err.message, "#/properties/x/") == NULL)
            fail_msg("%s: %s", bad[i], err.message);
    }
}

static void a_schema_that_leads_back_to_the_same_value_is_refused(void **state)
{
    (void)state;
    is_no_schema("{" HEAD ", \"allOf\": [{\"$ref\": \"#\"}]}",
        "s.json: #: leads back to itself for the same value, so that checking "
        "would not end (refer to it from a property or an item)");
    is_no_schema("{" HEAD ", \"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"}, "
                 "\"b\": {\"not\": {\"$ref\": \"#/$defs/a\"}}}, "
                 "\"properties\": {\"x\": {\"$ref\": \"#/$defs/a\"}}}",
        "s.json: #/$defs/a: leads back to itself for the same value, so that "
        "checking would not end (refer to it from a property or an item)");
}

static void a_chain_of_references_is_bounded(void **state)
{
    (void)state;
    tarn_buf text = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn__json_schema *schema = NULL;
    assert_int_equal(tarn__buf_str(&text,
                         "{" HEAD ", \"properties\": {\"x\": {\"$ref\": "
                         "\"#/$defs/0\"}}, \"$defs\": {\"5000\": true",
                         &err),
        TARN_OK);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(tarn__buf_printf(&text, &err,
                             ", \"%d\": {\"$ref\": \"#/$defs/%d\"}", i, i + 1),
            TARN_OK);
    assert_int_equal(tarn__buf_str(&text, "}}", &err), TARN_OK);
    assert_int_equal(tarn__json_schema_compile(
                         tarn__buf_slice(&text), "s.json", &schema, &err),
        TARN_BAD_INPUT);
    assert_non_null(strstr(err.message, "more than 64 schemas"));
    tarn_buf_reset(&text);
}

static void a_table_has_a_name_and_a_version(void **state)
{
    (void)state;
    is_no_schema("{\"version\": \"1.0.0\"}",
        "s.json: #: has no 'name' (the table's, such as \"name\": \"people\")");
    is_no_schema("{\"name\": \"t\"}",
        "s.json: #: has no 'version' (such as \"version\": \"1.0.0\")");
    is_no_schema("{\"name\": 1, \"version\": \"1.0.0\"}",
        "s.json: #/name: is no string");
    is_no_schema("{\"name\": \"t\", \"version\": \"1.0\"}",
        "s.json: #/version: '1.0' is no semantic version (such as 1.0.0)");
    is_no_schema("{\"name\": \"a b\", \"version\": \"1.0.0\"}",
        "s.json: #/name: 'a b' can be no table's name (letters, digits, _ and "
        "-, a letter or _ first, at most 128 bytes)");
    tarn__json_schema *s =
        compiled("{\"name\": \"p\\u00e9ople\", \"title\": \"All\", "
                 "\"version\": \"1.2.3-rc.1+b\"}");
    assert_string_equal(tarn__json_schema_name(s), "p\xc3\xa9ople");
    assert_string_equal(tarn__json_schema_title(s), "All");
    assert_string_equal(tarn__json_schema_version(s), "1.2.3-rc.1+b");
    assert_true(tarn__json_schema_free_form(s));
    tarn__json_schema_free(s);
}

static void names_of_tables_are_plain_words(void **state)
{
    (void)state;
    static const char *const good[] = {"t", "_x", "A1-b_c",
        "stra\xc3\x9f"
        "e",
        "\xe4\xba\xba"};
    static const char *const bad[] = {"", "1a", "-a", "a b", "a.b", "a/b",
        "a:b", "a\"b", "a'b", "a\nb",
        "a\x7f"
        "b",
        "a\xc2\xa0"
        "b",
        "a\xe2\x80\xae"
        "b",
        "a\xff", "a\xc2\x85"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(tarn__record_table_name_valid(tarn_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(tarn__record_table_name_valid(tarn_str(bad[i])));
    assert_false(tarn__record_table_name_valid((tarn_slice){"a\0b", 3}));
    char name[130];
    memset(name, 'a', sizeof name);
    assert_true(tarn__record_table_name_valid((tarn_slice){name, 128}));
    assert_false(tarn__record_table_name_valid((tarn_slice){name, 129}));
}

/* "name TYPE flags, ..." of all fields; flags: p property, i indexed, n null */
static const char *columns(const tarn__json_schema *s, char *out)
{
    size_t count;
    const tarn__json_schema_field *f = tarn__json_schema_fields(s, &count);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        sprintf(out + strlen(out), "%s%s %s %s%s%s", i > 0 ? ", " : "",
            f[i].name, f[i].sql_type, f[i].property ? "p" : "",
            f[i].indexed ? "i" : "", f[i].nullable ? "n" : "");
    return out;
}

static void each_property_has_one_sql_type(void **state)
{
    (void)state;
    static const struct {
        const char *schema;
        const char *type;
    } cases[] = {{"{\"type\": \"string\"}", "VARCHAR"},
        {"{\"type\": \"integer\"}", "BIGINT"},
        {"{\"type\": \"number\"}", "DOUBLE"},
        {"{\"type\": [\"integer\", \"number\"]}", "DOUBLE"},
        {"{\"type\": \"boolean\"}", "BOOLEAN"},
        {"{\"type\": \"object\"}", "JSON"}, {"{\"type\": \"array\"}", "JSON"},
        {"{\"type\": \"null\"}", "JSON"}, {"{}", "JSON"}, {"true", "JSON"},
        {"false", "JSON"}, {"{\"type\": [\"string\", \"integer\"]}", "JSON"},
        {"{\"type\": [\"string\", \"null\"]}", "VARCHAR"},
        {"{\"type\": \"string\", \"format\": \"date-time\"}", "TIMESTAMP"},
        {"{\"type\": \"string\", \"format\": \"date\"}", "DATE"},
        {"{\"type\": \"string\", \"format\": \"uuid\"}", "VARCHAR"},
        {"{\"type\": \"string\", \"format\": \"time\"}", "VARCHAR"},
        {"{\"format\": \"date\"}", "JSON"},
        {"{\"enum\": [\"a\", \"b\", null]}", "VARCHAR"},
        {"{\"enum\": [1, 2.0]}", "BIGINT"}, {"{\"const\": 1.5}", "DOUBLE"},
        {"{\"enum\": [1, \"a\"]}", "JSON"}, {"{\"const\": \"a\"}", "VARCHAR"},
        {"{\"anyOf\": [{\"type\": \"integer\"}, {\"type\": \"null\"}]}",
            "BIGINT"},
        {"{\"oneOf\": [{\"type\": \"string\", \"format\": \"date\"}, "
         "{\"type\": \"null\"}]}",
            "DATE"},
        {"{\"anyOf\": [{\"type\": \"string\", \"format\": \"date\"}, "
         "{\"type\": \"string\"}]}",
            "VARCHAR"},
        {"{\"allOf\": [{\"type\": \"integer\"}, {\"minimum\": 1}]}", "BIGINT"},
        {"{\"$ref\": \"#/$defs/n\"}", "DOUBLE"},
        {"{\"$ref\": \"#/$defs/n\", \"type\": \"integer\"}", "BIGINT"}};
    char text[400];
    char want[400];
    char got[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text,
            "{" HEAD ", \"properties\": {\"x\": %s}, \"$defs\": {\"n\": "
            "{\"type\": \"number\"}}}",
            cases[i].schema);
        snprintf(want, sizeof want, "x %s pn", cases[i].type);
        tarn__json_schema *s = compiled(text);
        if (strcmp(columns(s, got), want) != 0)
            fail_msg("%s: %s", cases[i].schema, got);
        tarn__json_schema_free(s);
    }
}

static void columns_are_properties_then_indexed_paths(void **state)
{
    (void)state;
    char got[400];
    tarn__json_schema *s = compiled(
        "{" HEAD ", \"properties\": {\"z\": {\"type\": \"string\"}, \"a.b\": "
        "{\"type\": \"integer\"}, \"at\": {\"$ref\": \"#/$defs/at\"}, "
        "\"free\": {}}, \"required\": [\"z\", \"w\"], \"$defs\": {\"at\": "
        "{\"properties\": {\"city\": {\"type\": \"string\"}}}}, \"x-tarn\": "
        "{\"key\": \"z\", \"indexed\": [\"at.city\", \"a.b\", \"free.x.y\", "
        "\"at.city\"], \"embed\": [\"z\", \"at.city\"], \"metric\": \"ip\"}}");
    assert_string_equal(columns(s, got),
        "z VARCHAR p, a.b BIGINT pin, at JSON pn, free JSON pn, "
        "at.city JSON in, free.x.y JSON in");
    assert_string_equal(tarn__json_schema_key(s), "z");
    assert_string_equal(tarn__json_schema_metric(s), "ip");
    assert_false(tarn__json_schema_free_form(s));
    size_t count;
    const tarn__json_schema_field *f = tarn__json_schema_embed(s, &count);
    assert_int_equal(count, 2);
    assert_string_equal(f[1].name, "at.city");
    assert_int_equal(f[1].depth, 2);
    assert_true(tarn__slice_is(f[1].path[1], "city"));
    tarn_buf layout = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(tarn__json_schema_layout(s, &layout, &err), TARN_OK);
    assert_string_equal(layout.ptr, "i/a.b,s/z");
    tarn_buf_reset(&layout);
    tarn__json_schema_free(s);
}

static void a_layout_has_at_most_64_fields(void **state)
{
    (void)state;
    tarn_buf text = TARN_BUF_INIT;
    tarn_buf layout = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        tarn__buf_str(&text, "{" HEAD ", \"properties\": {", &err), TARN_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(
            tarn__buf_printf(&text, &err, "%s\"p%d\": {\"type\": \"integer\"}",
                i > 0 ? ", " : "", i),
            TARN_OK);
    assert_int_equal(
        tarn__buf_str(&text, "}, \"x-tarn\": {\"indexed\": \"p99\"}}", &err),
        TARN_OK);
    tarn__json_schema *s = compiled(text.ptr);
    assert_int_equal(tarn__json_schema_layout(s, &layout, &err), TARN_OK);
    assert_true(tarn__starts_with(layout.ptr, "i/p99,i/p0,"));
    assert_true(tarn__ends_with(layout.ptr, ",i/p62"));
    tarn__json_schema_free(s);
    tarn_buf_reset(&text);
    tarn_buf_reset(&layout);
}

static void the_other_spelling_is_read_and_x_tarn_goes_before(void **state)
{
    (void)state;
    char got[400];
    tarn__json_schema *s = compiled(
        "{" HEAD
        ", \"json_schema_extra\": {\"key_field\": \"b\", \"indexed_fields\": "
        "[\"b\"], \"embedding_fields\": [\"a\"], \"category\": \"x\"}, "
        "\"x-tarn\": {\"key\": \"a\"}, \"properties\": {\"a\": {\"type\": "
        "\"string\"}, \"b\": {\"type\": \"integer\"}}}");
    size_t count;
    assert_string_equal(columns(s, got), "a VARCHAR pn, b BIGINT pin");
    assert_string_equal(tarn__json_schema_key(s), "a");
    (void)tarn__json_schema_embed(s, &count);
    assert_int_equal(count, 1);
    assert_string_equal(tarn__json_schema_metric(s), "cosine");
    tarn__json_schema_free(s);
}

static void free_form_tables_index_any_path(void **state)
{
    (void)state;
    char got[400];
    tarn__json_schema *s = compiled(
        "{" HEAD ", \"type\": \"object\", "
        "\"x-tarn\": {\"key\": \"k\", \"indexed\": [\"a.b\", \"c\"]}}");
    assert_true(tarn__json_schema_free_form(s));
    assert_string_equal(columns(s, got), "a.b JSON in, c JSON in");
    tarn__json_schema_free(s);
}

static void x_tarn_names_what_is_there(void **state)
{
    (void)state;
#define X(x_tarn)                                                        \
    "{" HEAD ", \"properties\": {\"a\": {\"type\": \"string\"}, \"o\": " \
    "{\"type\": \"object\", \"properties\": {\"p\": {\"type\": "         \
    "\"integer\"}}}}, \"x-tarn\": " x_tarn "}"
    is_no_schema(X("{\"key\": \"b\"}"),
        "s.json: #/x-tarn/key: 'b' is no property of the schema");
    is_no_schema(X("{\"key\": \"o\"}"),
        "s.json: #/x-tarn/key: 'o' can be no key: it is never a string, a "
        "number or a boolean");
    is_no_schema(X("{\"indexed\": [\"a\", \"b\"]}"),
        "s.json: #/x-tarn/indexed/1: 'b' is no property of the schema");
    is_no_schema(X("{\"indexed\": [\"o.q\"]}"),
        "s.json: #/x-tarn/indexed/0: 'o.q' is no property of the schema");
    is_no_schema(X("{\"indexed\": [\"o..p\"]}"),
        "s.json: #/x-tarn/indexed/0: 'o..p' is no path of names");
    is_no_schema(X("{\"embed\": [\"o.p\"]}"),
        "s.json: #/x-tarn/embed/0: 'o.p' is no text that could be embedded");
    is_no_schema(X("{\"metric\": \"far\"}"),
        "s.json: #/x-tarn/metric: is no metric (cosine, ip or l2)");
    is_no_schema(X("{\"index\": []}"),
        "s.json: #/x-tarn/index: is not known (key, indexed, embed or "
        "metric)");
    is_no_schema(X("1"), "s.json: #/x-tarn: is no object");
}

static void system_columns_are_no_properties(void **state)
{
    (void)state;
    static const char *const names[] = {
        "id", "ID", "created_at", "modified_at", "Deleted_At", "doc"};
    char text[200];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tarn__json_schema *s = NULL;
        tarn_error err = TARN_ERROR_INIT;
        snprintf(text, sizeof text, P("{\"%s\": {}}"), names[i]);
        assert_int_equal(
            tarn__json_schema_compile(tarn_str(text), "s.json", &s, &err),
            TARN_BAD_INPUT);
        assert_non_null(
            strstr(err.message, "is a column that every record table has"));
    }
    is_no_schema(P("{\"Name\": {}, \"name\": {}}"),
        "s.json: #/properties/name: 'Name' and 'name' differ in case only, and "
        "cannot both be columns (leave one out of `properties`)");
    is_no_schema(P("{\"\": {}}"),
        "s.json: #/properties/: its name is empty or holds U+0000, and can be "
        "no column's");
}

static void names_of_columns_have_at_most_128_bytes(void **state)
{
    (void)state;
    static const char *const forms[] = {P("{\"%s\": {}}"),
        "{" HEAD ", \"x-tarn\": {\"key\": \"%s\"}}",
        "{" HEAD ", \"x-tarn\": {\"indexed\": [\"a.%s\"]}}"};
    char name[130];
    char text[400];
    memset(name, 'n', sizeof name);
    for (size_t len = 128; len <= 129; len++)
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
            tarn__json_schema *s = NULL;
            tarn_error err = TARN_ERROR_INIT;
            name[len] = '\0';
            snprintf(text, sizeof text, forms[i], name);
            name[len] = 'n';
            assert_int_equal(
                tarn__json_schema_compile(tarn_str(text), "s.json", &s, &err),
                len == 128 ? TARN_OK : TARN_BAD_INPUT);
            assert_int_equal(
                len == 129, strstr(err.message, "more than 128 bytes") != NULL);
            tarn__json_schema_free(s);
        }
}

/* --- changes --- */

static void change(const char *from, const char *to, bool migrate,
    tarn_status want, const char *message)
{
    char old_text[200];
    char new_text[200];
    snprintf(old_text, sizeof old_text,
        "{\"name\": \"t\", \"version\": \"%s\", \"title\": \"old\"}", from);
    snprintf(new_text, sizeof new_text,
        "{\"name\": \"t\", \"version\": \"%s\", \"title\": \"new\"}", to);
    tarn__json_schema *old = compiled(old_text);
    tarn__json_schema *next = compiled(new_text);
    tarn_error err = TARN_ERROR_INIT;
    bool same = true;
    assert_int_equal(
        tarn__json_schema_change(old, next, migrate, &same, &err), want);
    assert_false(same);
    if (message != NULL)
        assert_string_equal(err.message, message);
    tarn__json_schema_free(old);
    tarn__json_schema_free(next);
}

static void minor_and_patch_versions_may_follow(void **state)
{
    (void)state;
    change("1.0.0", "1.0.1", false, TARN_OK, NULL);
    change("1.0.9", "1.1.0", false, TARN_OK, NULL);
    change("1.0.0-rc.1", "1.0.0", false, TARN_OK, NULL);
}

static void a_major_version_needs_a_migration(void **state)
{
    (void)state;
    change("1.4.0", "2.0.0", false, TARN_CONFLICT,
        "t: from version 1.4.0 to 2.0.0 is a breaking change (--migrate puts "
        "it all the same, and leaves old records as they are; else keep to "
        "1.x)");
    change("1.4.0", "2.0.0", true, TARN_OK, NULL);
}

static void a_version_never_falls_and_never_changes_its_text(void **state)
{
    (void)state;
    change("1.4.0", "1.3.9", true, TARN_CONFLICT,
        "t: version 1.3.9 is below 1.4.0, which is there (a schema's version "
        "only rises)");
    change("1.4.0", "1.4.0", true, TARN_CONFLICT,
        "t: version 1.4.0 is there with another text (give the changed schema "
        "a higher version)");
}

static void the_same_document_changes_nothing(void **state)
{
    (void)state;
    tarn__json_schema *old = compiled("{" HEAD ", \"maxProperties\": 1.0}");
    tarn__json_schema *next =
        compiled("{\"version\":\"1.0.0\",\"maxProperties\":1,\"name\":\"t\"}");
    tarn_error err = TARN_ERROR_INIT;
    bool same = false;
    assert_int_equal(
        tarn__json_schema_change(old, next, false, &same, &err), TARN_OK);
    assert_true(same);
    tarn__json_schema_free(old);
    tarn__json_schema_free(next);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char text[] =
        "{" HEAD
        ", \"title\": \"x\", \"properties\": {\"a\": {\"enum\": [1, {\"b\": "
        "[2], \"a\": 1}]}, \"b\": {\"$ref\": \"#/$defs/b\"}, \"c\": "
        "{\"anyOf\": [{\"pattern\": \"^a\"}, {\"items\": {}}]}}, \"$defs\": "
        "{\"b\": {\"patternProperties\": {\"x\": true}}}, "
        "\"dependentRequired\": {\"a\": [\"b\"]}, \"x-tarn\": {\"key\": "
        "\"c\", \"indexed\": [\"b.x\"], \"embed\": \"c\"}}";
    for (int64_t nth = 1;; nth++) {
        tarn__json_schema *s = NULL;
        tarn_error err = TARN_ERROR_INIT;
        tarn__fault_alloc(nth, false);
        tarn_status st =
            tarn__json_schema_compile(tarn_str(text), "s.json", &s, &err);
        int64_t count = tarn__fault_alloc_count();
        tarn__fault_alloc(0, false);
        /* That a pattern is not made faster is no failure. */
        if (st != TARN_OK)
            assert_int_equal(st, TARN_NO_MEMORY);
        assert_int_equal(st == TARN_OK, s != NULL);
        tarn__json_schema_free(s);
        if (count < nth) {
            assert_int_equal(st, TARN_OK);
            assert_true(nth > 10);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_schema_is_refused_with_its_place),
        cmocka_unit_test(values_of_keywords_are_of_their_kind),
        cmocka_unit_test(a_schema_that_leads_back_to_the_same_value_is_refused),
        cmocka_unit_test(a_chain_of_references_is_bounded),
        cmocka_unit_test(a_table_has_a_name_and_a_version),
        cmocka_unit_test(names_of_tables_are_plain_words),
        cmocka_unit_test(each_property_has_one_sql_type),
        cmocka_unit_test(columns_are_properties_then_indexed_paths),
        cmocka_unit_test(a_layout_has_at_most_64_fields),
        cmocka_unit_test(the_other_spelling_is_read_and_x_tarn_goes_before),
        cmocka_unit_test(free_form_tables_index_any_path),
        cmocka_unit_test(x_tarn_names_what_is_there),
        cmocka_unit_test(system_columns_are_no_properties),
        cmocka_unit_test(names_of_columns_have_at_most_128_bytes),
        cmocka_unit_test(minor_and_patch_versions_may_follow),
        cmocka_unit_test(a_major_version_needs_a_migration),
        cmocka_unit_test(a_version_never_falls_and_never_changes_its_text),
        cmocka_unit_test(the_same_document_changes_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
