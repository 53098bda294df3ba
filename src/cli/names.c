/* Several sources, one folder: which of them would have one name there? */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct named {
    char *name;
    const char *word;
} named;

static char *last_name(const char *word)
{
    size_t end = strlen(word);
    while (end > 0 && word[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && word[start - 1] != '/')
        start--;
    return tarn__cli_strndup(word + start, end - start);
}

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->word, y->word);
}

bool tarn__cli_clash(const char *const *words, size_t count,
    cli_clash_fn clashes, void *arg, const char *pair[2])
{
    bool found = false;
    named *all = tarn__cli_alloc((count + 1) * sizeof(*all));
    for (size_t i = 0; i < count; i++)
        all[i] = (named){last_name(words[i]), words[i]};
    qsort(all, count, sizeof(*all), by_name);
    for (size_t i = 1; i < count && !found; i++) {
        pair[0] = all[i - 1].word;
        pair[1] = all[i].word;
        found = strcmp(all[i - 1].name, all[i].name) == 0 &&
            strcmp(pair[0], pair[1]) != 0 && clashes(arg, all[i].name, pair);
    }
    for (size_t i = 0; i < count; i++)
        tarn__cli_free(all[i].name);
    tarn__cli_free(all);
    return found;
}
