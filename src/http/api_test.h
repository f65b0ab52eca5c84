/* What the two halves of the API's test program share. */
#pragma once

#include "test_world.h"

extern World *world;
void add_payment_tests(void);
