/*
 * A fresh folder for each test, and small files in it.
 *
 * Use sandbox_setup and sandbox_teardown as a cmocka test's setup and
 * teardown.  Every helper ends the test when it cannot do its work.  Paths
 * are relative to the sandbox.  Nothing here uses the code under test.
 */
#ifndef TARN_TEST_SANDBOX_H
#define TARN_TEST_SANDBOX_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

typedef struct sandbox sandbox;

/* Make the folder, beneath $TMPDIR or /tmp; *state becomes the sandbox. */
int sandbox_setup(void **state);
/* Remove it with all that it holds, unless TARN_KEEP is set: then its path is
 * printed. */
int sandbox_teardown(void **state);

/* In main(), where what is asked is what is kept, not whether a disk keeps it:
 * sandboxes are in memory unless TMPDIR says otherwise. */
void sandbox_without_disk(void);

/* A test of this name in its own sandbox. */
#define sandbox_test(name) \
    cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)

/* Absolute path of the folder; valid until the teardown. */
const char *sandbox_dir(void **state);
/* Absolute path of `name` in it; valid until the teardown. */
const char *sandbox_path(void **state, const char *name);

/* Write a file whole, making the folders above it; returns its path. */
const char *sandbox_write(
    void **state, const char *name, const void *bytes, size_t len);
const char *sandbox_write_text(
    void **state, const char *name, const char *text);
/* Make a folder and those above it; returns its path. */
const char *sandbox_mkdir(void **state, const char *name);
/* Read a file whole; a NUL follows the bytes, *len may be NULL.  Valid until
 * the teardown. */
const char *sandbox_read(void **state, const char *name, size_t *len);
bool sandbox_exists(void **state, const char *name);

/* A pointer of the test's own for its setup to leave behind: state holds the
 * sandbox.  NULL at first. */
void sandbox_set_user(void **state, void *user);
void *sandbox_user(void **state);

#endif
