/* One line on the terminal that says how far long work is. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/host.h"

#define BAR_CELLS 20
#define SHOW_AFTER_US 300000 /* what is quick needs no bar */

/* Called from any thread of the library: a line is one write. */
struct cli_progress {
    bool draw;
    int64_t start_us;
    atomic_bool shown;
};

struct cli_progress *tarn__cli_progress_create(bool draw)
{
    struct cli_progress *p = tarn__cli_alloc(sizeof(*p));
    p->draw = draw && tarn__cli_is_terminal(CLI_STDERR);
    p->start_us = tarn__cli_now_us();
    return p;
}

static const char *amount(const char *what, uint64_t n, char *buf, size_t size)
{
    char bytes[TARN_TEXT_BYTES];
    bool counted = strcmp(what, "rows") == 0 || strcmp(what, "commits") == 0 ||
        strcmp(what, "files") == 0 || strcmp(what, "objects") == 0;
    if (counted)
        (void)snprintf(buf, size, "%" PRIu64, n);
    else
        (void)snprintf(buf, size, "%s", tarn_format_bytes(n, bytes));
    return buf;
}

static void draw(const char *what, uint64_t done, uint64_t total)
{
    char line[200];
    char now[32];
    char all[32];
    int len;
    (void)amount(what, done, now, sizeof(now));
    if (done == 0 && total == 0) { /* it goes on; nobody counts */
        len = snprintf(line, sizeof(line), "\r\033[K%.40s", what);
    } else if (total == 0 || done > total) {
        len = snprintf(line, sizeof(line), "\r\033[K%.40s  %s", what, now);
    } else {
        char bar[BAR_CELLS + 1];
        size_t full = (size_t)((double)done / (double)total * BAR_CELLS);
        memset(bar, ' ', BAR_CELLS);
        memset(bar, '#', full > BAR_CELLS ? BAR_CELLS : full);
        bar[BAR_CELLS] = '\0';
        (void)amount(what, total, all, sizeof(all));
        len = snprintf(line, sizeof(line),
            "\r\033[K%.40s  [%s] %3d%%  %s of %s", what, bar,
            (int)((double)done * 100.0 / (double)total), now, all);
    }
    if (len > 0)
        (void)tarn__cli_write(CLI_STDERR, line, (size_t)len);
}

bool tarn__cli_progress_step(
    void *progress, const char *what, uint64_t done, uint64_t total)
{
    struct cli_progress *p = progress;
    if (tarn__cli_interrupted())
        return true;
    if (p->draw && tarn__cli_now_us() - p->start_us > SHOW_AFTER_US) {
        draw(what, done, total);
        atomic_store(&p->shown, true);
    }
    return false;
}

void tarn__cli_progress_clear(struct cli_progress *p)
{
    if (p != NULL && atomic_exchange(&p->shown, false))
        (void)tarn__cli_write(CLI_STDERR, "\r\033[K", 4);
}

void tarn__cli_progress_free(struct cli_progress *p)
{
    tarn__cli_progress_clear(p);
    tarn__cli_free(p);
}
