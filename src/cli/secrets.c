/* The command as the log may hold it: without values of secrets. */
#include <string.h>
#include <strings.h>

#include "cli/cli.h"

#define MASK "***"

bool tarn__cli_is_secret(const char *name)
{
    static const char *const marks[] = {
        "password", "token", "secret", "api_key", "api-key"};
    for (const char *at = name; *at != '\0'; at++)
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
            if (strncasecmp(at, marks[i], strlen(marks[i])) == 0)
                return true;
    return false;
}

/* Does text[0..len) name a secret? */
static bool is_secret_part(const char *text, size_t len)
{
    char *name = tarn__cli_strndup(text, len);
    bool secret = tarn__cli_is_secret(name);
    tarn__cli_free(name);
    return secret;
}

/* The user part of scheme://user:password@host; *len 0 when there is none. */
static const char *url_password(const char *word, size_t *len)
{
    *len = 0;
    const char *user = strstr(word, "://");
    if (user == NULL)
        return NULL;
    user += 3;
    size_t authority = strcspn(user, "/?#");
    const char *colon = memchr(user, ':', authority);
    const char *at = memchr(user, '@', authority);
    if (colon == NULL || at == NULL || colon > at)
        return NULL;
    *len = (size_t)(at - colon) - 1;
    return colon + 1;
}

/* A word by itself: "name=value" and "--flag=value" of a secret, and the
 * password in a URL. */
static char *mask_word(const char *word)
{
    /* The second "=" as well: --param=api_token=x. */
    const char *equals = strchr(word, '=');
    for (int i = 0; i < 2 && equals != NULL; i++) {
        if (is_secret_part(word, (size_t)(equals - word)))
            return tarn__cli_sprintf("%.*s=" MASK, (int)(equals - word), word);
        equals = strchr(equals + 1, '=');
    }
    size_t len;
    const char *password = url_password(word, &len);
    if (password != NULL)
        return tarn__cli_sprintf(
            "%.*s" MASK "%s", (int)(password - word), word, password + len);
    return tarn__cli_strdup(word);
}

char **tarn__cli_mask(const char *const *words, size_t count)
{
    char **out = tarn__cli_alloc((count + 1) * sizeof(*out));
    bool hide = false;
    for (size_t i = 0; i < count; i++) {
        out[i] = hide ? tarn__cli_strdup(MASK) : mask_word(words[i]);
        /* Files that hold secrets are named, not shown. */
        hide = strncmp(words[i], "--", 2) == 0 &&
            strchr(words[i], '=') == NULL && tarn__cli_is_secret(words[i]) &&
            strstr(words[i], "-file") == NULL;
    }
    return out;
}

void tarn__cli_mask_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        tarn__cli_free(words[i]);
    tarn__cli_free(words);
}
