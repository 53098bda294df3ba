/** All of Tarn.  Read tarn/base.h first: it holds the conventions. */
#ifndef TARN_TARN_H
#define TARN_TARN_H

#include <tarn/base.h>
#include <tarn/edge.h>
#include <tarn/event.h>
#include <tarn/lake.h>
#include <tarn/progress.h>
#include <tarn/query.h>
#include <tarn/record.h>
#include <tarn/store.h>
#include <tarn/text.h>
#include <tarn/track.h>
#include <tarn/tree.h>

#endif
