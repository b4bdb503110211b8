#pragma once

/// Does nothing; its call links the start in.
void plugin_start(void);
