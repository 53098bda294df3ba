/* Words into a command, its flags and what it works on. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define FAMILY_BYTES 32

static bool has_flag(const cli_command *command, const cli_flag *flag)
{
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        for (; list->name != NULL; list++)
            if (strcmp(list->name, flag->name) == 0)
                return true;
    return false;
}

static void hint_flags(cli_hint *hint, const cli_command *command)
{
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        for (; list->name != NULL; list++)
            tarn__cli_hint_try(hint, list->name);
}

/* The command is not known yet, so all of them are asked. */
static tarn_status unknown_flag(const char *word, size_t len, tarn_error *err)
{
    char *typed = tarn__cli_strndup(word, len);
    cli_hint hint = {typed + strspn(typed, "-"), NULL, 0, ""};
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    if (strncmp(typed, "--", 2) == 0)
        for (size_t i = 0; i < count; i++)
            hint_flags(&hint, commands[i]);
    const char *mend = tarn__cli_hint_text(&hint, "--");
    if (*mend == '\0')
        mend = word[1] >= '0' && word[1] <= '9'
            ? "put -- before a word that begins with -"
            : "tarn help COMMAND lists a command's flags";
    tarn_status st = tarn__cli_fail(
        err, TARN_INVALID, "%s: there is no such flag (%s)", typed, mend);
    tarn__cli_free(typed);
    return st;
}

static void add_flag(cli_args *args, const cli_flag *flag, const char *value)
{
    args->set = tarn__cli_grow(
        args->set, &args->set_cap, args->set_count + 1, sizeof(*args->set));
    args->set[args->set_count++] = (cli_set_flag){flag, value};
}

static void add_word(cli_args *args, const char *word)
{
    args->words = tarn__cli_grow(args->words, &args->word_cap,
        args->word_count + 1, sizeof(*args->words));
    args->words[args->word_count++] = word;
}

static tarn_status no_value(const char *word, tarn_error *err)
{
    return tarn__cli_fail(
        err, TARN_INVALID, "%s: a value is missing (write it behind)", word);
}

/* --name, --name=value, --name value; *used words beyond the first. */
static tarn_status parse_long(cli_args *args, const char *word,
    const char *next, size_t *used, tarn_error *err)
{
    char name[64];
    size_t len = strcspn(word + 2, "=");
    const cli_flag *flag = NULL;
    if (len < sizeof(name)) {
        (void)snprintf(name, sizeof(name), "%.*s", (int)len, word + 2);
        flag = tarn__cli_find_flag(name, 0);
    }
    if (flag == NULL)
        return unknown_flag(word, len + 2, err);
    const char *equals = word[len + 2] == '=' ? word + len + 3 : NULL;
    if (flag->value == NULL && equals != NULL)
        return tarn__cli_fail(err, TARN_INVALID,
            "--%s: takes no value (write it alone)", flag->name);
    if (flag->value != NULL && equals == NULL) {
        if (next == NULL)
            return no_value(word, err);
        equals = next;
        *used = 1;
    }
    add_flag(args, flag, equals);
    return TARN_OK;
}

/* -l, -lR, -n10, -n 10. */
static tarn_status parse_letters(cli_args *args, const char *word,
    const char *next, size_t *used, tarn_error *err)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const cli_flag *flag = tarn__cli_find_flag(NULL, *at);
        if (flag == NULL) {
            char letter[3] = {'-', *at, '\0'};
            bool only = at == word + 1;
            return only ? unknown_flag(word, strlen(word), err)
                        : unknown_flag(letter, 2, err);
        }
        if (flag->value == NULL) {
            add_flag(args, flag, NULL);
            continue;
        }
        const char *value = at[1] != '\0' ? at + 1 : next;
        if (value == NULL)
            return no_value(word, err);
        *used = value == next;
        add_flag(args, flag, value);
        return TARN_OK;
    }
    return TARN_OK;
}

/* A command of one word, or the first of two, which `family` then keeps. */
static void hint_command(
    cli_hint *hint, const char *name, char family[FAMILY_BYTES])
{
    size_t len = strcspn(name, " ");
    if (name[len] == '\0') {
        tarn__cli_hint_try(hint, name);
        return;
    }
    char word[FAMILY_BYTES];
    (void)snprintf(word, sizeof(word), "%.*s", (int)len, name);
    const char *before = hint->best;
    tarn__cli_hint_try(hint, word);
    if (hint->best == before)
        return;
    memcpy(family, word, sizeof(word));
    hint->best = family;
}

/* Names of other commands are named here rather than guessed at. */
static tarn_status no_command(const char *word, tarn_error *err)
{
    if (strcmp(word, "run") == 0)
        return tarn__cli_fail(err, TARN_INVALID,
            "run: there is no such command (collect runs a collector, flow "
            "run a flow, track run an extraction)");
    cli_hint hint = {word, NULL, 0, ""};
    char family[FAMILY_BYTES];
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    for (size_t i = 0; i < count; i++)
        hint_command(&hint, commands[i]->name, family);
    const char *mend = tarn__cli_hint_text(&hint, "");
    return tarn__cli_fail(err, TARN_INVALID,
        "%s: there is no such command (%s)", word,
        *mend == '\0' ? "tarn help lists them" : mend);
}

/* The commands whose first word is `first`, as "ls, get, put". */
static tarn_status which_one(
    const char *first, const char *second, tarn_error *err)
{
    cli_buf list = CLI_BUF_INIT;
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    size_t len = strlen(first);
    for (size_t i = 0; i < count; i++) {
        const char *name = commands[i]->name;
        if (strncmp(name, first, len) == 0 && name[len] == ' ')
            tarn__cli_addf(
                &list, "%s%s", list.len == 0 ? "" : ", ", name + len + 1);
    }
    tarn_status st;
    if (list.len == 0)
        st = no_command(first, err);
    else if (second == NULL)
        st = tarn__cli_fail(err, TARN_INVALID,
            "%s: what to do is missing (it is one of %s)", first, list.ptr);
    else
        st = tarn__cli_fail(err, TARN_INVALID,
            "%s %s: there is no such command (it is one of %s)", first, second,
            list.ptr);
    tarn__cli_buf_reset(&list);
    return st;
}

/* Take the command's name off the words. */
static tarn_status find_command(cli_args *args, tarn_error *err)
{
    if (args->word_count == 0)
        return TARN_OK;
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    const char *first = args->words[0];
    const char *second = args->word_count > 1 ? args->words[1] : NULL;
    size_t len = strlen(first);
    bool family = false;
    for (size_t i = 0; i < count; i++) {
        const char *name = commands[i]->name;
        if (strncmp(name, first, len) != 0)
            continue;
        family = family || name[len] == ' ';
        bool two = name[len] == ' ' && second != NULL &&
            strcmp(name + len + 1, second) == 0;
        if (name[len] != '\0' && !two)
            continue;
        args->command = commands[i];
        size_t used = two ? 2 : 1;
        args->word_count -= used;
        memmove(args->words, args->words + used,
            args->word_count * sizeof(*args->words));
        return TARN_OK;
    }
    if (family && second == NULL && tarn__cli_has(args, "help"))
        return TARN_OK; /* the help of all of them */
    return which_one(first, second, err);
}

static tarn_status check_flags(const cli_args *args, tarn_error *err)
{
    for (size_t i = 0; i < args->set_count; i++)
        if (!has_flag(args->command, args->set[i].flag))
            return tarn__cli_fail(err, TARN_INVALID,
                "--%s: %s does not take it (tarn help %s lists what it takes)",
                args->set[i].flag->name, args->command->name,
                args->command->name);
    return TARN_OK;
}

static tarn_status check_words(const cli_args *args, tarn_error *err)
{
    const cli_command *command = args->command;
    int64_t count = (int64_t)args->word_count;
    bool few = count < command->min_words;
    if (!few && (command->max_words < 0 || count <= command->max_words))
        return TARN_OK;
    return tarn__cli_fail(err, TARN_INVALID,
        "%s: too %s arguments (tarn %s%s%s)", command->name,
        few ? "few" : "many", command->name,
        *command->synopsis == '\0' ? "" : " ", command->synopsis);
}

/* A single - is a file's name, and "-- text" is a statement with a comment. */
static bool looks_like_flag(const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    return word[1] != '-' || word[2] == '\0' ||
        strchr(" \t\r\n", word[2]) == NULL;
}

tarn_status tarn__cli_parse(
    cli_args *args, const char *const *words, size_t count, tarn_error *err)
{
    args->command = NULL;
    args->word_count = 0;
    args->set_count = 0;
    bool only_words = false;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const char *word = words[i];
        const char *next = i + 1 < count ? words[i + 1] : NULL;
        size_t used = 0;
        if (only_words || !looks_like_flag(word))
            add_word(args, word);
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else if (word[1] == '-')
            st = parse_long(args, word, next, &used, err);
        else
            st = parse_letters(args, word, next, &used, err);
        i += used;
    }
    if (st == TARN_OK)
        st = find_command(args, err);
    bool asks_help =
        tarn__cli_has(args, "help") || tarn__cli_has(args, "version");
    if (st != TARN_OK || args->command == NULL || asks_help)
        return st;
    st = check_flags(args, err);
    return st == TARN_OK ? check_words(args, err) : st;
}

void tarn__cli_args_reset(cli_args *args)
{
    tarn__cli_free(args->words);
    tarn__cli_free(args->set);
    *args = (cli_args)CLI_ARGS_INIT;
}

const char *tarn__cli_value(const cli_args *args, const char *name)
{
    for (size_t i = args->set_count; i > 0; i--)
        if (strcmp(args->set[i - 1].flag->name, name) == 0)
            return args->set[i - 1].value;
    return NULL;
}

bool tarn__cli_has(const cli_args *args, const char *name)
{
    for (size_t i = 0; i < args->set_count; i++)
        if (strcmp(args->set[i].flag->name, name) == 0)
            return true;
    return false;
}

tarn_status tarn__cli_number(const cli_args *args, const char *name,
    int64_t min, int64_t max, int64_t *out, tarn_error *err)
{
    const char *text = tarn__cli_value(args, name);
    int64_t number;
    if (text == NULL)
        return TARN_OK;
    if (!tarn_parse_int64(text, &number) || number < min || number > max)
        return tarn__cli_fail(err, TARN_INVALID,
            "--%s %s: is no whole number from %lld on (give one)", name, text,
            (long long)min);
    *out = number;
    return TARN_OK;
}

tarn_status tarn__cli_duration(
    const cli_args *args, const char *name, int64_t *us, tarn_error *err)
{
    const char *text = tarn__cli_value(args, name);
    int64_t parsed;
    if (text == NULL)
        return TARN_OK;
    if (!tarn_parse_duration(text, &parsed) || parsed < 0)
        return tarn__cli_fail(err, TARN_INVALID,
            "--%s %s: is no length of time (write 30s, 1h or 7d)", name, text);
    *us = parsed;
    return TARN_OK;
}
