#!/bin/sh
# layers.sh <project>: the rules of the house that the compiler does not see. Prints every offence.
cd "$1" || exit 2

sources() { find "$@" -name '*.[ch]pp' 2>/dev/null; }

# forbid <why> <include pattern> <file>...: no file may include what the pattern matches.
forbid() {
  why=$1 pattern=$2
  shift 2
  [ $# -eq 0 ] || grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$pattern" "$@" | sed "s|^|$why: |"
}

offences=$(
  forbid "core knows nothing above it" '(gradus/|(\.\./)*)(ops|nn|examples)/' $(sources core)
  forbid "core knows nothing above it" 'gradus/gradus\.hpp' $(sources core ops nn)
  forbid "ops knows nothing of nn" '(gradus/|(\.\./)*)(nn|examples)/' $(sources ops)
  forbid "nn knows nothing of examples" '(gradus/|(\.\./)*)examples/' $(sources nn)
  forbid "nn/files knows nothing of the rest of nn" '(gradus/nn/|(\.\./)*)(checkpoint|data|losses|modules|optimizers|report|training)[/.]' \
    $(sources nn/files)
  forbid "the library knows nothing of its program" '(gradus/nn/|(\.\./)*)cli/' \
    $(sources gradus.hpp core ops nn examples | grep -v '^nn/cli/')
  forbid "xtensor comes in through core/xtensor.hpp and core/xtensor_io.hpp" 'xtensor/' \
    $(sources gradus.hpp core ops nn tests bench examples | grep -vxE 'core/xtensor(_io)?\.hpp')
  forbid "xtensor-blas belongs to ops/kernels/gemm*.cpp and ops/linalg/lapack.cpp" 'xtensor-blas/' \
    $(sources gradus.hpp core ops nn tests bench examples | grep -vE '^ops/(kernels/gemm[^/]*|linalg/lapack)\.cpp$')
  for file in $(sources gradus.hpp core ops nn tests bench examples); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 450 ] || echo "a file has at most 450 lines: $file:$lines"
  done
)
[ -z "$offences" ] && exit 0
echo "$offences"
exit 1
