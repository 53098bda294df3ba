/* Just enough of SQL's tokens to find words in a statement that DuckDB's own
 * parser then judges.  Nothing is decided here. */
#ifndef TARN_DUCK_LEX_H
#define TARN_DUCK_LEX_H

#include <tarn/base.h>

/* Past white space and comments (block comments nest). */
const char *tarn__sql_space(const char *sql);
/* Past one token, which is not empty: a word, a number, a text or name with
 * its quotes, $tag$...$tag$, or one byte of anything else. */
const char *tarn__sql_token(const char *sql);
/* Does this word, whatever its case, stand here? */
bool tarn__sql_word(const char *sql, const char *word);

#endif
