#pragma once

/// Opens a pipe whose ends no other program inherits, also one that another thread starts meanwhile where the system can do
/// that in one call.
///
/// Returns 0; -1 with `errno` where there is none.
int cpipe_open(int ends[2]);
