#include "cbuild.h"

#ifndef NETPOLC_COMMIT
#define NETPOLC_COMMIT ""
#endif

const char *netpolc_build_commit(void) { return NETPOLC_COMMIT; }
