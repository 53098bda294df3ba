/* The files of one kind of entity in a state's folder. */
#ifndef TARN_TRACK_FOLDER_H
#define TARN_TRACK_FOLDER_H

#include <tarn/base.h>

typedef struct tarn__track_file {
    char *path;
    uint64_t size;
    uint64_t base; /* of its first byte among the bytes of all files */
} tarn__track_file;

/* Order: by name, bytes compared.  It is the order of records too. */
typedef struct tarn__track_folder {
    tarn__track_file *files;
    size_t count;
    size_t cap;
    uint64_t total; /* one past the last byte's place */
} tarn__track_folder;
/* clang-format off */
#define TARN__TRACK_FOLDER_INIT {NULL, 0, 0, 0}
/* clang-format on */

/* DIR/KIND/ *.json and *.jsonl; what is not there has no files. */
TARN_MUST_CHECK tarn_status tarn__track_folder_read(const char *dir,
    const char *kind, tarn__track_folder *out, tarn_error *err);
void tarn__track_folder_reset(tarn__track_folder *folder);
/* The file that holds the byte at `at`. */
const tarn__track_file *tarn__track_folder_at(
    const tarn__track_folder *folder, uint64_t at);

#endif
