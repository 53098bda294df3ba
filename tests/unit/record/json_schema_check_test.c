/* What each keyword admits and refuses, as JSON Schema 2020-12 has it. */
#include "schema_case.h"

#include "base/memory.h"

static void type_takes_one_name_or_several(void **state)
{
    (void)state;
    judge("{\"type\": \"integer\"}",
        GOOD("1", "-7", "1.0", "1e3", "10.50e1", "0.0", "-0",
            "98249283749234923498293171823948729348710298301928331"),
        BAD("1.1", "1e-1", "\"1\"", "null", "true", "{}", "[]"));
    judge("{\"type\": \"number\"}", GOOD("1", "1.5", "1e400", "-2E-3"),
        BAD("\"1\"", "null", "false"));
    judge("{\"type\": \"string\"}", GOOD("\"\"", "\"\\u0000\"", "\"1\""),
        BAD("1", "null", "[\"a\"]"));
    judge("{\"type\": \"boolean\"}", GOOD("true", "false"),
        BAD("0", "\"true\"", "null"));
    judge("{\"type\": \"null\"}", GOOD("null"), BAD("0", "\"\"", "false"));
    judge("{\"type\": \"object\"}", GOOD("{}", "{\"a\": 1}"), BAD("[]"));
    judge("{\"type\": \"array\"}", GOOD("[]", "[1, \"a\"]"), BAD("{}"));
    judge("{\"type\": [\"integer\", \"null\"]}", GOOD("1", "null", "2.0"),
        BAD("1.5", "\"a\"", "{}"));
}

static void true_admits_all_and_false_nothing(void **state)
{
    (void)state;
    judge("true", GOOD("1", "null", "{}"), NONE);
    judge("false", NONE, BAD("1", "null", "{}"));
    judge("{}", GOOD("1", "null", "{\"a\": []}"), NONE);
}

static void bounds_hold_digit_by_digit(void **state)
{
    (void)state;
    judge("{\"minimum\": 1.1}", GOOD("1.1", "2", "\"x\"", "1.10"),
        BAD("0.6", "1.0999999999999999999999999", "-3"));
    judge("{\"maximum\": 3}", GOOD("3", "3.0", "-1e300"),
        BAD("3.5", "3.0000000000000000000000001", "1e3"));
    judge("{\"exclusiveMinimum\": 0}", GOOD("1e-400", "1"),
        BAD("0", "-0.0", "-1"));
    judge("{\"exclusiveMaximum\": 9007199254740993}",
        GOOD("9007199254740992", "9007199254740992.9"),
        BAD("9007199254740993", "9007199254740994"));
    judge("{\"minimum\": 18446744073709551616, "
          "\"maximum\": 18446744073709551617.5}",
        GOOD("18446744073709551616", "18446744073709551617.5"),
        BAD("18446744073709551615", "18446744073709551617.51"));
    judge("{\"minimum\": -2.5, \"maximum\": -1e-1}", GOOD("-2.5", "-0.1", "-2"),
        BAD("-2.51", "-0.09", "0"));
}

static void multiples_are_exact(void **state)
{
    (void)state;
    judge("{\"multipleOf\": 2}", GOOD("10", "0", "-4", "1e400", "\"a\""),
        BAD("7", "2.5", "-3"));
    judge("{\"multipleOf\": 0.01}", GOOD("0.01", "19.99", "4.35", "1e3"),
        BAD("0.001", "19.999"));
    judge("{\"multipleOf\": 0.0001}", GOOD("0.0075"), BAD("0.00751"));
    judge("{\"multipleOf\": 1.5}", GOOD("0", "4.5", "3e5"), BAD("35"));
    judge("{\"multipleOf\": 3}", GOOD("111111111111111111111111111111"),
        BAD("111111111111111111111111111112"));
}

static void lengths_count_code_points(void **state)
{
    (void)state;
    judge("{\"minLength\": 2, \"maxLength\": 3}",
        GOOD("\"ab\"", "\"abc\"", "\"\\ud83d\\ude00\\u00e9\"",
            "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"", "5"),
        BAD("\"a\"", "\"abcd\"", "\"\xf0\x9f\x98\x80\"",
            "\"\\u0061\\u0062\\u0063\\u0064\""));
    judge("{\"minLength\": 2.0}", GOOD("\"ab\""), BAD("\"a\""));
}

static void patterns_are_sought_anywhere(void **state)
{
    (void)state;
    judge("{\"pattern\": \"a+\"}", GOOD("\"xxaayy\"", "1"), BAD("\"b\""));
    judge("{\"pattern\": \"^\\\\d{2}$\"}", GOOD("\"42\""),
        BAD("\"4\"", "\"42\\n\"", "\"\\u0664\\u0662\""));
    judge("{\"pattern\": \"^\\\\u00e9\\\\u{1F600}$\"}",
        GOOD("\"\\u00e9\\ud83d\\ude00\""), BAD("\"e\""));
    judge("{\"pattern\": \"^[^]$\"}", GOOD("\"\\n\""), BAD("\"\""));
    judge("{\"pattern\": \"[]\"}", GOOD("1"), BAD("\"a\"", "\"\""));
    judge("{\"pattern\": \"^.{3}$\"}", GOOD("\"\xc3\xa9\xc3\xa9\xc3\xa9\""),
        BAD("\"ab\""));
}

static void a_pattern_that_takes_too_long_is_an_error(void **state)
{
    (void)state;
    says("{" HEAD ", \"properties\": {\"x\": {\"pattern\": "
         "\"^(a|a)*$\"}}}",
        "{\"x\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}",
        "x: matching the pattern takes too many steps");
}

static void a_text_of_half_a_mebibyte_is_matched(void **state)
{
    enum { WORDS = 100000 };
    (void)state;
    static char doc[5 * WORDS + 20] = "{\"x\": \"";
    size_t len = strlen(doc);
    for (int i = 0; i < WORDS; i++, len += 5)
        memcpy(doc + len, "word ", 5);
    memcpy(doc + len, "\"}", 3);
    tarn__json_schema *schema = of_x("{\"pattern\": \"^([a-z]+ ?)+$\"}");
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(check(schema, doc, &err), TARN_OK);
    tarn__json_schema_free(schema);
}

static void enum_and_const_compare_values(void **state)
{
    (void)state;
    judge("{\"enum\": [1, \"a\", null, [1, {\"b\": 2}], \"\\u00e9\"]}",
        GOOD("1", "1.0", "10e-1", "\"a\"", "\"\\u0061\"", "null",
            "[1, {\"b\": 2.0}]", "\"\xc3\xa9\""),
        BAD("2", "true", "\"b\"", "[1]", "[{\"b\": 2}, 1]"));
    judge("{\"const\": {\"a\": [1], \"b\": \"\"}}",
        GOOD("{\"b\": \"\", \"a\": [1]}"),
        BAD("{\"a\": [1]}", "{\"a\": [1], \"b\": \"\", \"c\": 1}", "1"));
    judge("{\"const\": false}", GOOD("false"), BAD("0", "[]", "null"));
    judge("{\"const\": 9007199254740993}", GOOD("9007199254740993"),
        BAD("9007199254740992"));
    judge("{\"const\": \"[1]\"}", GOOD("\"[1]\""), BAD("[1]"));
    judge("{\"enum\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", "
          "\"h\", \"i\", \"j\", \"k\", \"l\", \"m\", \"n\", \"o\", \"p\", "
          "\"q\"]}",
        GOOD("\"a\"", "\"q\"", "\"\\u0071\""), BAD("\"r\"", "\"\""));
}

static void date_times_are_of_rfc_3339(void **state)
{
    (void)state;
    judge("{\"format\": \"date-time\"}",
        GOOD("\"1963-06-19T08:30:06.283185Z\"", "\"1963-06-19t08:30:06z\"",
            "\"1990-12-31T15:59:60-08:00\"", "\"1998-12-31T23:59:60Z\"",
            "\"2020-02-29T00:00:00+14:00\"", "5"),
        BAD("\"\"", "\"1998-12-31T23:58:60Z\"", "\"1990-02-31T15:59:59Z\"",
            "\"06/19/1963 08:30:06 PST\"", "\"2013-350T01:01:01\"",
            "\"1963-06-19T08:30:06\"", "\"1963-06-19 08:30:06Z\"",
            "\"1990-12-31T15:59:59-24:00\"", "\"1963-06-1\\u0969T00:00:00Z\"",
            "\"2021-02-29T00:00:00Z\"", "\"1963-06-19T24:00:00Z\"",
            "\"+11963-06-19T08:30:06Z\"", "\"1963-06-19T08:30:06.Z\"",
            "\"1963-06-19T08:30:06.28123+01:00Z\""));
    judge("{\"format\": \"date\"}", GOOD("\"1963-06-19\"", "\"2000-02-29\""),
        BAD("\"2001-02-29\"", "\"1900-02-29\"", "\"1998-1-20\"",
            "\"1998-01-32\"", "\"06/19/1963\"", "\"1963-06-19Z\"",
            "\"2013-350\"", "\"19630619\""));
    judge("{\"format\": \"time\"}",
        GOOD("\"08:30:06Z\"", "\"23:59:60Z\"", "\"01:29:60+01:30\"",
            "\"12:00:00.123-05:00\""),
        BAD("\"12:00:00\"", "\"24:00:00Z\"", "\"22:59:60Z\"",
            "\"08:30:06-8:000\"", "\"01:02:03+00:60\"", "\"08:30Z\""));
}

static void uuids_have_their_dashes(void **state)
{
    (void)state;
    judge("{\"format\": \"uuid\"}",
        GOOD("\"2eb8aa08-aa98-11ea-b4aa-73b441d16380\"",
            "\"2EB8AA08-AA98-11EA-B4AA-73B441D16380\""),
        BAD("\"2eb8aa08-aa98-11ea-b4aa-73b441d1638\"",
            "\"2eb8aa08aa9811eab4aa73b441d16380\"",
            "\"2eb8aa08-aa98-11ea-b4aa-73b441d1638g\"",
            "\"2eb8-aa08-aa98-11ea-b4aa73b44-1d16380\""));
}

static void email_addresses_are_of_rfc_5321(void **state)
{
    (void)state;
    judge("{\"format\": \"email\"}",
        GOOD("\"joe.bloggs@example.com\"", "\"te~st@example.com\"",
            "\"\\\"joe bloggs\\\"@example.com\"", "\"j@[127.0.0.1]\"",
            "\"j@[IPv6:::1]\"", "\"a+b@x-y.org\"",
            "\"\\\"a\\\\\\\"b\\\"@x.de\"", "\"\\\"\\\"@x.de\""),
        BAD("\"2962\"", "\".test@example.com\"", "\"test.@example.com\"",
            "\"te..st@example.com\"", "\"a@\"", "\"@b\"", "\"a b@c.de\"",
            "\"j@[127.0.0.300]\"", "\"j@invalid=domain.com\"", "\"j@-x.de\"",
            "\"j@x..de\"", "\"\\\"@x.de\"", "\"\\\"a@x.de\"",
            "\"\\\"a\\\"b\\\"@x.de\"", "\"\\\"a\\\\\\\"@x.de\"",
            "\"j@[IPv6:1:2:3:4:5:6:7]\""));
}

static void uris_are_of_rfc_3986(void **state)
{
    (void)state;
    judge("{\"format\": \"uri\"}",
        GOOD("\"http://foo.bar/?baz=qux#quux\"", "\"urn:isbn:0-395-36341-1\"",
            "\"http://user:p%20w@[2001:db8::7]:80/c=GB?ab\"",
            "\"mailto:a@b.de\"", "\"file:///x\"", "\"tel:+1-816-555\""),
        BAD("\"//foo.bar/?baz\"", "\"/abc\"", "\"\\\\\\\\WINDOWS\"", "\"abc\"",
            "\"http:// shouldfail.com\"", "\":// no\"", "\"bar,baz:foo\"",
            "\"https://[@example.org/test.txt\"", "\"http://a b\"",
            "\"http://x/%zz\"", "\"http://x/%4\"", "\"http://x/%4z\"",
            "\"http://x/%z4\"", "\"http://x/\xc3\xa9\"", "\"a://x:8a/\"",
            "\"1a:b\""));
}

static void hosts_are_names_or_addresses(void **state)
{
    (void)state;
    judge("{\"format\": \"hostname\"}",
        GOOD("\"www.example.com\"", "\"xn--4gbwdl.xn--wgbh1c\"", "\"1host\""),
        BAD("\"-bad\"", "\"bad-\"", "\"a_b\"", "\"a..b\"", "\"\"", "\".\""));
    judge("{\"format\": \"ipv4\"}", GOOD("\"192.168.0.1\"", "\"0.0.0.0\""),
        BAD("\"127.0.0.0.1\"", "\"256.1.1.1\"", "\"127.0\"", "\"0x7f.0.0.1\"",
            "\"087.10.0.1\"", "\"1.2.3.4/24\"", "\"1.2.3.\""));
    judge("{\"format\": \"ipv6\"}",
        GOOD("\"::1\"", "\"::\"", "\"::abef\"", "\"1:2:3:4:5:6:7:8\"",
            "\"::ffff:192.168.0.1\"", "\"1::d6:192.168.0.1\"", "\"d6::\"",
            "\"1:2:3:4:5:6:7::\"", "\"1:2:3:4:5::1.2.3.4\"",
            "\"1:2:3:4:5:6:1.2.3.4\""),
        BAD("\"12345::\"", "\"1:1:1:1:1:1:1:1:1\"", "\"::laptop\"", "\":2:3\"",
            "\"1::d6::42\"", "\"1:2:3\"", "\"1:2:3:4:5:6:7:\"", "\":::1\"",
            "\"::1.2.3.400\"", "\"1:2:3:4:5:6::1.2.3.4\"", "\"fe80::a%eth1\"",
            "\"1:2:3:4:5:6:7:1.2.3.4\"", "\"1:2:3:4:5:6:7:8::\""));
}

static void a_format_that_is_not_known_says_nothing(void **state)
{
    (void)state;
    judge("{\"format\": \"colour\"}", GOOD("\"x\"", "1"), NONE);
}

static void arrays_are_checked_item_by_item(void **state)
{
    (void)state;
    judge("{\"items\": {\"type\": \"integer\"}, \"minItems\": 1, "
          "\"maxItems\": 2}",
        GOOD("[1]", "[1, 2]", "{\"a\": 1}"), BAD("[]", "[1, 2, 3]", "[\"a\"]"));
    judge("{\"prefixItems\": [{\"type\": \"string\"}, {\"const\": 1}], "
          "\"items\": false}",
        GOOD("[]", "[\"a\"]", "[\"a\", 1]"),
        BAD("[1]", "[\"a\", 2]", "[\"a\", 1, null]"));
    judge("{\"contains\": {\"minimum\": 5}, \"maxContains\": 2}",
        GOOD("[5]", "[1, 7, 8, 2]"), BAD("[]", "[1]", "[5, 6, 7]"));
    judge("{\"contains\": {\"const\": 1}, \"minContains\": 0}",
        GOOD("[]", "[2]"), NONE);
}

static void unique_items_differ_as_values(void **state)
{
    (void)state;
    judge("{\"uniqueItems\": true}",
        GOOD("[]", "[1, true, \"1\", [1], {\"a\": 1}]", "[0, false]",
            "[[1, 2], [2, 1]]", "[\"a\", \"A\"]",
            "[{\"a\": 1, \"b\": 2}, {\"a\": 2, \"b\": 1}]",
            "[9007199254740992, 9007199254740993]"),
        BAD("[1, 1.0]", "[\"a\", \"\\u0061\"]", "[1, 2, 10e-1]",
            "[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1.0}]",
            "[[{\"a\": []}], [{\"a\": [ ]}]]", "[null, null]"));
    judge("{\"uniqueItems\": false}", GOOD("[1, 1]"), NONE);
}

static void objects_have_the_members_they_should(void **state)
{
    (void)state;
    judge("{\"properties\": {\"a\": {\"type\": \"integer\"}, \"b\": {}}, "
          "\"required\": [\"a\", \"c\"], \"additionalProperties\": "
          "{\"type\": \"string\"}}",
        GOOD("{\"a\": 1, \"c\": \"\"}", "{\"c\": \"x\", \"b\": 1, \"a\": 2}",
            "{\"\\u0061\": 1, \"c\": \"\"}", "[]"),
        BAD("{\"a\": 1}", "{\"c\": \"\"}", "{\"a\": \"1\", \"c\": \"\"}",
            "{\"a\": 1, \"c\": 1}", "{\"a\": 1, \"c\": \"\", \"d\": 1}"));
    judge("{\"patternProperties\": {\"^n\": {\"type\": \"integer\"}, "
          "\"x$\": {\"minimum\": 5}}, \"additionalProperties\": false}",
        GOOD("{}", "{\"n\": 1, \"nx\": 5}"),
        BAD("{\"n\": \"\"}", "{\"nx\": 4}", "{\"nx\": 5.5}", "{\"m\": 1}"));
    judge("{\"properties\": {\"nx\": {\"maximum\": 9}}, "
          "\"patternProperties\": {\"^n\": {\"minimum\": 5}}}",
        GOOD("{\"nx\": 7}"), BAD("{\"nx\": 4}", "{\"nx\": 10}"));
    judge("{\"minProperties\": 1, \"maxProperties\": 2}",
        GOOD("{\"a\": 1}", "{\"a\": 1, \"b\": 2}"),
        BAD("{}", "{\"a\": 1, \"b\": 2, \"c\": 3}"));
    judge("{\"propertyNames\": {\"maxLength\": 2}}", GOOD("{\"ab\": 1}"),
        BAD("{\"abc\": 1}"));
    judge("{\"dependentRequired\": {\"a\": [\"b\"]}}",
        GOOD("{}", "{\"b\": 1}", "{\"a\": 1, \"b\": 1}"), BAD("{\"a\": 1}"));
    judge("{\"dependentSchemas\": {\"a\": {\"minProperties\": 2}}}",
        GOOD("{\"b\": 1}", "{\"a\": 1, \"b\": 1}"), BAD("{\"a\": 1}"));
}

static void schemas_are_combined(void **state)
{
    (void)state;
    judge("{\"allOf\": [{\"minimum\": 2}, {\"maximum\": 4}]}", GOOD("3"),
        BAD("1", "5"));
    judge("{\"anyOf\": [{\"type\": \"integer\"}, {\"minimum\": 2}]}",
        GOOD("1", "2.5", "3", "\"a\""), BAD("1.5"));
    judge("{\"oneOf\": [{\"type\": \"integer\"}, {\"minimum\": 2}]}",
        GOOD("1", "2.5"), BAD("3", "1.5"));
    judge("{\"not\": {\"type\": \"integer\"}}", GOOD("1.5", "\"a\""), BAD("1"));
    judge("{\"if\": {\"type\": \"string\"}, \"then\": {\"minLength\": 2}, "
          "\"else\": {\"minimum\": 2}}",
        GOOD("\"ab\"", "2", "null"), BAD("\"a\"", "1"));
    judge("{\"if\": {\"const\": 1}}", GOOD("1", "2"), NONE);
    judge("{\"then\": false, \"else\": false}", GOOD("1"), NONE);
}

static void references_lead_anywhere_in_the_document(void **state)
{
    (void)state;
    tarn__json_schema *s =
        compiled("{" HEAD ", \"$id\": \"https://x.org/s\", \"properties\": {"
                 "\"x\": {\"$ref\": \"#/$defs/a~1b%25\"},"
                 "\"y\": {\"$ref\": \"#small\"},"
                 "\"z\": {\"$ref\": \"https://x.org/s#/properties/x\"},"
                 "\"l\": {\"$ref\": \"#/$defs/list/0\"},"
                 "\"me\": {\"$ref\": \"#\"}},"
                 "\"$defs\": {\"a/b%\": {\"type\": \"integer\"}, "
                 "\"s\": {\"$anchor\": \"small\", \"maximum\": 9},"
                 "\"list\": [{\"type\": \"null\"}]}}");
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(check(s,
                         "{\"x\": 1, \"y\": 9, \"z\": 2, \"l\": null, "
                         "\"me\": {\"me\": {\"x\": 3}}}",
                         &err),
        TARN_OK);
    static const char *const bad[] = {"{\"x\": \"\"}", "{\"y\": 10}",
        "{\"z\": \"\"}", "{\"l\": 1}", "{\"me\": {\"me\": {\"x\": \"\"}}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(check(s, bad[i], &err), TARN_BAD_INPUT);
    assert_string_equal(err.message, "me.me.x: is a string, not an integer");
    tarn__json_schema_free(s);
}

static void a_name_stands_once_at_any_depth(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"a\": 1, \"a\": 1}",
        "{\"a\": {\"b\": 1, \"c\": 2, \"b\": 3}}",
        "{\"b\": [1, {\"c\": 1, \"\\u0063\": 2}]}",
        "{\"x\": 1, \"\\u0078\": 1}",
        "{\"1\": 1, \"2\": 1, \"3\": 1, \"4\": 1, \"5\": 1, \"6\": 1, \"7\": "
        "1, \"8\": 1, \"9\": 1, \"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1, "
        "\"7\": 2}"};
    static const char *const schemas[] = {"{" HEAD "}",
        "{" HEAD ", \"properties\": {\"x\": {}}}",
        "{" HEAD ", \"properties\": {\"x\": {}}, \"anyOf\": [true]}",
        "{" HEAD ", \"additionalProperties\": {\"contains\": "
        "{\"required\": [\"c\"]}, \"anyOf\": [{}, {}]}}",
        "{" HEAD ", \"patternProperties\": {\"\": {}, \".\": {}}}"};
    for (size_t k = 0; k < sizeof schemas / sizeof *schemas; k++) {
        tarn__json_schema *s = compiled(schemas[k]);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            tarn_error err = TARN_ERROR_INIT;
            if (check(s, bad[i], &err) != TARN_BAD_INPUT)
                fail_msg("%s: %s", schemas[k], bad[i]);
            assert_non_null(strstr(err.message, "stands there twice"));
        }
        tarn__json_schema_free(s);
    }
}

static void what_is_no_json_object_is_refused(void **state)
{
    (void)state;
    says("{" HEAD "}", "[]", "the record: is no JSON object");
    says("{" HEAD "}", "3", "the record: is no JSON object");
    says("{" HEAD "}", "", "byte 1: a value is expected");
    says("{" HEAD "}", "{\"a\": 01}", "byte 8: a comma is expected");
    says("{" HEAD "}", "{} {}", "byte 4: goes on after the object's end");
    says("{" HEAD "}", "{\"a\": \"\xff\"}", "byte 8: is no UTF-8");
}

static void messages_name_the_field_and_what_was_expected(void **state)
{
    (void)state;
    static const char people[] =
        "{" HEAD
        ", \"properties\": {\"age\": {\"type\": [\"integer\", \"null\"], "
        "\"maximum\": 120}, \"address\": {\"properties\": {\"zip\": "
        "{\"pattern\": \"^[0-9]+$\"}}}, \"tags\": {\"items\": {\"enum\": "
        "[\"a\", \"b\"]}}, \"at\": {\"anyOf\": [{\"type\": \"string\", "
        "\"format\": \"date\"}, {\"type\": \"null\"}]}, \"n\": {\"oneOf\": "
        "[{\"minimum\": 1}, {\"minimum\": 2}]}}, "
        "\"required\": [\"age\"], \"additionalProperties\": false}";
    says(people, "{\"age\": 130}", "age: 130 is above the maximum 120");
    says(
        people, "{\"age\": \"x\"}", "age: is a string, not null or an integer");
    says(people, "{\"age\": 1.5}",
        "age: is a number with a fraction, not null or an integer");
    says(people, "{}", "age: is missing (it is required)");
    says(people, "{\"age\": 1, \"address\": {\"zip\": \"x1\"}}",
        "address.zip: 'x1' does not match the pattern ^[0-9]+$");
    says(people, "{\"age\": 1, \"tags\": [\"a\", \"c\"]}",
        "tags[1]: \"c\" is none of [\"a\", \"b\"]");
    says(people, "{\"age\": 1, \"foo\": 1}",
        "foo: is no property of the schema, which allows no others");
    says(people, "{\"age\": 1, \"at\": \"soon\"}",
        "at: 'soon' is no date (such as 2026-11-21)");
    says(people, "{\"age\": 1, \"at\": 7}", "at: is an integer, not a string");
    says(people, "{\"age\": 1, \"n\": 0}",
        "n: matches none of the 2 schemas of oneOf");
    says(people, "{\"age\": 1, \"n\": 5}",
        "n: matches schemas 0 and 1 of oneOf, not just one");
}

/* 2^30 ways through 30 levels, each of which looks twice at what is below. */
static void alternatives_without_end_are_an_error(void **state)
{
    (void)state;
    char doc[512] = "";
    for (int i = 0; i < 60; i++)
        strcat(doc, "{\"a\":");
    strcat(doc, "1");
    for (int i = 0; i < 60; i++)
        strcat(doc, "}");
    says("{" HEAD ", \"anyOf\": [{\"properties\": {\"a\": {\"$ref\": \"#\"}}, "
         "\"required\": [\"b\"]}, {\"properties\": {\"a\": {\"$ref\": "
         "\"#\"}}, \"required\": [\"b\"]}, {\"properties\": {\"a\": "
         "{\"type\": \"integer\"}}}]}",
        doc,
        "the record: checking takes too many steps (its schema tries too "
        "many alternatives)");
}

static void depth_is_bounded(void **state)
{
    (void)state;
    enum { DEPTH = 5000 };
    char *doc = malloc(2 * DEPTH + 16);
    assert_non_null(doc);
    memcpy(doc, "{\"a\":", 5);
    memset(doc + 5, '[', DEPTH);
    memset(doc + 5 + DEPTH, ']', DEPTH);
    memcpy(doc + 5 + 2 * DEPTH, "}", 2);
    says("{" HEAD "}", doc, "byte 517: is nested deeper than 512");
    free(doc);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    tarn__json_schema *schema =
        of_x("{\"patternProperties\": {\"^a\": {\"uniqueItems\": true}}, "
             "\"properties\": {\"e\": {\"enum\": [{\"a\": 1, \"b\": 2}]}}}");
    static const char doc[] =
        "{\"x\": {\"\\u0061\": [1, {\"b\": 1, \"a\": 2}], \"e\": {\"b\": 2, "
        "\"a\": 1}, \"f\": 1}}";
    for (int64_t nth = 1;; nth++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn__fault_alloc(nth, false);
        tarn_status st = tarn__json_schema_check(schema, tarn_str(doc), &err);
        int64_t count = tarn__fault_alloc_count();
        tarn__fault_alloc(0, false);
        assert_int_equal(st, count < nth ? TARN_OK : TARN_NO_MEMORY);
        if (count < nth) {
            assert_true(nth > 5);
            break;
        }
    }
    tarn__json_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_takes_one_name_or_several),
        cmocka_unit_test(true_admits_all_and_false_nothing),
        cmocka_unit_test(bounds_hold_digit_by_digit),
        cmocka_unit_test(multiples_are_exact),
        cmocka_unit_test(lengths_count_code_points),
        cmocka_unit_test(patterns_are_sought_anywhere),
        cmocka_unit_test(a_pattern_that_takes_too_long_is_an_error),
        cmocka_unit_test(a_text_of_half_a_mebibyte_is_matched),
        cmocka_unit_test(enum_and_const_compare_values),
        cmocka_unit_test(date_times_are_of_rfc_3339),
        cmocka_unit_test(uuids_have_their_dashes),
        cmocka_unit_test(email_addresses_are_of_rfc_5321),
        cmocka_unit_test(uris_are_of_rfc_3986),
        cmocka_unit_test(hosts_are_names_or_addresses),
        cmocka_unit_test(a_format_that_is_not_known_says_nothing),
        cmocka_unit_test(arrays_are_checked_item_by_item),
        cmocka_unit_test(unique_items_differ_as_values),
        cmocka_unit_test(objects_have_the_members_they_should),
        cmocka_unit_test(schemas_are_combined),
        cmocka_unit_test(references_lead_anywhere_in_the_document),
        cmocka_unit_test(a_name_stands_once_at_any_depth),
        cmocka_unit_test(what_is_no_json_object_is_refused),
        cmocka_unit_test(messages_name_the_field_and_what_was_expected),
        cmocka_unit_test(alternatives_without_end_are_an_error),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
