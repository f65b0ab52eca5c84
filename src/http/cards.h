/* Cards' own part of the server: processors' public keys, kept for a minute. */
#pragma once

typedef struct ProcessorKeys ProcessorKeys;

ProcessorKeys *processor_keys_new(void);
void processor_keys_free(ProcessorKeys *keys);
