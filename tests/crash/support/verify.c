/* Is an image a lake that keeps its promises? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash/support/dump.h"
#include "crash/support/recover.h"
#include "crash/support/run.h"
#include "crash/support/sweep_points.h"
#include "support/sandbox.h"

#define SECONDS 300
/* One image in so many is recovered by the command itself, in processes of
 * their own; the others by the same library in one process. */
#define BY_COMMAND 20

static char why[16384];
static run_result result;

static const char *complain(const char *what)
{
    (void)snprintf(why, sizeof why, "%s: exit %d%s: %s%s", what, result.code,
        result.hung ? ", hung" : "", result.out, result.err);
    return why;
}

static bool run_line(const char *line, const char *lake)
{
    run_words w = run_words_of(line, lake, "");
    bool ok = run_command(
        (const char *const *)(uintptr_t)w.argv, NULL, SECONDS, &result);
    run_words_free(&w);
    return ok;
}

/* The text of the version that a dump begins with at `at`; *end is what
 * follows.  *version -1: the dump is over.  NULL: the version is gone. */
static char *next_dump(char *at, long *version, char **end)
{
    *version = -1;
    *end = at;
    if (sscanf(at, "version %ld", version) != 1)
        return NULL;
    char *line_end = strchr(at, '\n');
    if (line_end == NULL)
        return NULL;
    bool gone = strncmp(line_end - 5, " gone", 5) == 0;
    *end = line_end + 1;
    if (gone)
        return NULL;
    char *dot = strncmp(*end, ".\n", 2) == 0 ? *end : strstr(*end, "\n.\n");
    if (dot == NULL)
        return NULL;
    char *text = *end;
    bool empty = dot == *end;
    *end = dot + (empty ? 2 : 3);
    dot[empty ? 0 : 1] = '\0';
    return text;
}

/* Lines of one text that the other lacks, appended to `why`. */
static void add_lines(const char *sign, const char *of, const char *lacking)
{
    for (const char *line = of; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        char needle[4096];
        (void)snprintf(needle, sizeof needle, "%.*s\n", (int)len, line);
        const char *at = strstr(lacking, needle);
        if (at == NULL || (at != lacking && at[-1] != '\n')) {
            size_t used = strlen(why);
            (void)snprintf(
                why + used, sizeof why - used, "  %s %s", sign, needle);
        }
        line += len + (line[len] == '\n');
    }
}

static const char *differs(
    const char *what, long version, const char *got, const promise *want)
{
    (void)snprintf(why, sizeof why, "%s, version %ld (%s)%s\n", what, version,
        want->step, got != NULL ? "" : ": gone");
    if (got == NULL)
        return why;
    add_lines("promised", want->text, got);
    add_lines("found", got, want->text);
    return why;
}

static const char *check_head(
    long head, const char *text, const promise *last, const promise *next)
{
    long most = next != NULL && next->version > last->version ? next->version
                                                              : last->version;
    if (head < last->version || head > most) {
        (void)snprintf(why, sizeof why,
            "head is %ld, promised was %ld (%s), at most %ld", head,
            last->version, last->step, most);
        return why;
    }
    if (head == last->version && strcmp(text, last->text) != 0)
        return differs("lost", head, text, last);
    if (head == most && head > last->version && strcmp(text, next->text) != 0)
        return differs("half a commit", head, text, next);
    /* One of several commits of a step. */
    if (strcmp(text, last->text) != 0 &&
        (next == NULL || strcmp(text, next->text) != 0))
        return differs("neither before nor after", head, text, last);
    return NULL;
}

static const char *check_older(long version, const char *text,
    const promise *older, const promise *last, const promise *next)
{
    bool may_be_gone = version < last->version &&
        (last->forgets || (next != NULL && next->forgets));
    if (text == NULL && may_be_gone)
        return NULL;
    if (text == NULL || strcmp(text, older->text) != 0)
        return differs("the past changed", version, text, older);
    return NULL;
}

static const char *check_dump(
    const promise *last, const promise *next, const promise *older)
{
    char *at = strchr(result.out, '\n');
    long version;
    if (at == NULL)
        return complain("dump");
    char *head = next_dump(at + 1, &version, &at);
    if (version < 0 || head == NULL)
        return complain("dump of the head");
    const char *bad = check_head(version, head, last, next);
    if (bad != NULL)
        return bad;
    char *past = next_dump(at, &version, &at);
    if (version < 0)
        return complain("dump of an older version");
    return check_older(version, past, older, last, next);
}

/* Before there is a promise there may be no lake; it can be made then. */
static const char *verify_birth(const char *image, unsigned seed)
{
    char lake[4096];
    (void)snprintf(lake, sizeof lake, "%s/lake", image);
    if (!run_line("tarn init {lake}", lake) && result.code != 4)
        return complain("init anew");
    if (seed % 2 == 0 && !run_line("tarn state put probe x 1 -C {lake}", lake))
        return complain("a first commit");
    if (!run_line("tarn check --deep -C {lake}", lake))
        return complain("check");
    return NULL;
}

/* Who comes first to a lake that is to be recovered. */
enum { FIRST_READS, FIRST_CHECKS, FIRST_WRITES, FIRST_COUNT };

typedef struct visit {
    char lake[4096];
    char older[32];
    unsigned first;
} visit;

static bool dump_image(tarn_lake *lake, const visit *v)
{
    const char *const words[] = {
        v->first == FIRST_WRITES ? "head-1" : "head", v->older, NULL};
    return dump_lake(lake, words);
}

/* Whoever comes first has a handle of its own, the others share one. */
static bool visit_once(void *arg)
{
    const visit *v = arg;
    tarn_lake *lake = recover_open(v->lake);
    bool ok = lake != NULL;
    if (v->first == FIRST_CHECKS)
        ok = ok && recover_check(lake);
    else if (v->first == FIRST_WRITES)
        ok = ok && recover_write(lake);
    else
        ok = ok && dump_image(lake, v);
    tarn_lake_close(lake);
    lake = ok ? recover_open(v->lake) : NULL;
    ok = ok && lake != NULL;
    if (v->first != FIRST_READS)
        ok = ok && dump_image(lake, v);
    if (v->first != FIRST_WRITES)
        ok = ok && recover_write(lake);
    ok = ok && recover_check(lake);
    tarn_lake_close(lake);
    return ok;
}

/* The same by the command, in a process each. */
static const char *visit_by_command(const visit *v, const promise *last,
    const promise *next, const promise *older)
{
    bool wrote = v->first == FIRST_WRITES;
    if (v->first == FIRST_CHECKS &&
        !run_line("tarn check --deep -C {lake}", v->lake))
        return complain("check first");
    if (wrote && !run_line("tarn state put probe x 1 -C {lake}", v->lake))
        return complain("a write first");
    const char *const dump[] = {
        run_self(), "dump", v->lake, wrote ? "head-1" : "head", v->older, NULL};
    if (!run_command(dump, NULL, SECONDS, &result))
        return complain("dump");
    const char *bad = check_dump(last, next, older);
    if (bad == NULL && !wrote &&
        !run_line("tarn state put probe x 1 -C {lake}", v->lake))
        bad = complain("a write");
    if (bad == NULL && !run_line("tarn check --deep -C {lake}", v->lake))
        bad = complain("check");
    return bad;
}

static run_server *server;

void verify_end(void)
{
    run_server_free(server);
    server = NULL;
}

const char *verify_image(const char *image, const promise *last,
    const promise *next, const promise *older, unsigned seed)
{
    visit v = {.lake = ""};
    if (last == NULL)
        return verify_birth(image, seed);
    (void)snprintf(v.lake, sizeof v.lake, "%s/lake", image);
    (void)snprintf(v.older, sizeof v.older, "%ld", older->version);
    v.first = seed % FIRST_COUNT;
    if (seed / FIRST_COUNT % BY_COMMAND == 0)
        return visit_by_command(&v, last, next, older);
    if (server == NULL)
        server = run_server_create(visit_once, sizeof v);
    if (!run_served(server, &v, SECONDS, &result))
        return complain("recovered");
    return check_dump(last, next, older);
}
