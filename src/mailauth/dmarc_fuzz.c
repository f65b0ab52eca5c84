/* Any text as a DMARC record. */
#include "dmarc_record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ma_dmarc_record record;
    if (ma_dmarc_record_read((ma_span){ (const char *)data, size }, &record))
        assert(record.policy <= MA_POLICY_REJECT && record.absent_policy <= MA_POLICY_REJECT);
    return 0;
}
