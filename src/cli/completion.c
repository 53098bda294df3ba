/* Completions for bash, zsh and fish: commands and flags from the table, lake
 * paths by asking `tarn ls`. */
#include <string.h>

#include "cli/help.h"

/* First words of the commands, each once. */
static void add_first_words(cli_buf *out)
{
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    const char *last = "";
    size_t last_len = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(commands[i]->name, " ");
        if (len == last_len && memcmp(commands[i]->name, last, len) == 0)
            continue;
        last = commands[i]->name;
        last_len = len;
        tarn__cli_addf(out, "%s%.*s", i == 0 ? "" : " ", (int)len, last);
    }
}

/* Second words of the commands whose first word is that of `name`. */
static void add_second_words(cli_buf *out, const char *name)
{
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    size_t len = strcspn(name, " ");
    const char *gap = "";
    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i]->name, name, len + 1) == 0) {
            tarn__cli_addf(out, "%s%s", gap, commands[i]->name + len + 1);
            gap = " ";
        }
}

static void add_flags(cli_buf *out, const cli_command *command)
{
    const cli_flag *list;
    const char *gap = "";
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        for (; list->name != NULL; list++, gap = " ") {
            tarn__cli_addf(out, "%s--%s", gap, list->name);
            if (list->letter != 0)
                tarn__cli_addf(out, " -%c", list->letter);
        }
}

/* `case` arms: the flags of each command, and second words. */
static void add_cases(cli_buf *out)
{
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    const char *family = NULL;
    for (size_t i = 0; i < count; i++) {
        const cli_command *c = commands[i];
        tarn__cli_addf(out, "    '%s') flags='", c->name);
        add_flags(out, c);
        tarn__cli_add_text(out, "' ;;\n");
        size_t len = strcspn(c->name, " ");
        if (c->name[len] == '\0' ||
            (family != NULL && strncmp(family, c->name, len + 1) == 0))
            continue;
        family = c->name;
        tarn__cli_addf(out, "    '%.*s') seconds='", (int)len, c->name);
        add_second_words(out, c->name);
        tarn__cli_add_text(out, "' ;;\n");
    }
}

static void add_bash(cli_buf *out)
{
    tarn__cli_add_text(out,
        "# bash completion of tarn\n"
        "_tarn() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} words=() word flags='' "
        "seconds='' i\n"
        "  local lake=()\n"
        "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "    word=${COMP_WORDS[i]}\n"
        "    if [[ $word == -C ]]; then lake=(-C \"${COMP_WORDS[i+1]}\"); "
        "((i++))\n"
        "    elif [[ $word != -* ]]; then words+=(\"$word\"); fi\n"
        "  done\n"
        "  _tarn_table \"${words[0]}\"\n"
        "  [[ -n $seconds && ${#words[@]} -gt 1 ]] && "
        "_tarn_table \"${words[0]} ${words[1]}\"\n"
        "  local IFS=$' \\t\\n'\n"
        "  if [[ ${#words[@]} -eq 0 && $cur != -* ]]; then\n"
        "    COMPREPLY=($(compgen -W '");
    add_first_words(out);
    tarn__cli_add_text(out,
        "' -- \"$cur\"))\n"
        "  elif [[ -n $seconds && ${#words[@]} -eq 1 && $cur != -* ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$seconds\" -- \"$cur\"))\n"
        "  elif [[ $cur == -* ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n"
        "  else\n"
        "    IFS=$'\\n'\n"
        "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
        "    [[ $cur == /* ]] && COMPREPLY+=($(tarn \"${lake[@]}\" ls -a -f "
        "plain -- \"$cur*\" 2>/dev/null))\n"
        "  fi\n"
        "}\n"
        "_tarn_table() {\n"
        "  case $1 in\n");
    add_cases(out);
    tarn__cli_add_text(out,
        "  esac\n"
        "}\n"
        "complete -o filenames -F _tarn tarn\n");
}

static void add_zsh(cli_buf *out)
{
    tarn__cli_add_text(out,
        "#compdef tarn\n"
        "# zsh completion of tarn\n"
        "_tarn() {\n"
        "  local -a plain found\n"
        "  local cur=${words[CURRENT]} word flags='' seconds=''\n"
        "  for word in ${words[2,CURRENT-1]}; do\n"
        "    [[ $word != -* ]] && plain+=(\"$word\")\n"
        "  done\n"
        "  _tarn_table \"${plain[1]}\"\n"
        "  [[ -n $seconds && ${#plain} -gt 1 ]] && "
        "_tarn_table \"${plain[1]} ${plain[2]}\"\n"
        "  if (( ${#plain} == 0 )) && [[ $cur != -* ]]; then\n"
        "    compadd -- ");
    add_first_words(out);
    tarn__cli_add_text(out,
        "\n"
        "  elif [[ -n $seconds && ${#plain} -eq 1 && $cur != -* ]]; then\n"
        "    compadd -- ${=seconds}\n"
        "  elif [[ $cur == -* ]]; then\n"
        "    compadd -- ${=flags}\n"
        "  else\n"
        "    _files\n"
        "    if [[ $cur == /* ]]; then\n"
        "      found=(${(f)\"$(tarn ls -a -f plain -- \"$cur*\" "
        "2>/dev/null)\"})\n"
        "      compadd -U -f -- $found\n"
        "    fi\n"
        "  fi\n"
        "}\n"
        "_tarn_table() {\n"
        "  case $1 in\n");
    add_cases(out);
    tarn__cli_add_text(out,
        "  esac\n"
        "}\n"
        "if [[ ${funcstack[1]} == _tarn ]]; then\n"
        "  _tarn \"$@\"\n"
        "else\n"
        "  compdef _tarn tarn\n"
        "fi\n");
}

/* fish reads '…' with \' and \\ in it. */
static void add_fish_quoted(cli_buf *out, const char *text)
{
    tarn__cli_add_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            tarn__cli_add_char(out, '\\');
        tarn__cli_add_char(out, *text);
    }
    tarn__cli_add_char(out, '\'');
}

static void add_fish_flags(cli_buf *out, const cli_command *c)
{
    size_t len = strcspn(c->name, " ");
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(c, n)) != NULL; n++)
        for (; list->name != NULL; list++) {
            if (list == tarn__cli_everywhere)
                return;
            tarn__cli_addf(out,
                "complete -c tarn -n '__fish_seen_subcommand_from %.*s",
                (int)len, c->name);
            if (c->name[len] != '\0')
                tarn__cli_addf(out, "; and __fish_seen_subcommand_from %s",
                    c->name + len + 1);
            tarn__cli_addf(
                out, "' -l %s%s", list->name, list->value != NULL ? " -r" : "");
            if (list->letter != 0)
                tarn__cli_addf(out, " -s %c", list->letter);
            tarn__cli_add_text(out, " -d ");
            add_fish_quoted(out, list->help);
            tarn__cli_add_char(out, '\n');
        }
}

static void add_fish_command(cli_buf *out, const cli_command *c, bool known)
{
    size_t len = strcspn(c->name, " ");
    if (!known) {
        tarn__cli_addf(out,
            "complete -c tarn -n __fish_use_subcommand -f -a %.*s -d ",
            (int)len, c->name);
        add_fish_quoted(out, c->name[len] == '\0' ? c->summary : c->group);
        tarn__cli_add_char(out, '\n');
    }
    if (c->name[len] != '\0') {
        tarn__cli_addf(out,
            "complete -c tarn -n '__fish_seen_subcommand_from %.*s' -f -a %s "
            "-d ",
            (int)len, c->name, c->name + len + 1);
        add_fish_quoted(out, c->summary);
        tarn__cli_add_char(out, '\n');
    }
}

static void add_fish(cli_buf *out)
{
    tarn__cli_add_text(out,
        "# fish completion of tarn\n"
        "function __tarn_paths\n"
        "    set -l word (commandline -ct)\n"
        "    string match -q '/*' -- $word; and "
        "tarn ls -a -f plain -- \"$word*\" 2>/dev/null\n"
        "end\n"
        "complete -c tarn -a '(__tarn_paths)'\n");
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    const char *family = "";
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(commands[i]->name, " ");
        bool known = strncmp(family, commands[i]->name, len) == 0 &&
            strcspn(family, " ") == len;
        family = commands[i]->name;
        add_fish_command(out, commands[i], known);
        add_fish_flags(out, commands[i]);
    }
    for (const cli_flag *f = tarn__cli_everywhere; f->name != NULL; f++) {
        tarn__cli_addf(out, "complete -c tarn -l %s%s", f->name,
            f->value != NULL ? " -r" : "");
        if (f->letter != 0)
            tarn__cli_addf(out, " -s %c", f->letter);
        tarn__cli_add_text(out, " -d ");
        add_fish_quoted(out, f->help);
        tarn__cli_add_char(out, '\n');
    }
}

bool tarn__cli_completion_script(cli_buf *out, const char *shell)
{
    static const struct {
        const char *name;
        void (*add)(cli_buf *out);
    } shells[] = {{"bash", add_bash}, {"zsh", add_zsh}, {"fish", add_fish}};
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].add(out);
            return true;
        }
    return false;
}
