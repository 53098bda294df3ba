#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

/* Looking an algorithm up costs more than hashing a short text, so it is done
 * once in a process and kept; it is a constant. */
static pthread_once_t algorithm_once = PTHREAD_ONCE_INIT;
static EVP_MD *algorithm;

static void fetch_algorithm(void)
{
    algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
}

struct tarn__sha256 {
    EVP_MD_CTX *ctx;
};

/* After the first start libcrypto neither allocates nor fails; were it to, a
 * wrong digest would be worse than no process. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

tarn_status tarn__sha256_create(tarn__sha256 **out, tarn_error *err)
{
    *out = NULL;
    (void)pthread_once(&algorithm_once, fetch_algorithm);
    if (algorithm == NULL)
        return tarn__fail(err, TARN_FAILED,
            "SHA-256: libcrypto does not have it (check its providers)");
    tarn__sha256 *sha = tarn__malloc(sizeof(*sha));
    if (sha == NULL)
        return tarn__no_memory(err);
    sha->ctx = EVP_MD_CTX_new();
    if (sha->ctx == NULL ||
        EVP_DigestInit_ex2(sha->ctx, algorithm, NULL) != 1) {
        tarn__sha256_free(sha);
        return tarn__no_memory(err);
    }
    *out = sha;
    return TARN_OK;
}

void tarn__sha256_update(tarn__sha256 *sha, const void *ptr, size_t len)
{
    must(EVP_DigestUpdate(sha->ctx, ptr, len));
}

void tarn__sha256_finish(tarn__sha256 *sha, uint8_t digest[TARN__SHA256_BYTES])
{
    must(EVP_DigestFinal_ex(sha->ctx, digest, NULL));
    must(EVP_DigestInit_ex2(sha->ctx, NULL, NULL));
}

void tarn__sha256_free(tarn__sha256 *sha)
{
    if (sha == NULL)
        return;
    EVP_MD_CTX_free(sha->ctx);
    tarn__free(sha);
}

tarn_status tarn__sha256_of(
    tarn_slice bytes, uint8_t digest[TARN__SHA256_BYTES], tarn_error *err)
{
    tarn__sha256 *sha;
    tarn_status st = tarn__sha256_create(&sha, err);
    if (st != TARN_OK)
        return st;
    tarn__sha256_update(sha, bytes.ptr, bytes.len);
    tarn__sha256_finish(sha, digest);
    tarn__sha256_free(sha);
    return TARN_OK;
}
