/* What parsing before the command is known rests on. */
#include <string.h>

#include "cli/cli.h"
#include "support/sandbox.h"

typedef void (*each_fn)(const cli_command *command, const cli_flag *flag);

static void each_flag(each_fn fn)
{
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    for (size_t i = 0; i < count; i++) {
        const cli_flag *list;
        for (size_t n = 0; (list = tarn__cli_flags_of(commands[i], n)) != NULL;
             n++)
            for (; list->name != NULL; list++)
                fn(commands[i], list);
    }
}

static void check_name(const cli_command *command, const cli_flag *flag)
{
    (void)command;
    const cli_flag *first = tarn__cli_find_flag(flag->name, 0);
    assert_int_equal(first->value == NULL, flag->value == NULL);
}

static void a_flag_takes_a_value_everywhere_or_nowhere(void **state)
{
    (void)state;
    each_flag(check_name);
}

static void check_letter(const cli_command *command, const cli_flag *flag)
{
    (void)command;
    if (flag->letter == 0)
        return;
    const cli_flag *first = tarn__cli_find_flag(NULL, flag->letter);
    assert_string_equal(first->name, flag->name);
}

static void a_letter_stands_for_one_flag(void **state)
{
    (void)state;
    each_flag(check_letter);
}

static void check_once(const cli_command *command, const cli_flag *flag)
{
    size_t seen = 0;
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        for (; list->name != NULL; list++)
            seen += strcmp(list->name, flag->name) == 0;
    assert_int_equal(seen, 1);
    assert_true(flag->help != NULL && flag->help[0] != '\0');
}

static void a_command_has_each_flag_once(void **state)
{
    (void)state;
    each_flag(check_once);
}

static void every_command_is_described(void **state)
{
    (void)state;
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        const cli_command *c = commands[i];
        assert_true(strlen(c->summary) > 0 && strlen(c->summary) < 62);
        assert_non_null(strstr(c->example, c->name));
        assert_true(strlen(c->help) > strlen(c->summary));
        assert_int_equal(c->help[strlen(c->help) - 1], '.');
        assert_non_null(c->run);
        assert_true(c->max_words < 0 || c->max_words >= c->min_words);
        /* A batch can only be what one commit can take back. */
        if ((c->traits & CLI_BATCH) != 0)
            assert_true((c->traits & CLI_COMMITS) != 0);
    }
}

static void members_of_a_family_stand_together(void **state)
{
    (void)state;
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 2; j < count; j++) {
            size_t len = strcspn(commands[i]->name, " ");
            bool same = strcspn(commands[j]->name, " ") == len &&
                memcmp(commands[i]->name, commands[j]->name, len) == 0;
            if (same)
                assert_memory_equal(
                    commands[i]->name, commands[j - 1]->name, len);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_takes_a_value_everywhere_or_nowhere),
        cmocka_unit_test(a_letter_stands_for_one_flag),
        cmocka_unit_test(a_command_has_each_flag_once),
        cmocka_unit_test(every_command_is_described),
        cmocka_unit_test(members_of_a_family_stand_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
