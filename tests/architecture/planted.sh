#!/bin/sh
# planted.sh: layers.sh must catch each kind of offence, and nothing else.
check=$(dirname "$(readlink -f "$0")")/layers.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# verdict <caught|clean> <file> <content>: what layers.sh says about a project of this one file.
verdict() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/$(dirname "$2")"
  printf '%s\n' "$3" >"$tree/$2"
  if said=$(sh "$check" "$tree"); then result=clean; else result=caught; fi
  case $result:$said in
    clean:?* | caught:) result="$result, but printed '$said'" ;;
    caught:*) case $said in *"$2:"*) ;; *) result="caught, without naming the file: $said" ;; esac ;;
  esac
  [ "$result" = "$1" ] && return
  echo "expected $1: $2 with '$3'; was $result"
  failures=$((failures + 1))
}

verdict caught core/a.hpp '#include <gradus/ops/add.hpp>'
verdict caught core/a.cpp '#include "../nn/modules/linear.hpp"'
verdict caught core/deep/a.cpp '  #  include<gradus/nn/modules/linear.hpp>'
verdict caught core/a.hpp '#include <gradus/gradus.hpp>'
verdict caught ops/kernels/a.cpp '#include <gradus/nn/modules/linear.hpp>'
verdict caught nn/a.cpp '#include <gradus/examples/a.hpp>'
verdict caught nn/data/a.cpp '#include <gradus/nn/cli/flags.hpp>'
verdict caught nn/files/a.cpp '#include <gradus/nn/data/csv.hpp>'
verdict caught nn/files/a.hpp '#include <gradus/nn/modules.hpp>'
verdict caught nn/a.cpp '#include <xtensor/xarray.hpp>'
verdict caught gradus.hpp '#include <xtensor/xarray.hpp>'
verdict caught tests/core/a_test.cpp '#include <xtensor/xmath.hpp>'
verdict caught ops/matmul.cpp '#include <xtensor-blas/xlinalg.hpp>'
verdict caught ops/kernels/a.cpp "$(seq 451)"

verdict caught core/xtensor_other.hpp '#include <xtensor/xarray.hpp>'
verdict clean core/xtensor_io.hpp '#include <xtensor/xio.hpp>'
verdict clean core/xtensor.hpp '#include <xtensor/xarray.hpp>'
verdict clean ops/kernels/gemm.cpp '#include <xtensor-blas/xblas_config.hpp>'
verdict clean ops/a.cpp '#include <gradus/core/error.hpp>'
verdict clean nn/a.cpp '#include <gradus/ops/add.hpp>'
verdict clean nn/cli/a.cpp '#include <gradus/nn/cli/flags.hpp>'
verdict clean nn/files/a.cpp '#include <gradus/nn/files/gzip.hpp>'
verdict clean nn/data/a.cpp '#include <gradus/nn/files/gzip.hpp>'
verdict clean core/a.hpp '// #include <gradus/ops/add.hpp>'
verdict clean gradus.hpp '#include <gradus/nn/modules/linear.hpp>'
verdict clean nn/a.cpp "$(seq 450)"
exit $failures
