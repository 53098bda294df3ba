/* Between the files of this room. */
#ifndef TARN_OBJECT_OBJECT_INTERNAL_H
#define TARN_OBJECT_OBJECT_INTERNAL_H

#include "object/object.h"

/* Content is read, written and hashed in pieces of this size. */
#define TARN__OBJECT_PIECE_BYTES ((size_t)1 << 20)
#define TARN__OBJECT_FOLDERS 256

struct tarn__objects {
    char *dir;
    /* Folders whose entry in `dir` this handle knows to be on the disk. */
    bool folder_durable[TARN__OBJECT_FOLDERS];
};

#endif
