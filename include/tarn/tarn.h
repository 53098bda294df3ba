/** All of Tarn.  Read tarn/base.h first: it holds the conventions. */
#ifndef TARN_TARN_H
#define TARN_TARN_H

#include <tarn/arrow.h>
#include <tarn/base.h>
#include <tarn/driver.h>
#include <tarn/edge.h>
#include <tarn/event.h>
#include <tarn/flow.h>
#include <tarn/lake.h>
#include <tarn/progress.h>
#include <tarn/query.h>
#include <tarn/record.h>
#include <tarn/store.h>
#include <tarn/text.h>
#include <tarn/track.h>
#include <tarn/tree.h>

#endif
