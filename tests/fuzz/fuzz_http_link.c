/* An address, a newline, a Link header or a link of an answer: what is followed
 * stays on the address's host, whatever it is; and pages that are told of again
 * and again are noticed before twice as many were asked for. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "flow/driver/http_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void follow(const tarn__http_call *c, const char *from, tarn_slice link)
{
    char *url;
    if (tarn__http_call_follow(c, from, link, &url, NULL) != TARN_OK) {
        if (url != NULL)
            abort();
        return;
    }
    const char *host = strstr(from, "://");
    if (host == NULL)
        abort();
    size_t origin = (size_t)(host + 3 - from) + strcspn(host + 3, "/?#");
    if (strncasecmp(url, from, origin) != 0 ||
        (url[origin] != '\0' && strchr("/?#", url[origin]) == NULL))
        abort();
    tarn__free(url);
}

/* Each byte is a page, and the last leads to one that was there. */
static void turn(tarn__http_call *c, const char *pages)
{
    size_t len = strlen(pages);
    bool noticed = len == 0;
    for (size_t i = 0; !noticed && i <= 3 * len; i++) {
        const char page[2] = {pages[i % len], '\0'};
        tarn_status st = tarn__http_call_turn(c, page, NULL);
        if (st != TARN_OK && st != TARN_BAD_INPUT)
            abort();
        noticed = st == TARN_BAD_INPUT;
    }
    if (!noticed)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tarn__http_call c = {.what = NULL};
    char what[] = "fuzz";
    c.what = what;
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    if (line == NULL)
        return 0;
    size_t len = (size_t)(line - data);
    char *from = tarn__strndup((const char *)data, len);
    char *header = tarn__strndup((const char *)line + 1, size - len - 1);
    if (from == NULL || header == NULL)
        abort();
    tarn_slice link = tarn__http_next_link(header);
    if (link.ptr != NULL &&
        (link.ptr <= header || link.ptr[-1] != '<' ||
            link.ptr[link.len] != '>'))
        abort();
    if (link.ptr != NULL)
        follow(&c, from, link);
    follow(&c, from, (tarn_slice){header, strlen(header)});
    turn(&c, header);
    tarn__free(c.mark);
    tarn__free(from);
    tarn__free(header);
    return 0;
}
