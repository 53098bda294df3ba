#include "support/servers.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define PASSWORD "p4ss-w0rd"
#define ANSWER_BYTES 65536

typedef struct server {
    const char *kind;
    bool asked;
    bool there;
    char place[200];
    server_tls tls;
    char connection[512];
} server;

static server servers[] = {{.kind = "mariadb"}, {.kind = "postgres"}};

static bool read_line(FILE *in, char *out, size_t len)
{
    if (fgets(out, (int)len, in) == NULL)
        return false;
    out[strcspn(out, "\n")] = '\0';
    return true;
}

static void start(server *s)
{
    char command[1024];
    char line[200];
    const char *source = getenv("TARN_SOURCE");
    s->asked = true;
    (void)snprintf(command, sizeof command,
        "'%s/tests/support/servers/start' %s %d", source == NULL ? "." : source,
        s->kind, (int)getpid());
    FILE *in = popen(command, "r");
    assert_non_null(in);
    char dir[200];
    bool whole = read_line(in, dir, sizeof dir) &&
        read_line(in, line, sizeof line) &&
        read_line(in, s->place, sizeof s->place) &&
        read_line(in, line, sizeof line);
    int code = pclose(in);
    (void)snprintf(s->tls.ca, sizeof s->tls.ca, "%s/tls.crt", dir);
    if (sscanf(line, "%39s %39s", s->tls.named, s->tls.other) != 2)
        s->tls.named[0] = '\0';
    if (WIFEXITED(code) && WEXITSTATUS(code) == 77)
        return;
    if (!whole || code != 0)
        fail_msg("%s did not start", s->kind);
    s->there = true;
    (void)snprintf(s->connection, sizeof s->connection,
        "{\"socket\":\"%s\",\"user\":\"tarn\",\"password\":\"" PASSWORD
        "\",\"database\":\"shop\"}",
        s->place);
}

static server *find(const char *kind)
{
    server *s = &servers[strcmp(kind, "postgres") == 0];
    if (!s->asked)
        start(s);
    if (!s->there) {
        print_message("SKIPPED: no %s (deps/install fetches it)\n", s->kind);
        skip();
    }
    return s;
}

const char *server_connection(const char *kind)
{
    return find(kind)->connection;
}

server_tls server_tls_of(const char *kind)
{
    const server *s = find(kind);
    if (s->tls.named[0] == '\0') {
        print_message("SKIPPED: no openssl, so no TLS\n");
        skip();
    }
    return s->tls;
}

/* The client reads SQL from a file: a command's line has an end. */
static FILE *ask(const char *kind, const char *sql, char *file)
{
    char command[1024];
    const server *s = find(kind);
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, sql, strlen(sql)), strlen(sql));
    assert_int_equal(close(fd), 0);
    if (strcmp(kind, "mariadb") == 0)
        (void)snprintf(command, sizeof command,
            "MYSQL_PWD=" PASSWORD " mariadb --no-defaults -N -r -B "
            "--default-character-set=utf8mb4 --init-command=\"SET "
            "time_zone='+00:00'\" --socket='%s' -u tarn shop <%s",
            s->place, file);
    else
        (void)snprintf(command, sizeof command,
            "PGTZ=UTC PGOPTIONS=--client-min-messages=warning "
            "PGPASSWORD=" PASSWORD
            " psql -q -X -A -t -F '\t' -P null=NULL -v ON_ERROR_STOP=1 -h '%s' "
            "-U tarn -d shop -f %s",
            s->place, file);
    FILE *in = popen(command, "r");
    assert_non_null(in);
    return in;
}

const char *server_answer(const char *kind, const char *sql)
{
    static char answer[ANSWER_BYTES];
    char file[] = "/tmp/tarn-sql-XXXXXX";
    FILE *in = ask(kind, sql, file);
    size_t len = fread(answer, 1, sizeof answer - 1, in);
    int code = pclose(in);
    (void)unlink(file);
    while (len > 0 && answer[len - 1] == '\n')
        len--;
    answer[len] = '\0';
    if (code != 0)
        fail_msg("%s refuses: %s", kind, sql);
    return answer;
}

void server_sql(const char *kind, const char *sql)
{
    (void)server_answer(kind, sql);
}
