/*
 * What a lake must hold, kept apart from Tarn: the workload's script says, in
 * lines of its own, what each commit does, and the model does that to a small
 * table of paths.  Its text is compared with the text that dump.h makes of a
 * lake.
 *
 *   dir PATH               file PATH INPUT       stream+ PATH INPUT
 *   link PATH TARGET       table PATH INPUT      series+ PATH INPUT
 *   text PATH WORD         rm PATH               mv A B      cp A B
 *   state SCOPE NAME WORD  -state SCOPE NAME
 *   record TABLE/KEY JSON  -record TABLE/KEY
 *   edge SRC REL DST JSON  -edge SRC REL DST     JSON may be left out
 *   mark NAME              now, to go back to
 *   back PATH NAME         PATH as it was then
 *
 * JSON has no blanks.  INPUT is a file of the inputs' folder.  Folders on the way to a file are
 * made.  Of tables and series the columns id and v count, in any order.
 */
#ifndef TARN_CRASH_MODEL_H
#define TARN_CRASH_MODEL_H

#include <stddef.h>

typedef struct model model;

model *model_create(const char *inputs);
void model_free(model *m);
void model_do(model *m, const char *line);
/* A line an entry, sorted; free() it. */
char *model_text(const model *m);

/* Shared with dump.c. */
typedef struct text_list {
    char **lines;
    size_t count, cap;
} text_list;
void text_add(text_list *list, const char *line); /* copied */
/* The lines sorted, each with a newline; the list is empty afterwards. */
char *text_join(text_list *list, size_t *len);
/* "KIND PATH LENGTH HASH". */
void text_add_bytes(text_list *list, const char *kind, const char *path,
    const char *bytes, size_t len);

#endif
