/* Between the files of the exchange. */
#ifndef TARN_FLOW_EXCHANGE_INTERNAL_H
#define TARN_FLOW_EXCHANGE_INTERNAL_H

#include "flow/exchange.h"

const tarn_driver_call *tarn__exchange_call(const tarn__exchange *x);

#endif
