#!/bin/sh
# instructions_planted.sh <compiler>: instructions.sh must catch each kind of offence, and nothing else.
check=$(dirname "$(readlink -f "$0")")/instructions.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# verdict <caught|clean> <object> <flags> <source>: what instructions.sh says about a library of this one object.
verdict() {
  rm -f "$tree"/*
  printf '%s\n' "$4" >"$tree/source.cpp"
  "$compiler" -std=c++20 -O1 -march=x86-64 $3 -c "$tree/source.cpp" -o "$tree/$2" && ar qc "$tree/lib.a" "$tree/$2" ||
    exit 2
  if said=$(sh "$check" "$tree/lib.a"); then result=clean; else result=caught; fi
  case $result:$said in
    clean:?* | caught:) result="$result, but printed '$said'" ;;
  esac
  [ "$result" = "$1" ] && return
  echo "expected $1: $2 compiled with '$3' from '$4'; was $result"
  failures=$((failures + 1))
}

compiler=$1
kernel='namespace gradus { namespace kernels {
  template <auto f> struct Kernel { static void (*const avx2)(float*), (*const avx512)(float*); };
  inline void front(float*) {}
  static void scale(float* x) { for (int i = 0; i < 64; ++i) x[i] *= 2; }'
end='} }'
pointer='template <> void (*const Kernel<&front>::avx2)(float*) = &scale;'
other='template <> void (*const Kernel<&front>::avx512)(float*) = &scale;'
shared='template <class T> __attribute__((noinline)) void twice(T* x) { *x *= 2; } template void twice(float*);'

verdict clean gradus_kernels_avx2.o '-mavx2 -O3' "$kernel $pointer $end"
verdict clean vector.cpp.o '-O3' "$kernel $pointer $shared $end int f(); int counter = f();"
verdict caught gradus_kernels_avx2.o '-mavx2' "$kernel $pointer $shared $end"
verdict caught gradus_kernels_avx2.o '-mavx2' "$kernel $other $end"
verdict caught gradus_kernels_avx2.o '-mavx2' "$kernel $pointer static int calls; int f(); static int n = f(); $end"
verdict caught vector.cpp.o '-mavx2 -O3' "$kernel $pointer $end"
verdict caught vector.cpp.o '-mavx512f -O3' "$kernel $pointer $end"
exit $failures
