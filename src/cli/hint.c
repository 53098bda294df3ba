/* What someone who mistyped a name may have meant. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define NAME_MAX_BYTES 40

static size_t least(size_t a, size_t b, size_t c)
{
    size_t low = a < b ? a : b;
    return low < c ? low : c;
}

/* Insertions, deletions, changes and swaps of neighbours between two names. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a);
    size_t m = strlen(b);
    if (n > NAME_MAX_BYTES || m > NAME_MAX_BYTES)
        return SIZE_MAX;
    size_t rows[3][NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(last[j] + 1, now[j - 1] + 1,
                last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

void tarn__cli_hint_try(cli_hint *hint, const char *candidate)
{
    size_t distance = edit_distance(hint->typed, candidate);
    size_t typed = strlen(hint->typed);
    /* The beginning of a name is as good as a slip of the finger. */
    if (typed >= 2 && strncmp(hint->typed, candidate, typed) == 0)
        distance = 1;
    size_t bound = typed <= 2 ? 1 : 2;
    if (distance > bound)
        return;
    if (hint->best == NULL || distance < hint->distance) {
        hint->best = candidate;
        hint->distance = distance;
    }
}

const char *tarn__cli_hint_text(cli_hint *hint, const char *prefix)
{
    hint->text[0] = '\0';
    if (hint->best != NULL)
        (void)snprintf(hint->text, sizeof(hint->text), "did you mean %s%s?",
            prefix, hint->best);
    return hint->text;
}
