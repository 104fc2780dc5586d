// Everything that Java calls, see dev.jangada.cpu.Native. The library is one translation unit.
//
// Read pool.h (threads), program.h (what Java sends), then the families: map.h, reduce.h, matmul.h, scan.h, index.h, sort.h; then script.h
// (whole plans). activity.h tells how busy the threads are.
#pragma once

#include "index.h"
#include "map.h"
#include "matmul.h"
#include "memory.h"
#include "pool.h"
#include "reduce.h"
#include "scan.h"
#include "script.h"
#include "sort.h"

/** Sets how many threads a parallel loop uses, the caller included. */
inline void jangada_set_threads(int32_t threads) { jangada::Pool::get().setThreads(threads); }

/** Calls a function without arguments that returns a C string. */
inline const char* jangada_call_for_text(int64_t function) { return reinterpret_cast<const char* (*)()>(function)(); }
