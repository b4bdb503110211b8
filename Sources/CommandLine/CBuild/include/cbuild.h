#pragma once

/// The commit that this program was built from, as NETPOLC_COMMIT named it for the build; empty where it was not set.
const char *netpolc_build_commit(void);
