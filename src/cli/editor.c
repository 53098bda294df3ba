/* Lines from a terminal, by libedit. */
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/host.h"
#include "cli/shell.h"

#define HISTORY_LINES 1000

struct cli_editor {
    cli_ctx *ctx;
    EditLine *edit;
    History *history;
    char *file; /* NULL: history is not kept */
    cli_buf line;
};

static char *prompt(EditLine *edit)
{
    static char text[] = "tarn> "; /* libedit wants it writable */
    (void)edit;
    return text;
}

static char *history_file(void)
{
    const char *state = tarn__cli_env("XDG_STATE_HOME");
    const char *home = tarn__cli_env("HOME");
    if (state != NULL)
        return tarn__cli_sprintf("%s/tarn/history", state);
    if (home != NULL)
        return tarn__cli_sprintf("%s/.local/state/tarn/history", home);
    return NULL;
}

/* What all candidates begin with. */
static size_t common_length(const cli_candidates *c)
{
    size_t len = strlen(c->ptr[0]);
    for (size_t i = 1; i < c->count; i++) {
        size_t same = 0;
        while (same < len && c->ptr[i][same] == c->ptr[0][same])
            same++;
        len = same;
    }
    return tarn_text_cut(tarn_str(c->ptr[0]), len);
}

static void list_candidates(const cli_candidates *c)
{
    (void)fputc('\n', stdout);
    for (size_t i = 0; i < c->count; i++)
        (void)fprintf(
            stdout, "%s%s", c->ptr[i], i + 1 < c->count ? "  " : "\n");
}

static unsigned char on_tab(EditLine *edit, int key)
{
    cli_editor *editor;
    (void)key;
    (void)el_get(edit, EL_CLIENTDATA, &editor);
    const LineInfo *info = el_line(edit);
    char *line =
        tarn__cli_strndup(info->buffer, (size_t)(info->cursor - info->buffer));
    cli_candidates found = CLI_CANDIDATES_INIT;
    size_t start;
    unsigned char result = CC_ERROR;
    tarn__cli_complete(editor->ctx, line, &start, &found);
    size_t typed = strlen(line) - start;
    if (found.count > 0) {
        size_t len = common_length(&found);
        char *text = tarn__cli_strndup(found.ptr[0], len);
        if (found.count == 1 || len > typed) {
            el_deletestr(edit, (int)typed);
            (void)el_insertstr(edit, text);
            result = CC_REFRESH;
        } else {
            list_candidates(&found);
            result = CC_REDISPLAY;
        }
        tarn__cli_free(text);
    }
    tarn__cli_candidates_reset(&found);
    tarn__cli_free(line);
    return result;
}

/* libedit counts characters by the locale; without one, by C.UTF-8. */
static void use_utf8(void)
{
    if (setlocale(LC_CTYPE, "") == NULL ||
        strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        (void)setlocale(LC_CTYPE, "C.UTF-8");
}

cli_editor *tarn__cli_editor_open(cli_ctx *ctx)
{
    cli_editor *editor = tarn__cli_alloc(sizeof(*editor));
    HistEvent event;
    use_utf8();
    editor->ctx = ctx;
    editor->edit = el_init("tarn", stdin, stdout, stderr);
    editor->history = history_init();
    if (editor->edit == NULL || editor->history == NULL) {
        tarn__cli_editor_close(editor);
        return NULL;
    }
    (void)history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
    (void)history(editor->history, &event, H_SETUNIQUE, 1);
    editor->file = history_file();
    if (editor->file != NULL && tarn__cli_make_private(editor->file) == 0)
        (void)history(editor->history, &event, H_LOAD, editor->file);
    (void)el_set(editor->edit, EL_CLIENTDATA, editor);
    (void)el_set(editor->edit, EL_PROMPT, prompt);
    (void)el_set(editor->edit, EL_EDITOR, "emacs");
    (void)el_set(editor->edit, EL_HIST, history, editor->history);
    /* The narrow call would leak copies of the texts. */
    (void)el_wset(editor->edit, EL_ADDFN, L"tarn-complete",
        L"Complete a command, path or keyword", on_tab);
    (void)el_set(editor->edit, EL_BIND, "^I", "tarn-complete", NULL);
    return editor;
}

/* A line with a secret in it, or that begins with a blank, is not kept. */
static bool is_kept(const char *line)
{
    return *line != '\0' && *line != ' ' && !tarn__cli_is_secret(line);
}

tarn_status tarn__cli_editor_next(cli_editor *editor, const char **line)
{
    HistEvent event;
    int count = 0;
    *line = NULL;
    el_resize(editor->edit);
    const char *text = el_gets(editor->edit, &count);
    if (tarn__cli_interrupted()) {
        tarn__cli_forget_interrupt();
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
        el_reset(editor->edit);
        return TARN_INTERRUPTED;
    }
    if (text == NULL || count <= 0)
        return TARN_OK;
    editor->line.len = 0;
    tarn__cli_add(&editor->line, text, (size_t)count);
    while (editor->line.len > 0 &&
        strchr("\r\n", editor->line.ptr[editor->line.len - 1]) != NULL)
        editor->line.ptr[--editor->line.len] = '\0';
    if (is_kept(editor->line.ptr))
        (void)history(editor->history, &event, H_ENTER, editor->line.ptr);
    *line = editor->line.ptr;
    return TARN_ROW;
}

void tarn__cli_editor_close(cli_editor *editor)
{
    HistEvent event;
    if (editor == NULL)
        return;
    if (editor->history != NULL && editor->file != NULL)
        (void)history(editor->history, &event, H_SAVE, editor->file);
    if (editor->edit != NULL)
        el_end(editor->edit);
    if (editor->history != NULL)
        history_end(editor->history);
    tarn__cli_buf_reset(&editor->line);
    tarn__cli_free(editor->file);
    tarn__cli_free(editor);
}
