/* One line per processor of this folder; processor.c lists them. */
#pragma once

#include "pay/processor.h"

extern const Processor processor_sandbox;
