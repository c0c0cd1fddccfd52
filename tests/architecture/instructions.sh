#!/bin/sh
# instructions.sh <libgradus.a>: what is compiled for AVX2 or AVX-512 runs only where a processor has it. The objects
# with such kernels show nothing to the linker but where the kernels lie (a copy of std::copy_n, say, could be taken
# for everybody's), and do nothing before they are called; no other object has such instructions. Prints every offence.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
ar p "$1" >/dev/null && cd "$work" && ar x "$1" || exit 2

isolated='^gradus_kernels_.*\.o$'
offences=$(
  for object in *.o; do
    if echo "$object" | grep -q "$isolated"; then
      arch=${object#gradus_kernels_} arch=${arch%.o}
      nm --defined-only --extern-only "$object" | grep -vE " [DR] _ZN6gradus7kernels6KernelI.*E[0-9]$arch""E\$" |
        sed "s|^|$object shows the linker: |"
      nm --defined-only -C "$object" | grep -E '^[^ ]* [bBdDC] ' |
        grep -vE ' std::__ioinit$| gradus::kernels::Kernel<.*>::[a-z0-9]+$| DW\.ref\.' | sed "s|^|$object has a variable: |"
      objdump -h "$object" | grep -E '[^a-z]\.(init_array|ctors)' | sed "s|^|$object runs before main: |"
    else
      objdump -d --no-show-raw-insn "$object" | awk -v object="$object" '
        /^[0-9a-f]+ <.*>:$/ { where = $2 }
        $2 ~ /^v[a-z]/ || /%[yz]mm/ { print object " uses AVX: " $0 " in " where; exit }'
    fi
  done
)
[ -z "$offences" ] && exit 0
echo "$offences"
exit 1
