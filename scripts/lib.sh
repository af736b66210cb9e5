# Shared by the scripts of this directory: a build that says how far it is.

# One cache for all checkouts of this machine: paths inside the tree do not make an object differ.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

# Not on a terminal: a line of progress every 15 s, and whatever is no progress at once.
thin_out() {
  local line last=$((SECONDS - 15))
  while IFS= read -r line; do
    if [[ $line != "built "* ]]; then
      echo "$line"
    elif ((SECONDS - last >= 15)); then
      echo "  ${line%%s:*}s"
      last=$SECONDS
    fi
  done
}

# build_tree PRESET [TARGET...]: configures what is not configured and builds it. CONFIGURE_FLAGS may
# hold one flag for a tree that is configured now.
build_tree() {
  local preset=$1
  shift
  # A configured tree is used as it is. A changed CMakeLists.txt reconfigures by itself, changed
  # presets do not.
  local flags=${CONFIGURE_FLAGS:-}
  if [[ -z $flags ]] && grep -qs '^BUILD_TESTING:BOOL=OFF' "build/$preset/CMakeCache.txt"; then
    flags=-DBUILD_TESTING=ON  # the demo made this tree, without the tests
    rm build/"$preset"/build.ninja
  fi
  local used=build/$preset/presets.used
  if [[ ! -f build/$preset/build.ninja ]] || ! cmp -s CMakePresets.json "$used"; then
    echo "configuring build/$preset"
    cmake --preset "$preset" ${flags:+"$flags"} >/dev/null
    cp CMakePresets.json "$used"
  fi
  export NINJA_STATUS="built %f of %t, %es: "
  if [[ -t 1 ]]; then
    ninja -C "build/$preset" -j "$(nproc)" "$@"
  else
    ninja -C "build/$preset" -j "$(nproc)" "$@" | thin_out
  fi
}
