#pragma once

/// The commit that this program was built from, as the build was told it; empty where it was not.
const char *netpolc_build_commit(void);
