// Atomics: one thread runs at a time, so plain operations do; the checker hears of them.
#pragma once

#define SIM_ATOMIC(name, result)                     \
  template <class T>                                 \
  SIM_UNCHECKED T name(T* address, T value) {        \
    simAtomic(address, sizeof(T));                   \
    T old = *address;                                \
    *address = result;                               \
    return old;                                      \
  }
SIM_ATOMIC(simAtomicAdd, old + value)
SIM_ATOMIC(simAtomicSub, old - value)
SIM_ATOMIC(simAtomicExch, value)
SIM_ATOMIC(simAtomicMin, value < old ? value : old)
SIM_ATOMIC(simAtomicMax, old < value ? value : old)
SIM_ATOMIC(simAtomicAnd, old & value)
SIM_ATOMIC(simAtomicOr, old | value)
SIM_ATOMIC(simAtomicXor, old ^ value)
SIM_ATOMIC(simAtomicInc, old >= value ? 0 : old + 1)
SIM_ATOMIC(simAtomicDec, old == 0 || old > value ? value : old - 1)

template <class T>
SIM_UNCHECKED T simAtomicCas(T* address, T compare, T value) {
  simAtomic(address, sizeof(T));
  T old = *address;
  if (__builtin_memcmp(&old, &compare, sizeof(T)) == 0) *address = value;
  return old;
}

// The types of the real ones; as there, a value of another type converts.
#define SIM_ATOMIC_FOR(name, simName, type) \
  SIM_INLINE type name(type* address, type value) { return simName(address, value); }
#define SIM_ATOMIC_FOR_INTEGERS(name, simName)                         \
  SIM_ATOMIC_FOR(name, simName, int)                                   \
  SIM_ATOMIC_FOR(name, simName, unsigned)                              \
  SIM_ATOMIC_FOR(name, simName, unsigned long long)
SIM_ATOMIC_FOR_INTEGERS(atomicAdd, simAtomicAdd)
SIM_ATOMIC_FOR(atomicAdd, simAtomicAdd, float)
SIM_ATOMIC_FOR(atomicAdd, simAtomicAdd, double)
SIM_ATOMIC_FOR(atomicSub, simAtomicSub, int)
SIM_ATOMIC_FOR(atomicSub, simAtomicSub, unsigned)
SIM_ATOMIC_FOR_INTEGERS(atomicExch, simAtomicExch)
SIM_ATOMIC_FOR(atomicExch, simAtomicExch, float)
SIM_ATOMIC_FOR_INTEGERS(atomicMin, simAtomicMin)
SIM_ATOMIC_FOR(atomicMin, simAtomicMin, long long)
SIM_ATOMIC_FOR_INTEGERS(atomicMax, simAtomicMax)
SIM_ATOMIC_FOR(atomicMax, simAtomicMax, long long)
SIM_ATOMIC_FOR_INTEGERS(atomicAnd, simAtomicAnd)
SIM_ATOMIC_FOR_INTEGERS(atomicOr, simAtomicOr)
SIM_ATOMIC_FOR_INTEGERS(atomicXor, simAtomicXor)
SIM_ATOMIC_FOR(atomicInc, simAtomicInc, unsigned)
SIM_ATOMIC_FOR(atomicDec, simAtomicDec, unsigned)
#define SIM_CAS_FOR(type) \
  SIM_INLINE type atomicCAS(type* address, type compare, type value) { return simAtomicCas(address, compare, value); }
SIM_CAS_FOR(int) SIM_CAS_FOR(unsigned) SIM_CAS_FOR(unsigned long long) SIM_CAS_FOR(unsigned short)
